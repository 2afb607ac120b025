//! The log's sums beside kube-proxy's own metrics.
//!
//! `kubeproxy_sync_proxy_rules_duration_seconds` is observed where the complete line is logged,
//! with the same start, failed syncs included. Its buckets end at 16.384 s, so only `_sum` and
//! `_count` are of use.

use bundle::{METRICS_AFTER, METRICS_BEFORE, Node, regular};
use kube_proxy_logs::{Input, Outcome};

use crate::corpus::{Corpus, OpenBundle, Studies};
use crate::report::sync_table::seconds;
use crate::report::{LineRef, MetricsCheck, Places, SyncTable, Warning};

const DURATION: &str = "kubeproxy_sync_proxy_rules_duration_seconds";
/// When the last successful sync before a scrape ended, in seconds since the epoch.
const LAST: &str = "kubeproxy_sync_proxy_rules_last_timestamp_seconds";
/// Largest scrape that is read.
const LARGEST: u64 = 64 << 20;
/// A sum and a log may differ by this a sync: the metric is observed a moment after the line.
const SLACK_S: f64 = 0.001;
/// Or by this share of the log's sum: on a busy machine that moment is longer.
const SLACK: f64 = 0.01;

/// Checks every node of which metrics were taken before and after. Disagreement, and metrics
/// that cannot be read, are told as warnings.
#[must_use]
pub fn of_bundles(
    corpus: &Corpus,
    studies: &Studies,
    inputs: &[Input],
    table: &SyncTable,
) -> (Vec<MetricsCheck>, Vec<Warning>) {
    let (mut checks, mut warnings) = (Vec::new(), Vec::new());
    if corpus.bundles.is_empty() {
        return (checks, warnings);
    }
    let by_input = table.by_input();
    let by_node = studies.by_node(inputs);
    let of_bundles = studies.of_bundles();
    for (place, open) in corpus.bundles.iter().enumerate() {
        let study = of_bundles
            .get(&place)
            .and_then(|at| studies.studies.get(*at));
        let study = study.map(|study| study.id.as_str()).unwrap_or_default();
        for node in &open.bundle.manifest.nodes {
            let mut read = |name| scrape(open, node, name, study, &mut warnings);
            if let (Some(before), Some(after)) = (read(METRICS_BEFORE), read(METRICS_AFTER)) {
                let of_node = by_node.of(place, &node.name);
                let logs = of_node.iter().map(|input| &by_input[*input]);
                let (last, restarted) = last_container(logs, table);
                let syncs = finished(table, last.iter(), before.last_s);
                let check = check(&before, &after, restarted, syncs, table);
                let check = MetricsCheck {
                    study: study.to_owned(),
                    bundle: open.id.clone(),
                    node: node.name.clone(),
                    ..check
                };
                warnings.extend(disagreement(&check));
                checks.push(check);
            }
        }
    }
    (checks, warnings)
}

/// The syncs of the container that ran last, and whether there was one before it. Each counts
/// from zero, so the second scrape knows of the last one's alone.
fn last_container<'t>(logs: impl Iterator<Item = &'t Places>, table: &SyncTable) -> (Places, bool) {
    let with_syncs: Vec<&Places> = logs.filter(|syncs| !syncs.is_empty()).collect();
    let end = |syncs: &&&Places| {
        syncs
            .iter()
            .filter_map(|at| table.syncs.at(at).end_ns)
            .max()
    };
    let last = with_syncs.iter().max_by_key(end).copied().cloned();
    (last.unwrap_or_default(), with_syncs.len() > 1)
}

fn check(
    before: &Scrape,
    after: &Scrape,
    restarted: bool,
    syncs: Vec<usize>,
    table: &SyncTable,
) -> MetricsCheck {
    // A counter that fell was reset too: then the whole of it is growth.
    let (sum, count) = if restarted || after.count < before.count {
        (0.0, 0)
    } else {
        (before.sum_s, before.count)
    };
    let (metrics_sum_s, metrics_count) = (after.sum_s - sum, after.count - count);
    let log_sum_s: f64 = syncs
        .iter()
        .filter_map(|place| table.syncs.at(*place).elapsed_ns)
        .map(seconds)
        .sum();
    let slack = (SLACK_S * syncs.len().max(1) as f64).max(SLACK * log_sum_s);
    MetricsCheck {
        study: String::new(),
        bundle: String::new(),
        node: String::new(),
        metrics_sum_s,
        metrics_count,
        log_sum_s,
        log_count: syncs.len() as u64,
        agrees: metrics_count == syncs.len() as u64 && (metrics_sum_s - log_sum_s).abs() <= slack,
        syncs,
        metrics: before.lines.iter().chain(&after.lines).cloned().collect(),
    }
}

/// Those finished syncs that ended after the first scrape: those before it are in both.
///
/// The gauge is set inside a sync, some time before its end, so the sync that set it is the first
/// of those that were under way then to end.
fn finished(
    table: &SyncTable,
    places: impl Iterator<Item = usize>,
    last_s: Option<f64>,
) -> Vec<usize> {
    let mut after: Vec<usize> = places
        .filter(|place| table.syncs.at(*place).outcome != Outcome::Unfinished)
        .collect();
    let Some(last_ns) = last_s.map(|last| (last * 1e9) as i64) else {
        return after;
    };
    let end = |place: &usize| table.syncs.at(*place).end_ns;
    after.retain(|place| end(place).is_none_or(|end| end >= last_ns));
    let under_way = |place: &&usize| {
        table
            .syncs
            .at(**place)
            .start_ns
            .is_some_and(|at| at < last_ns)
    };
    let set_it = after
        .iter()
        .filter(under_way)
        .min_by_key(|place| end(place));
    if let Some(set_it) = set_it.copied() {
        after.retain(|place| *place != set_it);
    }
    after
}

fn disagreement(check: &MetricsCheck) -> Option<Warning> {
    let message = || {
        format!(
            "{}: kube-proxy's metrics count {} syncs of {:.3} s together, its log {} of {:.3} s: \
             one of them is not whole",
            check.node, check.metrics_count, check.metrics_sum_s, check.log_count, check.log_sum_s
        )
    };
    let at = check.metrics.last()?;
    (!check.agrees).then(|| {
        Warning::new("metrics_disagree", message())
            .at(at.input.clone(), Some(at.line))
            .about(&check.study)
    })
}

/// What is used of a scrape, summed over families.
struct Scrape {
    sum_s: f64,
    count: u64,
    last_s: Option<f64>,
    lines: Vec<LineRef>,
}

fn scrape(
    open: &OpenBundle,
    node: &Node,
    name: &str,
    study: &str,
    warnings: &mut Vec<Warning>,
) -> Option<Scrape> {
    let path = open.bundle.node_file(node, name)?;
    let shown = open.shown(&path);
    let bytes = regular::read(&path, LARGEST, "reading the metrics");
    let text = bytes
        .map_err(|error| error.to_string())
        .and_then(|bytes| String::from_utf8(bytes.unwrap_or_default()).map_err(|e| e.to_string()));
    let scrape = text.and_then(|text| read(&shown, &text));
    let unreadable = |problem: String| {
        Warning::new(
            "metrics_unreadable",
            format!("the metrics are not used: {problem}"),
        )
        .at(shown.clone(), None)
        .about(study)
    };
    scrape
        .map_err(|problem| warnings.push(unreadable(problem)))
        .ok()
}

/// Reads the Prometheus text format, as far as it is needed.
fn read(path: &str, text: &str) -> Result<Scrape, String> {
    let (mut sums, mut counts, mut lasts) = (Vec::new(), Vec::new(), Vec::new());
    let mut lines = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let values = match text.strip_prefix(DURATION) {
            Some(rest) if rest.starts_with("_sum") => &mut sums,
            Some(rest) if rest.starts_with("_count") => &mut counts,
            None if text.starts_with(LAST) => &mut lasts,
            _ => continue,
        };
        if let Some(value) = sample(text) {
            values.push(value);
            let input = path.to_owned();
            lines.push(LineRef { input, line });
        }
    }
    if sums.is_empty() || counts.is_empty() {
        return Err(format!("they have no {DURATION}_sum and _count"));
    }
    let count: f64 = counts.iter().sum();
    Ok(Scrape {
        sum_s: sums.iter().sum(),
        count: count as u64,
        last_s: lasts
            .into_iter()
            .filter(|last| *last > 0.0)
            .reduce(f64::max),
        lines,
    })
}

/// The value of `name{labels} value [timestamp]`; none for another metric or no finite number.
fn sample(line: &str) -> Option<f64> {
    let behind = match line.rsplit_once('}') {
        Some((_, behind)) => behind,
        None => line.split_once(' ')?.1,
    };
    let value: f64 = behind.split_whitespace().next()?.parse().ok()?;
    (value.is_finite() && value >= 0.0).then_some(value)
}
