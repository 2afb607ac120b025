//! What was recorded in one go: a bundle, or the loose logs of a call.

use schemars::JsonSchema;
use serde::Serialize;

use super::Trace;

/// A bundle, or the loose logs of a call, at a glance. Durations are in seconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Recording {
    /// Identity: the bundle's, or that of the loose logs' study.
    pub id: String,
    /// Identity of its study.
    pub study: String,
    /// Whether it is a bundle.
    pub bundle: bool,
    /// When it began, RFC 3339: the bundle's start, or the first line of its logs.
    pub started: Option<String>,
    /// Its groups that have a sync, by name.
    pub groups: Vec<String>,
    /// kube-proxy's modes.
    pub modes: Vec<String>,
    /// kube-proxy's versions.
    pub kube_proxy: Vec<String>,
    /// Its nodes, or, where no node is known, its logs.
    pub nodes: usize,
    /// Syncs that succeeded.
    pub ok: usize,
    /// Syncs that failed.
    pub failed: usize,
    /// Syncs without an end in the log.
    pub unfinished: usize,
    /// Half of the successful syncs took no longer (type 7 quantile); absent without any.
    pub p50_s: Option<f64>,
    /// 99 of 100 successful syncs took no longer.
    pub p99_s: Option<f64>,
    /// The sync that took longest, of those that ended: an id of `syncs`.
    pub slowest: Option<usize>,
    /// Failed syncs by what the log gives as the reason, the most frequent first.
    pub failures: Vec<Failure>,
    /// Kernel complaints.
    pub complaints: usize,
    /// The gravest of them, by its seconds: a place in `kernel_events`, from 0.
    pub worst_complaint: Option<usize>,
    /// The ramp step that the kernel held last, by its seconds: a place in `ramp_steps`, from 0.
    pub worst_step: Option<usize>,
    /// What happened, in a sentence.
    pub headline: String,
    /// What that sentence rests on.
    pub headline_from: Trace,
}

impl Recording {
    /// All its syncs.
    #[must_use]
    pub fn syncs(&self) -> usize {
        self.ok + self.failed + self.unfinished
    }
}

/// Syncs that failed for one reason; reasons that differ by numbers alone are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Failure {
    /// Id of the first of them.
    pub sync: usize,
    /// Id of the last of them.
    pub last: usize,
    /// How many there are.
    pub count: usize,
    /// What kube-proxy gives as the reason just before the first; absent where it gives none,
    /// where the log cannot be read again, and behind the first 2,000 of a recording.
    pub reason: Option<String>,
    /// The line of that reason in the first sync's log, from 1.
    pub line: Option<u64>,
}
