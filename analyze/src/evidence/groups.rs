//! Groups, summarised.

use std::collections::{BTreeMap, HashSet};

use super::matched::Work;
use super::order::Order;
use super::runs::Run;
use crate::frame::GroupTrials;
use crate::report::{Group, SyncTable};
use crate::stats::{outlier, summary, welch};

/// How the interval of a group is made.
const METHOD: &str = "Student's t on logarithms of run means";

/// A group, and the runs behind it.
#[derive(Debug, Clone)]
pub struct Summarised {
    /// The summary.
    pub group: Group,
    /// Its runs, in the order of the summary's.
    pub runs: Vec<Run>,
    /// For each run its place among all runs of the study.
    pub places: Vec<usize>,
}

impl Summarised {
    /// Places in time and logarithms of the seconds of its runs.
    #[must_use]
    pub fn timed(&self, order: &Order) -> Vec<(f64, f64)> {
        self.logarithms(|run| order.places.get(run).map(|place| *place as f64))
    }

    /// Blocks and logarithms of the seconds of its runs.
    #[must_use]
    pub fn by_block(&self, order: &Order) -> Vec<(f64, f64)> {
        self.logarithms(|run| order.blocks.get(run).map(|block| *block as f64))
    }

    /// Logarithms of the seconds of its runs, block by block.
    #[must_use]
    pub fn blocks(&self, order: &Order) -> BTreeMap<usize, Vec<f64>> {
        let mut blocks: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for (run, mean) in self.places.iter().zip(&self.group.run_means_s) {
            if let Some(block) = order.blocks.get(*run) {
                blocks.entry(*block).or_default().push(mean.ln());
            }
        }
        blocks
    }

    /// Mean place in time of its runs, block by block.
    #[must_use]
    pub fn places_by_block(&self, order: &Order) -> BTreeMap<usize, f64> {
        let mut blocks: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for run in &self.places {
            if let Some((block, place)) = order.blocks.get(*run).zip(order.places.get(*run)) {
                blocks.entry(*block).or_default().push(*place as f64);
            }
        }
        let mean = |(block, places): (usize, Vec<f64>)| Some((block, summary::mean(&places)?));
        blocks.into_iter().filter_map(mean).collect()
    }

    fn logarithms(&self, at: impl Fn(usize) -> Option<f64>) -> Vec<(f64, f64)> {
        let runs = self.places.iter().zip(&self.group.run_means_s);
        runs.filter_map(|(run, mean)| Some((at(*run)?, mean.ln())))
            .collect()
    }
}

/// A study's runs: whose trials are summarised, and where the first stands in the report.
#[derive(Debug, Clone, Copy)]
pub struct Runs<'a> {
    /// The group's runs over all its trials.
    pub of_group: &'a [Run],
    /// Place of its first run among the study's.
    pub first: usize,
    /// Place of the study's first run in the report.
    pub first_of_study: usize,
}

/// Summarises a group's trials.
#[must_use]
pub fn summarise(
    trials: &GroupTrials,
    runs: Runs<'_>,
    table: &SyncTable,
    study: &str,
    name: &str,
) -> Summarised {
    let (kept, places, run_means_s) = counted_runs(trials, runs, table);
    let of = summary::summary(&trials.elapsed_s);
    let endpoints = trials
        .endpoints
        .iter()
        .min()
        .zip(trials.endpoints.iter().max());
    let outliers = outlier::outliers(&trials.elapsed_s);
    let ci95_s = welch::of_runs(&run_means_s);
    let group = Group {
        study: study.to_owned(),
        name: name.to_owned(),
        n: kept.len(),
        n_trials: trials.elapsed_s.len(),
        runs: places.iter().map(|at| runs.first_of_study + at).collect(),
        run_scatter: welch::scatter(&run_means_s),
        run_means_s,
        mean_s: of.map(|of| of.mean),
        median_s: of.map(|of| of.median),
        sd_s: of.and_then(|of| of.sd),
        cv: of.and_then(|of| of.cv),
        min_s: of.map(|of| of.min),
        max_s: of.map(|of| of.max),
        p5_s: of.map(|of| of.p5),
        p25_s: of.map(|of| of.p25),
        p75_s: of.map(|of| of.p75),
        p95_s: of.map(|of| of.p95),
        ci95_s,
        ci_method: ci95_s.map(|_| METHOD.to_owned()),
        endpoints: endpoints.map(|(least, most)| [*least, *most]),
        build_mean_s: summary::mean(&trials.build_s),
        commit_mean_s: summary::mean(&trials.commit_s),
        trials: trials.places.clone(),
        outliers: outliers
            .iter()
            .filter_map(|at| trials.places.get(*at).copied())
            .collect(),
    };
    Summarised {
        group,
        runs: kept,
        places,
    }
}

/// The runs that hold trials of a group, their places among the study's, and their mean seconds.
fn counted_runs(
    trials: &GroupTrials,
    runs: Runs<'_>,
    table: &SyncTable,
) -> (Vec<Run>, Vec<usize>, Vec<f64>) {
    let (mut kept, mut places, mut means_s) = (Vec::new(), Vec::new(), Vec::new());
    let counted: HashSet<usize> = trials.places.iter().copied().collect();
    for (at, run) in runs.of_group.iter().enumerate() {
        if let Some(run) = run.only(&counted)
            && let Some(mean) = run.mean_s(table)
        {
            kept.push(run);
            places.push(runs.first + at);
            means_s.push(mean);
        }
    }
    (kept, places, means_s)
}

/// The trials of a group that did a work.
#[must_use]
pub fn at_work(trials: &GroupTrials, table: &SyncTable, work: Work) -> GroupTrials {
    let mut at = GroupTrials {
        study: trials.study,
        group: trials.group,
        ..GroupTrials::default()
    };
    for place in &trials.places {
        let Some(sync) = table.syncs.get(*place) else {
            continue;
        };
        let change = table.changes.at(*place);
        let did = |endpoints: &u64| work.is_of(*endpoints, change);
        let Some(endpoints) = sync.endpoints.filter(did) else {
            continue;
        };
        let seconds = |ns: Option<u64>| ns.map(crate::report::sync_table::seconds);
        at.places.push(*place);
        at.endpoints.push(endpoints);
        at.elapsed_s.extend(seconds(sync.elapsed_ns));
        at.build_s.extend(seconds(sync.build_ns));
        at.commit_s.extend(seconds(sync.commit_ns));
    }
    at
}
