//! What lies behind the averages: scaling, time split, staleness, kernel events, metrics.

use schemars::JsonSchema;
use serde::Serialize;

/// What a curve measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CurveKind {
    /// Build time against endpoints.
    BuildByEndpoints,
    /// Commit time against net change.
    CommitByNetChange,
    /// Whole duration against endpoints, for syncs that carried a step of the ramp.
    StepByEndpoints,
}

/// How a duration grows with scale, in one group.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Curve {
    /// Identity of its study.
    pub study: String,
    /// Its group.
    pub group: String,
    /// What it measures.
    pub kind: CurveKind,
    /// The syncs on it.
    pub points: Vec<CurvePoint>,
    /// Its fit; absent with fewer than three different scales.
    pub fit: Option<Fit>,
}

/// A sync on a curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct CurvePoint {
    /// Endpoints or net change.
    pub x: f64,
    /// Seconds.
    pub y: f64,
    /// Id of the sync.
    pub sync: usize,
    /// `ln(y) - ln(fit(x))`; absent without a fit.
    pub residual: Option<f64>,
}

/// A power law `y = e^intercept x^exponent`, fitted in log-log space.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Fit {
    /// Points it rests on.
    pub n: usize,
    /// Least-squares exponent: 1 is linear, 2 quadratic.
    pub exponent: f64,
    /// Its 95 % interval by Student's t; absent if n < 3.
    pub exponent_ci95: Option<[f64; 2]>,
    /// Natural logarithm of the seconds at x = 1.
    pub intercept: f64,
    /// Coefficient of determination.
    pub r_squared: Option<f64>,
    /// Standard deviation of the residuals, in units of ln(seconds).
    pub residual_sd: Option<f64>,
    /// Theil-Sen exponent, which outliers do not move.
    pub theil_sen: Option<f64>,
    /// Its 95 % interval.
    pub theil_sen_ci95: Option<[f64; 2]>,
    /// Smallest and largest x: outside them the fit is an extrapolation.
    pub range: [f64; 2],
    /// Points left out because x or y is not above 0.
    pub dropped: usize,
    /// The fitted curve with its 95 % band, for drawing: x, y, low, high.
    pub band: Vec<[f64; 4]>,
}

/// Where two groups' fits meet.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Crossing {
    /// Identity of the study.
    pub study: String,
    /// What the curves measure.
    pub kind: CurveKind,
    /// The two groups.
    pub groups: [String; 2],
    /// x at which the fits are equal.
    pub at: f64,
    /// Whether both groups were measured there.
    pub measured: bool,
}

/// How far two groups' fits are apart, where both were measured.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Divergence {
    /// Identity of the study.
    pub study: String,
    /// What the curves measure.
    pub kind: CurveKind,
    /// The two groups.
    pub groups: [String; 2],
    /// Smallest and largest x that both were measured at.
    pub range: [f64; 2],
    /// The first group's fitted seconds over the second's, at these two.
    pub ratio: [f64; 2],
    /// Whether their exponents' 95 % intervals lie apart: then the ratio changes with scale.
    pub exponents_differ: bool,
}

/// Where the time of a group's syncs goes. Durations are in seconds.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
pub struct TimeSplit {
    /// Identity of the study.
    pub study: String,
    /// The group.
    pub group: String,
    /// Trials that tell both phases.
    pub split_trials: usize,
    /// These: ids of `syncs`, as in all lists here.
    pub split_trial_ids: Vec<usize>,
    /// Their total build time.
    pub build_s: f64,
    /// Their total commit time.
    pub commit_s: f64,
    /// Share of the commit in them, 0 to 1; absent without any.
    pub commit_share: Option<f64>,
    /// Syncs known to be full.
    pub full: usize,
    /// Their mean duration.
    pub full_mean_s: Option<f64>,
    /// These syncs.
    pub full_ids: Vec<usize>,
    /// Syncs known to be partial.
    pub partial: usize,
    /// Their mean duration.
    pub partial_mean_s: Option<f64>,
    /// These syncs.
    pub partial_ids: Vec<usize>,
    /// Syncs of a nearly empty family that only waited for the other's transaction in the kernel.
    pub waited: usize,
    /// Their total duration, not charged to their family.
    pub waited_s: f64,
    /// These syncs.
    pub waited_syncs: Vec<usize>,
    /// Trials during which the other family was writing to the kernel for more than a twentieth
    /// of their time.
    pub blocked: usize,
    /// For how long, together.
    pub blocked_s: f64,
    /// These trials.
    pub blocked_ids: Vec<usize>,
    /// Syncs that deleted stale chains.
    pub stale_syncs: usize,
    /// Chains that they deleted.
    pub stale_chains: u64,
    /// Their total duration.
    pub stale_s: f64,
    /// These syncs.
    pub stale_ids: Vec<usize>,
    /// Syncs that began within a millisecond of their predecessor's end: changes had queued.
    pub queued: usize,
    /// Longest time a change can have queued: the predecessor's duration.
    pub queued_max_s: Option<f64>,
    /// These syncs.
    pub queued_ids: Vec<usize>,
    /// Syncs that failed.
    pub failed: usize,
    /// Their total duration, spent for nothing.
    pub failed_s: f64,
    /// These syncs.
    pub failed_ids: Vec<usize>,
}

/// A step of the ramp on a node: from the driver's action to the sync that carried it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RampStep {
    /// Identity of the study.
    pub study: String,
    /// Identity of the bundle.
    pub bundle: String,
    /// The group of the node.
    pub group: String,
    /// The node.
    pub node: String,
    /// When the driver acted, RFC 3339.
    pub time: String,
    /// What it asked for.
    pub replicas: u64,
    /// Endpoints that the step asks for.
    pub endpoints: u64,
    /// The sync that carried the step, an id of `syncs`; absent if none did before the log's
    /// end or the ramp's turn.
    pub sync: Option<usize>,
    /// Whether that sync began only after the next step: it carried both.
    pub late: bool,
    /// Seconds from the action to the end of that sync: for so long traffic went by old rules.
    pub staleness_s: Option<f64>,
    /// Share of the step's endpoints that EndpointSlices carried when the next step began,
    /// 0 to 1; absent where the timeline does not tell.
    pub propagated: Option<f64>,
    /// Share of the step's endpoints in the node's kernel when the next step began, 0 to 1;
    /// absent for the last step.
    pub programmed: Option<f64>,
    /// The timeline, a path as of `inputs`.
    pub input: String,
    /// Line of the timeline.
    pub line: u64,
}

/// How long after a step of the ramp a group's rules carried it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Staleness {
    /// Identity of the study.
    pub study: String,
    /// The group.
    pub group: String,
    /// Steps, counted on each node.
    pub steps: usize,
    /// Steps that a sync carried.
    pub carried: usize,
    /// Steps carried only by a sync that began after the next step.
    pub late: usize,
    /// Mean seconds from the driver's action to the end of the sync that carried it.
    pub mean_s: Option<f64>,
    /// The most.
    pub worst_s: Option<f64>,
    /// Places of these steps in `ramp_steps`, the worst first.
    pub ramp_steps: Vec<usize>,
    /// Share of a step's endpoints that the node's kernel had when the next step began, 0 to 1:
    /// the least of all steps.
    pub least_programmed: Option<f64>,
}

/// Kernel complaints of one kind on one kernel.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LockupSummary {
    /// Identity of the study.
    pub study: String,
    /// The group.
    pub group: String,
    /// `soft_lockup`, `rcu_stall`, `hung_task`.
    pub kind: String,
    /// Reports printed.
    pub reports: usize,
    /// Episodes: a task on a CPU, however often reported.
    pub episodes: usize,
    /// Real seconds of all episodes, as far as reported.
    pub seconds: f64,
    /// Longest episode in real seconds.
    pub longest_s: f64,
    /// Kernel functions that were running, most frequent first.
    pub functions: Vec<(String, usize)>,
    /// Seconds locked up inside the commits that they fall in; time locked up on several CPUs
    /// at once counts once.
    pub locked_s: f64,
    /// Those commits' total time, in seconds.
    pub commit_s: f64,
    /// `locked_s / commit_s`, 0 to 1; absent if none falls in a commit.
    pub commit_share: Option<f64>,
    /// The syncs that they fall in: ids of `syncs`.
    pub syncs: Vec<usize>,
    /// The reports: places in `kernel_events`, from 0.
    pub events: Vec<usize>,
}

/// A kernel complaint.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct KernelEventRow {
    /// The log.
    pub input: String,
    /// Its line, from 1.
    pub line: u64,
    /// Identity of the study.
    pub study: String,
    /// The group of its node; absent if unknown.
    pub group: Option<String>,
    /// The node, if known.
    pub node: Option<String>,
    /// `soft_lockup`, `rcu_stall`, `hung_task`.
    pub kind: String,
    /// CPU.
    pub cpu: Option<u32>,
    /// The task's command.
    pub comm: Option<String>,
    /// The task's process id.
    pub pid: Option<u64>,
    /// The number as the kernel printed it; for a soft lockup its unit is 2^30 ns.
    pub reported: Option<u64>,
    /// The same in real seconds.
    pub seconds: Option<f64>,
    /// When, RFC 3339, if known.
    pub time: Option<String>,
    /// Kernel function that was running.
    pub function: Option<String>,
    /// Which episode of the report.
    pub episode: u64,
    /// The sync during which it happened: an id of `syncs`.
    pub during_sync: Option<usize>,
}

/// kube-proxy's metrics beside its log.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MetricsCheck {
    /// Identity of the study.
    pub study: String,
    /// Identity of the bundle.
    pub bundle: String,
    /// The node.
    pub node: String,
    /// Growth of `kubeproxy_sync_proxy_rules_duration_seconds_sum` over the run, in seconds.
    pub metrics_sum_s: f64,
    /// Growth of `..._count`.
    pub metrics_count: u64,
    /// Sum of the durations in the log, in seconds.
    pub log_sum_s: f64,
    /// Syncs in the log.
    pub log_count: u64,
    /// Whether they agree to a millisecond a sync.
    pub agrees: bool,
    /// These syncs: ids of `syncs`.
    pub syncs: Vec<usize>,
    /// Where the metrics stand: each `_sum` and `_count`, before and after.
    pub metrics: Vec<LineRef>,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct LineRef {
    /// The file, a path as of `inputs`.
    pub input: String,
    /// The line, from 1.
    pub line: u64,
}
