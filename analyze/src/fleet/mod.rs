//! A fleet's figures, from data sets, part by part: of the syncs only one part's are in memory, and
//! what is kept of the rest merges: counts, sums, spreads, and a row a node.

mod by;
mod groups;
mod nodes;

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::dataset::{DataSet, FETCHED, Fetched, Kind, Run};
use crate::error::Error;
use crate::report::fleet::{FLEET_SCHEMA, Fleet, MOST_NODES, NodeCount};
use groups::Groups;

pub use by::By;
use by::Facts;

/// Measures the fleet of some data sets; a run that is in two of them is one. `each` is told of
/// every part that is done.
///
/// # Errors
/// [`Error::DataSet`], [`Error::Store`]; [`Error::NothingHere`] for a data set without a run.
pub fn measure(
    sets: &[DataSet],
    by: &[By],
    each: &(dyn Fn() + std::marker::Sync),
) -> Result<Fleet, Error> {
    let mut measured = Measured::default();
    let mut known = BTreeSet::new();
    for set in sets {
        let runs = set.runs()?;
        if runs.is_empty() {
            return Err(Error::NothingHere(set.shown().into()));
        }
        let new = |run: &&Run| run.kind != Kind::Replay && known.insert(run.path.clone());
        for run in runs.iter().filter(new) {
            measured.add(set, run, by, each)?;
        }
    }
    let (groups, mut outliers) = measured.groups.finish();
    let outlying = outliers.len() as u64;
    outliers.truncate(MOST_NODES);
    let (failing, most_failing) = most(measured.failing);
    let (complaining, most_complaining) = most(measured.complaining);
    let silent = measured.silent.len() as u64;
    Ok(Fleet {
        schema: FLEET_SCHEMA,
        sets: sets.iter().map(|set| set.shown().to_owned()).collect(),
        runs: measured.runs,
        logs: measured.logs,
        nodes: measured.nodes,
        syncs: measured.syncs,
        by: by.iter().map(|by| by.name().to_owned()).collect(),
        groups,
        outlying,
        outliers,
        failing,
        most_failing,
        complaining,
        most_complaining,
        silent,
        silent_nodes: measured.silent.into_iter().take(MOST_NODES).collect(),
    })
}

/// How many there are, and those with the most, by name where they have as many.
fn most(mut all: Vec<NodeCount>) -> (u64, Vec<NodeCount>) {
    let found = all.len() as u64;
    all.sort_by(|a, b| {
        let names = (&a.run, &a.node).cmp(&(&b.run, &b.node));
        b.count.cmp(&a.count).then(names)
    });
    all.truncate(MOST_NODES);
    (found, all)
}

/// What is known of the runs so far.
#[derive(Default)]
struct Measured {
    runs: u64,
    logs: u64,
    nodes: u64,
    syncs: u64,
    groups: Groups,
    failing: Vec<NodeCount>,
    complaining: Vec<NodeCount>,
    silent: BTreeSet<[String; 2]>,
}

impl Measured {
    fn add(
        &mut self,
        set: &DataSet,
        run: &Run,
        by: &[By],
        each: &(dyn Fn() + std::marker::Sync),
    ) -> Result<(), Error> {
        self.runs += 1;
        self.logs += u64::from(run.logs);
        let facts = Facts::of(set, run)?;
        let mut named: BTreeSet<String> = facts.nodes().map(str::to_owned).collect();
        let mut spoke = BTreeSet::new();
        for bins in run.parts.chunks(FETCHED) {
            let read = |part: &Fetched| {
                let part = nodes::of_part(run, part, (&facts, by));
                each();
                part
            };
            let fetched = set.fetched(&run.id, bins)?;
            let parts: Result<Vec<_>, Error> = fetched.par_iter().map(read).collect();
            // In their order, whoever was ready first.
            for part in parts? {
                named.extend(part.named);
                self.failing.extend(part.failing);
                self.complaining.extend(part.complaining);
                for row in part.rows {
                    self.syncs += row.durations.n() + row.failed + row.unfinished;
                    spoke.insert(row.node.clone());
                    self.groups.take(row);
                }
            }
        }
        named.extend(spoke.iter().cloned());
        self.nodes += named.len() as u64;
        let silent = named.difference(&spoke);
        self.silent
            .extend(silent.map(|node| [run.name.clone(), node.clone()]));
        Ok(())
    }
}
