//! How uncertain a mean and an improvement are.
//!
//! Up to [`BOOTSTRAP_LIMIT`] values a side: the percentile bootstrap with [`RESAMPLES`]
//! resamples and a fixed seed (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993,
//! chapter 13). Beyond, the normal approximation, which then says the same to the digits that
//! are printed.
//!
//! With few trials a bootstrap interval is too narrow, since no resampled mean leaves the sample's
//! own range: [`super::coverage`] has the measured rates, [`super::t_interval`] what stands beside.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::summary::{percentile, sorted, summary};

/// Resamples of a bootstrap.
pub const RESAMPLES: usize = 9_999;
/// Largest sample that is bootstrapped.
pub const BOOTSTRAP_LIMIT: usize = 1_000;
/// "kube-prox" in ASCII, shortened: any number does, as long as it stays.
const SEED: u64 = 0x6b75_6265_7072_6f78;
/// 97.5th percentile of the normal distribution.
pub(super) const Z95: f64 = 1.959_963_984_540_054;

/// How intervals of samples of this size are made, for reports.
#[must_use]
pub fn method(n: usize) -> &'static str {
    if n <= BOOTSTRAP_LIMIT {
        "percentile bootstrap, 9,999 resamples, fixed seed"
    } else {
        "normal approximation"
    }
}

/// 95 % interval of a mean; none if n < 2. A constant sample gives an interval of no width.
#[must_use]
pub fn of_mean(sample: &[f64]) -> Option<[f64; 2]> {
    let sorted = sorted(sample);
    let summary = summary(&sorted)?;
    let sd = summary.sd?;
    if sorted.len() > BOOTSTRAP_LIMIT {
        let half = Z95 * sd / (sorted.len() as f64).sqrt();
        return Some([summary.mean - half, summary.mean + half]);
    }
    let mut generator = ChaCha8Rng::seed_from_u64(SEED);
    Some(bounds(
        (0..RESAMPLES)
            .map(|_| resampled_mean(&sorted, &mut generator))
            .collect(),
    ))
}

/// 95 % interval of the ratio `mean(candidate) / mean(baseline)`; none if a side has fewer than
/// two values or a value of the baseline is not above 0.
///
/// Improvement is `100 (1 - ratio)` and speed-up `1 / ratio`, so both intervals follow from it.
#[must_use]
pub fn of_ratio(baseline: &[f64], candidate: &[f64]) -> Option<[f64; 2]> {
    let (baseline, candidate) = (sorted(baseline), sorted(candidate));
    let (of_b, of_c) = (summary(&baseline)?, summary(&candidate)?);
    let (sd_b, sd_c) = (of_b.sd?, of_c.sd?);
    if baseline[0] <= 0.0 {
        return None;
    }
    if baseline.len().max(candidate.len()) > BOOTSTRAP_LIMIT {
        // Delta method: relative variances of independent means add up.
        let ratio = of_c.mean / of_b.mean;
        let relative = |sd: f64, mean: f64, n: usize| (sd / mean).powi(2) / n as f64;
        let variance = relative(sd_b, of_b.mean, of_b.n) + relative(sd_c, of_c.mean, of_c.n);
        let half = Z95 * ratio * variance.sqrt();
        return Some([ratio - half, ratio + half]);
    }
    let mut generator = ChaCha8Rng::seed_from_u64(SEED);
    let ratios = (0..RESAMPLES)
        .map(|_| {
            let below = resampled_mean(&baseline, &mut generator);
            resampled_mean(&candidate, &mut generator) / below
        })
        .collect();
    Some(bounds(ratios))
}

/// 95 % interval of an improvement in percent, from that of the ratio.
#[must_use]
pub fn improvement_of(ratio: [f64; 2]) -> [f64; 2] {
    [100.0 * (1.0 - ratio[1]), 100.0 * (1.0 - ratio[0])]
}

/// 95 % interval of a speed-up, from that of the ratio; none if it reaches 0.
#[must_use]
pub fn speedup_of(ratio: [f64; 2]) -> Option<[f64; 2]> {
    (ratio[0] > 0.0).then(|| [1.0 / ratio[1], 1.0 / ratio[0]])
}

fn bounds(mut values: Vec<f64>) -> [f64; 2] {
    values.sort_by(f64::total_cmp);
    [percentile(&values, 0.025), percentile(&values, 0.975)]
}

fn resampled_mean(sample: &[f64], generator: &mut ChaCha8Rng) -> f64 {
    let n = sample.len();
    let sum: f64 = (0..n).map(|_| sample[below(n, generator)]).sum();
    sum / n as f64
}

/// A number from 0 to `n - 1`, by multiplication (Lemire 2019); its bias is below 2^-50 here.
fn below(n: usize, generator: &mut ChaCha8Rng) -> usize {
    ((u128::from(generator.next_u64()) * n as u128) >> 64) as usize
}
