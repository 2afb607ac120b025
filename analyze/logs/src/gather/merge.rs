//! Order, repetitions, and which sync a kernel complaint falls in.

use crate::reading::Reading;
use crate::sync::{Outcome, Sync};

/// By input, then time, then line.
pub(super) fn sort(syncs: &mut [Sync]) {
    syncs.sort_by_key(|sync| (sync.input, sync.end_ns.or(sync.start_ns), sync.line));
}

/// Drops syncs that an earlier input has too: excerpts of one log overlap. A sync is known by
/// its end and its nanosecond duration. Gives how many were dropped and the first of them. The
/// syncs are sorted.
pub(super) fn drop_repeated(syncs: &mut Vec<Sync>) -> Option<(u64, u32, u64)> {
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
            && syncs[a].family == syncs[b].family
            && syncs[a].input != syncs[b].input
        {
            drop[b] = true;
        }
    }
    let first = drop.iter().position(|drop| *drop)?;
    let first = (syncs[first].input, syncs[first].line);
    let before = syncs.len();
    let mut place = 0;
    syncs.retain(|_| {
        place += 1;
        !drop[place - 1]
    });
    Some(((before - syncs.len()) as u64, first.0, first.1))
}

/// Gives each kernel complaint the sync during which it happened, on the same node: the one
/// that was committing, else any under way.
pub(super) fn join_kernel_events(reading: &mut Reading) {
    let Reading {
        inputs,
        syncs,
        kernel_events,
        ..
    } = reading;
    for event in kernel_events {
        let Some(time) = event.time_ns else { continue };
        let home = inputs.get(event.input as usize);
        let same_node = |input: u32| {
            let other = inputs.get(input as usize);
            match (
                home.and_then(|i| i.node.as_ref()),
                other.and_then(|i| i.node.as_ref()),
            ) {
                (Some(a), Some(b)) => a == b,
                // Nothing tells them apart: the same kernel will do.
                _ => {
                    home.and_then(|i| i.kernel.as_ref().map(|k| &k.0))
                        == other.and_then(|i| i.kernel.as_ref().map(|k| &k.0))
                }
            }
        };
        let under_way = |sync: &Sync| {
            let end = sync.end_ns.or_else(|| {
                Some(
                    sync.start_ns?
                        .saturating_add(i64::try_from(sync.elapsed_ns?).ok()?),
                )
            });
            sync.start_ns
                .zip(end)
                .is_some_and(|(start, end)| start <= time && time <= end)
        };
        event.during_sync = syncs
            .iter()
            .enumerate()
            .filter(|(_, sync)| under_way(sync) && same_node(sync.input))
            .max_by_key(|(_, sync)| sync.endpoints.unwrap_or(0))
            .map(|(place, _)| place);
    }
}
