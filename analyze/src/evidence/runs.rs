//! Which trials are one run: the unit that is independent, and that n counts.
//!
//! A run is one recorded bundle and node, from one boot to the next: what happens within one boot
//! under one load is measured again and again, not anew. Nodes of one bundle are runs each, for each booted by itself; what
//! they share, cluster, load and hour, falls on both sides of a comparison alike. Of loose logs
//! and of lines rebuilt from published figures nobody says how many runs they are: nodes, and
//! trials more than an hour apart, count as runs at best, and the comparison says so, unless
//! `--run` tells.

use std::collections::{BTreeMap, HashSet};

use bundle::Origin;
use kube_proxy_logs::Input;

use super::boots::Boots;
use super::order::Span;
use crate::corpus::{Corpus, Studies};
use crate::frame::GroupTrials;
use crate::plan::Plan;
use crate::report::sync_table::seconds;
use crate::report::{Independence, SyncTable};
use crate::stats::summary;

/// Trials of a node that are so far apart may be of two runs.
const GAP_NS: i64 = 3_600_000_000_000;

/// A group's trials of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its name: the bundle, the node, the file, or what `--run` says.
    pub name: String,
    /// The bundle it is from: a place in the corpus.
    pub bundle: Option<usize>,
    /// Its node.
    pub node: Option<String>,
    /// How it is known to be a run of its own.
    pub independence: Independence,
    /// From the first trial's start to the last one's end; absent where the log has no times.
    pub span: Option<Span>,
    /// Its trials: places in the table, by start.
    pub trials: Vec<usize>,
}

/// What tells runs apart.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The options.
    pub plan: &'a Plan,
    /// The bundles.
    pub corpus: &'a Corpus,
    /// Which of them are compared.
    pub studies: &'a Studies,
    /// The logs.
    pub inputs: &'a [Input],
    /// Every sync.
    pub table: &'a SyncTable,
    /// When nodes booted again.
    pub boots: &'a Boots,
}

/// What a log's trials are a run of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) bundle: Option<usize>,
    pub(super) node: Option<String>,
    pub(super) independence: Independence,
}

impl Sources<'_> {
    /// The runs of a group's trials, by their first trial.
    #[must_use]
    pub fn runs(self, trials: &GroupTrials) -> Vec<Run> {
        let mut by_input: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for place in &trials.places {
            if let Some(sync) = self.table.syncs.get(*place) {
                by_input.entry(sync.input).or_default().push(*place);
            }
        }
        let mut found: BTreeMap<Source, Vec<usize>> = BTreeMap::new();
        for (input, places) in by_input {
            if let Some(source) = self.source(input as usize) {
                found.entry(source).or_default().extend(places);
            }
        }
        // By start, whichever log of the run they are from.
        let start = |place: &usize| (self.table.syncs.at(*place).start_ns, *place);
        for places in found.values_mut() {
            places.sort_by_key(start);
        }
        let mut runs: Vec<Run> = found
            .into_iter()
            .flat_map(|(source, trials)| self.split(source, trials))
            .collect();
        runs.sort_by(|a, b| {
            let start = |run: &Run| {
                (
                    run.span.map(|span| span.start_ns),
                    run.trials.first().copied(),
                )
            };
            start(a).cmp(&start(b))
        });
        runs
    }

    /// What the log at a place is a run of.
    pub(super) fn source(self, at: usize) -> Option<Source> {
        let input = self.inputs.get(at)?;
        let owner = self.studies.owners.get(at).copied().flatten();
        let node = input.node.clone();
        let told = self.plan.run_of(&input.path);
        let open = owner.and_then(|owner| self.corpus.bundles.get(owner));
        Some(match (told, open) {
            (Some(name), _) => Source {
                name: name.to_owned(),
                bundle: owner,
                node,
                independence: Independence::Told,
            },
            (None, Some(open)) => {
                let alone = open.bundle.manifest.nodes.len() < 2;
                let of_node = node.as_ref().filter(|_| !alone);
                Source {
                    name: of_node
                        .map_or_else(|| open.id.clone(), |node| format!("{}/{node}", open.id)),
                    bundle: owner,
                    node,
                    independence: match open.bundle.manifest.origin {
                        Origin::Recorded => Independence::Recorded,
                        Origin::Rebuilt { .. } => Independence::Unknown,
                    },
                }
            }
            (None, None) => Source {
                name: match (&node, &input.section) {
                    (Some(node), None) => node.clone(),
                    (_, Some(section)) => format!("{}:{section}", input.path),
                    (None, None) => input.path.clone(),
                },
                bundle: None,
                node,
                independence: Independence::Unknown,
            },
        })
    }

    /// A run, or several where the node booted again between trials, or nobody knows and an hour and
    /// more lies between.
    fn split(self, source: Source, trials: Vec<usize>) -> Vec<Run> {
        let mut parts: Vec<Vec<usize>> = Vec::new();
        for place in trials {
            let last = parts.last_mut();
            let apart = last.as_ref().is_some_and(|part| {
                part.last().is_some_and(|before| {
                    let unknown = source.independence == Independence::Unknown;
                    unknown && self.apart(*before, place) || self.rebooted(&source, *before, place)
                })
            });
            match last {
                Some(part) if !apart => part.push(place),
                _ => parts.push(vec![place]),
            }
        }
        let several = parts.len() > 1;
        let run = |(at, trials): (usize, Vec<usize>)| Run {
            name: if several {
                format!("{} #{}", source.name, at + 1)
            } else {
                source.name.clone()
            },
            bundle: source.bundle,
            node: source.node.clone(),
            independence: source.independence,
            span: self.span(&trials),
            trials,
        };
        parts.into_iter().enumerate().map(run).collect()
    }

    /// Whether the node booted again between two trials; what `--run` names is one run all the same.
    fn rebooted(self, source: &Source, before: usize, after: usize) -> bool {
        let boots = |place: usize| {
            let start = self.table.syncs.get(place).and_then(|sync| sync.start_ns);
            self.boots
                .before(source.bundle, source.node.as_deref(), start)
        };
        source.independence != Independence::Told && boots(before) != boots(after)
    }

    fn apart(self, before: usize, after: usize) -> bool {
        let sync = |place: usize| self.table.syncs.get(place);
        let end = sync(before).and_then(|sync| sync.end_ns);
        let start = sync(after).and_then(|sync| sync.start_ns);
        end.zip(start)
            .is_some_and(|(end, start)| start.saturating_sub(end) > GAP_NS)
    }

    fn span(self, trials: &[usize]) -> Option<Span> {
        let syncs = || {
            trials
                .iter()
                .filter_map(|place| self.table.syncs.get(*place))
        };
        let start_ns = syncs().map(|sync| sync.start_ns).min()??;
        let end_ns = syncs().filter_map(|sync| sync.end_ns).max()?;
        Some(Span { start_ns, end_ns })
    }
}

impl Run {
    /// Mean seconds of its trials; none without any.
    #[must_use]
    pub fn mean_s(&self, table: &SyncTable) -> Option<f64> {
        let durations: Vec<f64> = self
            .trials
            .iter()
            .filter_map(|place| table.syncs.get(*place)?.elapsed_ns)
            .map(seconds)
            .collect();
        summary::mean(&durations)
    }

    /// The same run with only those of its trials; none if none is left.
    #[must_use]
    pub fn only(&self, trials: &HashSet<usize>) -> Option<Self> {
        let kept: Vec<usize> = self
            .trials
            .iter()
            .copied()
            .filter(|place| trials.contains(place))
            .collect();
        (!kept.is_empty()).then(|| Self {
            trials: kept,
            ..self.clone()
        })
    }
}
