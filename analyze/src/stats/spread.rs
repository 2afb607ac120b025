//! How many durations are spread, held exactly while they are few and as a sketch beyond: two that
//! were made apart merge into what one would have been.

use sketches_ddsketch::{Config, DDSketch};

use super::summary::quantiles_of;

/// Durations that are held one by one.
pub const EXACT: usize = 1 << 16;

/// Beyond that, how far a percentile may be from the duration of its rank, as a share of it.
pub const WITHIN: f64 = 0.01;

/// Durations in nanoseconds. Which order they came in, and in which parts, changes nothing.
#[derive(Clone, Default)]
pub struct Spread {
    n: u64,
    sum_ns: u128,
    ends_ns: Option<[u64; 2]>,
    /// All of them, or none: then the sketch has them.
    all: Vec<u64>,
    sketch: Option<Box<DDSketch>>,
}

impl Spread {
    /// One duration more.
    pub fn push(&mut self, ns: u64) {
        self.n += 1;
        self.sum_ns += u128::from(ns);
        self.reach([ns, ns]);
        if self.sketch.is_none() && self.all.len() < EXACT {
            self.all.push(ns);
        } else {
            self.sketched().add(seconds(ns));
        }
    }

    /// All of another.
    pub fn merge(&mut self, other: &Self) {
        let Some(theirs) = &other.sketch else {
            return other.all.iter().for_each(|ns| self.push(*ns));
        };
        self.n += other.n;
        self.sum_ns += other.sum_ns;
        other.ends_ns.into_iter().for_each(|ends| self.reach(ends));
        // Another layout is all that could be refused, and there is one.
        self.sketched().merge(theirs).unwrap_or_default();
    }

    fn reach(&mut self, [from, to]: [u64; 2]) {
        let [least, most] = self.ends_ns.unwrap_or([from, to]);
        self.ends_ns = Some([least.min(from), most.max(to)]);
    }

    /// The sketch, with what was held one by one until now.
    fn sketched(&mut self) -> &mut DDSketch {
        let sketch = self.sketch.get_or_insert_with(|| {
            let layout = Config::new(WITHIN, Config::defaults().max_num_bins, 1e-9);
            Box::new(DDSketch::new(layout))
        });
        for ns in std::mem::take(&mut self.all) {
            sketch.add(seconds(ns));
        }
        sketch
    }

    /// How many there are.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Arithmetic mean in seconds, from the exact sum; none if n = 0.
    #[must_use]
    pub fn mean_s(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum_ns as f64 / 1e9 / self.n as f64)
    }

    /// The shortest and the longest in seconds, exact; none if n = 0.
    #[must_use]
    pub fn ends_s(&self) -> Option<[f64; 2]> {
        self.ends_ns.map(|ends| ends.map(seconds))
    }

    /// How far a percentile may be off, as a share of itself; none: they are exact.
    #[must_use]
    pub fn within(&self) -> Option<f64> {
        self.sketch.as_ref().map(|_| WITHIN)
    }

    /// Quantiles in seconds; none if n = 0. Exact ones are type 7
    /// ([`percentile`](super::summary::percentile)); those of a sketch are within [`WITHIN`] of the
    /// duration whose rank is the whole part of `p (n - 1)`.
    ///
    /// Source of the sketch: Masson, Rim and Lee, "DDSketch: A Fast and Fully-Mergeable Quantile
    /// Sketch with Relative-Error Guarantees", 2019.
    #[must_use]
    pub fn quantiles_s<const N: usize>(&self, at: [f64; N]) -> Option<[f64; N]> {
        let [least, most] = self.ends_s()?;
        let Some(sketch) = &self.sketch else {
            return quantiles_of(self.all.iter().map(|ns| seconds(*ns)).collect(), at);
        };
        Some(at.map(|p| {
            let found = sketch.quantile(p.clamp(0.0, 1.0)).ok().flatten();
            // The middle of a bucket may lie beyond what is in it.
            found.map_or(f64::NAN, |seconds| seconds.clamp(least, most))
        }))
    }
}

fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

    const AT: [f64; 7] = [0.0, 0.05, 0.25, 0.5, 0.75, 0.99, 1.0];

    /// From a microsecond to a quarter of an hour, evenly over the orders of magnitude.
    fn durations(n: usize, seed: u64) -> Vec<u64> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut one = || {
            let share = random.next_u64() as f64 / u64::MAX as f64;
            (1e3 * (9e11_f64 / 1e3).powf(share)) as u64
        };
        (0..n).map(|_| one()).collect()
    }

    fn of(durations: &[u64]) -> Spread {
        let mut spread = Spread::default();
        durations.iter().for_each(|ns| spread.push(*ns));
        spread
    }

    #[test]
    fn nothing_is_nothing_and_one_is_itself() {
        let none = Spread::default();
        assert_eq!((none.n(), none.mean_s(), none.ends_s()), (0, None, None));
        assert_eq!(none.quantiles_s(AT), None);
        let one = of(&[1_500_000_000]);
        assert_eq!(one.quantiles_s(AT), Some([1.5; 7]));
        let mut both = none.clone();
        both.merge(&one);
        both.merge(&none);
        assert_eq!((both.n(), both.mean_s()), (1, Some(1.5)));
    }

    /// Both sides of the number that are held one by one.
    #[test]
    fn few_are_exact_and_more_are_within_a_hundredth() {
        for n in [EXACT - 1, EXACT, EXACT + 1, 3 * EXACT] {
            let all = durations(n, 1);
            let spread = of(&all);
            assert_eq!(spread.within(), (n > EXACT).then_some(WITHIN), "{n}");
            let found = spread.quantiles_s(AT).unwrap();
            let mut sorted = all.clone();
            sorted.sort_unstable();
            for (p, found) in AT.into_iter().zip(found) {
                let real = seconds(sorted[(p * (n - 1) as f64) as usize]);
                let off = (found - real).abs() / real;
                // Type 7 lies between two neighbours of a sample that is dense.
                let most = if n > EXACT { WITHIN + 1e-9 } else { 0.01 };
                assert!(off <= most, "{n} at {p}: {found} for {real}");
            }
            assert_eq!(
                spread.ends_s().unwrap().map(|s| (s * 1e9).round() as u64),
                [sorted[0], sorted[n - 1]]
            );
            let sum: u128 = all.iter().map(|ns| u128::from(*ns)).sum();
            assert_eq!(spread.mean_s(), Some(sum as f64 / 1e9 / n as f64));
        }
    }

    /// However many parts there are, in whatever order: the same figures to the last bit.
    #[test]
    fn parts_merge_into_the_whole() {
        for n in [1_000, EXACT, 2 * EXACT + 7] {
            let all = durations(n, 2);
            let whole = of(&all);
            for parts in [2, 7] {
                let mut merged = Spread::default();
                for part in all.chunks(n.div_ceil(parts)).rev() {
                    merged.merge(&of(part));
                }
                assert_eq!(merged.n(), whole.n());
                assert_eq!(merged.mean_s(), whole.mean_s());
                assert_eq!(merged.ends_s(), whole.ends_s());
                assert_eq!(merged.within(), whole.within(), "{n} in {parts}");
                assert_eq!(
                    merged.quantiles_s(AT),
                    whole.quantiles_s(AT),
                    "{n} in {parts}"
                );
            }
        }
    }
}
