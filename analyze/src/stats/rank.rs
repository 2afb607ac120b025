//! Is one side really lower? Tests on ranks, which no outlier moves.

use statrs::distribution::{ContinuousCDF as _, Normal};

use super::summary::{median, sorted};

/// Largest number of values, both sides together, for which every way to split them is counted.
pub const EXACT_LIMIT: usize = 60;
/// Largest number of pairs whose differences are taken one by one.
pub(super) const PAIRS_LIMIT: usize = 4_000_000;

/// A Mann-Whitney test.
#[derive(Debug, Clone, PartialEq)]
pub struct MannWhitney {
    /// U of the first sample: pairs in which it is the larger, ties counting a half.
    pub u: f64,
    /// Two-sided p-value.
    pub p: f64,
    /// How it was computed.
    pub method: &'static str,
}

/// Two-sided Mann-Whitney test; none if a side is empty. NaN has no rank and is left out.
///
/// Up to 60 values the exact permutation distribution of the rank sum, ties given their mean
/// rank: p is the share of splits at least as far from the middle as the one seen. Beyond, the
/// normal approximation with tie and continuity correction.
///
/// Source: Mann and Whitney 1947; Lehmann, "Nonparametrics", 1975, sections 1.2 and 1.4.
#[must_use]
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Option<MannWhitney> {
    let (a, b) = (&sorted(a), &sorted(b));
    let (n, m) = (a.len(), b.len());
    if n == 0 || m == 0 {
        return None;
    }
    let (doubled, ties) = doubled_ranks(a, b);
    let sum: u64 = doubled[..n].iter().sum();
    let u = u_of(&doubled, n);
    let (p, method) = if n + m <= EXACT_LIMIT {
        (exact(&doubled, n, sum), "Mann-Whitney, exact")
    } else {
        (
            approximate(u, n, m, ties),
            "Mann-Whitney, normal approximation",
        )
    };
    Some(MannWhitney { u, p, method })
}

/// Twice the mean rank of each value of `a`, then of `b`; and `sum (t^3 - t)` over ties.
fn doubled_ranks(a: &[f64], b: &[f64]) -> (Vec<u64>, f64) {
    let all: Vec<f64> = a.iter().chain(b).copied().collect();
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|x, y| all[*x].total_cmp(&all[*y]));
    let mut ranks = vec![0; all.len()];
    let mut ties = 0.0;
    let mut from = 0;
    while from < order.len() {
        let equal = |place: &&usize| all[**place] == all[order[from]];
        let count = order[from..].iter().take_while(equal).count();
        // Ranks from + 1 to from + count: their sum's double over their number.
        let doubled = (2 * from + count + 1) as u64;
        for place in &order[from..from + count] {
            ranks[*place] = doubled;
        }
        ties += (count as f64).powi(3) - count as f64;
        from += count;
    }
    (ranks, ties)
}

/// Share of all choices of `n` of the ranks whose sum is as far from the middle as `sum`.
fn exact(doubled: &[u64], n: usize, sum: u64) -> f64 {
    let total: u64 = doubled.iter().sum();
    let ways = choices(doubled, n);
    let all: f64 = ways.iter().sum();
    // Distances from the mean, n total / N, without fractions.
    let count = doubled.len() as i128;
    let middle = n as i128 * i128::from(total);
    let far = (i128::from(sum) * count - middle).abs();
    let extreme: f64 = ways
        .iter()
        .enumerate()
        .filter(|(s, _)| (*s as i128 * count - middle).abs() >= far)
        .map(|(_, ways)| ways)
        .sum();
    extreme / all
}

/// Choices of `n` of the ranks by their sum: `[s]` is the number of those with sum s.
pub(super) fn choices(doubled: &[u64], n: usize) -> Vec<f64> {
    let width = doubled.iter().sum::<u64>() as usize + 1;
    // ways[k * width + s]: choices of k ranks with sum s. Up to C(60, 30), exact in f64 far
    // enough: below 2^57, and ratios lose nothing that is printed.
    let mut ways = vec![0.0f64; (n + 1) * width];
    ways[0] = 1.0;
    for (seen, rank) in doubled.iter().enumerate() {
        let rank = *rank as usize;
        for k in (1..=n.min(seen + 1)).rev() {
            let (before, from) = ways.split_at_mut(k * width);
            let before = &before[(k - 1) * width..];
            for s in rank..width {
                from[s] += before[s - rank];
            }
        }
    }
    ways.split_off(n * width)
}

fn approximate(u: f64, n: usize, m: usize, ties: f64) -> f64 {
    let (n, m) = (n as f64, m as f64);
    let total = n + m;
    let variance = n * m / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    let z = ((u - n * m / 2.0).abs() - 0.5) / variance.sqrt();
    (2.0 * Normal::standard().sf(z)).clamp(0.0, 1.0)
}

/// The smallest p that `n` against `m` values can reach, however far apart they lie:
/// `2 / C(n + m, n)`. 1 if a side is empty.
#[must_use]
pub fn smallest_p(n: usize, m: usize) -> f64 {
    if n == 0 || m == 0 {
        return 1.0;
    }
    let splits: f64 = (1..=n).map(|k| (m + k) as f64 / k as f64).product();
    (2.0 / splits).min(1.0)
}

/// Hodges-Lehmann shift: the median of all differences `a - b`; none if a side is empty or
/// there are more than four million pairs.
///
/// Source: Hodges and Lehmann, "Estimates of Location Based on Rank Tests", 1963.
#[must_use]
pub fn hodges_lehmann(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len().saturating_mul(b.len()) > PAIRS_LIMIT {
        return None;
    }
    let differences: Vec<f64> = a
        .iter()
        .flat_map(|x| b.iter().map(move |y| x - y))
        .collect();
    median(&differences)
}

/// Cliff's delta, `P(a > b) - P(a < b)`: 1 if every `a` is larger, 0 if neither side is; none if
/// a side is empty. `U = n m (delta + 1) / 2`.
///
/// Source: Cliff, "Dominance Statistics", 1993.
#[must_use]
pub fn cliffs_delta(a: &[f64], b: &[f64]) -> Option<f64> {
    let (a, b) = (&sorted(a), &sorted(b));
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let (doubled, _) = doubled_ranks(a, b);
    Some(2.0 * u_of(&doubled, a.len()) / (a.len() as f64 * b.len() as f64) - 1.0)
}

/// U of the first `n` of doubled ranks.
fn u_of(doubled: &[u64], n: usize) -> f64 {
    let sum: u64 = doubled[..n].iter().sum();
    sum as f64 / 2.0 - (n * (n + 1)) as f64 / 2.0
}
