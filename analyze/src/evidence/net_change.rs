//! What a sync changed.

use kube_proxy_logs::{Outcome, Sync};

/// More endpoints than any cluster has: a count above is damaged, and changes nothing.
pub const MOST_ENDPOINTS: u64 = 100_000_000;

/// Places of syncs, sorted so that those of one node and family follow each other by time.
///
/// `chains`: for each input the chain that it continues, by number from 0, so that a node's logs
/// follow each other and two nodes' do not.
#[must_use]
pub fn by_node_and_time(syncs: &[Sync], chains: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..syncs.len()).collect();
    let key = |place: usize| {
        let sync = &syncs[place];
        let time = sync.end_ns.or(sync.start_ns);
        (chains.get(sync.input as usize), sync.family, time, place)
    };
    order.sort_unstable_by_key(|place| key(*place));
    order
}

/// Stretches of an order that are of one node and family.
pub(super) fn stretches<'o>(
    order: &'o [usize],
    syncs: &[Sync],
    chains: &[usize],
) -> impl Iterator<Item = &'o [usize]> {
    order.chunk_by(|one, other| {
        let (one, other) = (&syncs[*one], &syncs[*other]);
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
pub fn net_changes(syncs: &[Sync], order: &[usize], chains: &[usize]) -> Vec<Option<i64>> {
    let mut changes = vec![None; syncs.len()];
    for stretch in stretches(order, syncs, chains) {
        let mut before: Option<u64> = None;
        for place in stretch {
            let sync = &syncs[*place];
            let Some(count) = endpoints(sync) else {
                continue;
            };
            // Both are at most `MOST_ENDPOINTS`.
            changes[*place] = before.map(|before| count.cast_signed() - before.cast_signed());
            if sync.outcome == Outcome::Ok {
                before = Some(count);
            }
        }
    }
    changes
}
