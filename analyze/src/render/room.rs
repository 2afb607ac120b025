//! What a page, or a document, has room for. Of more, it shows the heaviest, and says of how many;
//! results.json and syncs.parquet have all.

use std::collections::HashSet;

/// Rows of a table, and sentences of a list.
pub(super) const ROWS: usize = 200;
/// Rows of the largest tables: syncs, trials, runs, kernel complaints.
pub(super) const MANY: usize = 1_000;
/// Syncs that a page brings for its script.
pub(super) const DATA: usize = 12_000;
/// Studies with all their parts, in a document or page that holds several.
pub(super) const STUDIES: usize = 40;
/// Remarks, and reasons.
pub(super) const REMARKS: usize = 20;

/// The heaviest of a list, up to a number, in its order; and how many there are in all.
pub(super) fn heaviest<T>(
    mut all: Vec<T>,
    most: usize,
    weight: impl Fn(&T) -> f64,
) -> (Vec<T>, usize) {
    let total = all.len();
    if total > most {
        let mut order: Vec<(f64, usize)> = all.iter().map(weight).zip(0..).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let kept: HashSet<usize> = order.into_iter().take(most).map(|(_, at)| at).collect();
        let mut at = 0;
        all.retain(|_| {
            at += 1;
            kept.contains(&(at - 1))
        });
    }
    (all, total)
}

/// The first of a list, up to a number, and how many there are in all.
pub(super) fn first<T>(all: &[T], most: usize) -> (&[T], usize) {
    (&all[..all.len().min(most)], all.len())
}

#[cfg(test)]
mod tests {
    use super::heaviest;

    #[test]
    fn the_heaviest_in_their_order() {
        let weight = |one: &f64| *one;
        let all = vec![2.0, 9.0, 1.0, 5.0];
        assert_eq!(heaviest(all.clone(), 4, weight), (all.clone(), 4));
        assert_eq!(heaviest(all.clone(), 3, weight), (vec![2.0, 9.0, 5.0], 4));
        assert_eq!(heaviest(all, 1, weight), (vec![9.0], 4));
        // Of equals the first.
        let equal = vec![("a", 1.0), ("b", 1.0)];
        assert_eq!(heaviest(equal, 1, |one| one.1), (vec![("a", 1.0)], 2));
    }
}
