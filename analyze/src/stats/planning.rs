//! How many runs would be needed.

use super::contrast::Contrast;
use super::t_interval::quantile;

/// Most runs a side that are worth a number.
pub const MOST: usize = 10_000;

/// Runs a side that would tell a difference of `pct` percent at the 5 % level with a power of 80
/// %, if they scatter as those of `contrast` do, which had `runs` of each side.
///
/// The smallest n with `ln(1 / (1 - pct / 100)) >= (t(0.975) + t(0.8)) x error(n)`, where
/// `error(n)^2` is the measured one x the harmonic mean of `runs` / n and t has n - 1 degrees of
/// freedom for pairs, 2 (n - 1) else. None without scatter, for a percentage that is not between 0 and
/// 100, or if more than ten thousand would be needed.
///
/// Source: Chow, Shao, Wang and Lokhnygina, "Sample Size Calculations in Clinical Research", 2017,
/// section 3.2; within 1 of statsmodels' power by the non-central t.
#[must_use]
pub fn runs_needed(contrast: &Contrast, runs: [usize; 2], pct: f64, pairs: bool) -> Option<usize> {
    if contrast.error <= 0.0 || !(0.0..100.0).contains(&pct) || pct <= 0.0 || runs.contains(&0) {
        return None;
    }
    let wanted = -(-pct / 100.0).ln_1p();
    let [a, b] = runs.map(|n| n as f64);
    let of_one = contrast.error.powi(2) * 2.0 * a * b / (a + b);
    let enough = |n: &usize| {
        let n = *n as f64;
        let freedom = if pairs { n - 1.0 } else { 2.0 * (n - 1.0) };
        let reach = quantile(0.975, freedom).zip(quantile(0.8, freedom));
        reach.is_some_and(|(level, power)| (level + power) * (of_one / n).sqrt() <= wanted)
    };
    let mut least = 1;
    let mut most = 2;
    while !enough(&most) {
        least = most;
        most *= 2;
        if most > 2 * MOST {
            return None;
        }
    }
    // Both terms fall as n grows: the least n that is enough is found by halves.
    while most - least > 1 {
        let middle = least + (most - least) / 2;
        if enough(&middle) {
            most = middle;
        } else {
            least = middle;
        }
    }
    (most <= MOST).then_some(most)
}
