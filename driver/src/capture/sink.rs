//! The file that a captured log goes to, whole lines only.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::dedupe::Ledger;
use crate::error::Error;

/// An open log file, and what it holds.
#[derive(Debug)]
pub(super) struct Sink {
    /// None where lines are counted and not kept.
    kept: Option<Kept>,
    /// Lines in the file.
    pub lines: u64,
    /// Bytes in the file.
    pub bytes: u64,
    /// Time stamp of the first line.
    pub first: Option<DateTime<Utc>>,
    /// Time stamp of the last line.
    pub last: Option<DateTime<Utc>>,
}

/// Where lines are kept.
#[derive(Debug)]
struct Kept {
    path: PathBuf,
    file: File,
}

/// The time stamp that the kubelet puts before each line: RFC 3339 with up to nine decimals.
///
/// ```text
/// 2026-11-24T11:02:03.000001234Z I1124 11:02:03.000001       1 proxier.go:1193] "Syncing ..."
/// ```
#[must_use]
pub(super) fn time_of(line: &[u8]) -> Option<DateTime<Utc>> {
    let end = line
        .iter()
        .take(40)
        .position(|b| *b == b' ')
        .unwrap_or(line.len());
    let stamp = std::str::from_utf8(line.get(..end)?).ok()?;
    let time = DateTime::parse_from_rfc3339(stamp).ok()?;
    Some(time.with_timezone(&Utc))
}

impl Sink {
    /// Counts lines and keeps none.
    pub(super) fn nowhere() -> Self {
        Self {
            kept: None,
            lines: 0,
            bytes: 0,
            first: None,
            last: None,
        }
    }

    /// Opens a log file, new or left by an interrupted run. Of the latter a half-written last
    /// line is cut off, and `ledger` remembers its last lines.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn open(path: &Path, ledger: &mut Ledger) -> Result<Self, Error> {
        let doing = "opening the captured log";
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .mode(bundle::FILE_MODE)
            .open(path)
            .map_err(Error::io(path, doing))?;
        let mut sink = Self::nowhere();
        sink.read_back(path, ledger)
            .and_then(|()| file.set_len(sink.bytes))
            .map_err(Error::io(path, doing))?;
        sink.kept = Some(Kept {
            path: path.to_path_buf(),
            file,
        });
        Ok(sink)
    }

    fn read_back(&mut self, path: &Path, ledger: &mut Ledger) -> std::io::Result<()> {
        let mut reader = BufReader::new(File::open(path)?);
        let mut line = Vec::new();
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line)?;
            if line.pop() != Some(b'\n') {
                break;
            }
            if let Some(time) = time_of(&line) {
                ledger.remember(time, &line);
                self.count(time, line.len());
            }
        }
        Ok(())
    }

    /// Appends a line (without its end).
    ///
    /// # Errors
    /// [`Error::CaptureStopped`]; the file still ends with the last whole line.
    pub(super) fn append(&mut self, time: DateTime<Utc>, line: &[u8]) -> Result<(), Error> {
        if let Some(Kept { path, file }) = &mut self.kept {
            let mut whole = Vec::with_capacity(line.len() + 1);
            whole.extend_from_slice(line);
            whole.push(b'\n');
            if let Err(source) = file.write_all(&whole) {
                let mut problem = format!("{}: writing a captured line: {source}", path.display());
                if let Err(error) = file.set_len(self.bytes) {
                    problem = format!("{problem}; cutting off its half: {error}");
                }
                return Err(Error::CaptureStopped { problem });
            }
        }
        self.count(time, line.len());
        Ok(())
    }

    fn count(&mut self, time: DateTime<Utc>, length: usize) {
        self.lines += 1;
        self.bytes += length as u64 + 1;
        self.first = self.first.or(Some(time));
        self.last = Some(time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_stamps_are_read_to_the_nanosecond() {
        for (line, nanos) in [
            ("2026-11-24T11:02:03.000001234Z I1124 x", Some(1234)),
            ("2026-11-24T11:02:03.1Z x", Some(100_000_000)),
            ("2026-11-24T12:02:03+01:00 x", Some(0)),
            ("2026-11-24T11:02:03.5Z", Some(500_000_000)),
            (
                "unable to retrieve container logs for containerd://abc",
                None,
            ),
            ("", None),
        ] {
            let time = time_of(line.as_bytes());
            assert_eq!(time.map(|t| t.timestamp_subsec_nanos()), nanos, "{line}");
        }
    }

    #[test]
    fn a_half_line_of_a_killed_run_is_cut_off() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("log");
        std::fs::write(
            &path,
            "2026-11-24T11:00:00Z a\n2026-11-24T11:00:01Z b\n2026-11-24T11:0",
        )
        .unwrap();
        let mut ledger = Ledger::default();
        let mut sink = Sink::open(&path, &mut ledger).unwrap();
        assert_eq!((sink.lines, sink.bytes), (2, 46));
        assert_eq!(ledger.last(), Some("2026-11-24T11:00:01Z".parse().unwrap()));
        let line = b"2026-11-24T11:00:02Z c";
        sink.append(time_of(line).unwrap(), line).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            text,
            "2026-11-24T11:00:00Z a\n2026-11-24T11:00:01Z b\n2026-11-24T11:00:02Z c\n"
        );
    }

    #[test]
    fn a_full_disk_leaves_whole_lines() {
        // /dev/full says "no space left" to every write.
        let mut ledger = Ledger::default();
        let mut sink = Sink {
            kept: Some(Kept {
                path: "/dev/full".into(),
                file: OpenOptions::new().write(true).open("/dev/full").unwrap(),
            }),
            ..Sink::nowhere()
        };
        ledger.remember(Utc::now(), b"x");
        let error = sink
            .append(Utc::now(), b"2026-11-24T11:00:02Z c")
            .unwrap_err();
        assert!(error.to_string().contains("No space left"), "{error}");
        assert_eq!(sink.lines, 0);
    }
}
