//! A report being made, out of everybody's sight.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};

use super::made::{Shelf, Writing};
use super::place::Place;
use super::workplace::Workplace;
use crate::error::Error;
use crate::sums::{self, Sums};

/// A directory that fills with a report's files.
pub(super) struct Stage {
    directory: PathBuf,
    made: Mutex<Sums>,
    /// The report that is there, and its list.
    before: PathBuf,
    listed: Sums,
}

/// A report, made whole.
#[derive(Debug)]
pub(super) struct Staged {
    /// Where it lies.
    pub(super) directory: PathBuf,
    /// Its files.
    pub(super) sums: Sums,
}

impl Stage {
    pub(super) fn new(workplace: &Workplace, place: &Place) -> Result<Self, Error> {
        Ok(Self {
            directory: workplace.fresh()?,
            made: Mutex::default(),
            listed: Sums::of(&place.directory),
            before: place.directory.clone(),
        })
    }

    /// Writes the list of the report's files.
    pub(super) fn finish(self) -> Result<Staged, Error> {
        let sums = self.sums().clone();
        let text = sums.text();
        self.put(sums::NAME, &mut |to| {
            to.write_all(text.as_bytes()).map_err(Error::Output)
        })?;
        Ok(Staged {
            directory: self.directory,
            sums,
        })
    }

    fn sums(&self) -> MutexGuard<'_, Sums> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf for Stage {
    fn put(&self, path: &str, write: Writing<'_>) -> Result<(), Error> {
        let file = self.directory.join(path);
        let folder = file.parent().unwrap_or(&self.directory);
        fs::create_dir_all(folder).map_err(Error::file(folder))?;
        let made = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o644)
            .open(&file)
            .map_err(Error::file(&file))?;
        let mut to = BufWriter::with_capacity(1 << 18, Hashed::new(made));
        match write(&mut to).and_then(|()| to.flush().map_err(Error::Output)) {
            // What writes a format does not know where it goes.
            Err(Error::Output(error)) => return Err(Error::file(&self.before.join(path))(error)),
            written => written?,
        }
        let hashed = to.into_inner().map_err(|error| error.into_error());
        let hashed = hashed.map_err(Error::file(&file))?;
        self.sums().add(path, sums::hex(hashed.hasher));
        Ok(())
    }

    fn image(&self, path: &str) -> Option<Vec<u8>> {
        let known = self.listed.owns(&self.before, path);
        known.then(|| fs::read(self.before.join(path)).ok())?
    }
}

/// A file that is hashed as it is written.
struct Hashed {
    file: File,
    hasher: Sha256,
}

impl Hashed {
    fn new(file: File) -> Self {
        Self {
            file,
            hasher: Sha256::new(),
        }
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
