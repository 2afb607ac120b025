//! Intervals by Student's t, which reach beyond the sample's own range, and its tails: with three
//! to five values they hold the truth as often as they say.

use statrs::distribution::{ContinuousCDF as _, Normal, StudentsT};

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

/// 97.5th percentile of the normal distribution.
const Z95: f64 = 1.959_963_984_540_054;
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
    quantile(0.975, freedom)
}

/// A quantile of Student's t; none for degrees of freedom that are not above 0. As [`t95`].
pub(super) fn quantile(share: f64, freedom: f64) -> Option<f64> {
    if freedom >= MANY && freedom.is_finite() {
        let x = if share == 0.975 {
            Z95
        } else {
            Normal::standard().inverse_cdf(share)
        };
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
    Some(StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(share))
}

/// Two-sided p of a t statistic; none for degrees of freedom that are not above 0.
pub(super) fn two_sided(t: f64, freedom: f64) -> Option<f64> {
    Some((2.0 * upper_tail(t.abs(), freedom)?).min(1.0))
}

/// `P(T >= t)`; none for degrees of freedom that are not above 0.
pub(super) fn upper_tail(t: f64, freedom: f64) -> Option<f64> {
    Some(StudentsT::new(0.0, 1.0, freedom).ok()?.sf(t))
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
