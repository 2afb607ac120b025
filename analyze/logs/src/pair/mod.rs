//! From marks to syncs: one log stream at a time, in order of time.

mod failures;
mod families;
mod open_sync;
mod processes;

use families::Pairer;

use crate::parse::message::Mark;
use crate::sync::{Backend, Family};
use crate::syncs::Syncs;

/// A step of a sync, with its place and time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) input: u32,
    pub(crate) line: u64,
    /// Nanoseconds since the epoch; absent where the log tells none.
    pub(crate) time: Option<i64>,
    pub(crate) mark: Mark,
    pub(crate) family: Family,
    pub(crate) backend: Backend,
}

/// The syncs of a stream, and what was lost.
#[derive(Debug, Default)]
pub(crate) struct Paired {
    pub(crate) syncs: Syncs,
    /// Syncs that began and whose end is missing though later ones are there: lines were lost.
    pub(crate) lost: u64,
    /// Syncs whose `Reloading` line could be one of several.
    pub(crate) ambiguous: u64,
    /// Syncs whose duration the lines beside it contradict: how many, and the first one's line.
    pub(crate) contradicted: Option<(u64, u64)>,
    /// Lines read before, from merged dumps.
    pub(crate) duplicates: u64,
}

/// Pairs the steps of one stream, which stand in any order; `end`: time of the stream's last line.
/// Gives one list of syncs for each kube-proxy that wrote it: one, unless several logs stand one
/// behind the other.
///
/// Order of lines does not matter beyond their times: they are put in order first.
pub(crate) fn unordered(steps: Vec<Step>, end: Option<i64>, backend: Backend) -> Vec<Paired> {
    // A step without a time would come before all others.
    if steps.iter().any(|step| step.time.is_none()) {
        return vec![in_order(steps, end, backend)];
    }
    let mut logs = processes::apart(steps);
    for steps in &mut logs {
        steps.sort_by_key(|step| step.time);
    }
    // The last line of all is one log's: of several, the others end with their own.
    let end = end.filter(|_| logs.len() == 1);
    logs.into_iter()
        .map(|steps| {
            let copied = steps
                .windows(2)
                .any(|pair| matches!(pair, [a, b] if same(a, b, false)));
            in_order_once(steps, end, backend, copied)
        })
        .collect()
}

/// Pairs steps in order of time. A line that stands there twice counts once.
pub(crate) fn ordered(
    steps: impl IntoIterator<Item = Step>,
    end: Option<i64>,
    backend: Backend,
) -> Paired {
    in_order_once(steps, end, backend, false)
}

/// The same; `copied`: a completed sync stands there twice, so that the log was copied, and lines
/// without a family that repeat are copies too.
fn in_order_once(
    steps: impl IntoIterator<Item = Step>,
    end: Option<i64>,
    backend: Backend,
    copied: bool,
) -> Paired {
    let (mut last, mut duplicates) = (None, 0);
    let once = steps.into_iter().filter(|step| {
        let repeats = last.is_some_and(|last| same(&last, step, copied));
        duplicates += u64::from(repeats);
        if !repeats {
            last = Some(*step);
        }
        !repeats
    });
    let paired = in_order(once, end, backend);
    Paired {
        duplicates,
        ..paired
    }
}

/// Pairs steps as they come.
fn in_order(steps: impl IntoIterator<Item = Step>, end: Option<i64>, backend: Backend) -> Paired {
    let mut pairer = Pairer::new(backend);
    for step in steps {
        pairer.step(&step);
    }
    pairer.finish(end)
}

/// The same line once more: klog's microseconds and a nanosecond duration do not repeat.
fn same(first: &Step, next: &Step, copied: bool) -> bool {
    first.time == next.time
        && first.mark == next.mark
        && first.family == next.family
        && !matches!(first.mark, Mark::Start)
        // Two families of an old kube-proxy can do the same thing in the same microsecond.
        && (copied || first.family != Family::Unknown || matches!(first.mark, Mark::Complete { .. }))
}
