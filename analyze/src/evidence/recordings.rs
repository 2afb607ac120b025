//! Each recording at a glance: how its syncs ended, its worst sync, its worst complaint.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use kube_proxy_logs::Outcome;

use super::{excerpts, failure};
use crate::corpus::Corpus;
use crate::report::excerpt::LOOKED_UP;
use crate::report::sync_table::seconds;
use crate::report::{BundleFacts, Failure, InputFacts, Places, Recording, Report, Study};
use crate::stats::summary::quantiles_of;

/// Reasons of a recording that are told apart.
const MOST_REASONS: usize = 20;

/// One a bundle, and one for the loose logs, in the order of the studies.
#[must_use]
pub fn of(report: &Report) -> Vec<Recording> {
    let finds = Finds::of(report);
    let bundles: HashMap<&str, &BundleFacts> = report
        .bundles
        .iter()
        .map(|bundle| (bundle.id.as_str(), bundle))
        .collect();
    let mut all = Vec::new();
    for study in &report.studies {
        if study.bundles.is_empty() {
            all.push(one(report, study, None, &finds));
        }
        let mine = study.bundles.iter();
        let mine = mine.filter_map(|id| bundles.get(id.as_str()));
        all.extend(mine.map(|bundle| one(report, study, Some(bundle), &finds)));
    }
    all
}

/// What is looked up recording by recording, made once.
struct Finds<'r> {
    /// Places of logs by bundle; those of none are loose.
    logs: HashMap<Option<&'r str>, Vec<usize>>,
    /// Places of syncs by log.
    syncs: Vec<Places>,
    /// Places of kernel complaints by the path of their log.
    events: HashMap<&'r str, Vec<usize>>,
    /// Places of ramp steps by bundle.
    steps: HashMap<&'r str, Vec<usize>>,
}

impl<'r> Finds<'r> {
    fn of(report: &'r Report) -> Self {
        fn grouped<K: Eq + Hash>(keys: impl Iterator<Item = K>) -> HashMap<K, Vec<usize>> {
            let mut places: HashMap<K, Vec<usize>> = HashMap::new();
            for (place, key) in keys.enumerate() {
                places.entry(key).or_default().push(place);
            }
            places
        }
        Self {
            logs: grouped(report.inputs.iter().map(|input| input.bundle.as_deref())),
            syncs: report.syncs.by_input(),
            events: grouped(
                report
                    .kernel_events
                    .iter()
                    .map(|event| event.input.as_str()),
            ),
            steps: grouped(report.ramp_steps.iter().map(|step| step.bundle.as_str())),
        }
    }
}

fn one(
    report: &Report,
    study: &Study,
    bundle: Option<&BundleFacts>,
    finds: &Finds<'_>,
) -> Recording {
    let mine = finds.logs.get(&bundle.map(|bundle| bundle.id.as_str()));
    let mine = mine.map_or(&[][..], Vec::as_slice);
    let logs: Vec<&InputFacts> = mine
        .iter()
        .filter_map(|at| report.inputs.get(*at))
        .collect();
    let places: Places = mine
        .iter()
        .filter_map(|at| finds.syncs.get(*at))
        .flat_map(Places::iter)
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
    complaints(report, &logs, finds, &mut made);
    let steps = bundle.and_then(|bundle| finds.steps.get(bundle.id.as_str()));
    made.worst_step = steps.and_then(|steps| worst_step(report, steps));
    made
}

fn count(report: &Report, places: &Places, into: &mut Recording) {
    let mut groups = BTreeSet::new();
    let mut took = Vec::new();
    let mut slowest: Option<(u64, usize)> = None;
    for place in places.iter() {
        let (Some(sync), Some(derived)) =
            (report.syncs.syncs.get(place), report.syncs.derived(place))
        else {
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
                fail(place, &mut into.failures);
            }
            Outcome::Unfinished => into.unfinished += 1,
        }
        let ended = sync
            .elapsed_ns
            .filter(|_| sync.outcome != Outcome::Unfinished);
        if let Some(ns) = ended.filter(|ns| slowest.is_none_or(|(most, _)| *ns > most)) {
            slowest = Some((ns, place));
        }
    }
    into.groups = groups.into_iter().cloned().collect();
    into.slowest = slowest.map(|(_, place)| place);
    if let Some([p50, p99]) = quantiles_of(took, [0.5, 0.99]) {
        (into.p50_s, into.p99_s) = (Some(p50), Some(p99));
    }
}

/// Notes a failed sync; the reason comes later. Of very many the rest are one row.
fn fail(place: usize, failures: &mut Vec<Failure>) {
    let full = failures.len() > LOOKED_UP;
    match failures.last_mut() {
        Some(rest) if full => {
            (rest.last, rest.count) = (place, rest.count + 1);
        }
        _ => failures.push(Failure {
            sync: place,
            last: place,
            count: 1,
            reason: None,
            line: None,
        }),
    }
}

/// One row a reason, the most frequent first; those beyond the number that is told apart are one.
fn by_reason(failures: Vec<Failure>) -> Vec<Failure> {
    let mut rows: Vec<(Option<String>, Failure)> = Vec::new();
    for failure in failures {
        let alike = failure.reason.as_deref().map(without_numbers);
        match rows.iter_mut().find(|(reason, _)| *reason == alike) {
            Some((_, row)) => {
                (row.last, row.count) = (failure.last, row.count + failure.count);
            }
            None => rows.push((alike, failure)),
        }
    }
    let mut rows: Vec<Failure> = rows.into_iter().map(|(_, row)| row).collect();
    rows.sort_by_key(|row| (std::cmp::Reverse(row.count), row.sync));
    if rows.len() > MOST_REASONS {
        let others = rows.split_off(MOST_REASONS - 1);
        let count = others.iter().map(|row| row.count).sum();
        rows.extend(others.into_iter().reduce(|first, next| Failure {
            sync: first.sync.min(next.sync),
            last: first.last.max(next.last),
            count,
            reason: None,
            line: None,
        }));
    }
    rows
}

/// Places in a transaction, process ids and ports make no other reason.
fn without_numbers(reason: &str) -> String {
    let mut out = String::with_capacity(reason.len());
    for c in reason.chars() {
        match c {
            '0'..='9' if out.ends_with('#') => {}
            '0'..='9' => out.push('#'),
            other => out.push(other),
        }
    }
    out
}

fn complaints(report: &Report, logs: &[&InputFacts], finds: &Finds<'_>, into: &mut Recording) {
    let paths: BTreeSet<&str> = logs.iter().map(|input| input.path.as_str()).collect();
    let mine = paths.iter().filter_map(|path| finds.events.get(path));
    let mut places: Vec<usize> = mine.flatten().copied().collect();
    places.sort_unstable();
    let mut worst: Option<(f64, usize)> = None;
    for place in places {
        let Some(event) = report.kernel_events.get(place) else {
            continue;
        };
        into.complaints += 1;
        let seconds = event.seconds.unwrap_or(0.0);
        if worst.is_none_or(|(most, _)| seconds > most) {
            worst = Some((seconds, place));
        }
    }
    into.worst_complaint = worst.map(|(_, place)| place);
}

fn worst_step(report: &Report, steps: &[usize]) -> Option<usize> {
    let stale = |place: &usize| report.ramp_steps.get(*place)?.staleness_s;
    let timed = steps
        .iter()
        .filter_map(|place| Some((stale(place)?, *place)));
    timed
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, place)| place)
}

/// Puts the reasons of failures in, as far as the logs' lines can be read once more.
pub fn give_reasons(report: &mut Report, corpus: &Corpus) {
    let excerpts = excerpts::of_failures(report, corpus);
    let mut recordings = std::mem::take(&mut report.recordings);
    // Those behind the number that is looked up are one row, of no one reason.
    let alone = |failure: &&mut Failure| failure.count == 1;
    for failure in recordings
        .iter_mut()
        .flat_map(|one| &mut one.failures)
        .filter(alone)
    {
        let Some(row) = report.syncs.get(failure.sync) else {
            continue;
        };
        if let Some((line, words)) = failure::reason(&excerpts, &row.input, row.line) {
            (failure.line, failure.reason) = (Some(line), Some(words));
        }
    }
    for recording in &mut recordings {
        recording.failures = by_reason(std::mem::take(&mut recording.failures));
    }
    report.recordings = recordings;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_rows_by_reason() {
        let mut failures = Vec::new();
        for place in 0..7 {
            fail(place, &mut failures);
        }
        let reasons = ["a:1: x", "b", "a:22: x", "b", "a:3: x"];
        for (failure, reason) in failures.iter_mut().zip(reasons) {
            failure.reason = Some(reason.to_owned());
        }
        let rows: Vec<_> = by_reason(failures)
            .into_iter()
            .map(|row| (row.reason, row.count, row.sync, row.last))
            .collect();
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            rows,
            [
                (text("a:1: x"), 3, 0, 4),
                (text("b"), 2, 1, 3),
                (None, 2, 5, 6)
            ]
        );
    }

    #[test]
    fn of_very_many_failures_the_rest_are_one_row() {
        let mut failures = Vec::new();
        for place in 0..LOOKED_UP + 5 {
            fail(place, &mut failures);
        }
        assert_eq!(failures.len(), LOOKED_UP + 1);
        let rest = failures.last().unwrap();
        assert_eq!((rest.count, rest.last), (5, LOOKED_UP + 4));
        let many = (0..50).map(|place| Failure {
            sync: place,
            last: place,
            count: 1,
            reason: Some(format!(
                "reason {}",
                char::from(b'A' + u8::try_from(place).unwrap())
            )),
            line: None,
        });
        let rows = by_reason(many.collect());
        assert_eq!(rows.len(), MOST_REASONS);
        assert_eq!(rows.iter().map(|row| row.count).sum::<usize>(), 50);
    }
}
