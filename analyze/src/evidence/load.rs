//! Which sync carried the load, and which ones what was left of it.
//!
//! kube-proxy cuts work as it comes: the sync that carries a ramp step is often preceded by one
//! that carries its first few endpoints, and followed by one that carries the remainder. Only
//! the one that carried the load measures it.

use kube_proxy_logs::{Outcome, Sync};

use super::net_change::{endpoints, stretches};
use super::ramp::Step;

/// A sync that carries less than this share of a step carried its load only where no other
/// carried so much.
pub(super) const PART: f64 = 1.0 / 3.0;
/// Where no timeline tells of steps: a sync that changes less than this share of what the one
/// beside it changes carries its remainder.
pub(super) const REMAINDER: f64 = 0.5;
/// Syncs with no more than this between them run back to back: kube-proxy waits a second
/// (`minSyncPeriod`) between syncs.
const BACK_TO_BACK_NS: i64 = 2_000_000_000;

/// What a sync carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Load {
    /// Nothing tells: its net change is unknown.
    #[default]
    Unknown,
    /// The load; of the ramp step to so many endpoints, where a timeline tells.
    Carried {
        /// Endpoints that the step asks for.
        step_to: Option<u64>,
    },
    /// A part of a load that another sync carried, or none.
    Part,
}

/// What each sync carried. `order`, `chains`: see [`super::net_change::by_node_and_time`];
/// `ramps`: for each input the steps of its bundle's ramp, none without a timeline.
pub(super) fn loads(
    syncs: &[Sync],
    changes: &[Option<i64>],
    (order, chains): (&[usize], &[usize]),
    ramps: &[&[Step]],
) -> Vec<Load> {
    let mut loads = vec![Load::Unknown; syncs.len()];
    for stretch in stretches(order, syncs, chains) {
        let known: Vec<Carrier> = stretch
            .iter()
            .filter_map(|place| Carrier::of(*place, &syncs[*place], changes[*place]?))
            .collect();
        for carrier in &known {
            loads[carrier.place] = Load::Part;
        }
        let input = stretch.first().map(|place| syncs[*place].input as usize);
        let steps = input.and_then(|input| ramps.get(input).copied());
        match steps.unwrap_or_default() {
            [] => of_neighbours(&known, &mut loads),
            steps => of_steps(&known, steps, &mut loads),
        }
    }
    loads
}

/// A successful sync of a known net change.
struct Carrier {
    place: usize,
    start_ns: Option<i64>,
    end_ns: i64,
    change: i64,
    endpoints: u64,
}

impl Carrier {
    fn of(place: usize, sync: &Sync, change: i64) -> Option<Self> {
        (sync.outcome == Outcome::Ok).then_some(())?;
        Some(Self {
            place,
            start_ns: sync.start_ns,
            end_ns: sync.end_ns?,
            change,
            endpoints: endpoints(sync)?,
        })
    }

    /// How many endpoints between two counts it added.
    fn between(&self, from: u64, to: u64) -> u64 {
        let began = self.endpoints.saturating_sub(self.change.unsigned_abs());
        self.endpoints.min(to).saturating_sub(began.max(from))
    }
}

/// The carrier of each step up: of the syncs that carried a third of it or more, or any part
/// where none did, the one that changed most; of several the first.
fn of_steps(known: &[Carrier], steps: &[Step], loads: &mut [Load]) {
    for step in steps.iter().filter(|step| step.up) {
        let first = known.partition_point(|sync| sync.end_ns <= step.time_ns);
        let held = first.checked_sub(1).and_then(|at| known.get(at));
        let from = step.before.or(held.map(|sync| sync.endpoints)).unwrap_or(0);
        let asked = step.endpoints.saturating_sub(from);
        let before_turn = |sync: &&Carrier| {
            let turn = step.turn_ns;
            turn.is_none_or(|turn| sync.start_ns.is_some_and(|start| start < turn))
        };
        let mut parts: Vec<(&Carrier, u64)> = Vec::new();
        for sync in known[first..].iter().take_while(before_turn) {
            let part = sync.between(from, step.endpoints);
            if sync.change > 0 && part > 0 {
                parts.push((sync, part));
            }
            if step.is_met_by(sync.endpoints as f64) {
                break;
            }
        }
        let large = |part: u64| part as f64 >= asked as f64 * PART;
        let any = parts.iter().any(|(_, part)| large(*part));
        let carrier = parts
            .iter()
            .rev()
            .filter(|(_, part)| !any || large(*part))
            .max_by_key(|(sync, _)| sync.change);
        if let Some((sync, _)) = carrier {
            let step_to = match loads[sync.place] {
                Load::Carried { step_to } => step_to.max(Some(step.endpoints)),
                _ => Some(step.endpoints),
            };
            loads[sync.place] = Load::Carried { step_to };
        }
    }
}

/// Without a timeline: a sync carried the load unless one beside it, back to back, changed more
/// than twice as much.
fn of_neighbours(known: &[Carrier], loads: &mut [Load]) {
    let mut beaten = vec![false; known.len()];
    let gap = |one: &Carrier, next: &Carrier| {
        let start = next.start_ns.unwrap_or(i64::MAX);
        start.saturating_sub(one.end_ns) <= BACK_TO_BACK_NS
    };
    let mut forward = Reference::default();
    for (at, sync) in known.iter().enumerate() {
        let follows = at > 0 && gap(&known[at - 1], sync);
        beaten[at] |= forward.beats(sync.change, follows);
    }
    let mut backward = Reference::default();
    for (at, sync) in known.iter().enumerate().rev() {
        let follows = known.get(at + 1).is_some_and(|next| gap(sync, next));
        beaten[at] |= backward.beats(sync.change, follows);
    }
    for (sync, beaten) in known.iter().zip(beaten) {
        if !beaten && sync.change > 0 {
            loads[sync.place] = Load::Carried { step_to: None };
        }
    }
}

/// The last sync, of those back to back, that was no remainder.
#[derive(Default)]
struct Reference(Option<i64>);

impl Reference {
    /// Whether it changed more than twice as much as the next; else the next is the reference.
    fn beats(&mut self, change: i64, follows: bool) -> bool {
        let larger = |known: i64| (change as f64) < known as f64 * REMAINDER;
        if follows && change >= 0 && self.0.is_some_and(larger) {
            return true;
        }
        self.0 = (change > 0).then_some(change);
        false
    }
}

#[cfg(test)]
mod tests;
