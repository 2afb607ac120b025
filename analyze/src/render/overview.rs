//! All groups of all studies in one table: what a reader looks for first.

use std::collections::BTreeSet;

use serde::Serialize;

use super::basis::{self, Basis};
use super::way::Way;
use crate::report::{CurveKind, Group, Report};

/// A group of a study: at matched scale where there is one, else over all its trials.
#[derive(Serialize)]
pub(super) struct Overview<'r> {
    group: &'r Group,
    matched: bool,
    /// kube-proxy's modes among its trials.
    modes: Vec<&'r str>,
    /// Power of the scale with which syncs that carry a ramp step grow, and its interval.
    exponent: Option<f64>,
    exponent_ci95: Option<[f64; 2]>,
    basis: Basis<'r>,
}

pub(super) fn rows<'r>(report: &'r Report, way: &Way<'_>) -> Vec<Overview<'r>> {
    let groups = report.groups.iter().filter(|group| group.n > 0);
    groups
        .map(|all| {
            let same = |one: &&Group| one.study == all.study && one.name == all.name && one.n > 0;
            let matched = report.matched_groups.iter().find(same);
            let group = matched.unwrap_or(all);
            let curve = report.scaling.iter().find(|curve| {
                curve.study == all.study
                    && curve.group == all.name
                    && curve.kind == CurveKind::StepByEndpoints
            });
            let fit = curve.and_then(|curve| curve.fit.as_ref());
            Overview {
                group,
                matched: matched.is_some(),
                modes: modes(report, group),
                exponent: fit.map(|fit| fit.exponent),
                exponent_ci95: fit.and_then(|fit| fit.exponent_ci95),
                basis: basis::of(report, way, &group.trials, &[]),
            }
        })
        .collect()
}

fn modes<'r>(report: &'r Report, group: &Group) -> Vec<&'r str> {
    let inputs = group.trials.iter().filter_map(|place| {
        let sync = report.syncs.syncs.get(*place)?;
        report.inputs.get(sync.input as usize)?.mode.as_deref()
    });
    inputs.collect::<BTreeSet<_>>().into_iter().collect()
}
