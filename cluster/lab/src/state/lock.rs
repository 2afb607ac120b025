//! One `lab` at a time works on a lab, or on a file of the cache.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::place::passable_directory;
use crate::error::Error;

/// A lock on a file, given back when dropped, by the operating system if need be.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock, or says who holds it.
    ///
    /// # Errors
    /// [`Error::Busy`] if another `lab` holds it.
    pub fn take(path: &Path, name: &str) -> Result<Self, Error> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::Busy {
                name: name.to_owned(),
            }),
            Err(TryLockError::Error(error)) => Err(Error::io(path, "locking")(error)),
        }
    }

    /// Waits for the lock.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn wait(path: &Path) -> Result<Self, Error> {
        let file = open(path)?;
        file.lock().map_err(Error::io(path, "locking"))?;
        Ok(Self { _file: file })
    }
}

fn open(path: &Path) -> Result<File, Error> {
    if let Some(parent) = path.parent() {
        passable_directory(parent)?;
    }
    let mut options = File::options();
    let file = options.create(true).truncate(false).write(true).open(path);
    file.map_err(Error::io(path, "opening"))
}
