//! The file that a captured log goes to, whole lines only.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::dedupe::Ledger;
use crate::error::Error;
use crate::record::copies::{Copies, Places};

/// An open log file, and what it holds.
#[derive(Debug)]
pub(super) struct Sink {
    /// None where lines are counted and not kept.
    kept: Vec<Kept>,
    copies: Copies,
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
    /// Number of the directory.
    which: usize,
    path: PathBuf,
    file: File,
}

impl Kept {
    fn open(which: usize, path: &Path) -> std::io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).append(true).read(true);
        Ok(Self {
            which,
            path: path.to_path_buf(),
            file: options.mode(bundle::FILE_MODE).open(path)?,
        })
    }

    /// Appends a whole line to a file of `length` bytes; what was written of it is cut off again if
    /// that fails.
    fn append(&mut self, line: &[u8], length: u64) -> Result<(), String> {
        self.file.write_all(line).map_err(|source| {
            let problem = format!("{}: writing a captured line: {source}", self.path.display());
            match self.file.set_len(length) {
                Ok(()) => problem,
                Err(error) => format!("{problem}; cutting off its half: {error}"),
            }
        })
    }

    /// Makes the file hold what `whole` holds, of which it must be the beginning.
    fn catch_up(&mut self, whole: &Path) -> std::io::Result<()> {
        let (known, whole) = (std::fs::read(&self.path)?, std::fs::read(whole)?);
        let end = known
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        if !whole.starts_with(&known[..end]) {
            let problem = "holds other lines than the other copy of the bundle";
            return Err(std::io::Error::other(problem));
        }
        self.file.set_len(end as u64)?;
        self.file.write_all(&whole[end..])
    }
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
            kept: Vec::new(),
            copies: Copies::default(),
            lines: 0,
            bytes: 0,
            first: None,
            last: None,
        }
    }

    /// Opens a log file in each place, new or left by an interrupted run. Of the latter a
    /// half-written last line is cut off, and `ledger` remembers its last lines; a place that holds
    /// fewer of them gets the rest.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(super) fn open(places: &Places, ledger: &mut Ledger) -> Result<Self, Error> {
        let doing = "opening the captured log";
        let mut sink = Self::nowhere();
        sink.copies = places.copies().clone();
        for (which, path) in places.paths() {
            sink.kept
                .push(Kept::open(*which, path).map_err(Error::io(path, doing))?);
        }
        let size = |kept: &&Kept| kept.file.metadata().map_or(0, |metadata| metadata.len());
        let Some(longest) = sink.kept.iter().max_by_key(size) else {
            return Ok(sink);
        };
        let path = longest.path.clone();
        sink.read_back(&path, ledger)
            .map_err(Error::io(&path, doing))?;
        let bytes = sink.bytes;
        for kept in &mut sink.kept {
            let opened = match kept.path == path {
                true => kept.file.set_len(bytes),
                false => Ok(()),
            };
            opened.map_err(Error::io(&kept.path, doing))?;
        }
        for kept in sink.kept.iter_mut().filter(|kept| kept.path != path) {
            kept.catch_up(&path).map_err(Error::io(&kept.path, doing))?;
        }
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

    /// Appends a line (without its end) in each place that stands; one that takes no more is left
    /// behind if another stands.
    ///
    /// # Errors
    /// [`Error::CaptureStopped`]; the file still ends with the last whole line.
    pub(super) fn append(&mut self, time: DateTime<Utc>, line: &[u8]) -> Result<(), Error> {
        if !self.kept.is_empty() {
            let mut whole = Vec::with_capacity(line.len() + 1);
            whole.extend_from_slice(line);
            whole.push(b'\n');
            let copies = &self.copies;
            self.kept.retain(|kept| copies.stands(kept.which));
            for kept in &mut self.kept {
                if let Err(problem) = kept.append(&whole, self.bytes)
                    && !copies.lose(kept.which, &problem)
                {
                    return Err(Error::CaptureStopped { problem });
                }
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
    use crate::record::Record;

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
        let mut sink = Sink::open(&Places::alone(&path), &mut ledger).unwrap();
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
        let places = Places::alone("/dev/full".as_ref());
        let mut sink = Sink {
            kept: vec![Kept {
                which: 0,
                path: "/dev/full".into(),
                file: OpenOptions::new().write(true).open("/dev/full").unwrap(),
            }],
            copies: places.copies().clone(),
            ..Sink::nowhere()
        };
        ledger.remember(Utc::now(), b"x");
        let error = sink
            .append(Utc::now(), b"2026-11-24T11:00:02Z c")
            .unwrap_err();
        assert!(error.to_string().contains("No space left"), "{error}");
        assert_eq!(sink.lines, 0);
    }

    /// An output and a second place, and where a log goes in both.
    fn two_places() -> (tempfile::TempDir, [PathBuf; 2], Record, Places) {
        let directory = tempfile::tempdir().unwrap();
        let both = ["out", "second"].map(|name| directory.path().join(name));
        let record = Record::begin_in(&both).unwrap();
        let places = record.log_places("node-a", 0).unwrap().unwrap();
        (directory, both, record, places)
    }

    /// Both sides of a run that was interrupted: either place may hold more.
    #[test]
    fn a_place_that_holds_fewer_lines_gets_the_rest() {
        let (a, b) = ("2026-11-24T11:00:00Z a\n", "2026-11-24T11:00:01Z b\n");
        for (first, second, good) in [
            (format!("{a}{b}2026"), a.to_owned(), true),
            (a.to_owned(), format!("{a}{b}"), true),
            (String::new(), format!("{a}{b}"), true),
            (format!("{a}2026-11-2"), format!("{a}{b}"), true),
            (b.to_owned(), format!("{a}{b}"), false),
        ] {
            let (_directory, _, _record, places) = two_places();
            for ((_, path), text) in places.paths().iter().rev().zip([&first, &second]) {
                std::fs::write(path, text).unwrap();
            }
            let opened = Sink::open(&places, &mut Ledger::default());
            assert_eq!(opened.is_ok(), good, "{first} {second}");
            let Ok(mut sink) = opened else { continue };
            let line = b"2026-11-24T11:00:02Z c";
            sink.append(time_of(line).unwrap(), line).unwrap();
            for (_, path) in places.paths() {
                let text = std::fs::read_to_string(path).unwrap();
                assert_eq!(text, format!("{a}{b}2026-11-24T11:00:02Z c\n"));
            }
        }
    }

    #[test]
    fn lines_go_on_where_there_is_room() {
        let (_directory, both, record, places) = two_places();
        let mut sink = Sink::open(&places, &mut Ledger::default()).unwrap();
        // /dev/full says "no space left" to every write.
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = sink.kept.iter_mut().find(|kept| kept.which == 0).unwrap();
        output.file = full;
        for second in 0..3 {
            let line = format!("2026-11-24T11:00:0{second}Z x");
            sink.append(time_of(line.as_bytes()).unwrap(), line.as_bytes())
                .unwrap();
        }
        let kept = std::fs::read_to_string(&sink.kept.last().unwrap().path).unwrap();
        assert_eq!((kept.lines().count(), sink.lines), (3, 3));
        let said = record.left_behind().unwrap().to_string();
        assert!(said.contains("No space left"), "{said}");
        assert!(
            said.ends_with(&format!("is in {}", both[1].display())),
            "{said}"
        );
    }
}
