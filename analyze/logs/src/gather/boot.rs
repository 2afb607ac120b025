//! When a machine booted: what gives uptimes a place on the time line.

use std::collections::BTreeMap;

use super::inputs::Part;
use crate::reading::KernelEvent;

/// Two logs of one boot may disagree by so much: `dmesg -T` rounds to seconds, and a clock that
/// is set while the machine runs shifts it.
const AGREE_NS: i64 = 3_000_000_000;

/// Gives a time to complaints that tell only the uptime, where the boot is known: from another
/// complaint of the log that tells both, or from the same complaint (the same task, process id
/// and counter) in another log that tells the time. Logs that disagree on a boot give none.
pub(super) fn give_times(events: &mut [KernelEvent], parts: &[Part]) {
    let mut boots: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
    for event in events.iter() {
        if let (Some(time), Some(uptime)) = (event.time_ns, uptime_ns(event)) {
            boots.entry(event.input).or_default().push(time - uptime);
        }
    }
    let timed: BTreeMap<Complaint<'_>, Vec<(u32, i64)>> = timed(events);
    for event in events.iter().filter(|event| event.time_ns.is_none()) {
        let Some(uptime) = uptime_ns(event) else {
            continue;
        };
        let same = complaint(event).and_then(|complaint| timed.get(&complaint));
        for (_, time) in same
            .into_iter()
            .flatten()
            .filter(|(input, _)| same_machine(parts, *input, event.input))
        {
            boots.entry(event.input).or_default().push(time - uptime);
        }
    }
    let boots: BTreeMap<u32, i64> = boots
        .into_iter()
        .filter_map(|(input, found)| Some((input, agreed(&found)?)))
        .collect();
    for event in events.iter_mut().filter(|event| event.time_ns.is_none()) {
        let boot = boots.get(&event.input);
        event.time_ns = boot
            .zip(uptime_ns(event))
            .map(|(boot, uptime)| boot + uptime);
    }
}

/// What makes a complaint itself: kind, CPU, process id, the number printed.
type Complaint<'a> = (u8, Option<u32>, &'a str, u64, u64);

fn complaint(event: &KernelEvent) -> Option<Complaint<'_>> {
    Some((
        event.kind as u8,
        event.cpu,
        event.comm.as_deref()?,
        event.pid?,
        event.reported?,
    ))
}

fn timed(events: &[KernelEvent]) -> BTreeMap<Complaint<'_>, Vec<(u32, i64)>> {
    let mut timed: BTreeMap<Complaint<'_>, Vec<(u32, i64)>> = BTreeMap::new();
    for event in events {
        if let (Some(complaint), Some(time)) = (complaint(event), event.time_ns) {
            timed
                .entry(complaint)
                .or_default()
                .push((event.input, time));
        }
    }
    timed
}

/// Logs of two nodes are never of one machine.
fn same_machine(parts: &[Part], a: u32, b: u32) -> bool {
    let node = |at: u32| parts.get(at as usize)?.input.node.as_ref();
    match (node(a), node(b)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

/// The earliest of boots that agree.
fn agreed(found: &[i64]) -> Option<i64> {
    let (first, last) = (found.iter().min()?, found.iter().max()?);
    (last - first <= AGREE_NS).then_some(*first)
}

fn uptime_ns(event: &KernelEvent) -> Option<i64> {
    let ns = event.uptime_s? * 1e9;
    (ns >= 0.0 && ns < i64::MAX as f64 / 4.0).then_some(ns as i64)
}
