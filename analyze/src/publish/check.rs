//! `--check`: compares what would be written with what is there, and writes nothing.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::made::{self, Shelf, Writing};
use crate::error::Error;
use crate::sums::{self, Sums};

/// A directory that is compared with a report.
pub(super) struct Check<'a> {
    output: &'a Path,
    listed: Sums,
    found: Mutex<Found>,
}

/// What the comparison has found so far.
#[derive(Debug, Default)]
struct Found {
    made: Sums,
    stale: Vec<PathBuf>,
}

impl<'a> Check<'a> {
    pub(super) fn of(output: &'a Path) -> Self {
        Self {
            output,
            listed: Sums::of(output),
            found: Mutex::default(),
        }
    }

    /// The files that differ, are missing, or would be deleted.
    pub(super) fn finish(self) -> Vec<PathBuf> {
        let found = self.found.into_inner();
        let Found { made, mut stale } = found.unwrap_or_else(PoisonError::into_inner);
        // Files are made side by side: told in the order of their names.
        stale.sort_unstable();
        let gone = |path: &str| made.get(path).is_none() && self.listed.owns(self.output, path);
        for (path, _) in self.listed.iter().filter(|(path, _)| gone(path)) {
            stale.push(self.output.join(path));
        }
        if self.listed != made {
            stale.push(self.output.join(sums::NAME));
        }
        stale
    }
}

impl Shelf for Check<'_> {
    fn put(&self, path: &str, write: Writing<'_>) -> Result<(), Error> {
        let file = self.output.join(path);
        let mut compared = Compared::with(&file);
        write(&mut compared)?;
        let (digest, same) = compared.finish();
        // A repository may keep the digest of what can be made again, and not the file.
        let vouched = !made::stays(path)
            && file.symlink_metadata().is_err()
            && self.listed.get(path) == Some(&digest);
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.made.add(path, digest);
        if !same && !vouched {
            found.stale.push(file);
        }
        Ok(())
    }

    /// A check draws all pictures.
    fn image(&self, _path: &str) -> Option<Vec<u8>> {
        None
    }
}

/// Hashes what is written and compares it with a file.
struct Compared {
    hasher: Sha256,
    known: Option<BufReader<File>>,
    buffer: Vec<u8>,
}

impl Compared {
    fn with(file: &Path) -> Self {
        let regular = file.symlink_metadata().is_ok_and(|what| what.is_file());
        let known = regular.then(|| File::open(file).ok()).flatten();
        Self {
            hasher: Sha256::new(),
            known: known.map(BufReader::new),
            buffer: Vec::new(),
        }
    }

    fn finish(mut self) -> (String, bool) {
        let ended = |known: &mut BufReader<File>| matches!(known.read(&mut [0]), Ok(0));
        let same = self.known.as_mut().is_some_and(ended);
        (sums::hex(self.hasher), same)
    }
}

impl Write for Compared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hasher.update(bytes);
        if let Some(known) = &mut self.known {
            self.buffer.resize(bytes.len(), 0);
            let read = known.read_exact(&mut self.buffer);
            if read.is_err() || self.buffer != bytes {
                self.known = None;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
