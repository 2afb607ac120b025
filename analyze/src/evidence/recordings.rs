//! Each recording at a glance: how its syncs ended, its worst sync, its worst complaint.

use std::collections::BTreeSet;

use kube_proxy_logs::Outcome;

use super::{excerpts, failure};
use crate::report::sync_table::seconds;
use crate::report::{BundleFacts, Failure, InputFacts, Recording, Report, Study};
use crate::stats::summary::quantiles;

/// Failures of which the reason is kept; the table of syncs has all.
const MOST_FAILURES: usize = 5;

/// One a bundle, and one for the loose logs, in the order of the studies.
#[must_use]
pub fn of(report: &Report) -> Vec<Recording> {
    let by_input = report.syncs.by_input();
    let mut all = Vec::new();
    for study in &report.studies {
        if study.bundles.is_empty() {
            all.push(one(report, study, None, &by_input));
        }
        let mine = report
            .bundles
            .iter()
            .filter(|b| study.bundles.contains(&b.id));
        all.extend(mine.map(|bundle| one(report, study, Some(bundle), &by_input)));
    }
    all
}

fn one(
    report: &Report,
    study: &Study,
    bundle: Option<&BundleFacts>,
    by_input: &[Vec<usize>],
) -> Recording {
    let mine = |input: &InputFacts| input.bundle.as_ref() == bundle.map(|bundle| &bundle.id);
    let logs: Vec<&InputFacts> = report.inputs.iter().filter(|input| mine(input)).collect();
    let inputs = report
        .inputs
        .iter()
        .enumerate()
        .filter(|(_, input)| mine(input));
    let places: Vec<usize> = inputs
        .filter_map(|(at, _)| by_input.get(at))
        .flatten()
        .copied()
        .collect();
    let names = |of: fn(&InputFacts) -> Option<&String>| -> Vec<String> {
        let found: BTreeSet<&String> = logs.iter().filter_map(|input| of(input)).collect();
        found.into_iter().cloned().collect()
    };
    let nodes = names(|input| input.node.as_ref()).len();
    let mut made = Recording {
        id: bundle.map_or_else(|| study.id.clone(), |bundle| bundle.id.clone()),
        study: study.id.clone(),
        bundle: bundle.is_some(),
        started: bundle.map_or_else(
            || logs.iter().filter_map(|input| input.first.clone()).min(),
            |bundle| Some(bundle.started.clone()),
        ),
        modes: names(|input| input.mode.as_ref()),
        kube_proxy: names(|input| input.kube_proxy.as_ref()),
        nodes: bundle.map_or(nodes.max(logs.len().min(1)), |bundle| bundle.nodes.len()),
        ..Recording::default()
    };
    count(report, &places, &mut made);
    complaints(report, &logs, &mut made);
    made.worst_step = bundle.and_then(|bundle| worst_step(report, bundle));
    made
}

fn count(report: &Report, places: &[usize], into: &mut Recording) {
    let mut groups = BTreeSet::new();
    let mut took = Vec::new();
    let mut slowest: Option<(u64, usize)> = None;
    for place in places {
        let (Some(sync), Some(derived)) = (
            report.syncs.syncs.get(*place),
            report.syncs.derived.get(*place),
        ) else {
            continue;
        };
        groups.extend(report.syncs.groups.get(derived.group as usize));
        match sync.outcome {
            Outcome::Ok => {
                into.ok += 1;
                took.extend(sync.elapsed_ns.map(seconds));
            }
            Outcome::Failed => {
                into.failed += 1;
                if into.failures.len() < MOST_FAILURES {
                    into.failures.push(Failure {
                        sync: *place,
                        reason: None,
                        line: None,
                    });
                }
            }
            Outcome::Unfinished => into.unfinished += 1,
        }
        let ended = sync
            .elapsed_ns
            .filter(|_| sync.outcome != Outcome::Unfinished);
        if let Some(ns) = ended.filter(|ns| slowest.is_none_or(|(most, _)| *ns > most)) {
            slowest = Some((ns, *place));
        }
    }
    into.groups = groups.into_iter().cloned().collect();
    into.slowest = slowest.map(|(_, place)| place);
    if let Some([p50, p99]) = quantiles(&took, [0.5, 0.99]) {
        (into.p50_s, into.p99_s) = (Some(p50), Some(p99));
    }
}

fn complaints(report: &Report, logs: &[&InputFacts], into: &mut Recording) {
    let paths: BTreeSet<&str> = logs.iter().map(|input| input.path.as_str()).collect();
    let events = report.kernel_events.iter().enumerate();
    let mine = events.filter(|(_, event)| paths.contains(event.input.as_str()));
    let mut worst: Option<(f64, usize)> = None;
    for (place, event) in mine {
        into.complaints += 1;
        let seconds = event.seconds.unwrap_or(0.0);
        if worst.is_none_or(|(most, _)| seconds > most) {
            worst = Some((seconds, place));
        }
    }
    into.worst_complaint = worst.map(|(_, place)| place);
}

fn worst_step(report: &Report, bundle: &BundleFacts) -> Option<usize> {
    let steps = report.ramp_steps.iter().enumerate();
    let mine = steps.filter(|(_, step)| step.bundle == bundle.id);
    let timed = mine.filter_map(|(place, step)| Some((step.staleness_s?, place)));
    timed
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, place)| place)
}

/// Puts the reasons of failures in, as far as the logs' lines can be read once more.
pub fn give_reasons(report: &mut Report) {
    let excerpts = excerpts::of_failures(report);
    let mut recordings = std::mem::take(&mut report.recordings);
    for failure in recordings.iter_mut().flat_map(|one| &mut one.failures) {
        let Some(row) = report.syncs.get(failure.sync) else {
            continue;
        };
        if let Some((line, words)) = failure::reason(&excerpts, &row.input, row.line) {
            (failure.line, failure.reason) = (Some(line), Some(words));
        }
    }
    report.recordings = recordings;
}
