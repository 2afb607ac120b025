//! What each run of a benchmark does.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::trial::Trial;

/// What each run does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Procedure {
    /// Services.
    pub(super) services: u64,
    /// Replicas, step by step.
    pub(super) replicas: Vec<u64>,
    /// Seconds after each step.
    pub(super) step_pause_s: u64,
    /// Seconds between fan-out and ramp.
    pub(super) stabilise_s: u64,
    /// Seconds without a sync after which a node counts as settled.
    pub(super) quiet_for_s: u64,
    /// More words for `driver run`.
    pub(super) driver_args: Vec<String>,
}

impl Procedure {
    /// The driver's words for a run.
    pub(super) fn words(&self, bundle: &Path, trial: &Trial) -> Vec<String> {
        let steps: Vec<String> = self.replicas.iter().map(u64::to_string).collect();
        let mut words = vec![
            "run".to_owned(),
            format!("--output={}", bundle.display()),
            format!("--series={}", trial.series()),
            format!("--services={}", self.services),
            format!("--replicas={}", steps.join(",")),
            format!("--step-pause={}s", self.step_pause_s),
            format!("--stabilise={}s", self.stabilise_s),
            format!("--quiet-for={}s", self.quiet_for_s),
        ];
        words.extend(self.driver_args.iter().cloned());
        words
    }
}
