//! What happened in a recording, in a sentence: whose it is, its worst sync, what went wrong.

use super::best::named;
use super::number::{count, counted, duration, rounded, upper};
use crate::report::{LineRef, Recording, Report, Trace};

/// The sentence, and what it rests on.
pub(super) fn headline(report: &Report, of: &Recording) -> (String, Trace) {
    let mut parts = Vec::new();
    let mut from = Trace::default();
    if of.ok == 0 && of.failed > 0 {
        parts.push("no sync succeeded".to_owned());
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
            .extend(of.failures.iter().map(|failure| failure.sync));
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
        .map(|group| named(report, group))
        .collect();
    let kernels = match groups.as_slice() {
        [] => of.id.clone(),
        groups if of.groups.len() > 3 => {
            format!("{} and {} more", groups.join(", "), of.groups.len() - 3)
        }
        groups => groups.join(" and "),
    };
    let alike = report
        .recordings
        .iter()
        .filter(|one| one.study == of.study && one.groups == of.groups && one.modes == of.modes);
    let mut runs: Vec<(&Option<String>, &String)> =
        alike.map(|one| (&one.started, &one.id)).collect();
    runs.sort();
    let place = runs.iter().position(|(_, id)| **id == of.id);
    match place {
        Some(place) if runs.len() > 1 => {
            format!("{}, run {} of {}", upper(&kernels), place + 1, runs.len())
        }
        _ => upper(&kernels),
    }
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
