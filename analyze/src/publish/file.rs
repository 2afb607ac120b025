//! One file, replaced.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Replaces a file by an atomic rename: a reader sees the old one or the new one. A link stays a
/// link, and what it leads to is replaced; the old file's mode and owner stay. A file of the same
/// bytes is left alone.
///
/// # Errors
/// [`Error::File`].
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let known = fs::metadata(&target).ok();
    let regular = known.as_ref().is_none_or(fs::Metadata::is_file);
    if !regular {
        let no_file = io::Error::other("not a regular file");
        return Err(Error::file(path)(no_file));
    }
    if known.is_some() && fs::read(&target).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    let directory = target.parent().filter(|one| !one.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    fs::create_dir_all(directory).map_err(Error::file(directory))?;
    let beside = beside(&target);
    let (mut file, beside) = locked(&beside).map_err(Error::file(&beside))?;
    let written =
        fill(&mut file, bytes, known.as_ref()).and_then(|()| fs::rename(&beside, &target));
    if written.is_err() {
        // It would be overwritten the next time; the first error is the one to tell.
        fs::remove_file(&beside).unwrap_or_default();
    }
    written.map_err(Error::file(path))
}

/// The one name under which a file is made anew: what a killed run left is used by the next.
fn beside(target: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".analyze");
    target.with_file_name(name)
}

/// Opens the file for this process alone; waits for another that has it.
fn locked(beside: &Path) -> io::Result<(File, PathBuf)> {
    loop {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o644)
            .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
            .open(beside)?;
        file.lock()?;
        // The one who had it before has renamed it.
        let still = fs::symlink_metadata(beside);
        if still.is_ok_and(|still| still.ino() == file.metadata().map_or(0, |now| now.ino())) {
            return Ok((file, beside.to_path_buf()));
        }
    }
}

fn fill(file: &mut File, bytes: &[u8], known: Option<&fs::Metadata>) -> io::Result<()> {
    file.set_len(0)?;
    file.write_all(bytes)?;
    match known {
        Some(known) => like(file, known),
        None => Ok(()),
    }
}

/// Mode and owner as they were.
fn like(file: &File, known: &fs::Metadata) -> io::Result<()> {
    let now = file.metadata()?;
    if (now.uid(), now.gid()) != (known.uid(), known.gid()) {
        std::os::unix::fs::fchown(file, Some(known.uid()), Some(known.gid()))?;
    }
    file.set_permissions(fs::Permissions::from_mode(known.mode() & 0o7777))
}
