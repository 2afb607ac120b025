//! Loads cut into several transactions: what all of them take, and the longest of them, by number.

use std::collections::BTreeMap;

use crate::report::{ReplayFigure, SplitCurve};

/// A curve for each load, clock and kernel that was loaded whole and in pieces. `figures` are by
/// load, clock, pieces and kernel.
pub(super) fn of(figures: &[ReplayFigure]) -> Vec<SplitCurve> {
    let mut kernels: Vec<&str> = Vec::new();
    let mut curves: BTreeMap<(usize, &str, usize), Vec<usize>> = BTreeMap::new();
    for (at, figure) in figures.iter().enumerate() {
        let known = kernels.iter().position(|name| *name == figure.kernel);
        let kernel = known.unwrap_or_else(|| {
            kernels.push(&figure.kernel);
            kernels.len() - 1
        });
        let key = (figure.transaction, figure.clock.as_str(), kernel);
        curves.entry(key).or_default().push(at);
    }
    let curves = curves.into_iter();
    curves
        .filter_map(|((transaction, ..), places)| curve(figures, transaction, places))
        .collect()
}

fn curve(figures: &[ReplayFigure], transaction: usize, places: Vec<usize>) -> Option<SplitCurve> {
    let whole = *places.iter().find(|at| figures[**at].pieces <= 1)?;
    let best = places.iter().copied().min_by(|a, b| {
        let (a, b) = (&figures[*a], &figures[*b]);
        a.kernel_s.total_cmp(&b.kernel_s)
    })?;
    let less = |part: f64| (1.0 - part) * 100.0;
    let whole = &figures[whole];
    (places.len() > 1).then(|| SplitCurve {
        transaction,
        best,
        saves_pct: less(figures[best].kernel_s / whole.kernel_s),
        longest_saves_pct: less(figures[best].longest_s / whole.longest_s),
        figures: places,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(kernel: &str, pieces: u32, kernel_s: f64, longest_s: f64) -> ReplayFigure {
        ReplayFigure {
            transaction: 0,
            kernel: kernel.to_owned(),
            kernel_release: kernel.to_owned(),
            clock: "instructions".to_owned(),
            host: String::new(),
            pieces,
            n: 1,
            kernel_s,
            user_s: None,
            longest_s,
            spread_pct: None,
            exact: true,
            ratio: None,
            lines: Vec::new(),
        }
    }

    #[test]
    fn the_least_of_a_curve_is_its_best_and_pieces_alone_are_none() {
        let all = [
            figure("a", 1, 8.0, 8.0),
            figure("b", 2, 1.0, 0.5),
            figure("a", 2, 6.0, 4.0),
            figure("a", 4, 7.0, 2.0),
        ];
        let curves = of(&all);
        assert_eq!(curves.len(), 1);
        let curve = &curves[0];
        assert_eq!((curve.figures.as_slice(), curve.best), (&[0, 2, 3][..], 2));
        assert_eq!((curve.saves_pct, curve.longest_saves_pct), (25.0, 50.0));
        assert!(of(&all[..1]).is_empty());
    }

    #[test]
    fn where_splitting_gives_nothing_the_whole_is_best() {
        let all = [figure("a", 1, 1.0, 1.0), figure("a", 2, 1.5, 0.8)];
        let curve = &of(&all)[0];
        assert_eq!((curve.best, curve.saves_pct), (0, 0.0));
    }
}
