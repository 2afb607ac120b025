//! Runs, or parts of many runs, left out in turn.

use super::Cost;
use super::least_squares::coefficients;

/// Most parts that are left out in turn. With more runs each part holds several, so that a fleet's
/// thousand runs cost fifty fits and not a thousand; fifty leave Student's t within 3 % of the
/// normal.
pub const MOST_PARTS: usize = 50;

/// Coefficients with each part left out; none with fewer than three.
pub(super) fn left_out(rows: &[Cost]) -> Vec<Vec<f64>> {
    let parts = Parts::of(rows);
    if parts.count() < 3 {
        return Vec::new();
    }
    let without = |part: usize| coefficients(&parts.split(rows, part).1);
    (0..parts.count()).filter_map(without).collect()
}

/// What is left out together: a run, or several where there are more than [`MOST_PARTS`].
pub(super) struct Parts {
    /// The runs, ascending; each lies in the part of its place here, counted round.
    runs: Vec<usize>,
}

impl Parts {
    pub(super) fn of(rows: &[Cost]) -> Self {
        let mut runs: Vec<usize> = rows.iter().map(|row| row.run).collect();
        runs.sort_unstable();
        runs.dedup();
        Self { runs }
    }

    pub(super) fn count(&self) -> usize {
        self.runs.len().min(MOST_PARTS)
    }

    /// The measurements of a part, and all others.
    pub(super) fn split<'a>(
        &self,
        rows: &'a [Cost],
        part: usize,
    ) -> (Vec<&'a Cost>, Vec<&'a Cost>) {
        let within = |row: &&Cost| {
            let place = self.runs.partition_point(|run| *run < row.run);
            place % self.count() == part
        };
        rows.iter().partition(within)
    }
}

pub(super) fn jackknife(without: &[Vec<f64>], terms: usize) -> Vec<Vec<f64>> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
