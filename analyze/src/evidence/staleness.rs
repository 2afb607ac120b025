//! What it means for traffic: how long after each step of the ramp a node's rules carried it.

use bundle::{Action, Timeline};
use kube_proxy_logs::{Input, Outcome, Sync};

use super::trial::TrialRule;
use crate::corpus::{Corpus, Studies};
use crate::report::sync_table::rfc3339;
use crate::report::{RampStep, SyncTable};

/// Share of a step's endpoints from which a sync counts as having carried it: EndpointSlices
/// arrive one by one, and the last few may come a sync later.
const CARRIED: f64 = 0.99;

/// A step of a ramp.
struct Step {
    line: u64,
    time_ns: i64,
    replicas: u64,
    endpoints: u64,
    propagated: Option<f64>,
}

/// The ramp steps of a study's bundles, node by node.
#[must_use]
pub fn of_study(
    table: &SyncTable,
    corpus: &Corpus,
    studies: &Studies,
    inputs: &[Input],
    study: usize,
    rule: &TrialRule<'_>,
) -> Vec<RampStep> {
    let mut found = Vec::new();
    for place in &studies.studies[study].bundles {
        let Some(open) = corpus.bundles.get(*place) else {
            continue;
        };
        let services = open
            .bundle
            .manifest
            .workload
            .as_ref()
            .map_or(0, |w| w.services);
        let steps = steps(&open.bundle.timeline, services);
        for node in &open.bundle.manifest.nodes {
            let mine: Vec<(usize, &Sync)> = table
                .syncs
                .iter()
                .enumerate()
                .filter(|(_, sync)| rule.family().is_none_or(|family| family == sync.family))
                .filter(|(_, sync)| {
                    let input = inputs.get(sync.input as usize);
                    input.is_some_and(|input| {
                        input.node.as_deref() == Some(&node.name)
                            && corpus.owner(input) == Some(*place)
                    })
                })
                .collect();
            let group = mine
                .first()
                .and_then(|(at, _)| table.derived.get(*at))
                .map(|d| d.group);
            let Some(group) = group.and_then(|group| table.groups.get(group as usize)) else {
                continue;
            };
            for (at, step) in steps.iter().enumerate() {
                let next = steps.get(at + 1).map(|next| next.time_ns);
                let carried = carrying(&mine, step, next);
                found.push(RampStep {
                    study: table.studies[study].clone(),
                    bundle: open.id.clone(),
                    group: group.clone(),
                    node: node.name.clone(),
                    time: rfc3339(step.time_ns),
                    replicas: step.replicas,
                    endpoints: step.endpoints,
                    sync: carried.map(|(place, _)| place),
                    staleness_s: carried.map(|(_, end)| (end - step.time_ns) as f64 / 1e9),
                    propagated: step.propagated,
                    programmed: next.map(|next| programmed(&mine, step, next)),
                    line: step.line,
                });
            }
        }
    }
    found
}

fn steps(timeline: &Timeline, services: u64) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (line, row) in &timeline.rows {
        let Some(time_ns) = row.time.timestamp_nanos_opt() else {
            continue;
        };
        if let Some(replicas) = row.replicas() {
            let endpoints = services.saturating_mul(replicas);
            steps.push(Step {
                line: *line,
                time_ns,
                replicas,
                endpoints,
                propagated: None,
            });
        } else if row.action == Action::Endpoints
            && let (Some(step), Some(achieved)) = (steps.last_mut(), row.achieved)
            && step.endpoints > 0
        {
            // The last look before the next step is the one that counts.
            step.propagated = Some(achieved / step.endpoints as f64);
        }
    }
    steps
}

/// The first sync that began after a step, or was under way, and ends with its endpoints in the
/// kernel; it may end after the next step if it began before it.
fn carrying(syncs: &[(usize, &Sync)], step: &Step, next: Option<i64>) -> Option<(usize, i64)> {
    if step.endpoints == 0 {
        return None;
    }
    let (low, high) = (
        step.endpoints as f64 * CARRIED,
        step.endpoints as f64 * (2.0 - CARRIED),
    );
    syncs
        .iter()
        .filter(|(_, sync)| sync.outcome == Outcome::Ok)
        .filter_map(|(place, sync)| Some((*place, sync.start_ns?, sync.end_ns?, sync.endpoints?)))
        .filter(|(_, start, end, _)| *end > step.time_ns && next.is_none_or(|next| *start < next))
        // Down-steps are carried too: the count must fit from both sides, a little more allowed
        // for Services of others.
        .find(|(_, _, _, endpoints)| {
            let count = *endpoints as f64;
            count >= low && count <= high + 100.0
        })
        .map(|(place, _, end, _)| (place, end))
}

/// Share of a step's endpoints that the node's kernel had at a moment.
fn programmed(syncs: &[(usize, &Sync)], step: &Step, at: i64) -> f64 {
    let endpoints = syncs
        .iter()
        .filter(|(_, sync)| sync.outcome == Outcome::Ok && sync.end_ns.is_some_and(|end| end <= at))
        .filter_map(|(_, sync)| sync.endpoints)
        .next_back()
        .unwrap_or(0);
    if step.endpoints == 0 {
        0.0
    } else {
        endpoints as f64 / step.endpoints as f64
    }
}
