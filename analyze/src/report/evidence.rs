//! What lies behind the averages: time split, staleness, metrics.

use schemars::JsonSchema;
use serde::Serialize;

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
    /// Least and most seconds from EndpointSlices carrying the step to the end of that sync: the
    /// time that the node itself took. Looks at EndpointSlices tell it only as between two;
    /// absent where none saw them carry it.
    pub from_slices_s: Option<[f64; 2]>,
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

/// A whole ramp on a node: how long its kernel took to hold what was asked for. It does not
/// depend on how kube-proxy cut the work into syncs.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Convergence {
    /// Identity of the study.
    pub study: String,
    /// Identity of the bundle.
    pub bundle: String,
    /// The group of the node.
    pub group: String,
    /// The node.
    pub node: String,
    /// When the first step was asked for, RFC 3339.
    pub time: String,
    /// Endpoints that the last step asks for.
    pub endpoints: u64,
    /// Steps, without those that were in place when they began.
    pub steps: usize,
    /// Steps that a sync carried.
    pub carried: usize,
    /// Steps that were in place when they began: they ask for nothing, and are no `ramp_steps`.
    pub in_place: usize,
    /// Mean seconds from a step to the sync after which the kernel held it.
    pub mean_step_s: Option<f64>,
    /// Seconds from the first step to the sync after which the kernel held the last endpoint;
    /// absent if none did before the log's end.
    pub ramp_s: Option<f64>,
    /// Least and most seconds from EndpointSlices carrying the last step to that sync's end.
    pub from_slices_s: Option<[f64; 2]>,
    /// That sync, an id of `syncs`.
    pub sync: Option<usize>,
    /// The timeline, a path as of `inputs`.
    pub input: String,
    /// Lines of the first and the last step in it.
    pub lines: [u64; 2],
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
