//! All groups of all studies in one table: what a reader looks for first.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::basis::{self, Basis};
use super::room::{self, heaviest};
use super::view::{self, GroupRow};
use super::way::Way;
use crate::report::{CurveKind, Fit, Group, Report};

/// A group of a study: at matched scale where there is one, else over all its trials.
#[derive(Serialize)]
pub(super) struct Overview<'r> {
    group: GroupRow<'r>,
    matched: bool,
    /// kube-proxy's modes among its trials.
    modes: Vec<&'r str>,
    /// Power of the scale with which syncs that carry a ramp step grow, and its interval.
    exponent: Option<f64>,
    exponent_ci95: Option<[f64; 2]>,
    basis: Basis<'r>,
}

/// Of many groups the slowest; and how many there are in all.
pub(super) fn rows<'r>(report: &'r Report, way: &Way<'_>) -> (Vec<Overview<'r>>, usize) {
    type Key<'r> = (&'r str, &'r str);
    let key = |group: &'r Group| -> Key<'r> { (&group.study, &group.name) };
    let some = |group: &&Group| group.n > 0;
    let matched: HashMap<Key<'r>, &Group> = report
        .matched_groups
        .iter()
        .filter(some)
        .rev()
        .map(|group| (key(group), group))
        .collect();
    let steps = report
        .scaling
        .iter()
        .filter(|curve| curve.kind == CurveKind::StepByEndpoints);
    let fits: HashMap<Key<'r>, &Fit> = steps
        .filter_map(|curve| Some(((&*curve.study, &*curve.group), curve.fit.as_ref()?)))
        .collect();
    let slow = |group: &&Group| group.mean_s.unwrap_or(0.0);
    let groups: Vec<&Group> = report.groups.iter().filter(some).collect();
    let (groups, total) = heaviest(groups, room::ROWS, slow);
    let row = |all: &'r Group| {
        let at_scale = matched.get(&key(all)).copied();
        let group = at_scale.unwrap_or(all);
        let fit = fits.get(&key(all)).copied();
        Overview {
            group: view::group_row(group),
            matched: at_scale.is_some(),
            modes: modes(report, group),
            exponent: fit.map(|fit| fit.exponent),
            exponent_ci95: fit.and_then(|fit| fit.exponent_ci95),
            basis: basis::of(report, way, &group.trials, &[]),
        }
    };
    (groups.into_iter().map(row).collect(), total)
}

fn modes<'r>(report: &'r Report, group: &Group) -> Vec<&'r str> {
    let inputs = group.trials.iter().filter_map(|place| {
        let sync = report.syncs.syncs.get(*place)?;
        report.inputs.get(sync.input as usize)?.mode.as_deref()
    });
    inputs.collect::<BTreeSet<_>>().into_iter().collect()
}
