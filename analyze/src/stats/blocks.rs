//! Two sides whose runs were made in blocks: what a block has in common, a slow hour or a busy
//! machine, falls on both sides and out of their difference.

use statrs::distribution::{ContinuousCDF as _, FisherSnedecor};

use super::contrast::Contrast;

/// Largest number of blocks whose exchanges are all counted.
pub const EXACT_LIMIT: usize = 20;

/// Logarithms of a block's runs: those of the baseline, and those of the candidate.
pub type Block = [Vec<f64>; 2];

/// Least squares of `ln(seconds) = block + side`: with one run of each side in each block this is
/// Student's paired t, whose degrees of freedom are the blocks less one. Blocks that lack a side
/// say nothing of it and are left out. None if fewer than two blocks have both, or nothing is
/// left to measure scatter by.
///
/// Source: Student, "The Probable Error of a Mean", 1908; Montgomery, "Design and Analysis of
/// Experiments", 2017, chapter 4.
#[must_use]
pub fn paired(blocks: &[Block]) -> Option<Contrast> {
    let whole: Vec<&Block> = whole(blocks).collect();
    if whole.len() < 2 {
        return None;
    }
    // The regressor, 1 for a candidate's run, less its mean in the block.
    let (mut sxx, mut sxy, mut count) = (0.0, 0.0, 0usize);
    for [a, b] in &whole {
        let share = b.len() as f64 / (a.len() + b.len()) as f64;
        sxx += a.len() as f64 * share * share + b.len() as f64 * (1.0 - share).powi(2);
        sxy += (1.0 - share) * sum(b) - share * sum(a);
        count += a.len() + b.len();
    }
    let log_ratio = sxy / sxx;
    let freedom = count
        .checked_sub(whole.len() + 1)
        .filter(|left| *left > 0)? as f64;
    let residual: f64 = whole.iter().map(|block| left_over(block, log_ratio)).sum();
    Some(Contrast {
        log_ratio,
        error: (residual / freedom / sxx).sqrt(),
        freedom,
    })
}

/// Sum of squares of a block about its own level, the candidate's runs less `log_ratio`.
fn left_over([a, b]: &Block, log_ratio: f64) -> f64 {
    let moved: Vec<f64> = a
        .iter()
        .copied()
        .chain(b.iter().map(|y| y - log_ratio))
        .collect();
    let level = sum(&moved) / moved.len() as f64;
    moved.iter().map(|y| (y - level).powi(2)).sum()
}

/// Exact two-sided p of no difference within blocks of one run a side, and the least that so many
/// blocks can give: the share of all `2^n` ways to exchange the sides of blocks whose mean
/// difference is as large as the one seen; `2 / 2^n` at least. None for fewer than two blocks or
/// more than 20, or where a block has several runs of a side.
///
/// Source: Fisher, "The Design of Experiments", 1935, section 21.
#[must_use]
pub fn exact(blocks: &[Block]) -> Option<(f64, f64)> {
    let whole: Vec<&Block> = whole(blocks).collect();
    let single = whole.iter().all(|[a, b]| a.len() == 1 && b.len() == 1);
    if !single || whole.len() < 2 || whole.len() > EXACT_LIMIT {
        return None;
    }
    let differences: Vec<f64> = whole.iter().map(|[a, b]| b[0] - a[0]).collect();
    let seen = sum(&differences).abs();
    // A rounding of the sum must not make an exchange look smaller than the very same one.
    let slack = 1e-12 * differences.iter().map(|d| d.abs()).sum::<f64>();
    let ways = 1u32 << differences.len();
    let extreme = (0..ways)
        .filter(|signs| {
            let exchanged = differences
                .iter()
                .enumerate()
                .map(|(at, d)| if signs >> at & 1 == 1 { -d } else { *d });
            exchanged.sum::<f64>().abs() >= seen - slack
        })
        .count();
    let ways = f64::from(ways);
    Some((extreme as f64 / ways, 2.0 / ways))
}

fn whole(blocks: &[Block]) -> impl Iterator<Item = &Block> {
    blocks
        .iter()
        .filter(|[a, b]| !a.is_empty() && !b.is_empty())
}

fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}

/// Two-sided level below which the other sides' scatter is taken for another than the pair's own.
pub const POOL_ALPHA: f64 = 0.10;

/// The contrast of two of several sides, each of which ran once in each block: a row a block, a
/// column a side, of logarithms. The estimate is the mean difference within blocks, as in
/// [`paired`].
///
/// Its scatter is the residual of `ln(seconds) = block + side` over all sides, with `(k - 1)(b -
/// 1)` degrees of freedom, unless the pair's own scatter differs from that of the rest (an F test,
/// p < 0.10): then the pair's own, with b - 1. None for fewer than two blocks, rows of unequal
/// length, or a column that is none.
///
/// Source: Montgomery, "Design and Analysis of Experiments", 2017, chapter 4.
#[must_use]
pub fn among(table: &[Vec<f64>], baseline: usize, candidate: usize) -> Option<Contrast> {
    let sides = table.first()?.len();
    let square = table.iter().all(|row| row.len() == sides);
    if !square || baseline.max(candidate) >= sides || baseline == candidate {
        return None;
    }
    let pairs: Vec<Block> = table
        .iter()
        .map(|row| [vec![row[baseline]], vec![row[candidate]]])
        .collect();
    let own = paired(&pairs)?;
    let blocks = table.len() as f64;
    let rest_freedom = (sides as f64 - 2.0) * own.freedom;
    // error^2 = 2 s^2 / b, s^2 the residual's variance.
    let own_variance = own.error.powi(2) * blocks / 2.0;
    let own_squares = own_variance * own.freedom;
    let rest = (residual(table) - own_squares).max(0.0);
    if rest_freedom <= 0.0 || differs(own_variance, own.freedom, rest / rest_freedom, rest_freedom)
    {
        return Some(own);
    }
    let freedom = own.freedom + rest_freedom;
    let variance = (own_squares + rest) / freedom;
    Some(Contrast {
        error: (2.0 * variance / blocks).sqrt(),
        freedom,
        ..own
    })
}

/// Whether two variances differ, by F's two tails.
fn differs(one: f64, of_one: f64, other: f64, of_other: f64) -> bool {
    if one <= 0.0 || other <= 0.0 {
        return true;
    }
    let tail = FisherSnedecor::new(of_one, of_other).map(|f| f.cdf(one / other));
    tail.is_ok_and(|below| 2.0 * below.min(1.0 - below) < POOL_ALPHA)
}

/// Sum of squares about block and side.
fn residual(table: &[Vec<f64>]) -> f64 {
    let (rows, columns) = (table.len() as f64, table[0].len() as f64);
    let grand = table.iter().flatten().sum::<f64>() / (rows * columns);
    let of_column = |column: usize| table.iter().map(|row| row[column]).sum::<f64>() / rows;
    let columns_means: Vec<f64> = (0..table[0].len()).map(of_column).collect();
    let of_row = |row: &Vec<f64>| -> f64 {
        let mean = sum(row) / columns;
        let off = |(y, column): (&f64, &f64)| (y - mean - column + grand).powi(2);
        row.iter().zip(&columns_means).map(off).sum()
    };
    table.iter().map(of_row).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five blocks of three sides; `third` is how much more the third one scatters.
    fn table(third: f64) -> Vec<Vec<f64>> {
        let off = [
            [0.00, 0.01, -0.01],
            [0.01, -0.02, 0.01],
            [-0.01, 0.00, 0.02],
            [0.02, 0.01, -0.02],
            [-0.02, 0.00, 0.00],
        ];
        off.map(|[a, b, c]| vec![a, 0.1 + b, 0.2 + third * c])
            .to_vec()
    }

    /// (3 - 1) x (5 - 1) degrees of freedom, or the pair's own 5 - 1.
    #[test]
    fn the_scatter_of_other_sides_counts_while_it_is_like_the_pairs_own() {
        for (third, freedom) in [(1.0, 8.0), (100.0, 4.0), (0.0, 8.0)] {
            let found = among(&table(third), 0, 1).unwrap();
            assert_eq!(found.freedom, freedom, "{third}");
            assert!((found.log_ratio - 0.1).abs() < 1e-12);
        }
        let pooled = among(&table(1.0), 0, 1).unwrap();
        let variance = residual(&table(1.0)) / 8.0;
        assert!((pooled.error.powi(2) - variance * 2.0 / 5.0).abs() < 1e-15);
        let own = among(&table(100.0), 0, 1).unwrap();
        let pair: Vec<Vec<f64>> = table(100.0).iter().map(|row| row[..2].to_vec()).collect();
        assert_eq!(Some(own), among(&pair, 0, 1));
    }

    #[test]
    fn what_is_no_pair_of_sides_has_no_contrast() {
        let table = table(1.0);
        for (baseline, candidate) in [(1, 1), (0, 3), (3, 0)] {
            assert_eq!(among(&table, baseline, candidate), None);
        }
        assert!(among(&table, 2, 0).is_some());
        assert_eq!(among(&table[..1], 0, 1), None);
        assert_eq!(among(&[], 0, 1), None);
        let mut odd = table;
        odd[3].pop();
        assert_eq!(among(&odd, 0, 1), None);
    }

    /// All 2^20 exchanges are counted, not those of 21 blocks; two blocks are the fewest.
    #[test]
    fn exchanges_are_counted_of_2_to_20_blocks_of_one_run_a_side() {
        let blocks = |count: usize| -> Vec<Block> { vec![[vec![0.0], vec![1.0]]; count] };
        assert_eq!(exact(&blocks(1)), None);
        assert_eq!(exact(&blocks(2)), Some((0.5, 0.5)));
        let least = 2.0 / f64::from(1 << 20);
        assert_eq!(exact(&blocks(20)), Some((least, least)));
        assert_eq!(exact(&blocks(21)), None);
        let several = [[vec![0.0], vec![1.0]], [vec![0.0], vec![1.0, 2.0]]];
        assert_eq!(exact(&several), None);
        let lacking = [blocks(2), vec![[vec![0.0], vec![]]]].concat();
        assert_eq!(exact(&lacking), Some((0.5, 0.5)));
    }
}
