//! The log's sums beside kube-proxy's own metrics.
//!
//! `kubeproxy_sync_proxy_rules_duration_seconds` is observed where the complete line is logged,
//! with the same start. Its buckets end at 16.384 s, so only `_sum` and `_count` are of use.

use std::path::Path;

use bundle::{METRICS_AFTER, METRICS_BEFORE};
use kube_proxy_logs::{Input, Outcome};

use crate::corpus::{Corpus, Studies};
use crate::report::sync_table::seconds;
use crate::report::{MetricsCheck, SyncTable};

const METRIC: &str = "kubeproxy_sync_proxy_rules_duration_seconds";

/// Checks every node of which metrics were taken before and after.
#[must_use]
pub fn of_bundles(
    corpus: &Corpus,
    _studies: &Studies,
    inputs: &[Input],
    table: &SyncTable,
) -> Vec<MetricsCheck> {
    let mut checks = Vec::new();
    for (place, open) in corpus.bundles.iter().enumerate() {
        for node in &open.bundle.manifest.nodes {
            let read = |name| {
                open.bundle
                    .node_file(node, name)
                    .and_then(|path| sum_and_count(&path))
            };
            let (Some(before), Some(after)) = (read(METRICS_BEFORE), read(METRICS_AFTER)) else {
                continue;
            };
            // A counter that fell was reset by a restart: then the whole of it is growth.
            let before = if after.1 < before.1 { (0.0, 0) } else { before };
            let durations: Vec<f64> = table
                .syncs
                .iter()
                .filter(|sync| sync.outcome != Outcome::Unfinished)
                .filter(|sync| {
                    inputs.get(sync.input as usize).is_some_and(|input| {
                        input.node.as_deref() == Some(&node.name)
                            && corpus.owner(input) == Some(place)
                    })
                })
                .filter_map(|sync| sync.elapsed_ns)
                .map(seconds)
                .collect();
            let (metrics_sum_s, metrics_count) = (after.0 - before.0, after.1 - before.1);
            let (log_sum_s, log_count) = (durations.iter().sum::<f64>(), durations.len() as u64);
            let slack = 0.001 * log_count.max(1) as f64;
            checks.push(MetricsCheck {
                bundle: open.id.clone(),
                node: node.name.clone(),
                metrics_sum_s,
                metrics_count,
                log_sum_s,
                log_count,
                agrees: metrics_count == log_count && (metrics_sum_s - log_sum_s).abs() <= slack,
            });
        }
    }
    checks
}

/// `_sum` and `_count` over all families; none if the file has neither.
fn sum_and_count(path: &Path) -> Option<(f64, u64)> {
    let text = std::fs::read_to_string(path).ok()?;
    let total = |suffix: &str| {
        let values: Vec<f64> = text
            .lines()
            .filter_map(|line| line.strip_prefix(METRIC)?.strip_prefix(suffix))
            .filter(|rest| rest.starts_with([' ', '{']))
            .filter_map(|rest| rest.rsplit_once(' ')?.1.parse().ok())
            .collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>())
    };
    Some((total("_sum")?, total("_count")? as u64))
}
