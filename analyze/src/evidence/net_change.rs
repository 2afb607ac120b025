//! What a sync changed.

use std::collections::BTreeMap;

use kube_proxy_logs::{Outcome, Sync, Syncs};

use crate::report::Changes;

/// More endpoints than any cluster has: a count above is damaged, and changes nothing.
pub const MOST_ENDPOINTS: u64 = 100_000_000;

/// Places of syncs, sorted so that those of one node and family follow each other by time. Four
/// bytes each: a reading holds no more syncs than that.
///
/// `chains`: for each input the chain that it continues, by number from 0, so that a node's logs
/// follow each other and two nodes' do not.
#[must_use]
pub fn by_node_and_time(syncs: &Syncs, chains: &[usize]) -> Vec<u32> {
    // A log tells of its families in turns, and of each in order of time: apart, there is nothing left
    // to sort.
    let mut apart: BTreeMap<_, Vec<u32>> = BTreeMap::new();
    for (place, sync) in (0u32..).zip(syncs) {
        let of = (chains.get(sync.input as usize), sync.family);
        apart.entry(of).or_default().push(place);
    }
    let time = |place: &u32| {
        let sync = syncs.at(*place as usize);
        (sync.end_ns.or(sync.start_ns), *place)
    };
    for places in apart.values_mut() {
        if !places.is_sorted_by_key(time) {
            places.sort_unstable_by_key(time);
        }
    }
    apart.into_values().flatten().collect()
}

/// Stretches of an order that are of one node and family.
pub(super) fn stretches<'o>(
    order: &'o [u32],
    syncs: &Syncs,
    chains: &[usize],
) -> impl Iterator<Item = &'o [u32]> {
    order.chunk_by(|one, other| {
        let (one, other) = (syncs.at(*one as usize), syncs.at(*other as usize));
        one.family == other.family
            && chains.get(one.input as usize) == chains.get(other.input as usize)
    })
}

/// Endpoints that can be believed.
pub(super) fn endpoints(sync: &Sync) -> Option<u64> {
    sync.endpoints.filter(|count| *count <= MOST_ENDPOINTS)
}

/// Net change of each sync: its endpoints minus those of the node's previous successful sync of
/// that family. Unknown for the first of an excerpt and where endpoints are not told.
///
/// `order`, `chains`: see [`by_node_and_time`]. A failed sync changes nothing: its retry carries
/// its load.
#[must_use]
pub fn net_changes(syncs: &Syncs, order: &[u32], chains: &[usize]) -> Changes {
    let mut changes = Changes::unknown(syncs.len());
    for stretch in stretches(order, syncs, chains) {
        let mut before: Option<u32> = None;
        for place in stretch {
            let place = *place as usize;
            let sync = syncs.at(place);
            // At most `MOST_ENDPOINTS`.
            let Some(count) = endpoints(&sync).and_then(|count| u32::try_from(count).ok()) else {
                continue;
            };
            if let Some(before) = before {
                changes.set(place, [before, count]);
            }
            if sync.outcome == Outcome::Ok {
                before = Some(count);
            }
        }
    }
    changes
}
