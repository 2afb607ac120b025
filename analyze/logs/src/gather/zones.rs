//! The zone of kube-proxy's clock, from what a collector stamped its lines with.
//!
//! klog's header tells neither year nor zone; a stamp beside it tells both, if it is of the same
//! moment. A collector that stamps what arrives late tells a false zone: 16 minutes late looks like
//! a zone a quarter of an hour away, and two minutes more would move the line back. So all lines of
//! a stream are looked at, and what does not fit is counted.

use std::collections::BTreeMap;

use crate::parse::clock::At;

/// A stamp so close to a zone's own time is of the line's moment, seconds.
const CLOSE_S: i32 = 120;
/// So close to it one may be, where no other stamp of the stream is closer.
const NEAR_S: i32 = 450;
const HOUR_S: i32 = 3_600;

/// The zones of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Zones {
    /// What stamps are ahead of the header in the zone of most lines, seconds.
    main: i32,
    /// Before or after clocks were changed, if they were.
    other: Option<i32>,
    /// No stamp was close to any zone's time.
    guessed: bool,
}

/// A line's time, and whether its own stamp did not tell the zone.
pub(super) struct Resolved {
    pub(super) ns: i64,
    /// How long after the line the stamp was made, seconds, if it tells no zone.
    pub(super) late_s: Option<i32>,
    /// What its clock is taken to be behind UTC, seconds.
    pub(super) behind_s: i32,
}

impl Zones {
    /// The zones that the times of a stream's lines tell, in the order of the lines.
    pub(super) fn of(times: impl Iterator<Item = At> + Clone) -> Self {
        let stamps = times.filter_map(|at| match at {
            At::Stamped { ahead_s, .. } => Some(ahead_s),
            _ => None,
        });
        let zones = |within| stamps.clone().filter_map(move |ahead| zone(ahead, within));
        let mut counts: BTreeMap<i32, u64> = BTreeMap::new();
        for zone in zones(CLOSE_S) {
            *counts.entry(zone).or_default() += 1;
        }
        let most = |counts: &BTreeMap<i32, u64>| {
            let by_count = |(zone, count): &(&i32, &u64)| (**count, std::cmp::Reverse(zone.abs()));
            counts.iter().max_by_key(by_count).map(|(zone, _)| *zone)
        };
        let Some(main) = most(&counts) else {
            let near = zones(NEAR_S).min_by_key(|zone| zone.abs());
            return Self {
                main: near.unwrap_or(0),
                other: None,
                guessed: true,
            };
        };
        Self {
            main,
            other: (counts.len() > 1)
                .then(|| changed(main, zones(CLOSE_S)))
                .flatten(),
            guessed: false,
        }
    }

    /// A line's time as its zone has it; none if it tells no year.
    pub(super) fn resolve(&self, at: At) -> Option<Resolved> {
        let (moment, ahead) = match at {
            At::Known(ns) => {
                return Some(Resolved {
                    ns,
                    late_s: None,
                    behind_s: 0,
                });
            }
            At::Stamped { moment, ahead_s } => (moment, ahead_s),
            At::Yearless(_) | At::Never => return None,
        };
        let own =
            zone(ahead, CLOSE_S).filter(|zone| *zone == self.main || Some(*zone) == self.other);
        let taken = own.unwrap_or(self.main);
        Some(Resolved {
            ns: moment.saturating_add(i64::from(taken) * 1_000_000_000),
            late_s: (own.is_none() || self.guessed).then(|| ahead.saturating_sub(taken)),
            behind_s: taken,
        })
    }
}

/// The zone that a stamp so far ahead of the header tells, if it is that close to one's time.
fn zone(ahead: i32, within: i32) -> Option<i32> {
    const QUARTER: i32 = 900;
    let zone = ahead.saturating_add(QUARTER / 2).div_euclid(QUARTER) * QUARTER;
    ((ahead - zone).abs() <= within && is_zone(zone)).then_some(zone)
}

/// Whether some land lives so far from UTC.
fn is_zone(offset: i32) -> bool {
    /// Those that are no whole hours, in quarters.
    const OTHERS: [i32; 10] = [14, 18, 22, 23, 26, 35, 38, 42, 51, 55];
    let offset = offset.abs();
    offset <= 14 * HOUR_S && (offset % HOUR_S == 0 || OTHERS.contains(&(offset / 900)))
}

/// The zone an hour away to or from which clocks were changed: once or twice in a log, while a
/// collector that is late now and then goes to and fro.
fn changed(main: i32, zones: impl Iterator<Item = i32>) -> Option<i32> {
    const MOST: u32 = 2;
    let (mut changes, mut last, mut other) = (0, None, None);
    for zone in zones.filter(|zone| (zone - main).abs() <= HOUR_S) {
        if zone != main {
            if other.is_some_and(|other| other != zone) {
                return None;
            }
            other = Some(zone);
        }
        changes += u32::from(last.is_some_and(|last| last != zone));
        last = Some(zone);
    }
    other.filter(|_| changes <= MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamped(ahead_s: i32) -> At {
        At::Stamped { moment: 0, ahead_s }
    }

    fn resolved(ahead: &[i32]) -> Vec<(i64, Option<i32>)> {
        let zones = Zones::of(ahead.iter().map(|ahead| stamped(*ahead)));
        let of = |ahead: &i32| {
            let found = zones.resolve(stamped(*ahead)).unwrap();
            (found.ns / 1_000_000_000, found.late_s)
        };
        ahead.iter().map(of).collect()
    }

    #[test]
    fn zones_of_lines_that_are_stamped_at_once() {
        assert_eq!(resolved(&[0, 1, 119, -3]), [(0, None); 4]);
        assert_eq!(resolved(&[-28_800, -28_799]), [(-28_800, None); 2]);
        assert_eq!(resolved(&[-19_799]), [(-19_800, None)]);
        // Summer time ends.
        let ends = [(-7_200, None), (-7_200, None), (-3_600, None)];
        assert_eq!(resolved(&[-7_200, -7_199, -3_599]), ends);
    }

    #[test]
    fn stamps_that_are_late_tell_no_zone() {
        assert_eq!(
            resolved(&[0, 0, 900]),
            [(0, None), (0, None), (0, Some(900))]
        );
        assert_eq!(
            resolved(&[0, 120, 121]),
            [(0, None), (0, None), (0, Some(121))]
        );
        // To and fro by an hour.
        let found = resolved(&[0, 3_600, 0, 3_600, 0]);
        assert_eq!(found[1], (0, Some(3_600)));
        // None is close to a zone's time.
        assert_eq!(resolved(&[8_674]), [(0, Some(8_674))]);
        assert_eq!(resolved(&[450]), [(0, Some(450))]);
        assert_eq!(resolved(&[-28_500]), [(-28_800, Some(300))]);
        // A quarter of an hour is nobody's zone.
        assert_eq!(resolved(&[900]), [(0, Some(900))]);
        // A day late.
        assert_eq!(resolved(&[86_400]), [(0, Some(86_400))]);
    }
}
