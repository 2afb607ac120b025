//! A cost that is a sum of terms, none of which falls below 0.
//!
//! Seconds scatter in proportion to themselves, so that errors are weighed by the model's own
//! seconds: least squares of `(y - f) / f`, iterated (Wedderburn, "Quasi-Likelihood Functions,
//! Generalized Linear Models, and the Gauss-Newton Method", 1974), each time under the bound
//! `coefficients >= 0` (Lawson and Hanson, "Solving Least Squares Problems", 1974, chapter 23).

use super::summary;
use super::t_interval::quantile;

/// Most terms: every set of them is tried.
pub const MOST_TERMS: usize = 6;
/// Rounds of weighing; the weights stand still after three or four.
const ROUNDS: usize = 25;
/// Most parts that are left out in turn. With more runs each part holds several, so that a fleet's
/// thousand runs cost fifty fits and not a thousand; fifty leave Student's t within 3 % of the
/// normal.
pub const MOST_PARTS: usize = 50;
/// The model's seconds are taken for no less, as weights.
const LEAST_S: f64 = 1e-6;

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

/// Coefficients with each part left out; none with fewer than three.
fn left_out(rows: &[Cost]) -> Vec<Vec<f64>> {
    let parts = Parts::of(rows);
    if parts.count() < 3 {
        return Vec::new();
    }
    let without = |part: usize| coefficients(&parts.split(rows, part).1);
    (0..parts.count()).filter_map(without).collect()
}

/// What is left out together: a run, or several where there are more than [`MOST_PARTS`].
struct Parts {
    /// The runs, ascending; each lies in the part of its place here, counted round.
    runs: Vec<usize>,
}

impl Parts {
    fn of(rows: &[Cost]) -> Self {
        let mut runs: Vec<usize> = rows.iter().map(|row| row.run).collect();
        runs.sort_unstable();
        runs.dedup();
        Self { runs }
    }

    fn count(&self) -> usize {
        self.runs.len().min(MOST_PARTS)
    }

    /// The measurements of a part, and all others.
    fn split<'a>(&self, rows: &'a [Cost], part: usize) -> (Vec<&'a Cost>, Vec<&'a Cost>) {
        let within = |row: &&Cost| {
            let place = self.runs.partition_point(|run| *run < row.run);
            place % self.count() == part
        };
        rows.iter().partition(within)
    }
}

fn jackknife(without: &[Vec<f64>], terms: usize) -> Vec<Vec<f64>> {
    let n = without.len() as f64;
    let mean = |term: usize| without.iter().map(|b| b[term]).sum::<f64>() / n;
    let means: Vec<f64> = (0..terms).map(mean).collect();
    let cell = |i: usize, j: usize| {
        let products = without
            .iter()
            .map(|b| (b[i] - means[i]) * (b[j] - means[j]));
        products.sum::<f64>() * (n - 1.0) / n
    };
    (0..terms)
        .map(|i| (0..terms).map(|j| cell(i, j)).collect())
        .collect()
}

/// `scatter^2 (X' W X)^-1` of the terms above 0; 0 for the others.
fn of_model(rows: &[&Cost], coefficients: &[f64], scatter: f64) -> Vec<Vec<f64>> {
    let active: Vec<usize> = (0..coefficients.len())
        .filter(|term| coefficients[*term] > 0.0)
        .collect();
    let weights = weights(rows, coefficients);
    let (normal, _) = normal(rows, &weights, &active);
    let mut covariance = vec![vec![0.0; coefficients.len()]; coefficients.len()];
    for (column, term) in active.iter().enumerate() {
        let mut unit = vec![0.0; active.len()];
        unit[column] = 1.0;
        if let Some(solved) = solve(normal.clone(), unit) {
            for (row, value) in active.iter().zip(solved) {
                covariance[*row][*term] = value * scatter * scatter;
            }
        }
    }
    covariance
}

/// The bounded least-squares coefficients, weighed by their own model.
fn coefficients(rows: &[&Cost]) -> Option<Vec<f64>> {
    let terms = rows.first()?.x.len();
    if rows.len() <= terms || terms > MOST_TERMS || terms == 0 {
        return None;
    }
    let mut weights: Vec<f64> = rows.iter().map(|row| row.y.max(LEAST_S).powi(-2)).collect();
    let mut found = bounded(rows, &weights, terms)?;
    for _ in 0..ROUNDS {
        weights = self::weights(rows, &found);
        let next = bounded(rows, &weights, terms)?;
        let moved = next
            .iter()
            .zip(&found)
            .any(|(a, b)| (a - b).abs() > 1e-12 * a.abs());
        found = next;
        if !moved {
            break;
        }
    }
    Some(found)
}

fn weights(rows: &[&Cost], coefficients: &[f64]) -> Vec<f64> {
    let one = |row: &&Cost| dot(&row.x, coefficients).max(LEAST_S).powi(-2);
    rows.iter().map(one).collect()
}

/// Least squares under `b >= 0`: of all sets of terms the one that fits best with none below 0.
///
/// Rows are summed once; each set takes its part of the sums.
fn bounded(rows: &[&Cost], weights: &[f64], terms: usize) -> Option<Vec<f64>> {
    let all: Vec<usize> = (0..terms).collect();
    let (matrix, right) = normal(rows, weights, &all);
    let squares: f64 = rows
        .iter()
        .zip(weights)
        .map(|(row, w)| w * row.y * row.y)
        .sum();
    let mut best: Option<(f64, Vec<f64>)> = None;
    for set in 1u32..1 << terms {
        let active: Vec<usize> = (0..terms).filter(|term| set >> term & 1 == 1).collect();
        let part = |row: &usize| active.iter().map(|column| matrix[*row][*column]).collect();
        let of_set = active.iter().map(|term| right[*term]).collect();
        let Some(solved) = solve(active.iter().map(part).collect(), of_set) else {
            continue;
        };
        if solved.iter().any(|b| *b < 0.0) {
            continue;
        }
        let mut b = vec![0.0; terms];
        for (term, value) in active.iter().zip(&solved) {
            b[*term] = *value;
        }
        // |y - X b|^2, weighed, where b solves the set's normal equations.
        let left = squares - dot(&b, &right);
        if best.as_ref().is_none_or(|(least, _)| left < *least) {
            best = Some((left, b));
        }
    }
    best.map(|(_, b)| b)
}

/// `X' W X` and `X' W y` of some terms, in one pass over the rows.
fn normal(rows: &[&Cost], weights: &[f64], active: &[usize]) -> (Vec<Vec<f64>>, Vec<f64>) {
    let n = active.len();
    let mut matrix = [[0.0; MOST_TERMS]; MOST_TERMS];
    let mut right = [0.0; MOST_TERMS];
    for (row, w) in rows.iter().zip(weights) {
        for (i, one) in active.iter().enumerate() {
            let a = row.x[*one];
            for (cell, other) in matrix[i].iter_mut().zip(&active[..=i]) {
                *cell += w * (a * row.x[*other]);
            }
            right[i] += w * (a * row.y);
        }
    }
    let cell = |i: usize, j: usize| matrix[i.max(j)][i.min(j)];
    let line = |i: usize| (0..n).map(|j| cell(i, j)).collect();
    ((0..n).map(line).collect(), right[..n].to_vec())
}

/// Solves a symmetric system by elimination, scaled to a diagonal of ones; none where it is
/// singular to twelve digits.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let n = right.len();
    let scale: Vec<f64> = (0..n).map(|i| matrix[i][i].sqrt()).collect();
    if scale.iter().any(|s| *s <= 0.0 || !s.is_finite()) {
        return None;
    }
    for i in 0..n {
        right[i] /= scale[i];
        for j in 0..n {
            matrix[i][j] /= scale[i] * scale[j];
        }
    }
    for pivot in 0..n {
        if matrix[pivot][pivot] < 1e-12 {
            return None;
        }
        let (above, below) = matrix.split_at_mut(pivot + 1);
        let by = &above[pivot];
        for (row, cells) in (pivot + 1..n).zip(below) {
            let times = cells[pivot] / by[pivot];
            for (cell, by) in cells.iter_mut().zip(by).skip(pivot) {
                *cell -= times * by;
            }
            right[row] -= times * right[pivot];
        }
    }
    for row in (0..n).rev() {
        for column in row + 1..n {
            right[row] -= matrix[row][column] * right[column];
        }
        right[row] /= matrix[row][row];
    }
    Some(right.iter().zip(scale).map(|(b, s)| b / s).collect())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Multiple correlation of one series with others: how well a sum of them follows it, 0 to 1.
/// With one other it is Pearson's |r|. None with a series that does not vary, or too few values.
///
/// Source: Draper and Smith, "Applied Regression Analysis", 1998, chapter 6.
#[must_use]
pub fn correlation(one: &[f64], others: &[Vec<f64>]) -> Option<f64> {
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

    /// By hand: (n - 1) / n times the sum of products about the mean.
    #[test]
    fn the_jackknifes_covariance_is_that_of_what_is_left() {
        let without = [vec![1.0, 10.0], vec![2.0, 10.0], vec![3.0, 40.0]];
        let found = jackknife(&without, 2);
        let wanted = [[4.0 / 3.0, 20.0], [20.0, 400.0]];
        for (found, wanted) in found.iter().flatten().zip(wanted.as_flattened()) {
            assert!((found - wanted).abs() < 1e-9, "{found} {wanted}");
        }
    }
}
