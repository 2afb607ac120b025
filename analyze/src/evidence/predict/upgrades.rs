//! What would help: a later kernel, a later kube-proxy, several transactions.

use std::collections::BTreeSet;

use super::load::{carried, ledger_of};
use super::model::{Model, model, work};
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
    let best = PIECES
        .into_iter()
        .map(cost)
        .min_by(|a, b| a.1.total_cmp(&b.1));
    let note = (!own).then(|| format!("Splitting was replayed on other kernels than {kernel}."));
    let one = best.map(|(pieces, total, last)| {
        let to = format!("{pieces} transactions");
        upgrade(UpgradeKind::Splitting, to, total, last, now)
    });
    (one, note)
}
