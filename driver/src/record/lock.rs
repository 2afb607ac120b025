//! One process writes an output directory at a time.
//!
//! The lock is the operating system's, on the directory itself: it goes with the process that
//! holds it, however that ends. A file beside the bundle's says who holds it.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use chrono::Utc;

use crate::error::Error;

/// Says who holds the directory; left behind by a process that was killed, it means nothing.
const HOLDER: &str = ".holder";

/// A directory that this process alone writes, until this is dropped.
#[derive(Debug)]
pub(super) struct Lock {
    /// Its lock is the directory's.
    _directory: File,
    holder: PathBuf,
}

impl Lock {
    /// Takes a directory that exists.
    ///
    /// # Errors
    /// [`Error::Usage`] with who holds it if somebody does; [`Error::Io`].
    pub(super) fn take(directory: &Path) -> Result<Self, Error> {
        let file = File::open(directory).map_err(Error::io(directory, "opening the output"))?;
        let holder = directory.join(HOLDER);
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let who = std::fs::read_to_string(&holder);
                let who = who.unwrap_or_else(|_| "a process that is just starting".to_owned());
                return Err(Error::Usage(format!(
                    "{}: is being written by {}; wait for its end, or choose another --output",
                    directory.display(),
                    who.trim_end()
                )));
            }
            // Some network file systems lock no directories.
            Err(TryLockError::Error(error)) => tracing::warn!(
                "{}: cannot be locked ({error}): let no second run write there",
                directory.display()
            ),
        }
        Ok(Self {
            _directory: file,
            holder,
        })
    }

    /// Writes down who holds it: after the bundle was begun, which wants an empty directory.
    pub(super) fn sign(&self) {
        let (pid, host) = (std::process::id(), host());
        let since = Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let who = format!("process {pid} on {host} since {since}\n");
        if let Err(error) = std::fs::write(&self.holder, who) {
            tracing::warn!("{}: {error}", self.holder.display());
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Unlocked after this, when the file is closed.
        if let Err(error) = std::fs::remove_file(&self.holder) {
            tracing::debug!("{}: {error}", self.holder.display());
        }
    }
}

/// This machine's name, as the kernel has it.
#[must_use]
pub fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname");
    name.map_or_else(|_| "an unnamed host".to_owned(), |n| n.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_and_told_who_the_first_is() {
        let directory = tempfile::tempdir().unwrap();
        let first = Lock::take(directory.path()).unwrap();
        let early = Lock::take(directory.path()).unwrap_err().to_string();
        assert!(early.contains("just starting"), "{early}");
        first.sign();
        let error = Lock::take(directory.path()).unwrap_err();
        assert!(matches!(error, Error::Usage(_)));
        let said = error.to_string();
        let who = format!("process {} on {} since 20", std::process::id(), host());
        assert!(said.contains(&who), "{said}");
        drop(first);
        drop(Lock::take(directory.path()).unwrap());
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_dead_holder_left_is_no_obstacle() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(HOLDER), "process 1 on x since then\n").unwrap();
        let lock = Lock::take(directory.path()).unwrap();
        lock.sign();
        let text = std::fs::read_to_string(directory.path().join(HOLDER)).unwrap();
        assert!(!text.contains("process 1 on x"), "{text}");
    }
}
