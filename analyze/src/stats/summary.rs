//! What a sample looks like.

/// A sample, summarised. All values are in the sample's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Sample size.
    pub n: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Median: the middle value, or the mean of the two in the middle.
    pub median: f64,
    /// Sample standard deviation, `sqrt(sum (x - mean)^2 / (n - 1))`; absent if n < 2.
    pub sd: Option<f64>,
    /// Coefficient of variation, `sd / mean`; absent if n < 2 or the mean is 0.
    pub cv: Option<f64>,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// 5th percentile, see [`percentile`].
    pub p5: f64,
    /// 25th percentile.
    pub p25: f64,
    /// 75th percentile.
    pub p75: f64,
    /// 95th percentile.
    pub p95: f64,
}

/// Summarises a sample. None if n = 0; with n = 1 every value is that one and `sd` is absent.
///
/// Sums are taken over the sorted sample in two passes, so that the order of the input changes
/// no bit of the result.
#[must_use]
pub fn summary(sample: &[f64]) -> Option<Summary> {
    let sorted = sorted(sample);
    let n = sorted.len();
    let mean = mean_of_sorted(&sorted)?;
    let sd = (n > 1).then(|| {
        let squares: f64 = sorted.iter().map(|x| (x - mean).powi(2)).sum();
        (squares / (n - 1) as f64).sqrt()
    });
    Some(Summary {
        n,
        mean,
        median: percentile(&sorted, 0.5),
        sd,
        cv: sd.filter(|_| mean != 0.0).map(|sd| sd / mean),
        min: sorted[0],
        max: sorted[n - 1],
        p5: percentile(&sorted, 0.05),
        p25: percentile(&sorted, 0.25),
        p75: percentile(&sorted, 0.75),
        p95: percentile(&sorted, 0.95),
    })
}

/// Arithmetic mean; none if n = 0.
#[must_use]
pub fn mean(sample: &[f64]) -> Option<f64> {
    mean_of_sorted(&sorted(sample))
}

/// Median; none if n = 0.
#[must_use]
pub fn median(sample: &[f64]) -> Option<f64> {
    let sorted = sorted(sample);
    (!sorted.is_empty()).then(|| percentile(&sorted, 0.5))
}

/// Quantiles of a sample in any order, each as [`percentile`]; none if n = 0, the one value
/// itself if n = 1.
#[must_use]
pub fn quantiles<const N: usize>(sample: &[f64], at: [f64; N]) -> Option<[f64; N]> {
    quantiles_of(sample.to_vec(), at)
}

/// The same of a sample that nobody needs any more: one of millions is sorted where it is.
#[must_use]
pub fn quantiles_of<const N: usize>(mut sample: Vec<f64>, at: [f64; N]) -> Option<[f64; N]> {
    sample.retain(|x| !x.is_nan());
    sample.sort_unstable_by(f64::total_cmp);
    (!sample.is_empty()).then(|| at.map(|p| percentile(&sample, p)))
}

/// The sample in ascending order, NaN left out.
pub(super) fn sorted(sample: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = sample.iter().copied().filter(|x| !x.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

fn mean_of_sorted(sorted: &[f64]) -> Option<f64> {
    let n = sorted.len();
    if n == 0 {
        return None;
    }
    let mean = sorted.iter().sum::<f64>() / n as f64;
    // A second pass takes back what the first one rounded.
    Some(mean + sorted.iter().map(|x| x - mean).sum::<f64>() / n as f64)
}

/// The `p`-quantile (0 to 1) of an ascending, non-empty sample by linear interpolation: type 7
/// of Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996; numpy's default.
#[must_use]
pub fn percentile(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let at = p.clamp(0.0, 1.0) * last as f64;
    let below = at.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (at - below as f64) * (sorted[above] - sorted[below])
}
