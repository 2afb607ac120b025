//! What the kernel complained of.

use std::fmt;

use kube_proxy_logs::KernelKind;
use schemars::JsonSchema;
use serde::Serialize;

/// The kind of a kernel complaint. Displays as people say it: `soft lockup`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Complaint {
    /// `watchdog: BUG: soft lockup`.
    SoftLockup,
    /// `Watchdog detected hard LOCKUP`.
    HardLockup,
    /// `BUG: workqueue lockup`.
    WorkqueueLockup,
    /// `rcu: INFO: ... stall`.
    RcuStall,
    /// `INFO: task ... blocked for more than`.
    HungTask,
}

impl From<KernelKind> for Complaint {
    fn from(kind: KernelKind) -> Self {
        match kind {
            KernelKind::SoftLockup => Self::SoftLockup,
            KernelKind::HardLockup => Self::HardLockup,
            KernelKind::WorkqueueLockup => Self::WorkqueueLockup,
            KernelKind::RcuStall => Self::RcuStall,
            KernelKind::HungTask => Self::HungTask,
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SoftLockup => "soft lockup",
            Self::HardLockup => "hard lockup",
            Self::WorkqueueLockup => "workqueue lockup",
            Self::RcuStall => "RCU stall",
            Self::HungTask => "hung task",
        })
    }
}

/// Kernel complaints of one kind on one kernel.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LockupSummary {
    /// Identity of the study.
    pub study: String,
    /// The group.
    pub group: String,
    /// Its kind.
    pub kind: Complaint,
    /// Reports printed.
    pub reports: usize,
    /// Episodes: a task on a CPU, however often reported.
    pub episodes: usize,
    /// Real seconds of all episodes, as far as reported; hung tasks are of unknown length.
    pub seconds: f64,
    /// Longest episode in real seconds.
    pub longest_s: f64,
    /// Kernel functions that were running, most frequent first.
    pub functions: Vec<(String, usize)>,
    /// The same with what called them, most frequent first.
    pub stacks: Vec<HotStack>,
    /// Seconds that kube-proxy, nft or iptables were locked up inside those commits; time locked up on several CPUs
    /// at once counts once.
    pub locked_s: f64,
    /// Total time of the commits in which these were locked up, in seconds.
    pub commit_s: f64,
    /// `locked_s / commit_s`, 0 to 1; absent if none falls in a commit.
    pub commit_share: Option<f64>,
    /// The syncs that they fall in: ids of `syncs`.
    pub syncs: Vec<usize>,
    /// The reports: places in `kernel_events`, from 0.
    pub events: Vec<usize>,
}

/// A kernel function that was running when the kernel complained, and what called it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HotStack {
    /// The function.
    pub function: String,
    /// Its callers, the nearest first; empty where the log has no stack.
    pub callers: Vec<String>,
    /// Reports.
    pub reports: usize,
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
    /// Its kind.
    pub kind: Complaint,
    /// CPU.
    pub cpu: Option<u32>,
    /// The task's command.
    pub comm: Option<String>,
    /// The task's process id.
    pub pid: Option<u64>,
    /// The number as the kernel printed it; for a soft lockup its unit is 2^30 ns.
    pub reported: Option<u64>,
    /// How long it was stuck, in real seconds; absent for a hung task, whose number is the
    /// threshold that it crossed.
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
