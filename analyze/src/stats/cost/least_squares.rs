//! Weighed least squares of which no coefficient falls below 0, and their covariance.

use super::Cost;

/// Most terms: every set of them is tried.
pub const MOST_TERMS: usize = 6;
/// Rounds of weighing; the weights stand still after three or four.
const ROUNDS: usize = 25;
/// The model's seconds are taken for no less, as weights.
pub(super) const LEAST_S: f64 = 1e-6;

/// The bounded least-squares coefficients, weighed by their own model.
pub(super) fn coefficients(rows: &[&Cost]) -> Option<Vec<f64>> {
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
pub(in crate::stats) fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
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

/// `scatter^2 (X' W X)^-1` of the terms above 0; 0 for the others.
pub(super) fn of_model(rows: &[&Cost], coefficients: &[f64], scatter: f64) -> Vec<Vec<f64>> {
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

pub(in crate::stats) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
