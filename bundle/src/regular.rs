//! Reading what a bundle names: regular files inside of it, of a size that it can have.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::error::Error;

/// Largest manifest: one of 5,000 nodes has 2 MB.
pub const LARGEST_MANIFEST: u64 = 64 << 20;
/// Largest table: a timeline of a million actions has 60 MB.
pub const LARGEST_TABLE: u64 = 512 << 20;

/// Reads a whole file that is no larger than so many bytes; none if there is none.
///
/// # Errors
/// [`Error::NotAFile`], [`Error::TooLarge`], [`Error::Io`] with what was being done.
pub fn read(path: &Path, most: u64, doing: &'static str) -> Result<Option<Vec<u8>>, Error> {
    let known = match std::fs::metadata(path) {
        Ok(known) => known,
        Err(error) if leads_nowhere(path, &error) => {
            return Err(Error::NotAFile(path.to_path_buf()));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io(path, doing)(error)),
    };
    if !known.is_file() {
        return Err(Error::NotAFile(path.to_path_buf()));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(Error::io(path, doing))?;
    if bytes.len() as u64 > most {
        return Err(Error::TooLarge {
            path: path.to_path_buf(),
            most_mb: most >> 20,
        });
    }
    Ok(Some(bytes))
}

/// Whether a path whose look-up failed so is a link to nothing, or to itself. One behind which
/// nobody may look is none: the look-up's own error says so.
pub(crate) fn leads_nowhere(path: &Path, error: &std::io::Error) -> bool {
    path.is_symlink() && error.kind() != std::io::ErrorKind::PermissionDenied
}

/// That a file of a bundle lies inside of it, links followed. One that is not there does.
///
/// # Errors
/// [`Error::Outside`].
pub fn inside(directory: &Path, file: &Path) -> Result<(), Error> {
    let real = |path: &Path| path.canonicalize().ok();
    match (real(directory), real(file)) {
        (Some(directory), Some(real)) if !real.starts_with(&directory) => {
            Err(Error::Outside(file.to_path_buf()))
        }
        _ => Ok(()),
    }
}
