//! What can be wrong with a bundle, said so that it can be mended.

use std::path::PathBuf;

/// An error of reading or writing a bundle. Each message names the file and, where there is
/// one, the line.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The directory has no `bundle.json`.
    #[error(
        "{}: no bundle.json here; a bundle is a directory that `driver run` wrote", .0.display()
    )]
    MissingManifest(PathBuf),
    /// `bundle.json` ends in the middle, as after a full disk or a broken copy.
    #[error(
        "{}:{line}: bundle.json is cut short ({problem}); copy the bundle again, or give the \
         logs under nodes/ directly", path.display()
    )]
    TruncatedManifest {
        /// The manifest.
        path: PathBuf,
        /// Line at which the text ends, from 1.
        line: usize,
        /// What the JSON reader said.
        problem: String,
    },
    /// `bundle.json` is not what the schema says.
    #[error("{}:{line}: {problem}", path.display())]
    BadManifest {
        /// The manifest.
        path: PathBuf,
        /// Line of the fault, from 1.
        line: usize,
        /// What the JSON reader said.
        problem: String,
    },
    /// The bundle was written by a newer, incompatible program.
    #[error(
        "{}: schema_version {found} is newer than this program reads ({supported}.x); \
         use a newer analyze", path.display()
    )]
    UnknownMajor {
        /// The manifest.
        path: PathBuf,
        /// The version found.
        found: String,
        /// The major version that this program reads.
        supported: u32,
    },
    /// A row of `timeline.csv` cannot be read.
    #[error("{}:{line}: {problem}", path.display())]
    BadTimeline {
        /// The timeline.
        path: PathBuf,
        /// Line of the row, from 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// A table of a replay cannot be read.
    #[error("{}:{line}: {problem}", path.display())]
    BadTable {
        /// The table.
        path: PathBuf,
        /// Line of the fault, from 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// A log that the manifest lists is not there.
    #[error(
        "{}: listed in bundle.json but not there; copy the bundle again", .0.display()
    )]
    MissingLog(PathBuf),
    /// A file of the bundle is a link that leads out of it.
    #[error(
        "{}: a link that leads out of the bundle; copy what it leads to into the bundle", .0.display()
    )]
    Outside(PathBuf),
    /// A pipe, a device, a socket or a directory where a file must be.
    #[error("{}: not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// A file that is larger than one of its kind can be.
    #[error("{}: larger than {most_mb} MB, which no file of its kind is", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What one of its kind has at most.
        most_mb: u64,
    },
    /// A directory that is to hold a new bundle holds something else.
    #[error("{}: not empty and not a bundle; choose another directory", .0.display())]
    NotEmpty(PathBuf),
    /// The file system said no.
    #[error("{}: {doing}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// The operating system's own words.
        source: std::io::Error,
    },
}

impl Error {
    /// For `map_err`: attaches the path and the deed to an I/O error.
    pub(crate) fn io(
        path: &std::path::Path,
        doing: &'static str,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io {
            path,
            doing,
            source,
        }
    }
}
