//! What a sync changed.

use std::collections::HashMap;

use kube_proxy_logs::{Family, Outcome, Sync};

/// Net change of each sync: its endpoints minus those of the node's previous successful sync of
/// that family. Unknown for the first of an excerpt and where endpoints are not told.
///
/// `chain`: for each input the name of the excerpt it continues, so that a node's logs follow
/// each other and two nodes' do not. A failed sync changes nothing: its retry carries its load.
#[must_use]
pub fn net_changes(syncs: &[Sync], chain: &[String]) -> Vec<Option<i64>> {
    let mut order: Vec<usize> = (0..syncs.len()).collect();
    order.sort_by_key(|place| (syncs[*place].end_ns.or(syncs[*place].start_ns), *place));
    let mut last: HashMap<(&str, Family), u64> = HashMap::new();
    let mut changes = vec![None; syncs.len()];
    for place in order {
        let sync = &syncs[place];
        let (Some(endpoints), Some(name)) = (sync.endpoints, chain.get(sync.input as usize)) else {
            continue;
        };
        let key = (name.as_str(), sync.family);
        changes[place] = last
            .get(&key)
            .map(|before| endpoints.cast_signed() - before.cast_signed());
        if sync.outcome == Outcome::Ok {
            last.insert(key, endpoints);
        }
    }
    changes
}
