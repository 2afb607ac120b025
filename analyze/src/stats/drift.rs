//! Whether runs change with time whatever is compared.

use super::contrast::Contrast;
use super::t_interval::{quantile, two_sided};

/// A straight drift common to all groups, on the logarithm of seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drift {
    /// Change of the logarithm from one place in time to the next.
    pub slope: f64,
    /// Its standard error.
    pub error: f64,
    /// Degrees of freedom.
    pub freedom: f64,
}

impl Drift {
    /// Change from one place to the next in percent: -6.4 where each takes 6.4 % less time.
    #[must_use]
    pub fn pct(&self) -> f64 {
        100.0 * self.slope.exp_m1()
    }

    /// 95 % interval of that change.
    #[must_use]
    pub fn ci95_pct(&self) -> Option<[f64; 2]> {
        let half = quantile(0.975, self.freedom)? * self.error;
        Some([self.slope - half, self.slope + half].map(|slope| 100.0 * slope.exp_m1()))
    }

    /// Two-sided p of no drift; none without scatter.
    #[must_use]
    pub fn p(&self) -> Option<f64> {
        (self.error > 0.0).then(|| two_sided(self.slope / self.error, self.freedom))?
    }
}

/// A group's runs: their places in time and the logarithms of their seconds.
pub type Runs = Vec<(f64, f64)>;

/// Least squares of `ln(seconds) = group + slope x place`, one slope for all groups. None where
/// nothing is left to measure scatter by (fewer runs than groups and two more), or no group has
/// runs at two places.
///
/// Source: Draper and Smith, "Applied Regression Analysis", 1998, chapter 14.
#[must_use]
pub fn drift(groups: &[Runs]) -> Option<Drift> {
    let groups: Vec<&Runs> = groups.iter().filter(|runs| !runs.is_empty()).collect();
    let count: usize = groups.iter().map(|runs| runs.len()).sum();
    let freedom = count
        .checked_sub(groups.len() + 1)
        .filter(|left| *left > 0)? as f64;
    let (mut sxx, mut sxy) = (0.0, 0.0);
    for runs in &groups {
        let (x, y) = means(runs);
        sxx += runs.iter().map(|run| (run.0 - x).powi(2)).sum::<f64>();
        sxy += runs
            .iter()
            .map(|run| (run.0 - x) * (run.1 - y))
            .sum::<f64>();
    }
    if sxx <= 0.0 {
        return None;
    }
    let slope = sxy / sxx;
    let residual: f64 = groups
        .iter()
        .map(|runs| {
            let (x, y) = means(runs);
            let off = |run: &(f64, f64)| run.1 - y - slope * (run.0 - x);
            runs.iter().map(|run| off(run).powi(2)).sum::<f64>()
        })
        .sum();
    Some(Drift {
        slope,
        error: (residual / freedom / sxx).sqrt(),
        freedom,
    })
}

/// The difference of two groups with a straight drift taken out: least squares of `ln(seconds) =
/// side + slope x place`. None where there is no [`drift`] to take out.
///
/// Source: as [`drift`]; analysis of covariance, Fisher, "Statistical Methods for Research
/// Workers", 1932.
#[must_use]
pub fn adjusted(baseline: &Runs, candidate: &Runs) -> Option<Contrast> {
    let both = [baseline.clone(), candidate.clone()];
    if both.iter().any(Vec::is_empty) {
        return None;
    }
    let of = drift(&both)?;
    let ((x_a, y_a), (x_b, y_b)) = (means(baseline), means(candidate));
    let sxx: f64 = [(baseline, x_a), (candidate, x_b)]
        .iter()
        .map(|(runs, x)| runs.iter().map(|run| (run.0 - x).powi(2)).sum::<f64>())
        .sum();
    let variance = of.error.powi(2) * sxx;
    let [n_a, n_b] = [baseline.len() as f64, candidate.len() as f64];
    let apart = x_b - x_a;
    Some(Contrast {
        log_ratio: y_b - y_a - of.slope * apart,
        error: (variance * (1.0 / n_a + 1.0 / n_b + apart * apart / sxx)).sqrt(),
        freedom: of.freedom,
    })
}

/// How far the order of runs is that of their sides: the share of the places' variance that lies
/// between the sides, 0 to 1. 1 where each side was made at one place of its own; none where all
/// were made at one.
#[must_use]
pub fn confounded(baseline: &[f64], candidate: &[f64]) -> Option<f64> {
    let mean = |places: &[f64]| places.iter().sum::<f64>() / places.len() as f64;
    let spread = |places: &[f64], about: f64| -> f64 {
        places.iter().map(|place| (place - about).powi(2)).sum()
    };
    if baseline.is_empty() || candidate.is_empty() {
        return None;
    }
    let all: Vec<f64> = baseline.iter().chain(candidate).copied().collect();
    let total = spread(&all, mean(&all));
    let within = spread(baseline, mean(baseline)) + spread(candidate, mean(candidate));
    (total > 0.0).then(|| 1.0 - within / total)
}

fn means(runs: &[(f64, f64)]) -> (f64, f64) {
    let n = runs.len() as f64;
    (
        runs.iter().map(|run| run.0).sum::<f64>() / n,
        runs.iter().map(|run| run.1).sum::<f64>() / n,
    )
}
