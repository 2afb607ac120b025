//! The same change in several transactions: what walks over entries shrinks, what looks at the
//! table's names does not, and each transaction's loader reads the table first.

use std::collections::BTreeSet;

use super::Loaded;
use super::load::ledger_of;
use super::model::{FARTHEST, Parts, model};
use crate::report::{
    PredictedLoad, ReplayFigure, ReplayedTransaction, Report, Upgrade, UpgradeKind, Work,
};
use crate::stats::summary::median;

/// Numbers of transactions that splitting is tried with.
const PIECES: [u32; 9] = [2, 4, 8, 16, 32, 64, 128, 256, 512];

/// A load that was split, and its kernel's figure.
type Split<'r> = (&'r ReplayedTransaction, &'r ReplayFigure);

/// What splitting would give, and what that rests on.
pub(super) fn splitting(
    report: &Report,
    all: &[Loaded<'_>],
    (kernel, shape): (&str, &str),
    load: &PredictedLoad,
    (now, parts): (Work, Parts),
) -> (Option<Upgrade>, String) {
    let mut splits = splits(report, shape);
    let none = || format!("No split load of {shape} was replayed: splitting is not told.");
    if splits.iter().any(|(_, figure)| figure.kernel == kernel) {
        splits.retain(|(_, figure)| figure.kernel == kernel);
    }
    let reads: Vec<f64> = splits
        .iter()
        .filter_map(|split| read(all, shape, *split))
        .collect();
    let (Some(each), Some(most)) = (
        median(&reads),
        splits.iter().map(|(_, figure)| figure.pieces).max(),
    ) else {
        return (None, none());
    };
    let total = |each: f64, pieces: u32| parts.in_pieces(each.max(0.0) * load.entries, pieces);
    let best = tried(most).min_by(|a, b| total(each, *a).total_cmp(&total(each, *b)));
    let Some(pieces) = best else {
        return (None, none());
    };
    let billion = total(each, pieces);
    // As far as the whole's prediction is off, so may this be; and reading costs what it costs.
    let (least, dearest) = reads
        .iter()
        .fold((each, each), |(l, m), read| (l.min(*read), m.max(*read)));
    let upgrade = Upgrade {
        kind: UpgradeKind::Splitting,
        to: format!("{pieces} transactions"),
        billion,
        range: [
            total(least, pieces) * now.range[0] / now.billion,
            total(dearest, pieces) * now.range[1] / now.billion,
        ],
        saves_pct: (1.0 - billion / now.billion) * 100.0,
        longest_billion: parts.last_piece(each.max(0.0) * load.entries, pieces),
    };
    (Some(upgrade), rests_on(&splits, kernel))
}

fn splits<'r>(report: &'r Report, shape: &str) -> Vec<Split<'r>> {
    let replays = report.replays.iter();
    let all = replays.flat_map(|replay| {
        let figures = replay.figures.iter();
        figures.map(|figure| (&replay.transactions[figure.transaction], figure))
    });
    all.filter(|(of, figure)| {
        let cold = of.from_replicas.is_none() && of.after.is_empty();
        cold && figure.pieces > 1 && figure.exact && of.shape == shape
    })
    .collect()
}

/// Instructions that reading the table before took for an entry, in billions.
fn read(all: &[Loaded<'_>], shape: &str, (of, figure): Split<'_>) -> Option<f64> {
    let mine: Vec<&Loaded<'_>> = all
        .iter()
        .filter(|one| one.figure.kernel == figure.kernel)
        .collect();
    let parts = Parts::of(&model(&mine)?, shape, &ledger_of(of));
    // The model is off by so much where nothing is split: that is not reading.
    let whole = mine
        .iter()
        .find(|one| one.of.name == of.name)
        .map_or(1.0, |one| one.figure.kernel_s / parts.total());
    let left = figure.kernel_s - parts.in_pieces(0.0, figure.pieces) * whole;
    Some(left / (of.entries as f64 * f64::from(figure.pieces - 1) / 2.0))
}

fn rests_on(splits: &[Split<'_>], kernel: &str) -> String {
    let pieces: BTreeSet<u32> = splits.iter().map(|(_, figure)| figure.pieces).collect();
    let pieces: Vec<String> = pieces.iter().map(u32::to_string).collect();
    let kernels: BTreeSet<&str> = splits
        .iter()
        .map(|(_, figure)| figure.kernel.as_str())
        .collect();
    let other = match kernels.contains(kernel) {
        true => String::new(),
        false => format!(", none on {kernel}"),
    };
    format!(
        "Splitting rests on loads in {} transactions on {}{other}; other numbers are reckoned from \
         these.",
        pieces.join(", "),
        kernels.into_iter().collect::<Vec<_>>().join(", ")
    )
}

/// The numbers of transactions that are told where loads in `most` of them were replayed.
fn tried(most: u32) -> impl Iterator<Item = u32> {
    let farthest = f64::from(most) * FARTHEST;
    let near = move |pieces: &u32| f64::from(*pieces) <= farthest;
    PIECES.into_iter().filter(near)
}

#[cfg(test)]
mod tests {
    use super::tried;

    #[test]
    fn no_more_transactions_are_told_than_eight_times_those_replayed() {
        let most = |replayed: u32| tried(replayed).max();
        assert_eq!((most(0), most(3), most(4)), (None, Some(16), Some(32)));
        assert_eq!(most(1000), Some(512));
    }
}
