//! How sure a Hodges-Lehmann shift is.

use statrs::distribution::{ContinuousCDF as _, Normal};

use super::rank::{EXACT_LIMIT, PAIRS_LIMIT, choices};
use super::summary::sorted;

/// Share of cases that may lie below the interval, and above it.
const TAIL: f64 = 0.025;

/// Interval of [`super::rank::hodges_lehmann`] that covers the shift in at least 95 of 100
/// cases, in the samples' unit: from the k-th smallest to the k-th largest difference `a - b`,
/// where k is the largest number with `P(U <= k - 1) <= 0.025` under no difference.
///
/// U's distribution is exact up to 60 values, both sides together, and normal beyond. None where
/// no interval reaches 95 %: an empty side, 1 against fewer than 39, 2 against fewer than 8, 3
/// against fewer than 5 (`P(U = 0) = 1/35` for 3 against 4); nor above four million pairs. Ties make it wider than it need be, never
/// narrower.
///
/// Source: Hollander and Wolfe, "Nonparametric Statistical Methods", 1999, section 4.3; R's
/// `wilcox.test(conf.int = TRUE)`, which gives a lower level where this gives none.
#[must_use]
pub fn ci95(a: &[f64], b: &[f64]) -> Option<[f64; 2]> {
    let (a, b) = (sorted(a), sorted(b));
    if a.is_empty() || b.is_empty() || a.len().saturating_mul(b.len()) > PAIRS_LIMIT {
        return None;
    }
    let rank = if a.len() + b.len() <= EXACT_LIMIT {
        exact_rank(a.len(), b.len())
    } else {
        normal_rank(a.len(), b.len())
    };
    let below = rank.checked_sub(1)?;
    let differences: Vec<f64> = a
        .iter()
        .flat_map(|x| b.iter().map(move |y| x - y))
        .collect();
    let differences = sorted(&differences);
    let above = differences.len().checked_sub(rank)?;
    Some([*differences.get(below)?, *differences.get(above)?])
}

/// k by counting the splits of n + m different values.
fn exact_rank(n: usize, m: usize) -> usize {
    let doubled: Vec<u64> = (1..=(n + m) as u64).map(|rank| 2 * rank).collect();
    let ways = choices(&doubled, n);
    let all: f64 = ways.iter().sum();
    let mut tail = 0.0;
    // The doubled rank sum at U = 0 is n (n + 1), and U goes up by one where it goes up by two.
    ways.iter()
        .skip(n * (n + 1))
        .step_by(2)
        .take_while(|ways| {
            tail += **ways;
            tail <= TAIL * all
        })
        .count()
}

/// k by `n m / 2 - z sqrt(n m (n + m + 1) / 12)`.
fn normal_rank(n: usize, m: usize) -> usize {
    let (n, m) = (n as f64, m as f64);
    let z = Normal::standard().inverse_cdf(1.0 - TAIL);
    let at = n * m / 2.0 - z * (n * m * (n + m + 1.0) / 12.0).sqrt();
    at.round().max(0.0) as usize
}
