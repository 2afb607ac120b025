//! What is to be computed: everything that was asked for, checked before anything runs.
//!
//! It knows nothing of a command line: `cli` makes a plan from one, and a test may make its own.

mod bound;
mod choice;
mod scale;
mod selection;
mod window;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use bound::Bound;
pub use choice::{FamilyChoice, GroupBy};
pub use scale::{TOLERANCE, is_at};
pub use selection::Selection;
pub use window::Window;

/// What is to be computed.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Bundles and logs.
    pub paths: Vec<PathBuf>,
    /// What makes a group.
    pub group_by: GroupBy,
    /// The group to compare against.
    pub baseline: Option<String>,
    /// The only group to compare with it.
    pub candidate: Option<String>,
    /// Whose syncs are trials.
    pub family: Option<FamilyChoice>,
    /// Fewest endpoints of a trial.
    pub min_endpoints: Bound,
    /// Most endpoints of a trial.
    pub max_endpoints: Option<Bound>,
    /// Shortest duration of a trial, in seconds.
    pub min_elapsed_s: Option<f64>,
    /// Whether syncs with a small change count.
    pub include_small_changes: bool,
    /// Only syncs that end in it.
    pub window: Window,
    /// Bytes that what is kept of the logs may take.
    pub max_memory: u64,
    /// Year of logs that tell none.
    pub year: Option<i32>,
    /// Kernel release by node.
    pub kernels: BTreeMap<String, String>,
    /// Kernel by path or the end of one.
    pub labels: Vec<(String, String)>,
    /// Run by path or the end of one.
    pub runs: Vec<(String, String)>,
    /// Share within which two sides count as equivalent.
    pub margin: Option<f64>,
    /// The same in the report's words.
    pub selection: Selection,
}

impl Plan {
    /// The run that `--run` says a log is of; a whole path goes before the end of one.
    #[must_use]
    pub fn run_of(&self, path: &str) -> Option<&str> {
        let whole = self.runs.iter().rfind(|(file, _)| file == path);
        let end = || self.runs.iter().rfind(|(file, _)| is_meant(path, file));
        whole.or_else(end).map(|(_, name)| name.as_str())
    }
}

/// Whether a log of that path is meant by `file`: by the whole path, or by the end of it.
#[must_use]
pub fn is_meant(path: &str, file: &str) -> bool {
    path.strip_suffix(file)
        .is_some_and(|before| before.is_empty() || before.ends_with('/'))
}
