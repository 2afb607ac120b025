//! How well a sum of series follows another one.

use super::cost::{dot, solve};
use super::summary;

/// Multiple correlation of one series with others: how well a sum of them follows it, 0 to 1.
/// With one other it is Pearson's |r|. None with a series that does not vary, or too few values.
///
/// Source: Draper and Smith, "Applied Regression Analysis", 1998, chapter 6.
#[must_use]
pub fn multiple(one: &[f64], others: &[Vec<f64>]) -> Option<f64> {
    let centred = |series: &[f64]| -> Option<Vec<f64>> {
        let mean = summary::mean(series)?;
        Some(series.iter().map(|x| x - mean).collect())
    };
    let y = centred(one)?;
    let total = dot(&y, &y);
    if total <= 0.0 || one.len() <= others.len() + 1 || others.is_empty() {
        return None;
    }
    let columns: Vec<Vec<f64>> = others.iter().filter_map(|x| centred(x)).collect();
    let matrix = columns
        .iter()
        .map(|a| columns.iter().map(|b| dot(a, b)).collect())
        .collect();
    let right: Vec<f64> = columns.iter().map(|a| dot(a, &y)).collect();
    let b = solve(matrix, right.clone())?;
    Some((dot(&b, &right) / total).clamp(0.0, 1.0).sqrt())
}
