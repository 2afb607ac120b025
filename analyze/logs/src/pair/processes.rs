//! Logs of several kube-proxies, one behind the other without a mark: `kubectl logs -l
//! k8s-app=kube-proxy` without `--prefix`.
//!
//! A kube-proxy runs one sync a family at a time. So where the time jumps back and a sync of the
//! lines behind the jump overlaps one of the lines before it, another process wrote them. Lines
//! that are merely out of order, or stand there twice, overlap nothing.

use super::Step;
use crate::parse::message::Mark;
use crate::sync::Family;

/// A jump back by less is two writers' buffers, not another log.
const JUMP_NS: i64 = 1_000_000_000;
/// Clocks of two lines may disagree by so much.
const TOLERANCE_NS: i64 = 1_000_000;
/// More jumps than this come from no list of pods.
const MOST: usize = 1_000;

/// A log: the lines of one process.
struct Log {
    steps: Vec<Step>,
    /// Start and end of each sync, by family, ordered.
    syncs: [Vec<(i64, i64)>; 3],
}

/// Parts the steps of several processes; all must have a time.
pub(super) fn apart(steps: Vec<Step>) -> Vec<Vec<Step>> {
    let jumps = steps
        .windows(2)
        .filter(|pair| matches!(pair, [a, b] if b.time < a.time.map(|time| time - JUMP_NS)))
        .count();
    if jumps == 0 || jumps > MOST {
        return vec![steps];
    }
    let mut logs: Vec<Log> = Vec::new();
    for run in runs(steps) {
        let run = Log::of(run);
        match logs.iter_mut().find(|log| !log.excludes(&run)) {
            Some(log) => log.take(run),
            None => logs.push(run),
        }
    }
    logs.into_iter().map(|log| log.steps).collect()
}

/// Steps from one jump back to the next.
fn runs(steps: Vec<Step>) -> Vec<Vec<Step>> {
    let mut runs: Vec<Vec<Step>> = Vec::new();
    let mut last = None;
    for step in steps {
        let jumps = step.time < last.map(|last: i64| last - JUMP_NS);
        last = step.time;
        match runs.last_mut() {
            Some(run) if !jumps => run.push(step),
            _ => runs.push(vec![step]),
        }
    }
    runs
}

impl Log {
    fn of(steps: Vec<Step>) -> Self {
        let mut syncs: [Vec<(i64, i64)>; 3] = Default::default();
        for step in &steps {
            if let (Some(end), Mark::Complete { elapsed_ns }) = (step.time, step.mark) {
                let elapsed = i64::try_from(elapsed_ns).unwrap_or(i64::MAX);
                syncs[place(step.family)].push((end.saturating_sub(elapsed), end));
            }
        }
        for of_family in &mut syncs {
            of_family.sort_unstable();
        }
        Self { steps, syncs }
    }

    /// Whether one process cannot have written both.
    fn excludes(&self, other: &Self) -> bool {
        self.syncs
            .iter()
            .zip(&other.syncs)
            .zip([1, 1, 2])
            .any(|((mine, theirs), at_once)| overlaps(mine, theirs, at_once))
    }

    fn take(&mut self, mut other: Self) {
        self.steps.append(&mut other.steps);
        for (mine, theirs) in self.syncs.iter_mut().zip(&mut other.syncs) {
            mine.append(theirs);
            mine.sort_unstable();
        }
    }
}

fn place(family: Family) -> usize {
    match family {
        Family::Ipv4 => 0,
        Family::Ipv6 => 1,
        Family::Unknown => 2,
    }
}

/// Whether more than `at_once` syncs of both lists together ran at some moment. The same sync in
/// both is one line copied twice.
fn overlaps(mine: &[(i64, i64)], theirs: &[(i64, i64)], at_once: usize) -> bool {
    let mut all: Vec<(i64, i64)> = mine.iter().chain(theirs).copied().collect();
    all.sort_unstable();
    all.dedup();
    // Ends of those under way.
    let mut ends: Vec<i64> = Vec::new();
    for (start, end) in all {
        ends.retain(|end| *end > start + TOLERANCE_NS);
        ends.push(end);
        if ends.len() > at_once {
            return true;
        }
    }
    false
}
