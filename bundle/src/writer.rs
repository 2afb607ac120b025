//! Writing a bundle so that a crash at any point leaves a readable one.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::layout::{self, node_directory};
use crate::manifest::Manifest;
use crate::timeline::Row;

/// A bundle being written.
#[derive(Debug)]
pub struct Writer {
    directory: PathBuf,
    timeline: csv::Writer<File>,
    timeline_path: PathBuf,
}

impl Writer {
    /// Starts a bundle in `directory` (made if absent), or goes on with the one that is there.
    ///
    /// The manifest goes to disk first, then the timeline is opened for appending; rows that an
    /// earlier run left stay, and a row that it left half-written is closed by a line end.
    ///
    /// # Errors
    /// [`Error::NotEmpty`] if the directory holds something that is no bundle; [`Error::Io`].
    pub fn create(directory: &Path, manifest: &Manifest) -> Result<Self, Error> {
        start(directory, manifest)?;
        let timeline_path = directory.join(layout::TIMELINE);
        let timeline = open_rows(&timeline_path, "opening the timeline")?;
        Ok(Self {
            directory: directory.to_path_buf(),
            timeline,
            timeline_path,
        })
    }

    /// Joins a bundle that another process is writing: for rows of its timeline only, the
    /// manifest is left to its owner.
    ///
    /// # Errors
    /// [`Error::MissingManifest`] if the directory is no bundle; [`Error::Io`].
    pub fn join(directory: &Path) -> Result<Self, Error> {
        if !layout::is_bundle(directory) {
            return Err(Error::MissingManifest(directory.to_path_buf()));
        }
        let timeline_path = directory.join(layout::TIMELINE);
        let timeline = open_rows(&timeline_path, "opening the timeline")?;
        Ok(Self {
            directory: directory.to_path_buf(),
            timeline,
            timeline_path,
        })
    }

    /// The bundle's directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Appends a row to the timeline and hands it to the operating system at once.
    ///
    /// # Errors
    /// [`Error::Io`], as when the disk is full.
    pub fn record(&mut self, row: &Row) -> Result<(), Error> {
        self.timeline
            .serialize(row)
            .map_err(|error| csv_error(&self.timeline_path, error))?;
        self.timeline
            .flush()
            .map_err(Error::io(&self.timeline_path, "writing the timeline"))
    }

    /// The directory of a node's files, made if absent.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn node_path(&self, node: &str) -> Result<PathBuf, Error> {
        let path = self
            .directory
            .join(layout::NODES)
            .join(node_directory(node));
        make_directory(&path).map_err(Error::io(&path, "making the node's directory"))?;
        Ok(path)
    }

    /// The path of a node's log, its directory made; the file itself is the caller's.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn log_path(&self, node: &str, instance: u32) -> Result<PathBuf, Error> {
        Ok(self
            .node_path(node)?
            .join(layout::kube_proxy_log_name(instance)))
    }

    /// Replaces the manifest by an atomic rename: a reader sees the old one or the new one.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn update(&self, manifest: &Manifest) -> Result<(), Error> {
        write_manifest(&self.directory, manifest)
    }
}

/// Makes the directory, if there is nothing of others in it, and puts the manifest there.
pub(crate) fn start(directory: &Path, manifest: &Manifest) -> Result<(), Error> {
    make_directory(directory).map_err(Error::io(directory, "making the bundle"))?;
    if !layout::is_bundle(directory) && !is_empty(directory)? {
        return Err(Error::NotEmpty(directory.to_path_buf()));
    }
    write_manifest(directory, manifest)
}

fn is_empty(directory: &Path) -> Result<bool, Error> {
    let mut entries =
        std::fs::read_dir(directory).map_err(Error::io(directory, "looking into the directory"))?;
    Ok(entries.next().is_none())
}

pub(crate) fn write_manifest(directory: &Path, manifest: &Manifest) -> Result<(), Error> {
    let path = directory.join(layout::MANIFEST);
    let doing = "writing the manifest";
    let text = serde_json::to_string_pretty(manifest)
        .map_err(|error| Error::io(&path, doing)(error.into()))?;
    let mut file = tempfile::Builder::new()
        .prefix(".bundle.json.")
        .permissions(private())
        .tempfile_in(directory)
        .map_err(Error::io(&path, doing))?;
    file.write_all(text.as_bytes())
        .map_err(Error::io(&path, doing))?;
    file.write_all(b"\n").map_err(Error::io(&path, doing))?;
    file.as_file().sync_all().map_err(Error::io(&path, doing))?;
    file.persist(&path)
        .map_err(|error| Error::io(&path, doing)(error.error))?;
    Ok(())
}

/// Makes a directory, and those above it, for the owner alone.
pub(crate) fn make_directory(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = std::fs::DirBuilder::new();
    builder
        .recursive(true)
        .mode(layout::DIRECTORY_MODE)
        .create(path)
}

/// For the owner alone, as all files of a bundle.
fn private() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::Permissions::from_mode(layout::FILE_MODE)
}

/// Writes a whole file for the owner alone.
pub(crate) fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    let options = options.create(true).write(true).truncate(true);
    let mut file = options.mode(layout::FILE_MODE).open(path)?;
    file.write_all(text.as_bytes())
}

/// A table for appending; a row that was left half-written is closed by a line end.
pub(crate) fn open_rows(path: &Path, doing: &'static str) -> Result<csv::Writer<File>, Error> {
    let before = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(Error::io(path, doing)(error)),
    };
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(layout::FILE_MODE)
        .open(path)
        .map_err(Error::io(path, doing))?;
    if before.last().is_some_and(|byte| *byte != b'\n') {
        file.write_all(b"\n").map_err(Error::io(path, doing))?;
    }
    Ok(csv::WriterBuilder::new()
        .has_headers(before.is_empty())
        .from_writer(file))
}

fn csv_error(path: &Path, error: csv::Error) -> Error {
    Error::io(path, "writing the timeline")(std::io::Error::other(error))
}
