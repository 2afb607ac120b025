//! A node's clock, by which its kubelet stamps lines and starts of containers.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use crate::control::Clock;

/// Longest that a clock may be ahead or behind, in seconds: some ten years.
const FURTHEST_S: f64 = 3e8;

/// This machine's clock, ahead of itself and running fast as told.
#[derive(Debug, Clone, Copy)]
pub(super) struct NodeClock {
    difference: Clock,
    /// When it was set.
    since: Instant,
}

impl Default for NodeClock {
    fn default() -> Self {
        Self {
            difference: Clock::default(),
            since: Instant::now(),
        }
    }
}

impl NodeClock {
    /// Set now.
    ///
    /// # Errors
    /// What is no difference that a clock has, in a sentence.
    pub(super) fn new(difference: Clock) -> Result<Self, String> {
        let Clock { ahead_s, drift_pct } = difference;
        let sound = ahead_s.abs() <= FURTHEST_S && drift_pct.abs() <= 50.0;
        if !sound {
            return Err("a clock is at most ten years ahead and drifts by at most 50 %".to_owned());
        }
        Ok(Self {
            difference,
            since: Instant::now(),
        })
    }

    /// What it shows.
    pub(super) fn now(&self) -> DateTime<Utc> {
        Utc::now() + self.ahead_after(self.since.elapsed())
    }

    fn ahead_after(&self, passed: Duration) -> TimeDelta {
        let Clock { ahead_s, drift_pct } = self.difference;
        let seconds = ahead_s + passed.as_secs_f64() * drift_pct / 100.0;
        // Whole microseconds: as exact as anybody looks.
        TimeDelta::microseconds((seconds * 1e6) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_ahead_and_drifts_from_when_it_was_set() {
        let clock = |ahead_s: f64, drift_pct: f64| NodeClock::new(Clock { ahead_s, drift_pct });
        for (ahead, drift, after, expected_ms) in [
            (0.0, 0.0, 100, 0),
            (90.0, 0.0, 100, 90_000),
            (-90.0, 1.0, 100, -89_000),
            (0.0, -1.0, 3600, -36_000),
        ] {
            let clock = clock(ahead, drift).unwrap();
            let found = clock.ahead_after(Duration::from_secs(after));
            assert_eq!(found, TimeDelta::milliseconds(expected_ms));
        }
        for (ahead, drift, good) in [
            (FURTHEST_S, 50.0, true),
            (FURTHEST_S * 1.01, 0.0, false),
            (0.0, 50.1, false),
            (f64::NAN, 0.0, false),
        ] {
            assert_eq!(clock(ahead, drift).is_ok(), good, "{ahead} {drift}");
        }
    }
}
