//! Groups and comparisons of one study, over all trials and at matched scale.

use std::collections::HashSet;

use rayon::prelude::*;

use super::compare::Field;
use super::groups::{self, Summarised};
use super::matched::{self, Work};
use super::names::Release;
use super::order::{Order, Timed};
use super::provenance::Provenance;
use super::runs::{Run, Sources};
use crate::frame::GroupTrials;
use crate::plan::Plan;
use crate::report::sync_table::rfc3339;
use crate::report::{Comparison, Drift, Outcome, Report, RunRow, SyncTable, Warning};
use crate::stats::drift;

/// The work common to a study's groups.
pub(super) fn matched_work(table: &SyncTable, groups: &[&GroupTrials]) -> Option<Work> {
    let of = |place: &usize| {
        let endpoints = table.syncs.get(*place)?.endpoints?;
        Some((endpoints, table.changes.at(*place)))
    };
    let work: Vec<Vec<(u64, Option<i64>)>> = groups
        .iter()
        .map(|group| group.places.iter().filter_map(of).collect())
        .collect();
    matched::common_work(&work)
}

/// Summarises and compares the groups of a study; gives the drift of its runs.
pub(super) fn examine(
    report: &mut Report,
    sources: Sources<'_>,
    trials: &[&GroupTrials],
    study: usize,
    level: f64,
) -> Option<Drift> {
    let Sources { plan, table, .. } = sources;
    let id = &table.studies[study];
    let name = |group: u32| table.groups[group as usize].as_str();
    let runs: Vec<Vec<Run>> = trials.par_iter().map(|of| sources.runs(of)).collect();
    let order = Order::of(&timed(&runs));
    let first_of_study = report.runs.len();
    let firsts = firsts(&runs);
    let summarised = |of: &GroupTrials, at: usize| {
        let runs = groups::Runs {
            of_group: &runs[at],
            first: firsts[at],
            first_of_study,
        };
        groups::summarise(of, runs, table, id, name(of.group))
    };
    let each = || trials.par_iter().enumerate();
    let all: Vec<Summarised> = each().map(|(at, of)| summarised(of, at)).collect();
    let at_scale = matched_work(table, trials).map(|work| -> Vec<Summarised> {
        each()
            .map(|(at, of)| summarised(&groups::at_work(of, table, work), at))
            .collect()
    });
    report.runs.extend(rows(sources, &all, &order));
    let field = |groups, matched, tested| Field {
        groups,
        order: &order,
        outcome: Outcome::Trials,
        matched,
        tested,
        margin: plan.margin,
        level,
    };
    // Differences are tested once: at matched scale where there is one. Where it holds every
    // trial, both scopes are one.
    let same = at_scale.as_ref().is_some_and(|at| same_trials(at, &all));
    let tested = at_scale.is_none() || same;
    report
        .comparisons
        .extend(comparisons(plan, field(&all, false, tested)));
    if let Some(at) = &at_scale {
        report
            .comparisons
            .extend(comparisons(plan, field(at, true, true)));
    }
    let drift = drift_of(at_scale.as_ref().unwrap_or(&all), &order);
    let summaries = |groups: Vec<Summarised>| groups.into_iter().map(|of| of.group);
    report.groups.extend(summaries(all));
    report
        .matched_groups
        .extend(at_scale.into_iter().flat_map(summaries));
    drift
}

/// For each group the place of its first run among the study's.
fn firsts(runs: &[Vec<Run>]) -> Vec<usize> {
    let mut next = 0;
    let first = |of_group: &Vec<Run>| {
        let first = next;
        next += of_group.len();
        first
    };
    runs.iter().map(first).collect()
}

/// Runs as their order is seen.
fn timed(runs: &[Vec<Run>]) -> Vec<Timed> {
    let of_group = |(group, runs): (usize, &Vec<Run>)| -> Vec<Timed> {
        let one = |run: &Run| Timed {
            group,
            bundle: run.bundle,
            span: run.span,
        };
        runs.iter().map(one).collect()
    };
    runs.iter().enumerate().flat_map(of_group).collect()
}

/// The runs of a study as reports show them.
fn rows(sources: Sources<'_>, all: &[Summarised], order: &Order) -> Vec<RunRow> {
    let several = order.blocks.iter().any(|block| *block > 0);
    let of_group = |of: &Summarised| -> Vec<RunRow> {
        let runs = of.runs.iter().zip(&of.places).zip(&of.group.run_means_s);
        runs.map(|((run, at), mean)| RunRow {
            study: of.group.study.clone(),
            group: of.group.name.clone(),
            name: run.name.clone(),
            bundle: run
                .bundle
                .and_then(|bundle| sources.corpus.bundles.get(bundle))
                .map(|open| open.id.clone()),
            node: run.node.clone(),
            independence: run.independence,
            start: run.span.map(|span| rfc3339(span.start_ns)),
            place: order.places.get(*at).map_or(1, |place| place + 1),
            block: order
                .blocks
                .get(*at)
                .filter(|_| several && order.complete)
                .map(|block| block + 1),
            mean_s: Some(*mean),
            trials: run.trials.clone(),
        })
        .collect()
    };
    all.iter().flat_map(of_group).collect()
}

/// Whether the trials at matched scale are all trials.
fn same_trials(at_scale: &[Summarised], all: &[Summarised]) -> bool {
    let pairs = at_scale.iter().zip(all);
    pairs
        .into_iter()
        .all(|(at, all)| at.group.trials == all.group.trials)
}

/// The drift of a study's runs.
fn drift_of(groups: &[Summarised], order: &Order) -> Option<Drift> {
    let timed: Vec<drift::Runs> = groups
        .iter()
        .map(|of| {
            if order.complete {
                of.by_block(order)
            } else {
                of.timed(order)
            }
        })
        .collect();
    let found = drift::drift(&timed)?;
    Some(Drift {
        per: if order.complete { "repetition" } else { "run" }.to_owned(),
        pct: found.pct(),
        ci95_pct: found.ci95_pct(),
        p_value: found.p(),
        runs: groups.iter().flat_map(|of| of.group.runs.clone()).collect(),
    })
}

/// The baseline and the candidates of a study's groups: by flags, else by their names' order, and
/// never by what was measured.
pub(super) fn comparisons(plan: &Plan, field: Field<'_>) -> Vec<Comparison> {
    let mut order: Vec<usize> = (0..field.groups.len()).collect();
    let name = |at: usize| field.groups[at].group.name.as_str();
    order.sort_by_cached_key(|at| Release::of(name(*at)));
    let named = plan.baseline.as_deref();
    let baseline = match named {
        Some(wanted) => order.iter().copied().find(|at| name(*at) == wanted),
        // A candidate that is the first of all leaves the next one to compare it with.
        None => order
            .iter()
            .copied()
            .find(|at| plan.candidate.as_deref() != Some(name(*at))),
    };
    let Some(baseline) = baseline else {
        return Vec::new();
    };
    order.retain(|at| {
        let wanted = plan
            .candidate
            .as_deref()
            .is_none_or(|only| name(*at) == only);
        *at != baseline && wanted
    });
    field.compare(baseline, &order)
}

/// Adds to a study's comparisons what stands against them but is no figure of theirs, and to the
/// report's warnings in what its groups differ beside their names.
pub(super) fn doubt(report: &mut Report, study: &str, provenance: Provenance<'_>) {
    let mut differences: Vec<String> = Vec::new();
    let mut known: HashSet<String> = HashSet::new();
    let trials = report.comparisons.iter_mut();
    let all = trials.chain(&mut report.convergence_comparisons);
    let mut mine: Vec<&mut Comparison> = all.filter(|one| one.study == study).collect();
    let doubts = |comparison: &mut &mut Comparison| {
        let found = provenance.differences(comparison);
        let faults = provenance.faults(comparison);
        let warnings = &mut comparison.warnings;
        warnings.extend(found.iter().cloned().chain(faults));
        found
    };
    let found: Vec<Vec<String>> = mine.par_iter_mut().map(doubts).collect();
    for difference in found.into_iter().flatten() {
        if known.insert(difference.clone()) {
            differences.push(difference);
        }
    }
    report.warnings.extend(
        differences
            .into_iter()
            .map(|message| Warning::new("unequal_provenance", message).about(study)),
    );
}
