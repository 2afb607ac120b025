//! What can go wrong; each message names what it is about.

use std::io;
use std::path::{Path, PathBuf};

use crate::gate::GateError;

/// An error of the analyzer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A bundle that cannot be read.
    #[error(transparent)]
    Bundle(#[from] bundle::Error),
    /// A log that cannot be read.
    #[error(transparent)]
    Logs(#[from] kube_proxy_logs::Error),
    /// A path that is not there.
    #[error("{}: no such file or directory", .0.display())]
    NoSuchPath(PathBuf),
    /// A directory with nothing to read in it.
    #[error(
        "{}: no bundle and no log in it; give a bundle, a directory of bundles, or logs \
         (*.log, *.txt, *.json, also .gz and .zst)", .0.display()
    )]
    NothingHere(PathBuf),
    /// Logs without a sync or a kernel complaint.
    #[error("nothing was read: no sync of kube-proxy, no complaint of the kernel{}", reasons(.0))]
    NothingRead(Vec<String>),
    /// An option's value that cannot be used.
    #[error("--{option} {value}: {problem}")]
    Option {
        /// The option's long name.
        option: &'static str,
        /// The value given.
        value: String,
        /// What is wrong with it, and what would be right.
        problem: String,
    },
    /// A load that cannot be told.
    #[error("cannot predict: {0}")]
    Unpredictable(String),
    /// A history that cannot be read.
    #[error("{}:{line}: {problem}", path.display())]
    History {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// Metrics that cannot be read.
    #[error("{path}:{line}: {problem}")]
    Metrics {
        /// The file as given.
        path: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// Metrics without a sync of kube-proxy.
    #[error("no metric of kube-proxy's syncs was read{}", reasons(.0))]
    NoMetrics(Vec<String>),
    /// A condition on a history that cannot be judged.
    #[error("{0}")]
    Changed(String),
    /// A figure or condition that cannot be read or judged.
    #[error("{0}")]
    Gate(#[from] GateError),
    /// Conditions of `--fail-if` that cannot be judged. Those that can are judged all the same.
    #[error("{}", conditions(hold, unjudged))]
    Conditions {
        /// Conditions that hold, with their figures.
        hold: Vec<String>,
        /// Why the others cannot be judged.
        unjudged: Vec<GateError>,
    },
    /// A file that cannot be written, or read back for `--check`.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's own words.
        source: io::Error,
    },
    /// A store that does not do what it is asked.
    #[error("{place}: {problem}")]
    Store {
        /// Where.
        place: String,
        /// Its own words.
        problem: String,
    },
    /// A data set that cannot be read, or not be added to.
    #[error("{place}: {problem}")]
    DataSet {
        /// The data set, or its file.
        place: String,
        /// What is wrong with it, and what would be right.
        problem: String,
    },
    /// A directory for the report that cannot be written.
    #[error(
        "{}: {source}; name a directory that can be written with -o, or print with --format table, \
         which writes no file", path.display()
    )]
    Unwritable {
        /// What could not be written.
        path: PathBuf,
        /// The operating system's own words.
        source: io::Error,
    },
    /// A README without the place for the results.
    #[error(
        "{}: no line `<!-- results: begin -->` followed by `<!-- results: end -->`; add both \
         where the results shall stand", .0.display()
    )]
    NoMarkers(PathBuf),
    /// Standard output that cannot be written.
    #[error("standard output: {0}")]
    Output(io::Error),
    /// A fault of the program's own: a template, a chart, a frame.
    #[error("cannot make {what}: {problem}")]
    Internal {
        /// What was being made.
        what: &'static str,
        /// What went wrong.
        problem: String,
    },
}

/// The first few reasons, a line each.
fn reasons(all: &[String]) -> String {
    const MOST: usize = 8;
    let shown = all.iter().take(MOST).map(|one| format!("\n  {one}"));
    let more = all.len().saturating_sub(MOST);
    let rest = (more > 0).then(|| format!("\n  and {more} more"));
    shown.chain(rest).collect()
}

/// A line each, the first without what `main` puts before every message.
fn conditions(hold: &[String], unjudged: &[GateError]) -> String {
    let unjudged = unjudged.iter().map(|error| format!("--fail-if: {error}"));
    unjudged
        .chain(hold.iter().cloned())
        .collect::<Vec<_>>()
        .join("\nanalyze: ")
}

impl Error {
    /// For `map_err`: attaches the path to an I/O error.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { path, source }
    }

    /// The same error of writing a report; where nothing may be written, with what to do. `other`: what
    /// is written beside the report.
    pub(crate) fn of_report(self, other: Option<&Path>) -> Self {
        use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
        match self {
            Self::File { path, source }
                if matches!(source.kind(), PermissionDenied | ReadOnlyFilesystem)
                    && other != Some(path.as_path()) =>
            {
                Self::Unwritable { path, source }
            }
            other => other,
        }
    }

    /// For `map_err`: says what was being made when it failed.
    pub(crate) fn making<E: std::fmt::Display>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Internal {
            what,
            problem: error.to_string(),
        }
    }

    /// Whether somebody closed the pipe that the output went to: `analyze ... | head`.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
