//! What can go wrong before a line is read.

use std::path::PathBuf;

use crate::request::Source;

/// An error of reading logs; each message names the file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A path that is not there or cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// The path as given.
        path: String,
        /// The operating system's own words.
        source: std::io::Error,
    },
    /// A directory tree that cannot be walked.
    #[error("{}: {problem}", path.display())]
    Walk {
        /// The directory.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// `kubectl get nodes -o json` that is none.
    #[error("{}:{line}: {problem}", path.display())]
    Metadata {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// More relevant lines than memory was granted for.
    #[error(
        "{path}: what is to be kept of its lines, with that of the logs before it, needs more than \
         the {most_mib} MiB that --max-memory grants; grant more, or give less at a time"
    )]
    Memory {
        /// The log at which it ran out.
        path: String,
        /// What was granted.
        most_mib: u64,
    },
    /// The search for literals or the thread pool could not be set up.
    #[error("cannot start reading: {0}")]
    Internal(String),
}

impl Error {
    pub(crate) fn io(source: &Source, error: std::io::Error) -> Self {
        Self::Io {
            path: source.display.clone(),
            source: error,
        }
    }
}
