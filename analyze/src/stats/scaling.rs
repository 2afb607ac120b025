//! How a duration grows with scale: `y = e^c x^k`, a line in log-log space.

use statrs::distribution::{ContinuousCDF as _, Normal};

use super::summary::{median, sorted};
use super::t_interval;

/// Largest number of points for which every pair's slope is taken.
const PAIRS_LIMIT: usize = 1_500;

/// A power law fitted to points with x > 0 and y > 0.
#[derive(Debug, Clone, PartialEq)]
pub struct PowerLaw {
    /// Points used.
    pub n: usize,
    /// Points left out because x or y is not above 0.
    pub dropped: usize,
    /// Least-squares exponent k.
    pub exponent: f64,
    /// 95 % interval of k by Student's t with n - 2 degrees of freedom; absent if n = 2.
    pub exponent_ci95: Option<[f64; 2]>,
    /// c: natural logarithm of y at x = 1.
    pub intercept: f64,
    /// Coefficient of determination of the logarithms; absent if y is constant.
    pub r_squared: Option<f64>,
    /// Standard deviation of the residuals, in ln(y); absent if n = 2.
    pub residual_sd: Option<f64>,
    /// Smallest and largest x.
    pub range: [f64; 2],
    mean_ln_x: f64,
    sxx: f64,
}

/// Fits a power law by least squares. None with fewer than two different x.
///
/// Source: ordinary least squares on logarithms; Draper and Smith, "Applied Regression
/// Analysis", 1998, chapter 1.
#[must_use]
pub fn power_law(points: &[(f64, f64)]) -> Option<PowerLaw> {
    let usable = usable(points);
    let logs = logarithms(&usable);
    let n = logs.len();
    let count = n as f64;
    let mean_x = logs.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = logs.iter().map(|(_, y)| y).sum::<f64>() / count;
    let sxx: f64 = logs.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let sxy: f64 = logs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let syy: f64 = logs.iter().map(|(_, y)| (y - mean_y).powi(2)).sum();
    if n < 2 || sxx <= f64::EPSILON {
        return None;
    }
    let exponent = sxy / sxx;
    let intercept = mean_y - exponent * mean_x;
    let residuals: f64 = logs
        .iter()
        .map(|(x, y)| (y - intercept - exponent * x).powi(2))
        .sum();
    let residual_sd = (n > 2).then(|| (residuals / (count - 2.0)).sqrt());
    let exponent_ci95 = residual_sd.map(|sd| {
        let half = t95(n) * sd / sxx.sqrt();
        [exponent - half, exponent + half]
    });
    // Whether y is constant is asked of y itself: rounding gives a constant sum a tiny spread.
    let constant = usable.iter().all(|(_, y)| *y == usable[0].1);
    Some(PowerLaw {
        n,
        dropped: points.len() - n,
        exponent,
        exponent_ci95,
        intercept,
        r_squared: (syy > 0.0 && !constant).then(|| 1.0 - residuals / syy),
        residual_sd,
        // Not from the logarithms: `exp(ln x)` misses x by a bit, and `measured` its own ends.
        range: [usable[0].0, usable[n - 1].0],
        mean_ln_x: mean_x,
        sxx,
    })
}

impl PowerLaw {
    /// y at x, and the 95 % band of the fitted mean there; the band is absent if n = 2. Outside
    /// `range` it is an extrapolation, and must be called one.
    #[must_use]
    pub fn at(&self, x: f64) -> (f64, Option<[f64; 2]>) {
        let ln_y = self.ln_at(x);
        let band = self.residual_sd.map(|sd| {
            let distance = (x.ln() - self.mean_ln_x).powi(2) / self.sxx;
            let half = t95(self.n) * sd * (1.0 / self.n as f64 + distance).sqrt();
            [(ln_y - half).exp(), (ln_y + half).exp()]
        });
        (ln_y.exp(), band)
    }

    /// Natural logarithm of y at x.
    #[must_use]
    pub fn ln_at(&self, x: f64) -> f64 {
        self.intercept + self.exponent * x.ln()
    }

    /// x at which two power laws are equal; none if they are parallel.
    #[must_use]
    pub fn crossing(&self, other: &Self) -> Option<f64> {
        let steeper = self.exponent - other.exponent;
        (steeper.abs() > 1e-9).then(|| ((other.intercept - self.intercept) / steeper).exp())
    }

    /// Whether x lies where it was measured.
    #[must_use]
    pub fn measured(&self, x: f64) -> bool {
        self.range[0] <= x && x <= self.range[1]
    }
}

/// Theil-Sen exponent and its 95 % interval: the median of all pairs' slopes in log-log space.
/// None with fewer than two different x, or above 1,500 points.
///
/// Source: Sen, "Estimates of the Regression Coefficient Based on Kendall's Tau", 1968; the
/// interval as in SciPy's `theilslopes`.
#[must_use]
pub fn theil_sen(points: &[(f64, f64)]) -> Option<(f64, [f64; 2])> {
    if points.iter().filter(|point| is_usable(**point)).count() > PAIRS_LIMIT {
        return None;
    }
    let logs = logarithms(&usable(points));
    let mut slopes = Vec::with_capacity(logs.len() * logs.len() / 2);
    for (at, (x, y)) in logs.iter().enumerate() {
        slopes.extend(
            logs[..at]
                .iter()
                .filter(|(other, _)| x != other)
                .map(|(ox, oy)| (y - oy) / (x - ox)),
        );
    }
    let slopes = sorted(&slopes);
    let exponent = median(&slopes)?;
    let n = logs.len() as f64;
    let spread = |k: f64| k * (k - 1.0) * (2.0 * k + 5.0);
    let tied: f64 = repeats(logs.iter().map(|(x, _)| *x))
        .chain(repeats(logs.iter().map(|(_, y)| *y)))
        .map(spread)
        .sum();
    let sigma = ((spread(n) - tied) / 18.0).max(0.0).sqrt();
    let (count, z) = (slopes.len() as f64, Normal::standard().inverse_cdf(0.975));
    let upper = ((count + z * sigma) / 2.0)
        .round_ties_even()
        .min(count - 1.0);
    let lower = (((count - z * sigma) / 2.0).round_ties_even() - 1.0).max(0.0);
    Some((exponent, [slopes[lower as usize], slopes[upper as usize]]))
}

/// Sizes of groups of equal values, those of one included (they weigh 0).
fn repeats(values: impl Iterator<Item = f64>) -> impl Iterator<Item = f64> {
    let sorted = sorted(&values.collect::<Vec<_>>());
    let mut sizes = Vec::new();
    for (at, value) in sorted.iter().enumerate() {
        match sizes.last_mut() {
            Some(size) if sorted[at - 1] == *value => *size += 1.0,
            _ => sizes.push(1.0),
        }
    }
    sizes.into_iter()
}

/// The points with a logarithm, in ascending order, so that the order of the input changes no
/// bit of the result.
fn usable(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut usable: Vec<(f64, f64)> = points
        .iter()
        .copied()
        .filter(|point| is_usable(*point))
        .collect();
    // Of numbers above 0 the bits are in the order of the numbers.
    let bits = |(x, y): (f64, f64)| u128::from(x.to_bits()) << 64 | u128::from(y.to_bits());
    usable.sort_unstable_by_key(|point| bits(*point));
    usable
}

fn is_usable((x, y): (f64, f64)) -> bool {
    x > 0.0 && y > 0.0 && x.is_finite() && y.is_finite()
}

fn logarithms(usable: &[(f64, f64)]) -> Vec<(f64, f64)> {
    usable.iter().map(|(x, y)| (x.ln(), y.ln())).collect()
}

/// 97.5th percentile of Student's t with n - 2 degrees of freedom.
fn t95(n: usize) -> f64 {
    t_interval::t95((n - 2) as f64).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law(factor: f64, exponent: f64) -> PowerLaw {
        let at = |x: f64| (x, factor * x.powf(exponent));
        power_law(&[1.0, 10.0, 100.0].map(at)).unwrap()
    }

    /// 2 x^1 and 0.5 x^2 meet at 4; two of one exponent never do.
    #[test]
    fn two_laws_meet_where_they_are_equal() {
        let met = law(2.0, 1.0).crossing(&law(0.5, 2.0)).unwrap();
        assert!((met - 4.0).abs() < 1e-9, "{met}");
        let met = law(0.5, 2.0).crossing(&law(2.0, 1.0)).unwrap();
        assert!((met - 4.0).abs() < 1e-9, "{met}");
        assert_eq!(law(2.0, 1.0).crossing(&law(0.5, 1.0)), None);
    }

    #[test]
    fn a_law_is_measured_from_its_first_place_to_its_last() {
        let law = law(2.0, 1.0);
        for (x, measured) in [
            (0.999, false),
            (1.0, true),
            (50.0, true),
            (100.0, true),
            (100.001, false),
        ] {
            assert_eq!(law.measured(x), measured, "{x}");
        }
    }
}
