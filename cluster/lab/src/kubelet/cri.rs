//! A container's log as a container runtime writes it and a kubelet rotates it.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::Error;

/// A kubelet's `containerLogMaxSize`.
const LARGEST: u64 = 10 * 1024 * 1024;
/// A kubelet's `containerLogMaxFiles`, the one that is written among them.
const MOST_FILES: usize = 5;
/// Where a container runtime splits a line: all pieces but the last are marked `P`, partial.
const LONGEST_PIECE: usize = 16 * 1024;

/// A log that is being written.
#[derive(Debug)]
pub(crate) struct CriLog {
    path: PathBuf,
    file: File,
    size: u64,
}

impl CriLog {
    /// Starts a log, with the directories above it.
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(Error::io(parent, "making the directory"))?;
        }
        Ok(Self {
            path: path.to_path_buf(),
            file: File::create(path).map_err(Error::io(path, "creating"))?,
            size: 0,
        })
    }

    /// Writes a line of standard error that came at `time`.
    ///
    /// ```text
    /// 2026-11-24T11:36:44.951136160Z stderr F I1124 11:36:44.951030   19757 proxier.go:1168] ...
    /// ```
    pub(crate) fn write(&mut self, line: &[u8], time: DateTime<Utc>) -> Result<(), Error> {
        let time = time.format("%Y-%m-%dT%H:%M:%S%.9fZ").to_string();
        let mut record = Vec::with_capacity(line.len() + 64);
        let mut rest = line;
        while rest.len() > LONGEST_PIECE {
            let (piece, more) = rest.split_at(LONGEST_PIECE);
            put(&mut record, &time, b'P', piece);
            rest = more;
        }
        put(&mut record, &time, b'F', rest);
        // In one write: a reader sees whole lines.
        let written = self.file.write_all(&record);
        written.map_err(Error::io(&self.path, "writing"))?;
        self.size += record.len() as u64;
        if self.size >= LARGEST {
            self.rotate()?;
        }
        Ok(())
    }

    /// Rotates: the log gets the time into its name, the one before it is compressed, the oldest
    /// go.
    pub(crate) fn rotate(&mut self) -> Result<(), Error> {
        let failed = Error::io(&self.path, "rotating");
        self.try_rotate().map_err(failed)
    }

    fn try_rotate(&mut self) -> io::Result<()> {
        for path in self.rotated()? {
            if path.extension().is_none_or(|extension| extension != "gz") {
                compress(&path)?;
            }
        }
        std::fs::rename(&self.path, self.next_name(&self.rotated()?))?;
        self.file = File::create(&self.path)?;
        self.size = 0;
        let rotated = self.rotated()?;
        let spare = rotated.len().saturating_sub(MOST_FILES - 1);
        rotated
            .iter()
            .take(spare)
            .try_for_each(std::fs::remove_file)
    }

    /// `0.log.20261124-113644`, later than all others: a second rotation within a second gets the
    /// next one's name.
    fn next_name(&self, rotated: &[PathBuf]) -> PathBuf {
        // Only the latest one is not compressed, and has no further extension.
        let last = rotated.last();
        let mut time = Utc::now();
        loop {
            let mut name = self.path.clone().into_os_string();
            name.push(time.format(".%Y%m%d-%H%M%S").to_string());
            let path = PathBuf::from(name);
            if last.is_none_or(|last| path > *last) {
                return path;
            }
            time += Duration::from_secs(1);
        }
    }

    /// The rotated files of this log, oldest first: `0.log.20261124-113644.gz`.
    fn rotated(&self) -> io::Result<Vec<PathBuf>> {
        let Some(parent) = self.path.parent() else {
            return Ok(Vec::new());
        };
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!("{name}.");
        let mut found = Vec::new();
        for entry in std::fs::read_dir(parent)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with(&prefix) {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }
}

fn put(record: &mut Vec<u8>, time: &str, tag: u8, piece: &[u8]) {
    record.extend_from_slice(time.as_bytes());
    record.extend_from_slice(b" stderr ");
    record.extend_from_slice(&[tag, b' ']);
    record.extend_from_slice(piece);
    record.push(b'\n');
}

fn compress(path: &Path) -> io::Result<()> {
    let mut name = path.to_path_buf().into_os_string();
    name.push(".gz");
    let packed = File::create(PathBuf::from(name))?;
    let mut encoder = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
    io::copy(&mut File::open(path)?, &mut encoder)?;
    encoder.finish()?;
    std::fs::remove_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_split_as_a_container_runtime_does() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("c/0.log");
        let mut log = CriLog::create(&path).unwrap();
        log.write(b"short", Utc::now()).unwrap();
        log.write(&vec![b'x'; LONGEST_PIECE * 2 + 1], Utc::now())
            .unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let tags: Vec<&str> = text.lines().map(|line| &line[30..40]).collect();
        assert_eq!(
            tags,
            [" stderr F ", " stderr P ", " stderr P ", " stderr F "]
        );
        assert!(text.lines().next().unwrap().ends_with("Z stderr F short"));
    }

    #[test]
    fn five_files_stay_and_all_but_the_two_last_are_compressed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("0.log");
        let mut log = CriLog::create(&path).unwrap();
        for round in 0..8 {
            log.write(format!("round {round}").as_bytes(), Utc::now())
                .unwrap();
            log.rotate().unwrap();
        }
        log.write(b"the last", Utc::now()).unwrap();
        let rotated = log.rotated().unwrap();
        assert_eq!(rotated.len(), MOST_FILES - 1);
        let plain: Vec<_> = rotated
            .iter()
            .filter(|path| path.extension().unwrap() != "gz")
            .collect();
        assert_eq!(plain, [rotated.last().unwrap()]);
        let last = std::fs::read_to_string(plain[0]).unwrap();
        assert!(last.ends_with(" stderr F round 7\n"), "{last}");
        let now = std::fs::read_to_string(&path).unwrap();
        assert!(now.ends_with(" stderr F the last\n"), "{now}");
    }
}
