//! Convergence by group: the primary outcome of runs that have a timeline.

use schemars::JsonSchema;
use serde::Serialize;

/// What a figure or a comparison is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema, Default)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Durations of trials.
    #[default]
    Trials,
    /// From a ramp step to the sync after which the kernel holds it, the mean of a run's steps.
    Steps,
    /// The same of one step.
    Step,
    /// From a ramp's first step to the last endpoint in the kernel.
    Ramp,
}

/// How long a group's kernels took to hold what was asked for. Durations are in seconds.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ConvergedGroup {
    /// Identity of the study.
    pub study: String,
    /// The group.
    pub name: String,
    /// `steps`, `step` or `ramp`.
    pub outcome: Outcome,
    /// Endpoints that the step, or the last step, asks for.
    pub endpoints: u64,
    /// Which step to so many endpoints in its ramp, from 1; 1 for all else.
    pub time: usize,
    /// Steps of each run that it is of: those that the kernel of every run of the study held
    /// before its log's end.
    pub steps: usize,
    /// Runs.
    pub n: usize,
    /// Names of the runs, by their first step.
    pub runs: Vec<String>,
    /// Each run's mean over its steps.
    pub run_means_s: Vec<f64>,
    /// Arithmetic mean of the runs.
    pub mean_s: f64,
    /// 95 % interval of a typical run: Student's t on logarithms; absent if n < 2.
    pub ci95_s: Option<[f64; 2]>,
    /// The longest step.
    pub worst_s: f64,
    /// Mean of the least, and of the most, time since EndpointSlices carried the step: what the
    /// node itself took. Absent where a look at EndpointSlices is missing.
    pub from_slices_s: Option<[f64; 2]>,
    /// The steps: places in `ramp_steps`, run by run.
    pub ramp_steps: Vec<usize>,
}
