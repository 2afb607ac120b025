//! Where a report's directory really is, and whether it can be switched as one.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// The report's directory, links resolved.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The directory.
    pub(super) directory: PathBuf,
    /// The directory that it is in; none for the root.
    pub(super) parent: Option<PathBuf>,
}

impl Place {
    /// # Errors
    /// [`Error::File`] if there is something that is no directory, or its parent cannot be made.
    pub(super) fn of(output: &Path) -> Result<Self, Error> {
        let directory = match output.canonicalize() {
            Ok(directory) if directory.is_dir() => directory,
            Ok(_) => return Err(Error::file(output)(io::Error::other("not a directory"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => absent(output)?,
            Err(error) => return Err(Error::file(output)(error)),
        };
        let parent = directory.parent().map(Path::to_path_buf);
        Ok(Self { directory, parent })
    }

    /// Why the directory cannot be switched as one, if it cannot.
    pub(super) fn fixed(&self) -> Option<&'static str> {
        let here = std::env::current_dir().and_then(|here| here.canonicalize());
        if here.is_ok_and(|here| here.starts_with(&self.directory)) {
            // Whoever works in it would be left in a directory that is gone.
            return Some("it is the working directory");
        }
        let device = |path: &Path| fs::metadata(path).map(|what| what.dev()).ok();
        let Some(parent) = &self.parent else {
            return Some("it is the root");
        };
        let here = device(&self.directory);
        (here.is_some() && here != device(parent)).then_some("it is a mount point")
    }
}

/// A directory that is not there yet, below a parent that is.
fn absent(output: &Path) -> Result<PathBuf, Error> {
    if output.symlink_metadata().is_ok() {
        let nowhere = io::Error::other("a link that leads nowhere");
        return Err(Error::file(output)(nowhere));
    }
    let Some(name) = output.file_name() else {
        // `x/..` of an x that is not there.
        return Err(Error::file(output)(io::ErrorKind::NotFound.into()));
    };
    let parent = output.parent().filter(|one| !one.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(Error::file(parent))?;
    let parent = parent.canonicalize().map_err(Error::file(parent))?;
    Ok(parent.join(name))
}
