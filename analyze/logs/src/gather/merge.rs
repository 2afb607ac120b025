//! Order and repetitions.

use crate::sync::Outcome;
use crate::syncs::Syncs;

/// By input, then time, then line.
pub(super) fn sort(syncs: &mut Syncs) {
    syncs.sort_by_key(|sync| (sync.input, sync.end_ns.or(sync.start_ns), sync.line));
}

/// Drops syncs that an earlier input has too: excerpts of one log overlap. A sync is known by
/// its end and its nanosecond duration. Gives how many were dropped and the first of them. The
/// syncs are sorted.
pub(super) fn drop_repeated(syncs: &mut Syncs) -> Option<(u64, u32, u64)> {
    let one_input = syncs.first()?.input == syncs.last()?.input;
    if one_input {
        return None;
    }
    let mut order: Vec<(i64, u64, u32)> = syncs
        .iter()
        .enumerate()
        .filter_map(|(place, sync)| {
            // A failure may have no duration.
            let failed = (sync.outcome == Outcome::Failed).then_some(0);
            let elapsed = sync.elapsed_ns.or(failed)?;
            Some((sync.end_ns?, elapsed, u32::try_from(place).ok()?))
        })
        .collect();
    order.sort_unstable();
    let mut drop = vec![false; syncs.len()];
    for pair in order.windows(2) {
        let [(end, elapsed, a), (next_end, next_elapsed, b)] = pair else {
            continue;
        };
        let (a, b) = (*a as usize, *b as usize);
        if end == next_end
            && elapsed == next_elapsed
            && syncs.at(a).family == syncs.at(b).family
            && syncs.at(a).input != syncs.at(b).input
        {
            drop[b] = true;
        }
    }
    let first = drop.iter().position(|drop| *drop)?;
    let first = (syncs.at(first).input, syncs.at(first).line);
    let before = syncs.len();
    syncs.retain(|place| !drop[place]);
    Some(((before - syncs.len()) as u64, first.0, first.1))
}
