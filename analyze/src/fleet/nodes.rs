//! A part's nodes, a row for each of the groups that it is in.

use std::collections::{BTreeMap, BTreeSet};

use kube_proxy_logs::{Backend, Family, Input, Outcome, Reading, Sync};

use super::by::{By, Facts};
use crate::dataset::{Fetched, Run};
use crate::error::Error;
use crate::report::LineRef;
use crate::report::fleet::NodeCount;
use crate::stats::spread::Spread;

/// What makes a group: its values, mode and family.
pub(super) type Key = (Vec<Option<String>>, Backend, Family);

/// What a node did in one group.
pub(super) struct NodeRow {
    pub(super) run: String,
    pub(super) node: String,
    pub(super) key: Key,
    /// Of syncs that ended well.
    pub(super) durations: Spread,
    /// The longest of them, and where it stands.
    pub(super) longest: Option<(u64, LineRef)>,
    pub(super) failed: u64,
    pub(super) unfinished: u64,
    /// The most that one of its syncs had.
    pub(super) endpoints: Option<u64>,
    /// Complaints of its kernel, whatever the group.
    pub(super) complaints: u64,
}

/// What is kept of a part.
pub(super) struct PartNodes {
    /// Every node that has a log, with syncs or without.
    pub(super) named: BTreeSet<String>,
    pub(super) rows: Vec<NodeRow>,
    pub(super) failing: Vec<NodeCount>,
    pub(super) complaining: Vec<NodeCount>,
}

/// Reads a part. All logs of a node lie in one.
///
/// # Errors
/// As [`Fetched::decoded`].
pub(super) fn of_part(
    run: &Run,
    part: &Fetched,
    (facts, by): (&Facts, &[By]),
) -> Result<PartNodes, Error> {
    let (gathered, _) = part.decoded()?;
    let mut gathered = facts.joined(gathered)?;
    gathered.list(&run.kernels);
    let reading = gathered.reading(&BTreeMap::new());
    let mut complaints = Counts::default();
    for event in &reading.kernel_events {
        complaints.add(&reading, event.input, event.line);
    }
    let mut failures = Counts::default();
    let mut rows: BTreeMap<(&str, Key), NodeRow> = BTreeMap::new();
    let values = |log: &Input| values(log, facts, by);
    let keys: Vec<_> = reading.inputs.iter().map(values).collect();
    for sync in &reading.syncs {
        let log = &reading.inputs[sync.input as usize];
        let node = node_of(log);
        let key = (keys[sync.input as usize].clone(), sync.backend, sync.family);
        let begin = || NodeRow {
            run: run.name.clone(),
            node: node.to_owned(),
            key: key.clone(),
            durations: Spread::default(),
            longest: None,
            failed: 0,
            unfinished: 0,
            endpoints: None,
            complaints: complaints.of(node),
        };
        let row = rows.entry((node, key.clone())).or_insert_with(begin);
        row.take(&sync, log);
        if sync.outcome == Outcome::Failed {
            failures.add(&reading, sync.input, sync.line);
        }
    }
    let rows = rows.into_values().collect();
    Ok(PartNodes {
        named: reading
            .inputs
            .iter()
            .map(|log| node_of(log).to_owned())
            .collect(),
        rows,
        failing: failures.told(&run.name),
        complaining: complaints.told(&run.name),
    })
}

fn values(log: &Input, facts: &Facts, by: &[By]) -> Vec<Option<String>> {
    by.iter().map(|by| facts.value(log, *by)).collect()
}

/// The node that a log is of; without one it is a node by itself.
fn node_of(log: &Input) -> &str {
    let name = log.node.as_ref().or(log.section.as_ref());
    name.map_or(&log.path, |name| name)
}

impl NodeRow {
    fn take(&mut self, sync: &Sync, log: &Input) {
        self.endpoints = self.endpoints.max(sync.endpoints);
        match (sync.outcome, sync.elapsed_ns) {
            (Outcome::Failed, _) => self.failed += 1,
            (Outcome::Ok, Some(ns)) => {
                self.durations.push(ns);
                if self.longest.as_ref().is_none_or(|(most, _)| ns > *most) {
                    let line = sync.line;
                    let input = log.path.clone();
                    self.longest = Some((ns, LineRef { input, line }));
                }
            }
            (Outcome::Unfinished, _) | (Outcome::Ok, None) => self.unfinished += 1,
        }
    }
}

/// How many of something each node had, and the first of them.
#[derive(Default)]
struct Counts(BTreeMap<String, (u64, LineRef)>);

impl Counts {
    fn add(&mut self, reading: &Reading, input: u32, line: u64) {
        let log = &reading.inputs[input as usize];
        let first = || {
            let input = log.path.clone();
            (0, LineRef { input, line })
        };
        self.0
            .entry(node_of(log).to_owned())
            .or_insert_with(first)
            .0 += 1;
    }

    fn of(&self, node: &str) -> u64 {
        self.0.get(node).map_or(0, |(count, _)| *count)
    }

    fn told(self, run: &str) -> Vec<NodeCount> {
        let told = |(node, (count, first))| NodeCount {
            run: run.to_owned(),
            node,
            count,
            first,
        };
        self.0.into_iter().map(told).collect()
    }
}
