//! How far a node's clock is ahead of ours, told by its log as it comes.

use std::time::Duration;

use bundle::{ClockSkew, SkewSample};
use chrono::{DateTime, TimeDelta, Utc};

/// Stretch of time of which the quickest line is kept.
const STRETCH: TimeDelta = TimeDelta::seconds(60);
/// Most samples that are kept; beyond, each two become one.
const MOST: usize = 64;
/// A line that came after so long a wait was not kept back by anything.
const WAITED: Duration = Duration::from_millis(20);
/// What a line takes from the node's runtime to us, at most, when nothing keeps it back.
const DELIVERY_S: f64 = 0.25;

/// Measurements of one node's clock.
#[derive(Debug, Default)]
pub(super) struct Skew {
    samples: Vec<SkewSample>,
    stretches: usize,
}

impl Skew {
    /// A line stamped `stamped` was heard of at `heard`, after a wait for it. A line is late by
    /// its delivery and never early: the largest difference of a stretch is nearest to the truth.
    pub(super) fn note(&mut self, stamped: DateTime<Utc>, heard: DateTime<Utc>, waited: Duration) {
        if waited < WAITED {
            // The rest of something that came late.
            return;
        }
        let ahead_s = (stamped - heard).num_milliseconds() as f64 / 1e3;
        let stretch = STRETCH * i32::try_from(self.stretches.max(1)).unwrap_or(i32::MAX);
        match self.samples.last_mut() {
            Some(last) if heard - last.at < stretch => last.ahead_s = last.ahead_s.max(ahead_s),
            _ => self.samples.push(SkewSample { at: heard, ahead_s }),
        }
        if self.samples.len() > MOST {
            self.stretches = self.stretches.max(1) * 2;
            let pairs = self.samples.chunks(2).filter_map(|pair| {
                let best = pair
                    .iter()
                    .map(|sample| sample.ahead_s)
                    .max_by(f64::total_cmp)?;
                pair.first().map(|first| SkewSample {
                    ahead_s: best,
                    ..*first
                })
            });
            self.samples = pairs.collect();
        }
    }

    /// What is known; none if no line came by itself.
    pub(super) fn clock(&self) -> Option<ClockSkew> {
        ClockSkew::of(self.samples.clone(), DELIVERY_S)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_700_000_000_000 + ms).unwrap()
    }

    #[test]
    fn the_quickest_line_of_a_minute_tells_the_skew() {
        let mut skew = Skew::default();
        assert_eq!(skew.clock(), None);
        // 90 s behind; deliveries of 40 to 900 ms.
        for (at, late) in [(0, 900), (1000, 40), (2000, 300)] {
            skew.note(time(at - 90_000 - late), time(at), WAITED);
        }
        let clock = skew.clock().unwrap();
        assert_eq!((clock.ahead_s, clock.samples.len()), (-90.04, 1));
    }

    #[test]
    fn what_was_kept_back_tells_nothing() {
        let mut skew = Skew::default();
        skew.note(time(-30_000), time(0), WAITED - Duration::from_nanos(1));
        assert_eq!(skew.clock(), None);
        skew.note(time(0), time(0), WAITED);
        assert_eq!(skew.clock().unwrap().ahead_s, 0.0);
    }

    #[test]
    fn a_minute_is_one_sample() {
        for (apart, samples) in [(59_999, 1), (60_000, 2)] {
            let mut skew = Skew::default();
            skew.note(time(0), time(0), WAITED);
            skew.note(time(apart), time(apart), WAITED);
            assert_eq!(skew.clock().unwrap().samples.len(), samples, "{apart} ms");
        }
    }

    #[test]
    fn of_two_samples_the_quickest_line_stays() {
        let mut skew = Skew::default();
        for minute in 0..=i64::try_from(MOST).unwrap() {
            let late = if minute % 2 == 0 { 900 } else { 0 };
            skew.note(time(minute * 60_000 - late), time(minute * 60_000), WAITED);
        }
        let samples = skew.clock().unwrap().samples;
        let (last, pairs) = samples.split_last().unwrap();
        assert_eq!((pairs.len(), last.ahead_s), (MOST / 2, -0.9));
        assert!(pairs.iter().all(|sample| sample.ahead_s == 0.0));
    }

    #[test]
    fn a_day_of_lines_is_a_few_samples() {
        let mut skew = Skew::default();
        for minute in 0..1440_i64 {
            skew.note(
                time(minute * 60_000 + minute * 600),
                time(minute * 60_000),
                WAITED,
            );
        }
        let clock = skew.clock().unwrap();
        assert!(clock.samples.len() <= MOST, "{}", clock.samples.len());
        let first = clock.samples.first().unwrap().ahead_s;
        let last = clock.samples.last().unwrap().ahead_s;
        assert!(first < 30.0 && last > 830.0, "{first} {last}");
    }
}
