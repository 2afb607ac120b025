//! What happened in a recording, in a sentence: whose it is, its worst sync, what went wrong.

use super::best::{beginning, named};
use super::number::{count, counted, duration, rounded};
use crate::report::{LineRef, RampStep, Recording, Report, Trace, of_study};

/// The sentence, and what it rests on.
pub(super) fn headline(report: &Report, of: &Recording) -> (String, Trace) {
    let mut parts = Vec::new();
    let mut from = Trace::default();
    if of.ok == 0 && of.failed > 0 {
        parts.push("no sync succeeded".to_owned());
    }
    if let Some((lag, step)) = lag(report, of) {
        parts.push(lag);
        from.syncs.extend(step.sync);
        from.lines.push(LineRef {
            input: step.input.clone(),
            line: step.line,
        });
    }
    if let Some((worst, sync)) = slowest(report, of) {
        parts.push(worst);
        from.syncs.push(sync);
    }
    if of.failed > 0 {
        parts.push(format!(
            "{} of {} failed",
            count(of.failed as u64),
            counted(of.syncs() as u64, "sync")
        ));
        from.syncs
            .extend(of.failures.iter().take(5).map(|failure| failure.sync));
    }
    if of.unfinished > 0 {
        parts.push(format!(
            "{} without an end",
            counted(of.unfinished as u64, "sync")
        ));
    }
    if let Some((worst, line)) = complaint(report, of) {
        parts.push(worst);
        from.lines.push(line);
    }
    if parts.is_empty() {
        parts.push("no sync in the log".to_owned());
    }
    from.syncs.sort_unstable();
    from.syncs.dedup();
    (
        format!("{}: {}.", whose(report, of), parts.join("; ")),
        from,
    )
}

/// The kernels, and which run of how many on them.
fn whose(report: &Report, of: &Recording) -> String {
    let groups: Vec<String> = of
        .groups
        .iter()
        .take(3)
        .enumerate()
        .map(|(at, group)| match at {
            0 => beginning(report, group),
            _ => named(report, group),
        })
        .collect();
    let kernels = match groups.as_slice() {
        [] => of.id.clone(),
        groups if of.groups.len() > 3 => {
            format!("{} and {} more", groups.join(", "), of.groups.len() - 3)
        }
        groups => groups.join(" and "),
    };
    let alike = of_study(&report.recordings, &of.study)
        .filter(|one| one.groups == of.groups && one.modes == of.modes);
    let mut runs: Vec<(&Option<String>, &String)> =
        alike.map(|one| (&one.started, &one.id)).collect();
    runs.sort();
    let place = runs.iter().position(|(_, id)| **id == of.id);
    match place {
        Some(place) if runs.len() > 1 => {
            format!("{}, run {} of {}", kernels, place + 1, runs.len())
        }
        _ => kernels,
    }
}

/// How long the kernel lagged behind the ramp, at worst.
fn lag<'r>(report: &'r Report, of: &Recording) -> Option<(String, &'r RampStep)> {
    let step = report.ramp_steps.get(of.worst_step?)?;
    let after = duration(step.staleness_s?);
    let to = counted(step.endpoints, "endpoint");
    let carried = report
        .ramp_steps
        .iter()
        .filter(|one| one.bundle == step.bundle && one.staleness_s.is_some())
        .count();
    let text = if carried > 1 {
        format!("rules were in the kernel up to {after} after a ramp step (to {to})")
    } else {
        format!("rules were in the kernel {after} after the step to {to}")
    };
    Some((text, step))
}

/// The sync that took longest, and its parts.
fn slowest(report: &Report, of: &Recording) -> Option<(String, usize)> {
    let sync = of.slowest?;
    let row = report.syncs.get(sync)?;
    let scale = row.endpoints.map_or_else(String::new, |n| {
        format!(" of {} endpoints", count(rounded(n)))
    });
    let parts = match (row.build_s, row.commit_s) {
        (Some(build), Some(commit)) => {
            format!(" ({} build + {} commit)", duration(build), duration(commit))
        }
        _ => String::new(),
    };
    let alone = if of.ok + of.failed == 1 {
        "one sync"
    } else {
        "slowest sync"
    };
    Some((
        format!("{alone}{scale} took {}{parts}", duration(row.elapsed_s?)),
        sync,
    ))
}

/// The kernel's gravest complaint.
fn complaint(report: &Report, of: &Recording) -> Option<(String, LineRef)> {
    let event = report.kernel_events.get(of.worst_complaint?)?;
    let worst = event
        .seconds
        .map_or_else(String::new, |s| format!(", the longest {}", duration(s)));
    let line = LineRef {
        input: event.input.clone(),
        line: event.line,
    };
    Some((
        format!(
            "{} from the kernel{worst}",
            counted(of.complaints as u64, "complaint")
        ),
        line,
    ))
}
