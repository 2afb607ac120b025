//! Keeping the families apart.
//!
//! Both run at once, each behind a mutex of its own, so their lines interleave. From 1.31 on
//! every line names its family. Before, a complete message tells by its duration when its sync
//! began, and that tells which `Syncing` line is its own (`meta_proxier.go`: two starts lie
//! some hundred microseconds apart).

use super::failures::{self, Refusals};
use super::open_sync::{OpenSync, Reloading, TOLERANCE_NS};
use super::{Paired, Step};
use crate::parse::message::Mark;
use crate::sync::{Backend, Family, Sync};

/// A family runs one sync at a time: none begins so long before the one before it ends.
const APART_NS: i64 = 1_000_000_000;

/// Pairs one stream.
#[derive(Debug)]
pub(super) struct Pairer {
    open: Vec<OpenSync>,
    /// `Reloading` lines without a family, seen while several such syncs were open.
    loose: Vec<Reloading>,
    /// Failures without a family: they stand right before their complete message.
    refusals: Refusals,
    backend: Backend,
    process: u32,
    /// Syncs of this process that ended, by family, and when the last did: the first of each is a
    /// full one.
    ended: Vec<(Family, Option<i64>)>,
    /// A process start was seen, so that "first" is known.
    started: bool,
    last: Option<i64>,
    paired: Paired,
}

impl Pairer {
    pub(super) fn new(backend: Backend) -> Self {
        Self {
            open: Vec::new(),
            loose: Vec::new(),
            refusals: Refusals::default(),
            backend,
            process: 0,
            ended: Vec::new(),
            started: false,
            last: None,
            paired: Paired::default(),
        }
    }

    pub(super) fn step(&mut self, step: &Step) {
        if step.backend != Backend::Unknown {
            self.backend = step.backend;
        }
        for failed in self.refusals.before(step) {
            self.fail_unnamed(&failed);
        }
        match step.mark {
            Mark::Start => self.restart(),
            Mark::Complete { elapsed_ns } => self.complete(step, elapsed_ns),
            Mark::Syncing { .. } => self.begin(step),
            Mark::Failed | Mark::Refused if step.family == Family::Unknown => {
                self.refusals.push(step);
            }
            Mark::Failed | Mark::Refused => self.fail(step),
            Mark::ForcedFull if step.family == Family::Unknown => self.forced_full(step),
            Mark::Reloading { counts } if step.family == Family::Unknown => {
                self.reload_unnamed(step, counts);
            }
            Mark::Reloading { .. } | Mark::Stale { .. } | Mark::ForcedFull => {
                self.continue_named(step);
            }
        }
        self.last = step.time.or(self.last);
    }

    /// The process is gone, and its syncs with it.
    fn restart(&mut self) {
        self.abandon(self.last);
        if self.started || !self.ended.is_empty() {
            self.process += 1;
        }
        self.started = true;
        self.ended.clear();
    }

    fn begin(&mut self, step: &Step) {
        if step.family != Family::Unknown
            && let Some(place) = self.place_of(step.family)
        {
            // A family runs one sync at a time: the end of this one was lost.
            let before = self.open.swap_remove(place);
            if !self.failed(&before) {
                self.paired.lost += u64::from(before.syncing.is_some());
            }
        }
        let mut open = OpenSync::new(step);
        open.note(step);
        self.open.push(open);
    }

    /// A sync whose family is known fails.
    fn fail(&mut self, step: &Step) {
        if step.mark == Mark::Failed {
            self.refusals.take(step.time);
        }
        if let Some(place) = self.place_of(step.family)
            && let Some(before) = self.open[place].failed
            && !failures::one(&before, step)
        {
            // It failed before, and this is the next try.
            let before = self.open.swap_remove(place);
            self.failed(&before);
        }
        self.continue_named(step);
    }

    /// A failure without a family, and without a complete message behind it.
    fn fail_unnamed(&mut self, step: &Step) {
        let mut waiting =
            self.open.iter().enumerate().filter(|(_, open)| {
                open.family == Family::Unknown && open.first_seen() <= step.time
            });
        let place = match (waiting.next(), waiting.next()) {
            (Some((place, _)), None) => Some(place),
            _ => None,
        };
        let mut open =
            place.map_or_else(|| OpenSync::new(step), |place| self.open.swap_remove(place));
        open.note(step);
        self.failed(&open);
    }

    /// Tells of a sync that failed without a complete message; gives whether it did.
    fn failed(&mut self, open: &OpenSync) -> bool {
        let Some(step) = open.failed else {
            return false;
        };
        let sync = open.failed(&step, self.backend);
        self.paired.syncs.push(Sync {
            process: self.process,
            ..sync
        });
        true
    }

    /// A later line of a sync whose family is known.
    fn continue_named(&mut self, step: &Step) {
        let place = self.place_of(step.family).unwrap_or_else(|| {
            self.open.push(OpenSync::new(step));
            self.open.len() - 1
        });
        if let Some(open) = self.open.get_mut(place) {
            open.note(step);
        }
    }

    /// `err=<` puts the family on a later line; the message follows that of its sync's stale
    /// chains.
    fn forced_full(&mut self, step: &Step) {
        let deleting = self.open.iter_mut().filter(|open| open.deletes_chains());
        if let Some(open) = deleting.max_by_key(|open| open.line) {
            open.note(step);
        }
    }

    fn reload_unnamed(&mut self, step: &Step, counts: Option<(u32, u32)>) {
        let mut waiting = self
            .open
            .iter_mut()
            .filter(|open| open.family == Family::Unknown && open.reloading.is_none());
        match (waiting.next(), waiting.next()) {
            (Some(only), None) => only.note(step),
            _ => self.loose.push(Reloading {
                line: step.line,
                time: step.time,
                counts,
            }),
        }
    }

    fn complete(&mut self, step: &Step, elapsed_ns: u64) {
        let start = step
            .time
            .map(|end| end.saturating_sub(i64::try_from(elapsed_ns).unwrap_or(i64::MAX)));
        let mut open = match step.family {
            Family::Unknown => self.take_unnamed(step, start),
            family => self
                .place_of(family)
                .map(|place| self.open.swap_remove(place)),
        }
        .unwrap_or_else(|| OpenSync::new(step));
        if let (Some(start), Some(failed)) = (start, open.failed)
            && failed.time.is_some_and(|time| time < start - TOLERANCE_NS)
        {
            // That was the try before.
            self.failed(&open);
            open = OpenSync::new(step);
        }
        if step.family != Family::Unknown
            && let Some(refused) = self.refusals.inside(start, step.time)
        {
            open.failed = open.failed.or(Some(refused));
        }
        if let Some(start) = start {
            self.paired.lost += u64::from(open.since(start));
        }
        let mut sync = open.complete(step, elapsed_ns, self.backend);
        sync.process = self.process;
        let before = self
            .ended
            .iter_mut()
            .find(|(family, _)| *family == step.family);
        let ended = before.as_ref().and_then(|(_, end)| *end);
        match before {
            Some((_, end)) => *end = step.time,
            None => {
                self.ended.push((step.family, step.time));
                if self.started && step.family != Family::Unknown {
                    sync.full = Some(true);
                }
            }
        }
        if let Some(start) = start
            && step.family != Family::Unknown
            && (open.begins_long_after(start) || ended.is_some_and(|end| end > start + APART_NS))
        {
            let (syncs, _) = self.paired.contradicted.get_or_insert((0, step.line));
            *syncs += 1;
        }
        self.paired.syncs.push(sync);
    }

    /// The open sync that a nameless complete message ends: the one that began when its
    /// duration says.
    fn take_unnamed(&mut self, step: &Step, start: Option<i64>) -> Option<OpenSync> {
        let start = start?;
        let nearest = self
            .open
            .iter()
            .enumerate()
            .filter(|(_, open)| open.family == Family::Unknown)
            .filter_map(|(place, open)| Some((place, open.syncing?.1 - start)))
            .filter(|(_, late)| {
                *late >= -TOLERANCE_NS && step.time.is_some_and(|end| start + late <= end)
            })
            .min_by_key(|(_, late)| late.unsigned_abs())
            .map(|(place, _)| place);
        let mut open = match nearest {
            Some(place) => self.open.swap_remove(place),
            None => OpenSync::new(step),
        };
        if open.reloading.is_none() {
            open.reloading = self.take_loose(start, step.time);
        }
        if self.refusals.take(step.time) {
            open.note(&Step {
                mark: Mark::Failed,
                ..*step
            });
        }
        if !self.open.iter().any(|open| open.family == Family::Unknown) {
            self.loose.clear();
        }
        Some(open)
    }

    /// The only `Reloading` line that can be this sync's; none if there are several.
    fn take_loose(&mut self, start: i64, end: Option<i64>) -> Option<Reloading> {
        let inside = |reloading: &Reloading| {
            reloading.time.is_some_and(|time| {
                time >= start - TOLERANCE_NS && end.is_none_or(|end| time <= end)
            })
        };
        let mut inside = self
            .loose
            .iter()
            .enumerate()
            .filter(|(_, reloading)| inside(reloading));
        match (inside.next().map(|(place, _)| place), inside.next()) {
            (Some(place), None) => Some(self.loose.swap_remove(place)),
            (Some(_), Some(_)) => {
                self.paired.ambiguous += 1;
                None
            }
            _ => None,
        }
    }

    fn place_of(&self, family: Family) -> Option<usize> {
        self.open.iter().position(|open| open.family == family)
    }

    /// Open syncs end here, unfinished.
    fn abandon(&mut self, end: Option<i64>) {
        for failed in self.refusals.rest() {
            self.fail_unnamed(&failed);
        }
        let (process, backend) = (self.process, self.backend);
        let open = std::mem::take(&mut self.open);
        let left: Vec<Sync> = open
            .into_iter()
            .filter(|open| !self.failed(open))
            .filter(|open| open.syncing.is_some() || open.reloading.is_some())
            .map(|open| Sync {
                process,
                ..open.unfinished(end, backend)
            })
            .collect();
        self.loose.clear();
        // ipvs says that it begins at a lower verbosity than that it ends: those that never
        // end tell nothing.
        let ends = !self.paired.syncs.is_empty() || self.backend != Backend::Ipvs;
        if ends {
            self.paired.syncs.extend(left);
        }
    }

    pub(super) fn finish(mut self, end: Option<i64>) -> Paired {
        self.abandon(end.max(self.last));
        self.paired
    }
}
