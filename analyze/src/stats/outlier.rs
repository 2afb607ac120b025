//! Values far from their sample's median.

use super::summary::median;

/// A modified z-score above this is an outlier.
pub const LIMIT: f64 = 3.5;

/// Places of outliers in `sample`: `0.6745 |x - median| / MAD > 3.5`, where MAD is the median
/// of `|x - median|`.
///
/// None are found in fewer than four values, nor where MAD is 0 (more than half are equal):
/// nothing then tells how far is far.
///
/// Source: Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993.
#[must_use]
pub fn outliers(sample: &[f64]) -> Vec<usize> {
    let deviations = |centre: f64| sample.iter().map(move |x| (x - centre).abs());
    let Some(centre) = median(sample).filter(|_| sample.len() >= 4) else {
        return Vec::new();
    };
    let distances: Vec<f64> = deviations(centre).collect();
    match median(&distances) {
        Some(mad) if mad > 0.0 => deviations(centre)
            .enumerate()
            .filter(|(_, distance)| 0.6745 * distance / mad > LIMIT)
            .map(|(place, _)| place)
            .collect(),
        _ => Vec::new(),
    }
}
