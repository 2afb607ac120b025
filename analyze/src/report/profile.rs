//! Profiles: where the kernel's time went, function by function.

use schemars::JsonSchema;
use serde::Serialize;

/// Samples of a load or of a node.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Profile {
    /// Identity, unique in the report and safe in a file name.
    pub id: String,
    /// The bundle of replays that it is of, by its identity; absent for a node's.
    pub replay: Option<String>,
    /// The study that it is of, by its identity; absent for a replay's.
    pub study: Option<String>,
    /// The run whose page tells of it: the identity of its bundle, or of the study of loose logs;
    /// absent for a replay's, and for one of several bundles.
    pub run: Option<String>,
    /// What was sampled: a load, or a node's name.
    pub what: String,
    /// The kernel's upstream version where known, else its release.
    pub kernel: String,
    /// The file that it was read from.
    pub path: String,
    /// What took the samples, where that is known.
    pub sampler: String,
    /// Samples, in the kernel and outside.
    pub samples: u64,
    /// Those in the kernel.
    pub kernel_samples: u64,
    /// Samples left out because they fall in no commit of a sync; absent where the file has no
    /// time that the log's could be compared with.
    pub outside_commits: Option<u64>,
    /// How much longer the load's system calls took under the sampling than measured without it,
    /// in percent; absent where it was not measured.
    pub cost_pct: Option<f64>,
    /// Functions of the kernel by their own samples, the hottest first.
    pub functions: Vec<HotFunction>,
    /// What the hottest mean, a sentence each.
    pub causes: Vec<String>,
    /// The stacks: the caller first, `;` between functions; and samples.
    #[serde(skip)]
    pub stacks: Vec<(String, u64)>,
}

/// A function of the kernel.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct HotFunction {
    /// Its name, without what a compiler puts behind it.
    pub function: String,
    /// Samples in the function itself.
    pub samples: u64,
    /// The same as a share of all samples, in percent.
    pub share_pct: f64,
    /// The same as a share of the kernel's samples, in percent.
    pub kernel_pct: f64,
    /// What called it most often, the nearest first.
    pub callers: Vec<String>,
}
