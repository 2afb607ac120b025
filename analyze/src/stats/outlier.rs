//! Values far from their sample's median.

use super::summary::median;

/// A modified z-score above this is an outlier.
pub const LIMIT: f64 = 3.5;

/// Places of outliers in `sample`: `|modified z| > 3.5`, see [`modified_z`].
///
/// None are found in fewer than four values, nor where MAD is 0 (more than half are equal):
/// nothing then tells how far is far.
#[must_use]
pub fn outliers(sample: &[f64]) -> Vec<usize> {
    let far = |(place, z): (usize, f64)| (z.abs() > LIMIT).then_some(place);
    let scores = modified_z(sample).unwrap_or_default();
    scores.into_iter().enumerate().filter_map(far).collect()
}

/// How far each value is from the median: `0.6745 (x - median) / MAD`, where MAD is the median of
/// `|x - median|`; none of fewer than four values, nor where MAD is 0.
///
/// Source: Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993.
#[must_use]
pub fn modified_z(sample: &[f64]) -> Option<Vec<f64>> {
    let centre = median(sample).filter(|_| sample.len() >= 4)?;
    let distances: Vec<f64> = sample.iter().map(|x| (x - centre).abs()).collect();
    let mad = median(&distances).filter(|mad| *mad > 0.0)?;
    let score = |x: &f64| 0.6745 * (x - centre) / mad;
    Some(sample.iter().map(score).collect())
}
