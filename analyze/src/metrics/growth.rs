//! What a histogram gained from its first scrape to its last.

use std::collections::BTreeMap;

use super::sample::{Bound, Part};
use super::scrapes::{Moment, Series};

/// Growth of a histogram.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Growth {
    /// How many.
    pub(super) n: u64,
    /// All durations together, in seconds; none if it was not scraped at the same moments.
    pub(super) sum_s: Option<f64>,
    /// How many up to each bound; empty if they were not scraped at the same moments.
    pub(super) buckets: Vec<(f64, u64)>,
    /// Restarts between scrapes.
    pub(super) restarts: usize,
    /// The first and the last scrape that it is of.
    pub(super) between: [usize; 2],
    /// Whether parts were left out because they are of other moments.
    pub(super) left_out: bool,
}

/// A part's values by the number of their moment.
type Values = Vec<(usize, f64)>;

/// What it gained; a single scrape tells all since kube-proxy's start, where counters are 0. None
/// without any count.
///
/// A histogram falls only with its process, and then as a whole: where one part falls, or the process
/// is another, all of them began again at 0.
pub(super) fn of(series: &Series) -> Option<Growth> {
    let mut parts: BTreeMap<Part, Values> = BTreeMap::new();
    for (number, moment) in series.moments.iter().enumerate() {
        for (part, value) in &moment.values {
            parts.entry(*part).or_default().push((number, *value));
        }
    }
    let count = parts.get(&Part::Count)?;
    let between = [count.first()?.0, count.last()?.0];
    // Parts with the moments of the count restart with it; a sum may come by a query of its own.
    let numbers = |values: &Values| -> Vec<usize> { values.iter().map(|(at, _)| *at).collect() };
    let of_count = numbers(count);
    let (with, others): (BTreeMap<_, _>, BTreeMap<_, _>) = parts
        .iter()
        .partition(|(_, values)| numbers(values) == of_count);
    let began = restarts(&series.moments, with.values().copied());
    let mut gained: BTreeMap<Part, f64> = BTreeMap::new();
    for (part, values) in &with {
        gained.insert(**part, gain(values, &began));
    }
    let mut left_out = false;
    for (part, values) in &others {
        let same_ends = values.first().map(|(at, _)| *at) == Some(between[0])
            && values.last().map(|(at, _)| *at) == Some(between[1]);
        if same_ends {
            let began = restarts(&series.moments, [*values].into_iter());
            gained.insert(**part, gain(values, &began));
        } else {
            left_out = true;
        }
    }
    let buckets = gained.iter().filter_map(|(part, gained)| match part {
        Part::Bucket(Bound(bound)) => Some((*bound, *gained as u64)),
        _ => None,
    });
    Some(Growth {
        n: gained.get(&Part::Count).copied()? as u64,
        sum_s: gained.get(&Part::Sum).copied(),
        buckets: buckets.collect(),
        restarts: began.len(),
        between,
        left_out,
    })
}

/// The moments at which a process is seen for the first time, but for the first.
fn restarts<'v>(moments: &[Moment], parts: impl Iterator<Item = &'v Values>) -> Vec<usize> {
    let process = |at: usize| moments.get(at).and_then(|moment| moment.process);
    let mut began: Vec<usize> = parts
        .flat_map(|values| values.windows(2))
        .filter(|two| {
            let both = process(two[0].0).zip(process(two[1].0));
            two[1].1 < two[0].1 || both.is_some_and(|(then, now)| then != now)
        })
        .map(|two| two[1].0)
        .collect();
    began.sort_unstable();
    began.dedup();
    began
}

/// All that a part gained, from 0 on behind each restart.
fn gain(values: &Values, began: &[usize]) -> f64 {
    if let [(_, only)] = values[..] {
        return only;
    }
    let steps = values
        .windows(2)
        .map(|two| match began.contains(&two[1].0) {
            true => two[1].1,
            false => two[1].1 - two[0].1,
        });
    steps.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::sample::{Labels, Place};
    use crate::report::metrics::Measure;

    /// A process, and parts.
    type Of<'p> = (Option<f64>, &'p [(Part, f64)]);

    fn series(moments: &[Of<'_>]) -> Series {
        let moment = |(process, values): &Of<'_>| Moment {
            at_ms: None,
            process: *process,
            values: values.iter().copied().collect(),
            input: "f".to_owned(),
            place: Place::Line(1),
        };
        Series {
            measure: Measure::Sync,
            owner: String::new(),
            labels: Labels::new(),
            moments: moments.iter().map(moment).collect(),
        }
    }

    const ONE: Part = Part::Bucket(Bound(1.0));

    /// Count, sum and the bucket up to 1.
    fn parts(n: f64, sum: f64, one: f64) -> [(Part, f64); 3] {
        [(Part::Count, n), (Part::Sum, sum), (ONE, one)]
    }

    /// A process; count, sum and bucket.
    type Three = (Option<f64>, [(Part, f64); 3]);

    fn grown(moments: &[Three]) -> (u64, f64, u64, usize) {
        let moments: Vec<_> = moments
            .iter()
            .map(|(process, parts)| (*process, &parts[..]))
            .collect();
        let growth = of(&series(&moments)).unwrap();
        (
            growth.n,
            growth.sum_s.unwrap(),
            growth.buckets[0].1,
            growth.restarts,
        )
    }

    #[test]
    fn differences_and_restarts() {
        let (first, second) = (parts(10.0, 20.0, 4.0), parts(14.0, 50.0, 5.0));
        assert_eq!(grown(&[(None, first)]), (10, 20.0, 4, 0));
        assert_eq!(grown(&[(None, first), (None, second)]), (4, 30.0, 1, 0));
        assert_eq!(grown(&[(None, first), (None, first)]), (0, 0.0, 0, 0));
        // Another process, though nothing falls.
        let other = [(Some(1.0), first), (Some(2.0), second)];
        assert_eq!(grown(&other), (14, 50.0, 5, 1));
        assert_eq!(
            grown(&[(Some(1.0), first), (None, second)]),
            (4, 30.0, 1, 0)
        );
        // One part falls, so that all began again, though the count is larger.
        let fallen = parts(14.0, 50.0, 3.0);
        assert_eq!(grown(&[(None, first), (None, fallen)]), (14, 50.0, 3, 1));
        let third = parts(15.0, 51.0, 4.0);
        assert_eq!(
            grown(&[(None, first), (None, fallen), (None, third)]),
            (15, 51.0, 4, 1)
        );
    }

    #[test]
    fn parts_of_other_moments_are_used_only_over_the_same_time() {
        let count = |n| (Part::Count, n);
        let sum = |s| (Part::Sum, s);
        // The sum is missing in the middle, and at the end.
        let growth = of(&series(&[
            (None, &[count(1.0), sum(1.0)]),
            (None, &[count(2.0)]),
            (None, &[count(4.0), sum(9.0)]),
        ]));
        let growth = growth.unwrap();
        assert_eq!(
            (growth.n, growth.sum_s, growth.left_out),
            (3, Some(8.0), false)
        );
        let growth = of(&series(&[
            (None, &[count(1.0), sum(1.0)]),
            (None, &[count(2.0), sum(3.0)]),
            (None, &[count(4.0)]),
        ]));
        let growth = growth.unwrap();
        assert_eq!((growth.n, growth.sum_s, growth.left_out), (3, None, true));
        assert_eq!(of(&series(&[(None, &[sum(1.0)])])), None);
    }
}
