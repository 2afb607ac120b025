//! Which sync a kernel complaint falls in.

use std::collections::{BinaryHeap, HashMap};

use crate::reading::{Input, Reading};
use crate::sync::Sync;
use crate::syncs::Syncs;

/// Where a complaint's sync may stand. Where both name their node it must be the same; else
/// nothing tells them apart, and the same kernel will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Lane<'r> {
    OfNode(&'r str),
    /// Inputs of a kernel that name no node.
    Nameless(Option<&'r str>),
    /// All inputs of a kernel.
    OfKernel(Option<&'r str>),
}

/// Complaints, by time and place, and the syncs that they may fall in, by start, end and place.
#[derive(Debug, Default)]
struct Both {
    complaints: Vec<(i64, usize)>,
    syncs: Vec<(i64, i64, usize)>,
}

/// Gives each kernel complaint the sync during which it happened, on the same node: of several
/// under way the one with the most endpoints, of two alike the later one.
pub(super) fn join_kernel_events(reading: &mut Reading) {
    let Reading {
        inputs,
        syncs,
        kernel_events,
        ..
    } = reading;
    let mut lanes: HashMap<Lane<'_>, Both> = HashMap::new();
    for (place, event) in kernel_events.iter().enumerate() {
        let Some(time) = event.time_ns else { continue };
        let home = inputs.get(event.input as usize);
        let asked = match node(home) {
            Some(node) => [Some(Lane::OfNode(node)), Some(Lane::Nameless(kernel(home)))],
            None => [Some(Lane::OfKernel(kernel(home))), None],
        };
        for lane in asked.into_iter().flatten() {
            lanes
                .entry(lane)
                .or_default()
                .complaints
                .push((time, place));
        }
    }
    if lanes.is_empty() {
        return;
    }
    for (place, sync) in syncs.iter().enumerate() {
        let home = inputs.get(sync.input as usize);
        let Some((start, end)) = span(&sync) else {
            continue;
        };
        let own = node(home).map_or(Lane::Nameless(kernel(home)), Lane::OfNode);
        for lane in [own, Lane::OfKernel(kernel(home))] {
            if let Some(both) = lanes.get_mut(&lane) {
                both.syncs.push((start, end, place));
            }
        }
    }
    for both in lanes.into_values() {
        for (complaint, found) in both.join(syncs) {
            let event = &mut kernel_events[complaint];
            let weight = |place: usize| (endpoints(&syncs.at(place)), place);
            let known = event.during_sync.map(weight);
            if Some(weight(found)) > known {
                event.during_sync = Some(found);
            }
        }
    }
}

impl Both {
    /// Each complaint that falls in a sync, with that sync. One walk along the time: however many
    /// syncs run at once, each is looked at as it begins and as it is over.
    fn join(mut self, all: &Syncs) -> Vec<(usize, usize)> {
        self.complaints.sort_unstable();
        self.syncs.sort_unstable();
        let mut syncs = self.syncs.into_iter().peekable();
        let mut running: BinaryHeap<(u64, usize, i64)> = BinaryHeap::new();
        let mut found = Vec::new();
        for (time, complaint) in self.complaints {
            while let Some((_, end, place)) = syncs.next_if(|(start, ..)| *start <= time) {
                running.push((endpoints(&all.at(place)), place, end));
            }
            while running.peek().is_some_and(|(.., end)| *end < time) {
                running.pop();
            }
            found.extend(running.peek().map(|(_, place, _)| (complaint, *place)));
        }
        found
    }
}

fn node(input: Option<&Input>) -> Option<&str> {
    input.and_then(|input| input.node.as_deref())
}

fn kernel(input: Option<&Input>) -> Option<&str> {
    input.and_then(|input| input.kernel.as_ref().map(|(kernel, _)| kernel.as_str()))
}

fn endpoints(sync: &Sync) -> u64 {
    sync.endpoints.unwrap_or(0)
}

fn span(sync: &Sync) -> Option<(i64, i64)> {
    let start = sync.start_ns?;
    let lasted = || Some(start.saturating_add(i64::try_from(sync.elapsed_ns?).ok()?));
    Some((start, sync.end_ns.or_else(lasted)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{KernelEvent, KernelFrom, KernelKind};
    use crate::sync::{Backend, Family, Outcome};

    fn input(node: Option<&str>, kernel: &str) -> Input {
        Input {
            node: node.map(str::to_owned),
            kernel: Some((kernel.to_owned(), KernelFrom::Label)),
            ..Input::default()
        }
    }

    fn sync(input: u32, (start, end): (i64, i64), endpoints: u64) -> Sync {
        Sync {
            input,
            process: 0,
            line: 1,
            syncing_line: None,
            reloading_line: None,
            start_ns: Some(start),
            end_ns: Some(end),
            elapsed_ns: Some((end - start).unsigned_abs()),
            build_ns: None,
            commit_ns: None,
            services: None,
            endpoints: Some(endpoints),
            stale_chains: None,
            family: Family::Ipv4,
            backend: Backend::Unknown,
            outcome: Outcome::Ok,
            full: None,
        }
    }

    fn event(input: u32, time_ns: i64) -> KernelEvent {
        KernelEvent {
            input,
            line: 1,
            kind: KernelKind::SoftLockup,
            cpu: None,
            comm: None,
            pid: None,
            reported: None,
            seconds: None,
            time_ns: Some(time_ns),
            uptime_s: None,
            function: None,
            callers: Vec::new(),
            release: None,
            episode: 0,
            during_sync: None,
        }
    }

    #[test]
    fn the_largest_sync_under_way_on_the_same_machine() {
        let inputs = vec![
            input(Some("a"), "6.1"),
            input(Some("b"), "6.1"),
            input(None, "6.1"),
            input(None, "6.12"),
        ];
        let syncs = [
            sync(0, (0, 100), 5),
            sync(0, (10, 20), 9),
            sync(1, (0, 50), 100),
            sync(2, (60, 70), 7),
            sync(2, (60, 70), 7),
        ];
        // Both ends of a sync are in it. A node's own syncs and those of nobody's node count, of
        // two alike the later; without a node all of the kernel do; never another kernel's.
        for (input, time, expected) in [
            (0, 9, Some(0)),
            (0, 10, Some(1)),
            (0, 20, Some(1)),
            (0, 21, Some(0)),
            (0, 60, Some(4)),
            (0, 71, Some(0)),
            (0, 101, None),
            (1, 51, None),
            (1, 50, Some(2)),
            (2, 15, Some(2)),
            (2, 55, Some(0)),
            (3, 15, None),
        ] {
            let mut reading = Reading {
                inputs: inputs.clone(),
                syncs: syncs.iter().copied().collect(),
                kernel_events: vec![event(input, time)],
                warnings: Vec::new(),
            };
            join_kernel_events(&mut reading);
            let found = reading.kernel_events[0].during_sync;
            assert_eq!(found, expected, "input {input}, {time}");
        }
    }
}
