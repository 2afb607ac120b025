//! Syncs counted by what they have in common: what a page shows of a hundred thousand.

use std::collections::BTreeMap;

use serde::Serialize;

use super::SyncTable;
use super::sync_table::seconds;

/// Syncs of one node, group, family and outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tally<'r> {
    /// The node; absent if unknown.
    pub node: Option<&'r str>,
    /// Its group.
    pub group: &'r str,
    /// `IPv4`, `IPv6`, or absent.
    pub family: Option<&'static str>,
    /// `ok`, `failed`, `unfinished`.
    pub outcome: &'static str,
    /// How many.
    pub syncs: usize,
    /// Those of them that are trials.
    pub trials: usize,
    /// Duration of all together, in seconds.
    pub total_s: f64,
    /// The longest, in seconds.
    pub longest_s: f64,
    /// The longest one's place in `syncs`.
    pub longest: usize,
}

/// Counts the syncs at some places, by node, group, family and outcome.
#[must_use]
pub fn tally<'r>(table: &'r SyncTable, places: &[usize]) -> Vec<Tally<'r>> {
    type Key<'r> = (Option<&'r str>, &'r str, Option<&'static str>, &'static str);
    let mut tallies: BTreeMap<Key<'r>, Tally<'r>> = BTreeMap::new();
    for place in places {
        let (Some(sync), Some(derived)) = (table.syncs.get(*place), table.derived(*place)) else {
            continue;
        };
        let origin = table.origins.get(sync.input as usize);
        let node = origin.and_then(|origin| origin.node.as_deref());
        let group = table
            .groups
            .get(derived.group as usize)
            .map_or("", String::as_str);
        let family = super::sync_table::family_name(sync.family);
        let outcome = super::sync_table::outcome_name(sync.outcome);
        let took = sync.elapsed_ns.map_or(0.0, seconds);
        let tally = tallies
            .entry((node, group, family, outcome))
            .or_insert(Tally {
                node,
                group,
                family,
                outcome,
                syncs: 0,
                trials: 0,
                total_s: 0.0,
                longest_s: 0.0,
                longest: *place,
            });
        tally.syncs += 1;
        tally.trials += usize::from(derived.why_not.is_none());
        tally.total_s += took;
        if took > tally.longest_s {
            (tally.longest_s, tally.longest) = (took, *place);
        }
    }
    tallies.into_values().collect()
}
