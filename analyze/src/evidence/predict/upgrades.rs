//! What would help: a later kernel, a later kube-proxy; and which change pays first.

use std::collections::BTreeSet;

use super::load::carried;
use super::model::{Model, check, model, work};
use super::{AskedLoad, Loaded};
use crate::evidence::names::by_release;
use crate::report::{PredictedLoad, Upgrade, UpgradeKind, Work};

fn upgrade(kind: UpgradeKind, to: String, then: Work, now: Work) -> Upgrade {
    Upgrade {
        kind,
        to,
        billion: then.billion,
        range: then.range,
        saves_pct: (1.0 - then.billion / now.billion) * 100.0,
        longest_billion: then.billion,
    }
}

/// The same load on each later kernel.
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
        let then = work(&model, shape, load, check(&mine, shape));
        Some(upgrade(UpgradeKind::Kernel, name.to_owned(), then, now))
    };
    later.filter_map(one).collect()
}

/// As another kube-proxy would write it: known for a scale, not for a file.
pub(super) fn other_shapes(
    mine: &[&Loaded<'_>],
    model: &Model,
    shape: &str,
    of: AskedLoad,
    now: Work,
) -> Vec<Upgrade> {
    if matches!(of, AskedLoad::Ledger(_)) {
        return Vec::new();
    }
    let others = model.shapes.iter().filter(|one| one.as_str() > shape);
    let one = |other: &String| {
        let load = carried(of, other).ok()?;
        let then = work(model, other, &load, check(mine, other));
        let to = other.trim_start_matches("kube-proxy-").to_owned();
        Some(upgrade(UpgradeKind::KubeProxy, to, then, now))
    };
    others.filter_map(one).collect()
}

/// Which pay first, of upgrades the best first: their places. Several: their intervals overlap the
/// best's; none: the best's overlaps what is now.
pub(super) fn first(upgrades: &[Upgrade], now: Work) -> Vec<usize> {
    let best = upgrades.first().filter(|best| best.range[1] < now.range[0]);
    let Some(best) = best else {
        return Vec::new();
    };
    let alike = |(_, one): &(usize, &Upgrade)| one.range[0] <= best.range[1];
    let all = upgrades.iter().enumerate();
    all.filter(alike).map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(billion: f64, half: f64) -> Upgrade {
        Upgrade {
            kind: UpgradeKind::Kernel,
            to: String::new(),
            billion,
            range: [billion - half, billion + half],
            saves_pct: 0.0,
            longest_billion: billion,
        }
    }

    #[test]
    fn what_is_not_told_apart_is_not_ranked() {
        let now = Work {
            billion: 10.0,
            range: [9.0, 11.0],
            linear_billion: 10.0,
            quadratic_billion: 0.0,
        };
        for (upgrades, wanted) in [
            (&[][..], &[][..]),
            (&[of(8.0, 0.99)], &[0]),
            (&[of(8.0, 1.0)], &[]),
            (&[of(5.0, 1.0), of(7.0, 1.0)], &[0, 1]),
            (&[of(5.0, 1.0), of(7.0, 0.99)], &[0]),
            (
                &[of(5.0, 0.1), of(5.1, 0.1), of(6.0, 0.1), of(6.5, 1.5)],
                &[0, 1, 3],
            ),
        ] {
            assert_eq!(first(upgrades, now), wanted, "{upgrades:?}");
        }
    }
}
