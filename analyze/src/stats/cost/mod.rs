//! A cost that is a sum of terms, none of which falls below 0.
//!
//! Seconds scatter in proportion to themselves, so that errors are weighed by the model's own
//! seconds: least squares of `(y - f) / f`, iterated (Wedderburn, "Quasi-Likelihood Functions,
//! Generalized Linear Models, and the Gauss-Newton Method", 1974), each time under the bound
//! `coefficients >= 0` (Lawson and Hanson, "Solving Least Squares Problems", 1974, chapter 23).

mod least_squares;
mod left_out;

pub use least_squares::MOST_TERMS;
pub use left_out::MOST_PARTS;

use super::t_interval::quantile;
use least_squares::{LEAST_S, coefficients, of_model};
pub(in crate::stats) use least_squares::{dot, solve};
use left_out::{Parts, jackknife, left_out};

/// One measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// What each term is multiplied with.
    pub x: Vec<f64>,
    /// Seconds.
    pub y: f64,
    /// Its run, from 0.
    pub run: usize,
}

/// A fitted cost: what a prediction needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// Seconds for each unit of a term; 0 or more.
    pub coefficients: Vec<f64>,
    /// Their covariance.
    pub covariance: Vec<Vec<f64>>,
    /// Degrees of freedom of Student's t.
    pub freedom: f64,
    /// How much measurements scatter about the model, as a share of it.
    pub scatter: f64,
    /// Whether the covariance is that of runs (three or more) and not that of measurements.
    pub by_run: bool,
}

/// Seconds that a model gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Predicted {
    /// The expected seconds.
    pub seconds: f64,
    /// 95 % interval of these.
    pub ci95_s: [f64; 2],
    /// Where 95 of 100 single measurements lie.
    pub likely_s: [f64; 2],
}

impl Fitted {
    /// The expected seconds, by `x` as in [`Cost`]: `f = x b`, `f +- t sqrt(x' C x)`, and for a
    /// single measurement `f +- t sqrt(x' C x + (scatter f)^2)`; no bound falls below 0.
    #[must_use]
    pub fn seconds(&self, x: &[f64]) -> Predicted {
        let seconds: f64 = x.iter().zip(&self.coefficients).map(|(x, b)| x * b).sum();
        let rows = self.covariance.iter().zip(x);
        let variance: f64 = rows
            .map(|(row, a)| a * row.iter().zip(x).map(|(c, b)| c * b).sum::<f64>())
            .sum();
        let t = quantile(0.975, self.freedom).unwrap_or(f64::INFINITY);
        let about = |variance: f64| {
            let half = t * variance.max(0.0).sqrt();
            [(seconds - half).max(0.0), seconds + half]
        };
        Predicted {
            seconds,
            ci95_s: about(variance),
            likely_s: about(variance + (self.scatter * seconds).powi(2)),
        }
    }

    /// 95 % interval of a coefficient, not below 0.
    #[must_use]
    pub fn ci95(&self, term: usize) -> Option<[f64; 2]> {
        let variance = *self.covariance.get(term)?.get(term)?;
        let half = quantile(0.975, self.freedom)? * variance.max(0.0).sqrt();
        let b = *self.coefficients.get(term)?;
        Some([(b - half).max(0.0), b + half])
    }
}

/// Fits measurements. None with no more of them than terms, more than six terms, or where no term
/// explains anything.
///
/// With three runs or more the covariance is the jackknife's over runs (Efron and Tibshirani, "An
/// Introduction to the Bootstrap", 1993, chapter 11), which takes measurements of one run for no
/// more than they are; else the model's own, of the terms above 0. More than [`MOST_PARTS`] runs
/// are dealt out into as many parts, and a part is left out at a time (Kott, "The Delete-a-Group
/// Jackknife", Journal of Official Statistics 17, 2001).
#[must_use]
pub fn fit(rows: &[Cost]) -> Option<Fitted> {
    let terms = rows.first()?.x.len();
    let all: Vec<&Cost> = rows.iter().collect();
    let coefficients = coefficients(&all)?;
    let active = coefficients.iter().filter(|b| **b > 0.0).count();
    let freedom = rows.len().checked_sub(active).filter(|left| *left > 0)? as f64;
    let model = |row: &Cost| dot(&row.x, &coefficients).max(LEAST_S);
    let squares: f64 = rows
        .iter()
        .map(|row| (row.y / model(row) - 1.0).powi(2))
        .sum();
    let scatter = (squares / freedom).sqrt();
    let without = left_out(rows);
    let (covariance, freedom, by_run) = if without.len() >= 3 {
        (jackknife(&without, terms), without.len() as f64 - 1.0, true)
    } else {
        (of_model(&all, &coefficients, scatter), freedom, false)
    };
    Some(Fitted {
        coefficients,
        covariance,
        freedom,
        scatter,
        by_run,
    })
}

/// How far measured and predicted seconds are apart where each run is predicted from the others
/// (each part, with more than [`MOST_PARTS`] runs): `|ln(measured / predicted)|` of every
/// measurement. Empty with one run.
#[must_use]
pub fn off_by(rows: &[Cost]) -> Vec<f64> {
    let parts = Parts::of(rows);
    if parts.count() < 2 {
        return Vec::new();
    }
    let of_part = |part: usize| -> Vec<f64> {
        let (mine, others) = parts.split(rows, part);
        let Some(b) = coefficients(&others) else {
            return Vec::new();
        };
        let off = |row: &Cost| (row.y / dot(&row.x, &b).max(LEAST_S)).ln().abs();
        mine.into_iter().map(off).collect()
    };
    (0..parts.count()).flat_map(of_part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What grows less than its size has no part that grows with the square, and what grows more than the
    /// square no part that grows with the size.
    #[test]
    fn no_coefficient_falls_below_nothing() {
        for (power, active) in [
            (0.7, [true, false]),
            (1.5, [true, true]),
            (2.5, [false, true]),
        ] {
            let row = |n: f64| Cost {
                x: vec![n, n * n],
                y: n.powf(power),
                run: 0,
            };
            let rows = [1.0, 2.0, 4.0, 8.0, 16.0].map(row);
            let found = fit(&rows).unwrap().coefficients;
            assert_eq!(
                [found[0] > 0.0, found[1] > 0.0],
                active,
                "{power}: {found:?}"
            );
            assert!(found.iter().all(|b| *b >= 0.0), "{power}: {found:?}");
        }
    }
}
