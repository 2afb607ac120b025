//! What would help: a later kernel, a later kube-proxy, several transactions.

use std::collections::BTreeSet;

use super::load::{carried, ledger_of};
use super::model::{FARTHEST, Model, model, work};
use super::{AskedLoad, Loaded};
use crate::evidence::names::by_release;
use crate::report::{
    PredictedLoad, ReplayFigure, ReplayedTransaction, Report, Upgrade, UpgradeKind, Work,
};

/// Numbers of transactions that splitting is tried with.
const PIECES: [u32; 9] = [2, 4, 8, 16, 32, 64, 128, 256, 512];

fn upgrade(kind: UpgradeKind, to: String, billion: f64, longest: f64, now: Work) -> Upgrade {
    Upgrade {
        kind,
        to,
        billion,
        saves_pct: (1.0 - billion / now.billion) * 100.0,
        longest_billion: longest,
    }
}

/// The same load on each other kernel.
pub(super) fn other_kernels(
    all: &[Loaded<'_>],
    kernel: &str,
    shape: &str,
    load: &PredictedLoad,
    now: Work,
) -> Vec<Upgrade> {
    let names: BTreeSet<&str> = all.iter().map(|one| one.figure.kernel.as_str()).collect();
    let later = names
        .into_iter()
        .filter(|name| by_release(name, kernel).is_gt());
    let one = |name: &str| {
        let mine: Vec<&Loaded<'_>> = all.iter().filter(|one| one.figure.kernel == name).collect();
        let model = model(&mine).filter(|model| model.shapes.iter().any(|one| one == shape))?;
        let billion = work(&model, shape, load, None).billion;
        Some(upgrade(
            UpgradeKind::Kernel,
            name.to_owned(),
            billion,
            billion,
            now,
        ))
    };
    later.filter_map(one).collect()
}

/// As another kube-proxy would write it: known for a scale, not for a file.
pub(super) fn other_shapes(model: &Model, shape: &str, of: AskedLoad, now: Work) -> Vec<Upgrade> {
    if matches!(of, AskedLoad::Ledger(_)) {
        return Vec::new();
    }
    let others = model.shapes.iter().filter(|one| one.as_str() > shape);
    let one = |other: &String| {
        let load = carried(of, other).ok()?;
        let billion = work(model, other, &load, None).billion;
        let to = other.trim_start_matches("kube-proxy-").to_owned();
        Some(upgrade(UpgradeKind::KubeProxy, to, billion, billion, now))
    };
    others.filter_map(one).collect()
}

/// In several transactions: what grows with a transaction's length shrinks, and each reads the
/// table before it, which loads that were split tell the cost of.
pub(super) fn splitting(
    report: &Report,
    all: &[Loaded<'_>],
    kernel: &str,
    shape: &str,
    load: &PredictedLoad,
    now: Work,
) -> (Option<Upgrade>, Option<String>) {
    let splits: Vec<(&ReplayedTransaction, &ReplayFigure)> = report
        .replays
        .iter()
        .flat_map(|replay| {
            let of = |figure: &ReplayFigure| &replay.transactions[figure.transaction];
            let mine = replay.figures.iter();
            mine.filter(|figure| figure.pieces > 1 && figure.exact)
                .map(move |figure| (of(figure), figure))
        })
        .filter(|(of, _)| of.shape == shape && of.from_replicas.is_none())
        .collect();
    let own = splits.iter().any(|(_, figure)| figure.kernel == kernel);
    let mut reads = Vec::new();
    for (of, figure) in &splits {
        if own && figure.kernel != kernel {
            continue;
        }
        let mine: Vec<&Loaded<'_>> = all
            .iter()
            .filter(|one| one.figure.kernel == figure.kernel)
            .collect();
        let Some(model) = model(&mine) else { continue };
        let whole = work(&model, shape, &ledger_of(of), None);
        let k = f64::from(figure.pieces);
        let ideal = whole.linear_billion + whole.quadratic_billion / k;
        reads.push((figure.kernel_s - ideal) / (of.entries as f64 * (k - 1.0) / 2.0));
    }
    let Some(each) = crate::stats::summary::median(&reads).map(|each| each.max(0.0)) else {
        let note = format!("No split load of {shape} was replayed: splitting is not told.");
        return (None, Some(note));
    };
    let cost = |pieces: u32| {
        let k = f64::from(pieces);
        let read = each * load.entries * (k - 1.0);
        let total = now.linear_billion + now.quadratic_billion / k + read / 2.0;
        let last = now.linear_billion / k + now.quadratic_billion / (k * k) + read / k;
        (pieces, total, last)
    };
    let used = || {
        let figures = splits.iter().map(|(_, figure)| figure);
        figures.filter(|figure| !own || figure.kernel == kernel)
    };
    let replayed: BTreeSet<u32> = used().map(|figure| figure.pieces).collect();
    let most = replayed.last().copied().unwrap_or_default();
    let best = tried(most).map(cost).min_by(|a, b| a.1.total_cmp(&b.1));
    let on: BTreeSet<&str> = used().map(|figure| figure.kernel.as_str()).collect();
    let pieces: Vec<String> = replayed.iter().map(u32::to_string).collect();
    let note = Some(format!(
        "Splitting rests on loads in {} transactions on {}; other numbers are reckoned from these.",
        pieces.join(" and "),
        on.into_iter().collect::<Vec<_>>().join(", ")
    ));
    let one = best.map(|(pieces, total, last)| {
        let to = format!("{pieces} transactions");
        upgrade(UpgradeKind::Splitting, to, total, last, now)
    });
    (one, note)
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
