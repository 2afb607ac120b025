//! Intervals by Student's t, which reach beyond the sample's own range: with three to five trials
//! they hold the truth about as often as they say where bootstrap intervals do not.

use statrs::distribution::{ContinuousCDF as _, StudentsT};

use super::improvement::speedup;
use super::interval::{Z95, improvement_of};
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

/// From so many degrees of freedom on the percentile is expanded around the normal one.
const MANY: f64 = 1_000.0;

/// 97.5th percentile of Student's t; none for degrees of freedom that are not above 0.
///
/// With many degrees of freedom by its expansion in their reciprocal, whose error is then below
/// 2e-12: the inversion of the incomplete beta function converges no more for them, and takes
/// half a second to find out.
///
/// Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 1964, 26.7.5.
pub(super) fn t95(freedom: f64) -> Option<f64> {
    if freedom >= MANY && freedom.is_finite() {
        let x = Z95;
        let square = x * x;
        let terms = [
            x,
            x * (square + 1.0) / 4.0,
            x * ((5.0 * square + 16.0) * square + 3.0) / 96.0,
            x * (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0,
        ];
        return Some(
            terms
                .iter()
                .rev()
                .fold(0.0, |sum, term| sum / freedom + term),
        );
    }
    Some(StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(0.975))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By numerical integration of the density; 4 degrees of freedom by any table.
    #[test]
    fn percentiles_of_few_and_many_degrees_of_freedom() {
        for (freedom, wanted) in [
            (4.0, 2.776_445_105_198),
            (999.0, 1.962_341_461_133_5),
            (1_000.0, 1.962_339_080_826_4),
            (1_001.5, 1.962_335_519_289_2),
            (10_000.0, 1.960_201_239_890_6),
            (399_998.0, 1.959_969_915_265_4),
        ] {
            let found = t95(freedom).unwrap();
            assert!(
                (found - wanted).abs() < 1e-10,
                "{freedom}: {found} {wanted}"
            );
        }
        assert_eq!(t95(0.0), None);
        assert_eq!(t95(f64::NAN), None);
    }
}
