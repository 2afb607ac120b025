//! Which sync carried the load, and which ones what was left of it.
//!
//! kube-proxy cuts work as it comes: the sync that carries a ramp step is often preceded by one
//! that carries its first few endpoints, and followed by one that carries the remainder. Only
//! the one that carried the load measures it.

use std::collections::HashMap;

use kube_proxy_logs::{Outcome, Sync, Syncs};

use super::net_change::{endpoints, stretches};
use super::ramp::DriverStep;
use crate::report::Changes;

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

/// What each sync carried, a byte each.
#[derive(Debug, Default)]
pub(super) struct Loads {
    kinds: Vec<Kind>,
    /// Endpoints that the steps of those that carried one ask for.
    steps: HashMap<usize, u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unknown,
    Part,
    Carried,
}

impl Loads {
    /// That of the sync at a place.
    #[must_use]
    pub(super) fn at(&self, place: usize) -> Load {
        match self.kinds.get(place) {
            None | Some(Kind::Unknown) => Load::Unknown,
            Some(Kind::Part) => Load::Part,
            Some(Kind::Carried) => Load::Carried {
                step_to: self.steps.get(&place).copied(),
            },
        }
    }

    fn carried(&mut self, place: usize, step_to: Option<u64>) {
        self.kinds[place] = Kind::Carried;
        if let Some(to) = step_to {
            let known = self.steps.entry(place).or_default();
            *known = to.max(*known);
        }
    }
}

/// What each sync carried. `order`, `chains`: see [`super::net_change::by_node_and_time`];
/// `ramps`: for each input the steps of its bundle's ramp, none without a timeline.
pub(super) fn loads(
    syncs: &Syncs,
    changes: &Changes,
    (order, chains): (&[u32], &[usize]),
    ramps: &[&[DriverStep]],
) -> Loads {
    let mut loads = Loads {
        kinds: vec![Kind::Unknown; syncs.len()],
        steps: HashMap::new(),
    };
    for stretch in stretches(order, syncs, chains) {
        let known = Known::of(syncs, changes, stretch);
        for place in &known.places {
            loads.kinds[*place as usize] = Kind::Part;
        }
        let input = stretch.first().map(|place| syncs.input_at(*place as usize));
        let steps = input.and_then(|input| ramps.get(input as usize).copied());
        match steps.unwrap_or_default() {
            [] => of_neighbours(&known, &mut loads),
            steps => of_steps(&known, steps, &mut loads),
        }
    }
    loads
}

/// The successful syncs of a known net change of a stretch: their places alone, for there may be
/// millions.
struct Known<'s> {
    syncs: &'s Syncs,
    changes: &'s Changes,
    places: Vec<u32>,
}

impl<'s> Known<'s> {
    fn of(syncs: &'s Syncs, changes: &'s Changes, stretch: &[u32]) -> Self {
        let mut known = Self {
            syncs,
            changes,
            places: Vec::new(),
        };
        let places = stretch.iter().copied();
        known.places = places.filter(|one| known.one(*one).is_some()).collect();
        known
    }

    fn one(&self, place: u32) -> Option<Carrier> {
        let place = place as usize;
        Carrier::of(place, &self.syncs.at(place), self.changes.at(place)?)
    }

    fn get(&self, at: usize) -> Option<Carrier> {
        self.one(*self.places.get(at)?)
    }

    /// Those from one on, in order.
    fn from(&self, first: usize) -> impl DoubleEndedIterator<Item = Carrier> {
        let places = self.places.get(first..).unwrap_or_default();
        places.iter().filter_map(|place| self.one(*place))
    }
}

/// A successful sync of a known net change.
#[derive(Clone, Copy)]
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
fn of_steps(known: &Known<'_>, steps: &[DriverStep], loads: &mut Loads) {
    for step in steps.iter().filter(|step| step.up) {
        let ended = |place: &u32| {
            known
                .one(*place)
                .is_some_and(|one| one.end_ns <= step.time_ns)
        };
        let first = known.places.partition_point(ended);
        let held = first.checked_sub(1).and_then(|at| known.get(at));
        let from = step.before.or(held.map(|sync| sync.endpoints)).unwrap_or(0);
        let asked = step.endpoints.saturating_sub(from);
        let before_turn = |sync: &Carrier| {
            let turn = step.turn_ns;
            turn.is_none_or(|turn| sync.start_ns.is_some_and(|start| start < turn))
        };
        let mut parts: Vec<(Carrier, u64)> = Vec::new();
        for sync in known.from(first).take_while(before_turn) {
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
            loads.carried(sync.place, Some(step.endpoints));
        }
    }
}

/// Without a timeline: a sync carried the load unless one beside it, back to back, changed more
/// than twice as much.
fn of_neighbours(known: &Known<'_>, loads: &mut Loads) {
    let mut beaten = vec![false; known.places.len()];
    let gap = |one: &Carrier, next: &Carrier| {
        let start = next.start_ns.unwrap_or(i64::MAX);
        start.saturating_sub(one.end_ns) <= BACK_TO_BACK_NS
    };
    let (mut forward, mut before) = (Reference::default(), None);
    for (at, sync) in known.from(0).enumerate() {
        let follows = before.is_some_and(|before| gap(&before, &sync));
        beaten[at] |= forward.beats(sync.change, follows);
        before = Some(sync);
    }
    let (mut backward, mut behind) = (Reference::default(), None);
    for (beaten, sync) in beaten.iter_mut().rev().zip(known.from(0).rev()) {
        let follows = behind.is_some_and(|next| gap(&sync, &next));
        *beaten |= backward.beats(sync.change, follows);
        behind = Some(sync);
    }
    for (sync, beaten) in known.from(0).zip(beaten) {
        if !beaten && sync.change > 0 {
            loads.carried(sync.place, None);
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
