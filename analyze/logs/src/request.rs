//! What to read, and what is known about it before it is read.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sync::Backend;

/// What to read.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The logs, in the order in which reports name them.
    pub sources: Vec<Source>,
    /// Year of the first line of logs that tell none.
    pub year: Option<i32>,
    /// Kernel release by node name, as from `kubectl get nodes -o json`.
    pub kernels: BTreeMap<String, String>,
    /// Threads; none: as many as there are cores.
    pub threads: Option<usize>,
    /// Bytes that what is kept may take; none: no limit.
    pub max_memory: Option<u64>,
}

/// A log to read.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where its bytes are.
    pub place: Place,
    /// Its name in reports, with `/`.
    pub display: String,
    /// What is known about it.
    pub hints: Hints,
}

/// Where bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file, compressed or not.
    File(PathBuf),
    /// Somewhere else: an object of a store.
    Object(Object),
    /// Standard input.
    Stdin,
}

/// Something that can be read from its beginning, as often as it is asked for.
pub trait Open: fmt::Debug + Send + Sync {
    /// Its bytes.
    ///
    /// # Errors
    /// It is not there, or may not be read.
    fn open(&self) -> io::Result<Box<dyn Read + Send>>;
    /// How many there are.
    fn size(&self) -> u64;
    /// When it was last written, nanoseconds since the epoch.
    fn modified_ns(&self) -> Option<i64>;
}

/// One of those; equal to itself alone.
#[derive(Debug, Clone)]
pub struct Object(pub Arc<dyn Open>);

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Object {}

/// What is known about a log before it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hints {
    /// The user's word for the kernel: it beats all others.
    pub label: Option<String>,
    /// Kernel release, as the bundle has it.
    pub kernel: Option<String>,
    /// Kernel release, as a `nodes.json` beside the log has it.
    pub listed_kernel: Option<String>,
    /// Node.
    pub node: Option<String>,
    /// Mode.
    pub backend: Option<Backend>,
    /// kube-proxy's version.
    pub version: Option<String>,
    /// Verbosity.
    pub verbosity: Option<u32>,
    /// A time close to the first line, nanoseconds since the epoch: tells the year.
    pub near_ns: Option<i64>,
    /// Files with the same stream are rotations of one log, in the order given.
    pub stream: Option<String>,
    /// Whether it is kube-proxy's own log, so that headers may be missing.
    pub kube_proxy: bool,
    /// Whether it is a kernel log.
    pub kernel_log: bool,
}

impl Source {
    /// A file under its own name, nothing known about it.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let display = path.to_string_lossy().replace('\\', "/");
        Self {
            place: Place::File(path),
            display,
            hints: Hints::default(),
        }
    }

    /// Standard input.
    #[must_use]
    pub fn stdin() -> Self {
        Self {
            place: Place::Stdin,
            display: "-".to_owned(),
            hints: Hints::default(),
        }
    }

    /// The same log at another place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// The same with hints.
    #[must_use]
    pub fn with(mut self, hints: Hints) -> Self {
        self.hints = hints;
        self
    }
}

/// Hears how far a reading has come. Called from several threads.
pub trait Progress: Sync {
    /// Total bytes on disk, told once before the first is read; standard input counts as none.
    fn total(&self, bytes: u64);
    /// Bytes on disk read since the last call.
    fn advance(&self, bytes: u64);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn total(&self, _bytes: u64) {}
    fn advance(&self, _bytes: u64) {}
}
