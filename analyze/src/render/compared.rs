//! Sides set against each other as templates see them: comparisons, convergence, claims.

use serde::Serialize;

use super::basis::{self, Traced, traced};
use super::room::{ROWS, heaviest};
use super::way::Way;
use crate::report::{ClaimCheck, Comparison, ConvergedGroup, Outcome, Report, Study};

/// A comparison's figures without its trials.
#[derive(Serialize)]
pub(super) struct ComparisonView<'r> {
    baseline: &'r str,
    candidate: &'r str,
    matched: bool,
    n: [usize; 2],
    improvement_pct: Option<f64>,
    ci95_pct: Option<[f64; 2]>,
    speedup: Option<f64>,
    p_value: Option<f64>,
    test: &'r str,
}

/// A claim's check without its trials.
#[derive(Serialize)]
pub(super) struct ClaimView<'r> {
    text: &'r str,
    scope: &'r str,
    quantity: &'r str,
    claimed: f64,
    computed: Option<f64>,
    holds: Option<bool>,
    difference: Option<f64>,
}

/// How soon a group's kernels held a step.
#[derive(Serialize)]
pub(super) struct ConvergedView<'r> {
    name: &'r str,
    outcome: Outcome,
    endpoints: u64,
    time: usize,
    steps: usize,
    n: usize,
    mean_s: f64,
    ci95_s: Option<[f64; 2]>,
    from_slices_s: Option<[f64; 2]>,
    worst_s: f64,
}

/// A comparison of convergence.
#[derive(Serialize)]
pub(super) struct ConvergenceView<'r> {
    baseline: &'r str,
    candidate: &'r str,
    outcome: Outcome,
    endpoints: Option<[u64; 2]>,
    n: [usize; 2],
    improvement_pct: Option<f64>,
    ci95_pct: Option<[f64; 2]>,
    p_value: Option<f64>,
    test: &'r str,
}

/// How soon a group's kernels held the steps of the ramp.
pub(super) fn converged<'r>(
    report: &'r Report,
    way: &Way<'_>,
    study: &Study,
) -> Vec<Traced<'r, ConvergedView<'r>>> {
    let mine = study.of(&report.converged);
    let view = |one: &'r ConvergedGroup| {
        let steps = one.ramp_steps.iter();
        let steps = steps.filter_map(|at| report.ramp_steps.get(*at));
        let syncs: Vec<usize> = steps.filter_map(|step| step.sync).collect();
        let row = ConvergedView {
            name: &one.name,
            outcome: one.outcome,
            endpoints: one.endpoints,
            time: one.time,
            steps: one.steps,
            n: one.n,
            mean_s: one.mean_s,
            ci95_s: one.ci95_s,
            from_slices_s: one.from_slices_s,
            worst_s: one.worst_s,
        };
        traced(row, basis::of(report, way, &syncs, &[]))
    };
    mine.take(ROWS).map(view).collect()
}

pub(super) fn convergence<'r>(
    report: &'r Report,
    way: &Way<'_>,
    study: &Study,
) -> Vec<Traced<'r, ConvergenceView<'r>>> {
    let all = report.convergence_comparisons.iter();
    let view = |c: &'r Comparison| {
        let row = ConvergenceView {
            baseline: &c.baseline,
            candidate: &c.candidate,
            outcome: c.outcome,
            endpoints: c.endpoints,
            n: c.n,
            improvement_pct: c.improvement_pct,
            ci95_pct: c.ci95_pct,
            p_value: c.p_value,
            test: &c.test,
        };
        traced(row, basis::of_both(report, way, &c.trials))
    };
    study.of(all).take(ROWS).map(view).collect()
}

pub(super) fn comparisons<'r>(
    report: &'r Report,
    way: &Way<'_>,
    study: &Study,
) -> (Vec<Traced<'r, ComparisonView<'r>>>, usize) {
    let mine = study.of(&report.comparisons);
    let large = |c: &&Comparison| {
        let size = c.improvement_pct.unwrap_or(0.0).abs();
        if c.sure { 1e12 + size } else { size }
    };
    let (mine, total) = heaviest(mine.collect(), ROWS, large);
    let view = |c: &'r Comparison| {
        let row = ComparisonView {
            baseline: &c.baseline,
            candidate: &c.candidate,
            matched: c.matched,
            n: c.n,
            improvement_pct: c.improvement_pct,
            ci95_pct: c.ci95_pct,
            speedup: c.speedup,
            p_value: c.p_value,
            test: &c.test,
        };
        traced(row, basis::of_both(report, way, &c.trials))
    };
    (mine.into_iter().map(view).collect(), total)
}

pub(super) fn claims<'r>(
    report: &'r Report,
    way: &Way<'_>,
    study: &Study,
) -> (Vec<Traced<'r, ClaimView<'r>>>, usize) {
    let mine = study.of(&report.claims);
    let view = |claim: &'r ClaimCheck| {
        let row = ClaimView {
            text: &claim.text,
            scope: &claim.scope,
            quantity: &claim.quantity,
            claimed: claim.claimed,
            computed: claim.computed,
            holds: claim.holds,
            difference: claim.difference,
        };
        traced(row, basis::of(report, way, &claim.trials, &[]))
    };
    let total = mine.clone().count();
    (mine.take(ROWS).map(view).collect(), total)
}
