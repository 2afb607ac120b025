//! Share of the time that kube-proxy spends in a sync.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Study;

/// Returns the nodes of a study whose logs are whole, by group: its groups in their order, then those
/// that have syncs and no trial. A group without such a node is left out.
#[must_use]
pub fn whole_by_group<'r>(
    study: &'r Study,
    rows: &'r [TimeInSync],
) -> Vec<(&'r String, Vec<&'r TimeInSync>)> {
    let mut nodes: HashMap<&str, Vec<&TimeInSync>> = HashMap::new();
    for one in study.of(rows).filter(|one| one.censored.is_empty()) {
        nodes.entry(&one.group).or_default().push(one);
    }
    // A group is taken out where it comes first.
    let others = study.of(rows).map(|one| &one.group);
    let all = study.groups.iter().chain(others);
    all.filter_map(|group| Some((group, nodes.remove(group.as_str())?)))
        .collect()
}

/// Returns the share of the time in a sync of nodes taken together, 0 to 1; none where their logs
/// cover no time.
#[must_use]
pub fn together<'r>(nodes: impl Iterator<Item = &'r TimeInSync>) -> Option<f64> {
    let (syncing, observed) = nodes.fold((0.0, 0.0), |(syncing, observed), one| {
        (syncing + one.syncing_s, observed + one.observed_s)
    });
    (observed > 0.0).then(|| syncing / observed)
}

/// How much of the time a node's kube-proxy was in a sync, of any family. In seconds.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TimeInSync {
    /// Identity of the study.
    pub study: String,
    /// The group.
    pub group: String,
    /// The node, or the log where none is known.
    pub node: String,
    /// Time that the log covers: from its first to its last line, without gaps.
    pub observed_s: f64,
    /// Time of it in which a sync ran; two families at once count once.
    pub syncing_s: f64,
    /// `syncing_s / observed_s`, 0 to 1.
    pub share: f64,
    /// The same of the worst hour; absent where less than an hour is covered.
    pub worst_hour: Option<f64>,
    /// Syncs.
    pub syncs: usize,
    /// The longest, an id of `syncs`.
    pub longest: Option<usize>,
    /// Why syncs may be missing from the log, so that the share is that of what is left; empty of
    /// a whole log.
    pub censored: Vec<String>,
}
