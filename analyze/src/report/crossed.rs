//! Two factors in runs of clusters: what a kernel changes, under one kube-proxy or mode and under
//! another.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Independence, Outcome};

/// The same groups under several conditions, of one load: a row a group, a column a condition.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Crossed {
    /// What rows are: `kernel`, `kube-proxy` or `mode`, as `--group-by` says.
    pub by: String,
    /// What was measured: `steps` where every study tells of a ramp's steps, else `trials`.
    pub outcome: Outcome,
    /// Services; absent for loose logs.
    pub services: Option<u64>,
    /// Endpoints at full scale.
    pub endpoints: Option<u64>,
    /// The groups that every condition has, the baseline first.
    pub groups: Vec<String>,
    /// The conditions.
    pub conditions: Vec<Condition>,
    /// A row a group, a column a condition.
    pub cells: Vec<Vec<CrossedCell>>,
    /// Each candidate under each two conditions that differ in one thing; in any, where none do.
    pub interactions: Vec<Interaction>,
    /// The same, a sentence each.
    pub findings: Vec<String>,
}

/// What all groups of a study have in common: a column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Condition {
    /// Identity of the study.
    pub study: String,
    /// The kernel; absent where kernels are what is compared, as the others where they are.
    pub kernel: Option<String>,
    /// kube-proxy's version.
    pub kube_proxy: Option<String>,
    /// kube-proxy's mode.
    pub mode: Option<String>,
}

/// A group under a condition. Durations are in seconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct CrossedCell {
    /// Runs.
    pub n: usize,
    /// Arithmetic mean, as in `converged`, `matched_groups` or `groups`.
    pub mean_s: Option<f64>,
    /// Its 95 % interval.
    pub ci95_s: Option<[f64; 2]>,
    /// How much less it takes than the baseline under the same condition, in percent, by run; by
    /// means where a side has one run; absent for the baseline.
    pub improvement_pct: Option<f64>,
    /// Its interval.
    pub ci95_pct: Option<[f64; 2]>,
    /// The syncs behind it: ids of `syncs`.
    pub trials: Vec<usize>,
}

/// Whether a candidate changes as much under one condition as under another.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Interaction {
    /// The candidate: a place in `groups`.
    pub candidate: usize,
    /// Both conditions: places in `conditions`.
    pub conditions: [usize; 2],
    /// The ratio candidate / baseline under the second condition against that under the first: 1
    /// where the condition changes nothing of what the candidate does.
    pub factor: f64,
    /// Its 95 % interval; absent where one of the four sides has one run, as all that follows. Where
    /// repetitions went on until intervals were narrow, at the level of those.
    pub ci95: Option<[f64; 2]>,
    /// Degrees of freedom of Student's t.
    pub freedom: Option<f64>,
    /// Two-sided p-value of a factor of 1.
    pub p_value: Option<f64>,
    /// The same after Holm's correction over the table.
    pub p_holm: Option<f64>,
    /// How runs are known to be runs of their own: the least sure of all four sides.
    pub independence: Independence,
    /// Whether the two conditions are told apart: p below 0.05 after correction, and runs known to
    /// be runs of their own.
    pub sure: bool,
}
