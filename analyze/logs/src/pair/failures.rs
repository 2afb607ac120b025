//! Failures that name no family: those of old versions, and those whose reason (`err=<`) puts the
//! family on a later line.
//!
//! A failed sync says so once or twice, and, where the verbosity has it, its complete message
//! follows at once:
//!
//! ```text
//! "nftables sync failed" err=<
//! "Sync failed" ipFamily="IPv6" retryingTime="30s"
//! "SyncProxyRules complete" ipFamily="IPv6" elapsed="8ms"
//! ```

use super::Step;
use crate::parse::message::Mark;

/// The lines of one failure stand closer together.
const AT_ONCE_NS: i64 = 1_000_000_000;

/// Whether two times may be those of one failure.
fn close(first: Option<i64>, next: Option<i64>) -> bool {
    first
        .zip(next)
        .is_none_or(|(first, next)| next - first < AT_ONCE_NS)
}

/// Whether two lines tell of one failure: the refusal, then `Sync failed`.
pub(super) fn one(first: &Step, next: &Step) -> bool {
    first.mark == Mark::Refused && next.mark == Mark::Failed && close(first.time, next.time)
}

/// Failures without a family whose complete message may yet come.
#[derive(Debug, Default)]
pub(super) struct Refusals(Vec<Step>);

impl Refusals {
    pub(super) fn push(&mut self, step: &Step) {
        match self.0.iter_mut().find(|before| one(before, step)) {
            Some(before) => *before = *step,
            None => self.0.push(*step),
        }
    }

    /// Takes those whose complete message would have come before this step.
    pub(super) fn before(&mut self, step: &Step) -> Vec<Step> {
        if self.0.is_empty() {
            return Vec::new();
        }
        self.0
            .extract_if(.., |failed| !close(failed.time, step.time))
            .collect()
    }

    /// Takes the first, if it belongs to a line of that time.
    pub(super) fn take(&mut self, time: Option<i64>) -> bool {
        let first = self.0.iter().position(|failed| close(failed.time, time));
        first.map(|place| self.0.remove(place)).is_some()
    }

    /// Takes a refusal inside a sync.
    pub(super) fn inside(&mut self, start: Option<i64>, end: Option<i64>) -> Option<Step> {
        let place = self
            .0
            .iter()
            .position(|failed| failed.time >= start && close(failed.time, end))?;
        Some(self.0.remove(place))
    }

    pub(super) fn rest(&mut self) -> Vec<Step> {
        std::mem::take(&mut self.0)
    }
}
