//! How long it will take: from the procedure's own pauses at first, then from what runs took.

use std::time::Duration;

use super::procedure::Procedure;

/// A cluster with an emulated guest is up, and down again, in about this on two processors.
const CLUSTER_S: u64 = 20;
/// Services that the API server takes a second, with the fan-out's check after it.
const SERVICES_A_SECOND: u64 = 60;
/// The last syncs and the cleanup: the mean of both modes at 15,000 endpoints.
const END_S: u64 = 70;

/// What is known of a run's length.
#[derive(Debug)]
pub(super) struct Estimate {
    first: Duration,
    taken: Vec<Duration>,
}

impl Estimate {
    /// Before the first run.
    pub(super) fn new(procedure: &Procedure) -> Self {
        let steps = procedure.replicas.len() as u64;
        let pauses = procedure.stabilise_s + steps * procedure.step_pause_s;
        let fan_out = procedure.services / SERVICES_A_SECOND;
        Self {
            first: Duration::from_secs(
                CLUSTER_S + fan_out + pauses + procedure.quiet_for_s + END_S,
            ),
            taken: Vec::new(),
        }
    }

    /// A run took so long.
    pub(super) fn took(&mut self, time: Duration) {
        self.taken.push(time);
    }

    /// For `runs` more runs: the mean of those done, or the first guess.
    pub(super) fn left(&self, runs: usize) -> Duration {
        let runs = u32::try_from(runs).unwrap_or(u32::MAX);
        let done = u32::try_from(self.taken.len()).unwrap_or(u32::MAX);
        let total: Duration = self.taken.iter().sum();
        let one = total.checked_div(done).unwrap_or(self.first);
        one.saturating_mul(runs)
    }
}

/// `3h20m`, `14m`.
pub(super) fn words(time: Duration) -> String {
    let minutes = time.as_secs().div_ceil(60);
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, minutes) => format!("{hours}h{minutes:02}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_took_replaces_the_first_guess() {
        let mut estimate = Estimate {
            first: Duration::from_secs(600),
            taken: Vec::new(),
        };
        assert_eq!(words(estimate.left(18)), "3h00m");
        estimate.took(Duration::from_secs(300));
        estimate.took(Duration::from_secs(500));
        assert_eq!(estimate.left(3), Duration::from_secs(1200));
        assert_eq!(words(Duration::from_secs(61)), "2m");
    }
}
