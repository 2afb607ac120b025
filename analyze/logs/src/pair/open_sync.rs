//! A sync under way.

use super::Step;
use crate::parse::message::Mark;
use crate::sync::{Backend, Family, Outcome, Sync};

/// How much later than `end - elapsed` a sync's first line may seem to stand before it: the
/// header's clock is read after the duration is measured, later still on a busy machine.
pub(super) const TOLERANCE_NS: i64 = 50_000_000;

/// What has been seen of a sync so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenSync {
    pub(super) family: Family,
    backend: Backend,
    pub(super) input: u32,
    pub(super) line: u64,
    pub(super) syncing: Option<(u64, i64)>,
    pub(super) reloading: Option<Reloading>,
    stale: Option<u64>,
    pub(super) failed: Option<Step>,
    full: Option<bool>,
}

/// A `Reloading` line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Reloading {
    pub(super) line: u64,
    pub(super) time: Option<i64>,
    pub(super) counts: Option<(u32, u32)>,
}

impl OpenSync {
    pub(super) fn new(step: &Step) -> Self {
        Self {
            family: step.family,
            backend: step.backend,
            input: step.input,
            line: step.line,
            syncing: None,
            reloading: None,
            stale: None,
            failed: None,
            full: None,
        }
    }

    /// Notes a step.
    pub(super) fn note(&mut self, step: &Step) {
        self.input = step.input;
        self.line = step.line;
        if step.backend != Backend::Unknown {
            self.backend = step.backend;
        }
        match step.mark {
            Mark::Syncing { full } => {
                self.syncing = step.time.map(|time| (step.line, time));
                self.full = full;
            }
            Mark::Stale { chains } => self.stale = Some(self.stale.unwrap_or(0) + chains),
            Mark::ForcedFull => self.full = Some(true),
            Mark::Reloading { counts } => {
                self.reloading = Some(Reloading {
                    line: step.line,
                    time: step.time,
                    counts,
                });
            }
            Mark::Failed | Mark::Refused => self.failed = Some(*step),
            Mark::Complete { .. } | Mark::Start => {}
        }
    }

    /// Whether it said that it deletes stale chains.
    pub(super) fn deletes_chains(&self) -> bool {
        self.stale.is_some()
    }

    /// When it was first seen.
    pub(super) fn first_seen(&self) -> Option<i64> {
        self.syncing
            .map(|(_, time)| time)
            .or_else(|| self.reloading.and_then(|r| r.time))
    }

    /// Whether its first line stands so long after a start that the start is none of its own: what
    /// kube-proxy does between them, taking in what changed, takes seconds at the largest scale.
    pub(super) fn begins_long_after(&self, start: i64) -> bool {
        const LONGEST_NS: i64 = 60_000_000_000;
        self.syncing
            .is_some_and(|(_, time)| time > start.saturating_add(LONGEST_NS))
    }

    /// Drops what lies before a start: it belonged to a sync whose end was lost. Gives whether
    /// there was such a thing.
    pub(super) fn since(&mut self, start: i64) -> bool {
        let earliest = start - TOLERANCE_NS;
        let mut lost = false;
        if self.syncing.is_some_and(|(_, time)| time < earliest) {
            self.syncing = None;
            self.full = None;
            self.stale = None;
            self.failed = None;
            lost = true;
        }
        if self
            .reloading
            .is_some_and(|reloading| reloading.time.is_some_and(|t| t < earliest))
        {
            self.reloading = None;
            lost = true;
        }
        lost
    }

    /// The finished sync.
    pub(super) fn complete(&self, step: &Step, elapsed_ns: u64, backend: Backend) -> Sync {
        let elapsed = i64::try_from(elapsed_ns).unwrap_or(i64::MAX);
        let start = step.time.map(|end| end.saturating_sub(elapsed));
        let reloading = self.reloading;
        let reloaded = reloading.and_then(|reloading| reloading.time);
        let span = |from: Option<i64>, to: Option<i64>| {
            // Clocks that disagree by less than the tolerance: no time at all has passed.
            from.zip(to)
                .map(|(from, to)| (to - from).max(0).unsigned_abs().min(elapsed_ns))
        };
        Sync {
            line: step.line,
            start_ns: start,
            end_ns: step.time,
            elapsed_ns: Some(elapsed_ns),
            build_ns: span(start, reloaded),
            commit_ns: span(reloaded, step.time),
            outcome: if self.failed.is_some() {
                Outcome::Failed
            } else {
                Outcome::Ok
            },
            ..self.sync(step, backend)
        }
    }

    /// A sync that failed, of which no complete message tells how long it took.
    pub(super) fn failed(&self, step: &Step, backend: Backend) -> Sync {
        Sync {
            start_ns: self.first_seen(),
            end_ns: step.time,
            outcome: Outcome::Failed,
            ..self.sync(step, backend)
        }
    }

    /// A sync that the log, or the process, did not see to its end: it took at least until `end`.
    pub(super) fn unfinished(&self, end: Option<i64>, backend: Backend) -> Sync {
        let start = self.first_seen();
        let step = Step {
            input: self.input,
            line: self.line,
            time: None,
            mark: Mark::Failed,
            family: self.family,
            backend: self.backend,
        };
        Sync {
            start_ns: start,
            elapsed_ns: start
                .zip(end)
                .map(|(start, end)| (end - start).max(0).unsigned_abs()),
            build_ns: self
                .reloading
                .and_then(|reloading| reloading.time)
                .zip(self.syncing)
                .map(|(reloading, (_, syncing))| (reloading - syncing).max(0).unsigned_abs()),
            outcome: Outcome::Unfinished,
            ..self.sync(&step, backend)
        }
    }

    fn sync(&self, step: &Step, backend: Backend) -> Sync {
        let named = [step.backend, self.backend, backend];
        let counts = self.reloading.and_then(|reloading| reloading.counts);
        Sync {
            input: step.input,
            process: 0,
            line: step.line,
            syncing_line: self.syncing.map(|(line, _)| line),
            reloading_line: self.reloading.map(|reloading| reloading.line),
            start_ns: None,
            end_ns: None,
            elapsed_ns: None,
            build_ns: None,
            commit_ns: None,
            services: counts.map(|(services, _)| u64::from(services)),
            endpoints: counts.map(|(_, endpoints)| u64::from(endpoints)),
            stale_chains: self.stale,
            family: self.family,
            backend: named
                .into_iter()
                .find(|b| *b != Backend::Unknown)
                .unwrap_or(backend),
            outcome: Outcome::Ok,
            full: self.full,
        }
    }
}
