//! Intervals by Student's t, which reach beyond the sample's own range: with three to five trials
//! they hold the truth about as often as they say where bootstrap intervals do not.

use statrs::distribution::{ContinuousCDF as _, StudentsT};

use super::improvement::speedup;
use super::interval::improvement_of;
use super::summary::summary;

/// 95 % interval of a mean, `mean +- t sd / sqrt(n)` with n - 1 degrees of freedom; none if
/// n < 2. A constant sample gives an interval of no width.
///
/// Source: Student, "The Probable Error of a Mean", 1908.
#[must_use]
pub fn of_mean(sample: &[f64]) -> Option<[f64; 2]> {
    let of = summary(sample)?;
    let n = of.n as f64;
    let half = t95(n - 1.0)? * of.sd? / n.sqrt();
    Some([of.mean - half, of.mean + half])
}

/// 95 % interval of the improvement in percent: Welch's t on `ln(mean(candidate) /
/// mean(baseline))`, whose variance is the sum of both `cv^2 / n` (delta method), with the
/// degrees of freedom of Welch and Satterthwaite. None if a side has fewer than two values or a
/// mean is not above 0.
///
/// Source: Welch, "The Generalization of Student's Problem when Several Different Population
/// Variances are Involved", 1947.
#[must_use]
pub fn of_improvement(baseline: &[f64], candidate: &[f64]) -> Option<[f64; 2]> {
    let (a, b) = (summary(baseline)?, summary(candidate)?);
    if a.mean <= 0.0 || b.mean <= 0.0 {
        return None;
    }
    let share = |cv: Option<f64>, n: usize| cv.map(|cv| cv * cv / n as f64);
    let (of_a, of_b) = (share(a.cv, a.n)?, share(b.cv, b.n)?);
    let speedup = speedup(a.mean, b.mean)?;
    let spread = of_a + of_b;
    if spread <= 0.0 {
        return Some(improvement_of([1.0 / speedup; 2]));
    }
    let freedom =
        spread * spread / (of_a * of_a / (a.n as f64 - 1.0) + of_b * of_b / (b.n as f64 - 1.0));
    let half = t95(freedom)? * spread.sqrt();
    Some(improvement_of([
        (-half).exp() / speedup,
        half.exp() / speedup,
    ]))
}

/// 97.5th percentile of Student's t.
fn t95(freedom: f64) -> Option<f64> {
    Some(StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(0.975))
}
