//! Clocks that do not agree: how far another machine's is ahead of the driver's.

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far a clock is ahead of the driver's, whose time `started` and the timeline have.
///
/// Source: lines as they come from a node's log (time stamp less the moment they were heard of,
/// the quickest of each stretch of time), or the `Date` of an API server's answers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ClockSkew {
    /// Seconds; below 0: it is behind. The median of the samples.
    pub ahead_s: f64,
    /// Seconds by which that may be wrong. Less than this is no difference.
    pub within_s: f64,
    /// How it went over the run, in order of time; two clocks drift apart, or one is set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<SkewSample>,
}

/// One measurement.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SkewSample {
    /// When, by the driver's clock.
    pub at: DateTime<Utc>,
    /// Seconds by which the other clock was ahead.
    pub ahead_s: f64,
}

impl ClockSkew {
    /// Sums measurements up; none without a single one.
    #[must_use]
    pub fn of(samples: Vec<SkewSample>, within_s: f64) -> Option<Self> {
        let mut sorted: Vec<f64> = samples.iter().map(|sample| sample.ahead_s).collect();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len().checked_sub(1)? / 2;
        Some(Self {
            ahead_s: *sorted.get(middle)?,
            within_s,
            samples,
        })
    }

    /// What this clock showed when the driver's showed `at`: along a straight line between two
    /// samples, as the nearest one before the first and after the last. A difference below
    /// `within_s` is none.
    #[must_use]
    pub fn shows(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let ahead = self.ahead_at(at);
        if ahead.abs() <= self.within_s || !ahead.is_finite() {
            return at;
        }
        // Below a nanosecond nothing is kept; a skew of centuries is no time at all.
        let shift = TimeDelta::try_milliseconds((ahead * 1e3).round() as i64);
        shift
            .and_then(|shift| at.checked_add_signed(shift))
            .unwrap_or(at)
    }

    fn ahead_at(&self, at: DateTime<Utc>) -> f64 {
        let after = self.samples.partition_point(|sample| sample.at <= at);
        let before = after
            .checked_sub(1)
            .and_then(|before| self.samples.get(before));
        match (before, self.samples.get(after)) {
            (None, None) => self.ahead_s,
            (Some(only), None) | (None, Some(only)) => only.ahead_s,
            (Some(a), Some(b)) => {
                let whole = (b.at - a.at).num_milliseconds().max(1) as f64;
                let part = (at - a.at).num_milliseconds() as f64 / whole;
                a.ahead_s + (b.ahead_s - a.ahead_s) * part
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
    }

    fn sample(second: i64, ahead_s: f64) -> SkewSample {
        SkewSample {
            at: at(second),
            ahead_s,
        }
    }

    #[test]
    fn a_time_is_shifted_by_what_was_measured_around_it() {
        let clock = ClockSkew::of(vec![sample(0, 90.0), sample(100, 91.0)], 0.25).unwrap();
        for (second, shown) in [
            (-50, 90_000),
            (0, 90_000),
            (50, 90_500),
            (100, 91_000),
            (900, 91_000),
        ] {
            let ahead = clock.shows(at(second)) - at(second);
            assert_eq!(ahead.num_milliseconds(), shown, "{second}");
        }
    }

    #[test]
    fn the_skew_is_a_measured_one_the_lower_of_the_two_in_the_middle() {
        for (measured, ahead) in [
            (vec![7.0], 7.0),
            (vec![3.0, 1.0], 1.0),
            (vec![9.0, 1.0, 2.0], 2.0),
            (vec![4.0, 3.0, 2.0, 1.0, 5.0, 6.0], 3.0),
        ] {
            let samples = measured.iter().map(|ahead_s| sample(0, *ahead_s)).collect();
            let clock = ClockSkew::of(samples, 0.25).unwrap();
            assert_eq!(clock.ahead_s, ahead, "{measured:?}");
        }
    }

    #[test]
    fn a_clock_without_samples_is_ahead_all_the_time() {
        for (ahead_s, shown) in [(1.5, 1_500), (f64::NAN, 0), (f64::INFINITY, 0), (1e300, 0)] {
            let clock = ClockSkew {
                ahead_s,
                within_s: 0.25,
                samples: Vec::new(),
            };
            let ahead = clock.shows(at(0)) - at(0);
            assert_eq!(ahead.num_milliseconds(), shown, "{ahead_s}");
        }
    }

    #[test]
    fn less_than_can_be_told_is_no_difference() {
        for (ahead, shifted) in [(0.25, false), (0.26, true), (-0.25, false), (-0.26, true)] {
            let clock = ClockSkew::of(vec![sample(0, ahead)], 0.25).unwrap();
            assert_eq!(clock.shows(at(0)) != at(0), shifted, "{ahead}");
        }
        assert_eq!(ClockSkew::of(Vec::new(), 0.25), None);
    }
}
