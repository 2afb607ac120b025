//! What a sync changed.

use kube_proxy_logs::{Outcome, Sync};

/// Net change of each sync: its endpoints minus those of the node's previous successful sync of
/// that family. Unknown for the first of an excerpt and where endpoints are not told.
///
/// `chains`: for each input the chain that it continues, by number from 0, so that a node's logs
/// follow each other and two nodes' do not. A failed sync changes nothing: its retry carries its
/// load.
#[must_use]
pub fn net_changes(syncs: &[Sync], chains: &[usize]) -> Vec<Option<i64>> {
    let mut order: Vec<usize> = (0..syncs.len()).collect();
    order.sort_by_key(|place| (syncs[*place].end_ns.or(syncs[*place].start_ns), *place));
    // Endpoints by chain and family.
    let mut last = vec![[None; 3]; chains.iter().max().map_or(0, |most| most + 1)];
    let mut changes = vec![None; syncs.len()];
    for place in order {
        let sync = &syncs[place];
        let (Some(endpoints), Some(chain)) = (sync.endpoints, chains.get(sync.input as usize))
        else {
            continue;
        };
        let before: &mut Option<u64> = &mut last[*chain][sync.family as usize];
        changes[place] = before.map(|before| endpoints.cast_signed() - before.cast_signed());
        if sync.outcome == Outcome::Ok {
            *before = Some(endpoints);
        }
    }
    changes
}
