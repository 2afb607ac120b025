//! Where a report is made: a hidden directory beside its own, one writer at a time.
//!
//! `reports/` is made in `.reports.analyze/`, or in `reports/.analyze/` where its parent takes no
//! files. A run that is killed leaves it behind, and the next one clears it away: the name is
//! always the same, and the lock tells that nobody works there.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::carry;
use super::place::Place;
use crate::error::Error;
use crate::sums::Sums;

const LOCK: &str = "lock";
const MAKING: &str = "making";
const NEW: &str = "new-";

/// The hidden directory, held by this process.
#[derive(Debug)]
pub(super) struct Workplace {
    root: PathBuf,
    target: PathBuf,
    /// Whether it lies in the report's directory instead of beside it.
    pub(super) inside: bool,
    /// What a killed run had begun to put into the report's directory file by file.
    pub(super) pending: Sums,
    _lock: File,
}

impl Workplace {
    /// Enters it, waits for another run that is in it, and clears away what a killed one left.
    ///
    /// # Errors
    /// [`Error::File`].
    pub(super) fn enter(place: &Place, waits: &dyn Fn(&str)) -> Result<Self, Error> {
        let (root, inside) = root(place)?;
        let lock = lock(&root, waits).map_err(Error::file(&root))?;
        let mut workplace = Self {
            root,
            target: place.directory.clone(),
            inside,
            pending: Sums::default(),
            _lock: lock,
        };
        workplace.pending = workplace.clear()?;
        Ok(workplace)
    }

    /// A new directory, whose name tells its own inode: what lies there under another inode's
    /// number is what a report has taken the place of.
    pub(super) fn fresh(&self) -> Result<PathBuf, Error> {
        let making = self.root.join(MAKING);
        fs::create_dir(&making).map_err(Error::file(&making))?;
        let inode = fs::metadata(&making).map_err(Error::file(&making))?.ino();
        let fresh = self.root.join(format!("{NEW}{inode}"));
        fs::rename(&making, &fresh).map_err(Error::file(&fresh))?;
        Ok(fresh)
    }

    /// Clears it away.
    ///
    /// # Errors
    /// [`Error::File`].
    pub(super) fn leave(mut self) -> Result<(), Error> {
        self.clear().map(drop)
    }

    fn clear(&mut self) -> Result<Sums, Error> {
        let mut pending = Sums::default();
        for entry in fs::read_dir(&self.root).map_err(Error::file(&self.root))? {
            let entry = entry.map_err(Error::file(&self.root))?;
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.to_string_lossy();
            if name == MAKING {
                fs::remove_dir(&path).map_err(Error::file(&path))?;
            }
            let Some(number) = name.strip_prefix(NEW) else {
                continue;
            };
            let inode = path.symlink_metadata().map_err(Error::file(&path))?.ino();
            if number.parse() == Ok(inode) {
                pending = Sums::of(&path);
                fs::remove_dir_all(&path).map_err(Error::file(&path))?;
            } else {
                carry::sweep(&path, &self.target, &carry::Seen::default())?;
            }
        }
        Ok(pending)
    }
}

impl Drop for Workplace {
    /// After an error too nothing is left behind, if it can be helped.
    fn drop(&mut self) {
        if self.clear().is_ok() {
            // Whoever waits for the lock sees that its file is gone, and makes a new one.
            fs::remove_file(self.root.join(LOCK)).unwrap_or_default();
            fs::remove_dir(&self.root).unwrap_or_default();
        }
    }
}

/// The hidden directory, made; whether it lies in the report's own.
fn root(place: &Place) -> Result<(PathBuf, bool), Error> {
    let inside = place.directory.join(".analyze");
    let apart = place
        .directory
        .parent()
        .is_none_or(|parent| device(parent) != device(&place.directory).or(device(parent)));
    if let (Some(parent), false) = (&place.parent, apart || is_directory(&inside)) {
        let mut name = OsString::from(".");
        name.push(place.directory.file_name().unwrap_or_default());
        name.push(".analyze");
        let beside = parent.join(name);
        if directory(&beside).is_ok() {
            return Ok((beside, false));
        }
    }
    fs::create_dir_all(&place.directory).map_err(Error::file(&place.directory))?;
    directory(&inside).map_err(Error::file(&inside))?;
    Ok((inside, true))
}

fn device(path: &Path) -> Option<u64> {
    fs::metadata(path).map(|what| what.dev()).ok()
}

fn is_directory(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|what| what.is_dir())
}

fn directory(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && is_directory(path) => Ok(()),
        made => made,
    }
}

/// The lock, whose file the one before may have removed meanwhile.
fn lock(root: &Path, waits: &dyn Fn(&str)) -> io::Result<File> {
    let path = root.join(LOCK);
    let mut told = false;
    loop {
        directory(root)?;
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
            .open(&path);
        let file = match file {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            file => file?,
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                if !told {
                    waits("another analyze is writing this report: waiting for it to end");
                    told = true;
                }
                file.lock()?;
            }
            // A file system without locks.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let inode = file.metadata()?.ino();
        if path.symlink_metadata().is_ok_and(|now| now.ino() == inode) {
            return Ok(file);
        }
    }
}
