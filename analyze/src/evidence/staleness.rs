//! What it means for traffic: how long after each step of the ramp a node's rules carried it.
//!
//! Until a step's sync ends, traffic goes by the rules of before. CPU time is not claimed: no log
//! tells it.

use std::collections::BTreeMap;

use bundle::Node;
use kube_proxy_logs::Sync;

use super::convergence;
use super::held::InKernel;
use super::ramp::{self, DriverStep};
use super::trial::TrialRule;
use crate::corpus::{ByNode, Corpus, OpenBundle, Studies};
use crate::report::sync_table::rfc3339;
use crate::report::{Convergence, Places, RampStep, Staleness, SyncTable};
use crate::stats::summary;

/// Where syncs are looked for.
#[derive(Clone, Copy)]
pub struct RampLogs<'a> {
    /// Every sync.
    pub table: &'a SyncTable,
    /// The bundles.
    pub corpus: &'a Corpus,
    /// Which of them are compared.
    pub studies: &'a Studies,
    /// The logs of each node.
    pub by_node: &'a ByNode,
    /// Places of syncs by log.
    pub by_input: &'a [Places],
}

/// What the ramps of a study's bundles came to.
#[derive(Debug, Default)]
pub struct Ramped {
    /// Their steps, node by node, without those that were in place when they began.
    pub steps: Vec<RampStep>,
    /// The whole ramps, node by node.
    pub whole: Vec<Convergence>,
}

/// The ramps of a study's bundles, node by node.
#[must_use]
pub fn of_study(at: RampLogs<'_>, study: usize, rule: &TrialRule<'_>) -> Ramped {
    let mut found = Ramped::default();
    let bundles = &at.studies.studies[study].bundles;
    if bundles.is_empty() {
        return found;
    }
    for place in bundles {
        let Some(open) = at.corpus.bundles.get(*place) else {
            continue;
        };
        let steps = ramp::steps(open);
        if steps.is_empty() {
            continue;
        }
        for node in &open.bundle.manifest.nodes {
            let syncs = of_node(at, *place, node, rule);
            let first = syncs.first().and_then(|(at_, _)| at.table.derived(*at_));
            let group = first.and_then(|derived| at.table.groups.get(derived.group as usize));
            if let Some(group) = group {
                let study = &at.table.studies[study];
                let kernel = InKernel::of(&syncs);
                let rows: Vec<RampStep> = (0..steps.len())
                    .filter(|step| !in_place(&steps[*step], &kernel))
                    .map(|step| RampStep {
                        study: study.clone(),
                        group: group.clone(),
                        node: node.name.clone(),
                        ..row(&steps, step, &kernel, open)
                    })
                    .collect();
                found
                    .whole
                    .extend(convergence::of_node(&steps, &rows, &syncs));
                found.steps.extend(rows);
            }
        }
    }
    found
}

/// The syncs of a node of a bundle, with their places.
fn of_node(
    at: RampLogs<'_>,
    bundle: usize,
    node: &Node,
    rule: &TrialRule<'_>,
) -> Vec<(usize, Sync)> {
    let inputs = at.by_node.of(bundle, &node.name);
    inputs
        .iter()
        .flat_map(|input| at.by_input[*input].iter())
        .map(|place| (place, at.table.syncs.at(place)))
        .filter(|(_, sync)| rule.family().is_none_or(|family| family == sync.family))
        .collect()
}

fn row(steps: &[DriverStep], at: usize, kernel: &InKernel, open: &OpenBundle) -> RampStep {
    let step = &steps[at];
    let next = steps.get(at + 1).map(|next| next.time_ns);
    let carried = kernel.carrying(step);
    RampStep {
        study: String::new(),
        bundle: open.id.clone(),
        group: String::new(),
        node: String::new(),
        time: rfc3339(step.time_ns),
        replicas: step.replicas,
        endpoints: step.endpoints,
        sync: carried.map(|(place, _)| place),
        late: carried
            .zip(next)
            .is_some_and(|((_, sync), next)| sync.start_ns.is_some_and(|start| start >= next)),
        staleness_s: carried
            .and_then(|(_, sync)| sync.end_ns)
            .map(|end| end.saturating_sub(step.time_ns) as f64 / 1e9),
        from_slices_s: carried.and_then(|(_, sync)| convergence::from_slices(step, &sync)),
        propagated: step.propagated,
        programmed: next.and_then(|next| programmed(kernel, step, next)),
        input: format!("{}/{}", open.path, bundle::TIMELINE),
        line: step.line,
    }
}

/// Whether a step asked for nothing that the kernel did not hold when it began.
fn in_place(step: &DriverStep, kernel: &InKernel) -> bool {
    let asks_nothing = step.before.is_none_or(|before| before == step.endpoints);
    let held = || kernel.at(step.time_ns);
    asks_nothing && held().is_some_and(|count| step.is_met_by(count as f64))
}

/// Share of a step's endpoints that the node's kernel had at a moment; none for a step to 0.
fn programmed(kernel: &InKernel, step: &DriverStep, at: i64) -> Option<f64> {
    let held = kernel.at(at).unwrap_or(0);
    (step.endpoints > 0).then(|| held as f64 / step.endpoints as f64)
}

/// The steps of all studies by group.
#[must_use]
pub fn summaries(steps: &[RampStep]) -> Vec<Staleness> {
    let mut by: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (place, step) in steps.iter().enumerate() {
        by.entry((&step.study, &step.group))
            .or_default()
            .push(place);
    }
    by.into_iter()
        .map(|((study, group), mut places)| {
            let stale = |place: &usize| steps[*place].staleness_s;
            let known: Vec<f64> = places.iter().filter_map(stale).collect();
            places.sort_by(|a, b| {
                let length = |place: &usize| stale(place).unwrap_or(0.0);
                length(b).total_cmp(&length(a)).then(a.cmp(b))
            });
            let of = summary::summary(&known);
            Staleness {
                study: study.to_owned(),
                group: group.to_owned(),
                steps: places.len(),
                carried: known.len(),
                late: places.iter().filter(|place| steps[**place].late).count(),
                mean_s: of.map(|of| of.mean),
                worst_s: of.map(|of| of.max),
                least_programmed: places
                    .iter()
                    .filter_map(|place| steps[*place].programmed)
                    .reduce(f64::min),
                ramp_steps: places,
            }
        })
        .collect()
}
