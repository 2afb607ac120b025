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
/// Variances of the sides need not be equal. Each is estimated from its own residuals: the
/// expectation of a side's sum of squares is linear in both variances, and the two equations are
/// solved. Degrees of freedom are Satterthwaite's for that quadratic form; without a drift both
/// are [Welch's](super::welch::welch), and two runs on a side are tempered as there. Where the
/// residuals do not tell two variances, of two runs against two, one common to both is taken, with
/// n - 3 degrees of freedom.
///
/// Source: Fisher, "Statistical Methods for Research Workers", 1932 (analysis of covariance); Rao,
/// "Estimation of Heteroscedastic Variances in Linear Models", 1970; Satterthwaite, "An
/// Approximate Distribution of Estimates of Variance Components", 1946.
#[must_use]
pub fn adjusted(baseline: &Runs, candidate: &Runs) -> Option<Contrast> {
    let both = [baseline.clone(), candidate.clone()];
    if both.iter().any(Vec::is_empty) {
        return None;
    }
    let of = drift(&both)?;
    let sides = [baseline, candidate].map(|runs| Side::of(runs, of.slope));
    let sxx: f64 = sides.iter().map(|side| side.spread).sum();
    let apart = sides[1].place - sides[0].place;
    let log_ratio = sides[1].level - sides[0].level - of.slope * apart;
    let form = Form {
        n: sides.map(|side| side.n),
        share: sides.map(|side| side.spread / sxx),
        weight: sides.map(|side| 1.0 / side.n + apart * apart * side.spread / (sxx * sxx)),
    };
    let own = form.by_side(sides.map(|side| side.squares));
    let (variance, freedom) = own.unwrap_or_else(|| {
        let common = of.error.powi(2) * sxx;
        (common * form.weight.iter().sum::<f64>(), of.freedom)
    });
    Some(Contrast {
        log_ratio,
        error: variance.sqrt(),
        freedom,
    })
}

/// A side's runs about a drift.
#[derive(Clone, Copy)]
struct Side {
    n: f64,
    place: f64,
    level: f64,
    /// Sum of squares of places about their mean.
    spread: f64,
    /// Sum of squares of residuals.
    squares: f64,
}

impl Side {
    fn of(runs: &[(f64, f64)], slope: f64) -> Self {
        let (place, level) = means(runs);
        let off = |run: &(f64, f64)| run.1 - level - slope * (run.0 - place);
        Self {
            n: runs.len() as f64,
            place,
            level,
            spread: runs.iter().map(|run| (run.0 - place).powi(2)).sum(),
            squares: runs.iter().map(|run| off(run).powi(2)).sum(),
        }
    }
}

/// What the variance of the difference depends on, beside the sides' own: `variance = weight[0] x
/// v[0] + weight[1] x v[1]`. The residuals' matrix is, within a side, the centring one less `u u'`,
/// and between sides `-u u'`, where `u` are the places about their side's mean over the root of
/// all their squares; so its traces need only each side's number and share of those squares.
struct Form {
    n: [f64; 2],
    share: [f64; 2],
    weight: [f64; 2],
}

impl Form {
    /// The difference's variance and its degrees of freedom; none if the sums of squares do not
    /// tell two variances.
    fn by_side(&self, squares: [f64; 2]) -> Option<(f64, f64)> {
        let [p, q] = self.share;
        let own = |at: usize| {
            let share = self.share[at];
            self.n[at] - 1.0 - 2.0 * share + share * share
        };
        // Expectations: squares = [[aa, ab], [ab, bb]] x variances.
        let (aa, ab, bb) = (own(0), p * q, own(1));
        let determinant = aa * bb - ab * ab;
        if determinant <= 1e-9 * (aa * bb).max(1.0) {
            return None;
        }
        let solved = |[x, y]: [f64; 2]| {
            [
                (bb * x - ab * y) / determinant,
                (aa * y - ab * x) / determinant,
            ]
        };
        let of_squares = solved(self.weight);
        let variance = of_squares[0] * squares[0] + of_squares[1] * squares[1];
        let variances = solved(squares).map(|side| side.max(0.0));
        let told = variance > 0.0 && variances.iter().sum::<f64>() > 0.0;
        let satterthwaite = told.then(|| self.freedom(of_squares, variances))?;
        let by_numbers = self.freedom(of_squares, [1.0; 2]);
        let weight = if self.n.contains(&2.0) { 0.5 } else { 1.0 };
        let freedom = satterthwaite.powf(weight) * by_numbers.powf(1.0 - weight);
        Some((variance, freedom))
    }

    /// `tr(Q V)^2 / tr(Q V Q V)` of the quadratic form that weighs the sides' sums of squares so.
    fn freedom(&self, of_squares: [f64; 2], variances: [f64; 2]) -> f64 {
        let ([p, q], [l, m]) = (self.share, of_squares);
        let block = |n: f64, own: f64, other: f64, p: f64, q: f64| {
            let along = own * (p - 2.0) + other * q;
            let trace = own * (n - 1.0) + along * p;
            let squared = own * own * (n - 1.0) + 2.0 * own * along * p + (along * p).powi(2);
            (trace, squared)
        };
        let (trace_a, aa) = block(self.n[0], l, m, p, q);
        let (trace_b, bb) = block(self.n[1], m, l, q, p);
        let ab = (l * q + m * p).powi(2) * p * q;
        let [v, w] = variances;
        let trace = trace_a * v + trace_b * w;
        trace * trace / (aa * v * v + 2.0 * ab * v * w + bb * w * w)
    }
}

/// How far one side ran before the other within blocks: the mean of `candidate's place - baseline's
/// place` over blocks, as a share of its root mean square, 0 to 1. 1 where the same side was
/// always first, 0 where each was as often; none without blocks, or where sides of a block ran at
/// once.
#[must_use]
pub fn one_sided(apart: &[f64]) -> Option<f64> {
    let n = apart.len() as f64;
    let mean = apart.iter().sum::<f64>() / n;
    let square = apart.iter().map(|places| places * places).sum::<f64>() / n;
    (square > 0.0).then(|| mean.abs() / square.sqrt())
}

fn means(runs: &[(f64, f64)]) -> (f64, f64) {
    let n = runs.len() as f64;
    (
        runs.iter().map(|run| run.0).sum::<f64>() / n,
        runs.iter().map(|run| run.1).sum::<f64>() / n,
    )
}
