//! What a histogram with cumulative buckets says of the values in it, and no more.
//!
//! A bucket tells that a value lies above one bound and at most at the next. So a quantile is an
//! interval here, never a point: interpolation within a bucket, as `histogram_quantile` of
//! Prometheus does it (<https://prometheus.io/docs/practices/histograms/#errors-of-quantile-estimation>),
//! makes up where in it the values lie. A mean needs no bucket: the sum of the values is kept beside.

/// Counts of values that are 0 or more, by buckets.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Upper bounds of all buckets but the last, rising.
    bounds: Vec<f64>,
    /// Values of each bucket; the last has no upper bound.
    counts: Vec<u64>,
}

/// Values above the largest bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beyond {
    /// How many.
    pub n: u64,
    /// The largest bound, in the unit of the values.
    pub bound: f64,
    /// Their mean lies within; none without the sum of all values.
    pub mean: Option<[f64; 2]>,
    /// The largest of them lies within: no less than their mean, and no more than is left of the sum if
    /// the others are at the bound; none without the sum of all values.
    pub largest: Option<[f64; 2]>,
}

impl Histogram {
    /// Of upper bounds with the number of values at most as large, bounds rising; the last one, all
    /// of them, at infinity. None if a count is below the one before it, or the last bound is another.
    #[must_use]
    pub fn of_cumulative(buckets: &[(f64, u64)]) -> Option<Self> {
        let (last, finite) = buckets.split_last()?;
        let rising = buckets.windows(2).all(|two| two[0].0 < two[1].0);
        if last.0 != f64::INFINITY || !rising {
            return None;
        }
        let mut below = 0;
        let mut counts = Vec::with_capacity(buckets.len());
        for (_, upto) in buckets {
            counts.push(upto.checked_sub(below)?);
            below = *upto;
        }
        let bounds = finite.iter().map(|(bound, _)| *bound).collect();
        Some(Self { bounds, counts })
    }

    /// Several as one, by the bounds that all of them have. None of none.
    #[must_use]
    pub fn merged(all: &[&Self]) -> Option<Self> {
        let (first, rest) = all.split_first()?;
        let shared = |bound: &f64| rest.iter().all(|one| one.bounds.contains(bound));
        let bounds: Vec<f64> = first.bounds.iter().copied().filter(shared).collect();
        let ends = bounds.iter().copied().chain([f64::INFINITY]);
        let upto = |end: f64| all.iter().map(|one| one.upto(end)).sum();
        let buckets: Vec<(f64, u64)> = ends.map(|end| (end, upto(end))).collect();
        Self::of_cumulative(&buckets)
    }

    /// Number of values.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Lower and upper bound of each bucket with its count; the last one's upper bound is infinite.
    pub fn buckets(&self) -> impl DoubleEndedIterator<Item = ([f64; 2], u64)> + '_ {
        let lower = std::iter::once(0.0).chain(self.bounds.iter().copied());
        let lower: Vec<f64> = lower.collect();
        let upper = |at: usize| self.bounds.get(at).copied().unwrap_or(f64::INFINITY);
        let bounded = move |(at, count): (usize, &u64)| ([lower[at], upper(at)], *count);
        self.counts.iter().enumerate().map(bounded)
    }

    /// Where the `p`-quantile lies (0 to 1): the smallest value that at least the share `p` of the
    /// values do not pass (type 1 of Hyndman and Fan, 1996). None if n = 0; with n = 1 the one
    /// value's bucket.
    #[must_use]
    pub fn quantile(&self, p: f64) -> Option<[f64; 2]> {
        let rank = (p.clamp(0.0, 1.0) * self.n() as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        self.buckets().find_map(|(bounds, count)| {
            seen += count;
            (count > 0 && seen >= rank).then_some(bounds)
        })
    }

    /// Between which sums the values can lie.
    #[must_use]
    pub fn sums(&self) -> [f64; 2] {
        let sum = |side: usize| {
            let parts = self.buckets().filter(|(_, count)| *count > 0);
            parts
                .map(|(bounds, count)| bounds[side] * count as f64)
                .sum()
        };
        [sum(0), sum(1)]
    }

    /// The values above the largest bound; none if there are none, or no bound.
    #[must_use]
    pub fn beyond(&self, sum: Option<f64>) -> Option<Beyond> {
        let (n, bound) = (*self.counts.last()?, *self.bounds.last()?);
        let within = Self {
            counts: self.counts[..self.bounds.len()].to_vec(),
            bounds: self.bounds.clone(),
        };
        let [least, most] = within.sums();
        // Never below the bound that all of them passed.
        let left = sum.map(|sum| [sum - most, sum - least].map(|left| left.max(bound * n as f64)));
        let mean = left.map(|left| left.map(|left| left / n as f64));
        let largest = left.zip(mean).map(|(left, mean)| {
            let others = bound * n.saturating_sub(1) as f64;
            [mean[0], left[1] - others]
        });
        (n > 0).then_some(Beyond {
            n,
            bound,
            mean,
            largest,
        })
    }

    fn upto(&self, end: f64) -> u64 {
        let within = self.buckets().take_while(|(bounds, _)| bounds[1] <= end);
        within.map(|(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(buckets: &[(f64, u64)]) -> Histogram {
        Histogram::of_cumulative(buckets).unwrap()
    }

    const END: f64 = f64::INFINITY;

    #[test]
    fn what_is_no_histogram() {
        for buckets in [
            &[][..],
            &[(1.0, 3)],
            &[(1.0, 3), (END, 2)],
            &[(2.0, 1), (1.0, 1), (END, 1)],
            &[(1.0, 1), (1.0, 1), (END, 1)],
            &[(f64::NAN, 1), (END, 1)],
        ] {
            assert_eq!(Histogram::of_cumulative(buckets), None, "{buckets:?}");
        }
    }

    #[test]
    fn a_quantile_changes_its_bucket_at_its_rank() {
        let ten = histogram(&[(0.0, 0), (1.0, 5), (2.0, 9), (END, 10)]);
        for (p, bounds) in [
            (0.0, [0.0, 1.0]),
            (0.5, [0.0, 1.0]),
            (0.51, [1.0, 2.0]),
            (0.9, [1.0, 2.0]),
            (0.91, [2.0, END]),
            (1.0, [2.0, END]),
        ] {
            assert_eq!(ten.quantile(p), Some(bounds), "{p}");
        }
        assert_eq!(histogram(&[(1.0, 0), (END, 0)]).quantile(0.5), None);
        assert_eq!(
            histogram(&[(1.0, 1), (END, 1)]).quantile(0.9),
            Some([0.0, 1.0])
        );
        assert_eq!(histogram(&[(END, 1)]).quantile(0.9), Some([0.0, END]));
    }

    #[test]
    fn the_mean_beyond_lies_between_what_the_others_leave() {
        let one = histogram(&[(1.0, 1), (2.0, 3), (END, 5)]);
        // Three values have 2 to 5 together: two are left with 95 to 98.
        let beyond = one.beyond(Some(100.0)).unwrap();
        assert_eq!((beyond.n, beyond.bound), (2, 2.0));
        assert_eq!(beyond.mean, Some([47.5, 49.0]));
        assert_eq!(beyond.largest, Some([47.5, 96.0]));
        assert_eq!(one.beyond(None).unwrap().mean, None);
        // Never below the bound that they passed.
        let few = one.beyond(Some(7.0)).unwrap();
        assert_eq!(
            (few.mean, few.largest),
            (Some([2.0, 2.5]), Some([2.0, 3.0]))
        );
        // Of a single one, mean and largest are the same.
        let single = histogram(&[(2.0, 3), (END, 4)])
            .beyond(Some(100.0))
            .unwrap();
        assert_eq!(
            (single.mean, single.largest),
            (Some([94.0, 100.0]), Some([94.0, 100.0]))
        );
        assert_eq!(histogram(&[(1.0, 2), (END, 2)]).beyond(Some(1.0)), None);
        assert_eq!(histogram(&[(END, 2)]).beyond(Some(1.0)), None);
    }

    #[test]
    fn several_are_one_by_the_bounds_that_all_have() {
        let fine = histogram(&[(1.0, 1), (2.0, 3), (4.0, 3), (END, 4)]);
        let coarse = histogram(&[(1.0, 0), (4.0, 5), (END, 5)]);
        let both = histogram(&[(1.0, 1), (4.0, 8), (END, 9)]);
        assert_eq!(Histogram::merged(&[&fine, &coarse]), Some(both));
        assert_eq!(Histogram::merged(&[]), None);
        assert_eq!(fine.sums(), [0.0 + 2.0 + 4.0, END]);
    }
}
