//! What a data set says of its runs and parts: small JSON files.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SCHEMA, digits};

/// What a run is of.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A bundle of the driver's.
    Bundle,
    /// A bundle of replays.
    Replay,
    /// Logs without a bundle: all that one path was given for.
    Logs,
}

/// A run: `runs/ID.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Its name in the data set: `run=ID`.
    pub id: String,
    /// What it is of.
    pub kind: Kind,
    /// The path that it was read from, as reports show it.
    pub path: String,
    /// The last name of that path, links resolved: what a report calls a bundle.
    pub name: String,
    /// Logs that it has.
    pub logs: u32,
    /// Its parts: bins that hold a log.
    pub parts: Vec<u32>,
    /// Whether it has something beside its logs.
    pub files: bool,
    /// Profiles that lie beside its logs.
    pub profiles: Vec<Packed>,
    /// Kernel release by node, told beside the logs.
    pub kernels: BTreeMap<String, String>,
}

/// A file among those that lie beside a run's logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Packed {
    /// Its path, as reports show it.
    pub path: String,
    /// Its name among them.
    pub packed: String,
}

impl Run {
    /// The name of the run of a path: its last name, and digits that tell it from others of that
    /// name.
    #[must_use]
    pub fn id_of(name: &str, path: &str) -> String {
        let plain = |c: char| match c.is_ascii_alphanumeric() || "._-".contains(c) {
            true => c,
            false => '-',
        };
        let name: String = name.chars().take(80).map(plain).collect();
        format!("{name}-{}", digits(path.as_bytes(), 8))
    }

    /// Where it is said.
    #[must_use]
    pub fn key(id: &str) -> String {
        format!("runs/{id}.json")
    }

    /// Where what it has beside its logs lies.
    #[must_use]
    pub fn files_key(&self) -> String {
        format!("files/run={}.tar.zst", self.id)
    }
}

/// A log that a part was made of, as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadFile {
    /// Its path, as reports show it.
    pub path: String,
    /// Its place among the run's logs, from 0.
    pub place: u32,
    /// Bytes on disk, or of the object.
    pub bytes: u64,
    /// When it was last written, nanoseconds since the epoch.
    pub modified_ns: Option<i64>,
}

/// Where a part's tables lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tables {
    /// A row a sync.
    pub syncs: String,
    /// A row a complaint of the kernel's.
    pub kernel_events: String,
    /// A row a log.
    pub logs: String,
    /// A row a line in which the reason of a failure may stand.
    pub lines: String,
}

impl Tables {
    /// Their keys, in the order of the fields.
    #[must_use]
    pub fn keys(&self) -> [&str; 4] {
        [&self.syncs, &self.kernel_events, &self.logs, &self.lines].map(String::as_str)
    }
}

/// How a part was made; one that would be made otherwise is made anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Made {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The analyzer's version: another one may read more of a log.
    pub version: String,
    /// `--year`.
    pub year: Option<i32>,
    /// The logs, in order.
    pub of: Vec<ReadFile>,
}

impl Made {
    /// By this program.
    #[must_use]
    pub fn now(year: Option<i32>, of: Vec<ReadFile>) -> Self {
        Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            year,
            of,
        }
    }
}

/// A part that is whole: `parts/run=ID/NNN.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    /// How it was made.
    pub made: Made,
    /// Syncs in it.
    pub syncs: u64,
    /// Where they are.
    pub tables: Tables,
    /// Lists of nodes and pods that stood in its logs: place of the log, and the list.
    pub lists: Vec<(u32, String)>,
}

impl Part {
    /// Where it is said.
    #[must_use]
    pub fn key(run: &str, bin: u32) -> String {
        format!("parts/run={run}/{bin:03}.json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_one_name_have_names_of_their_own() {
        let (one, other) = (
            Run::id_of("run-1", "a/run-1"),
            Run::id_of("run-1", "b/run-1"),
        );
        assert!(one != other && one.starts_with("run-1-") && one.len() == "run-1-".len() + 8);
        assert_eq!(Run::id_of("run-1", "a/run-1"), one);
        let hostile = Run::id_of("../x y/%", "p");
        assert!(!hostile.contains(['/', ' ', '%']), "{hostile}");
    }
}
