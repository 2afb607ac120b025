//! One study: what happened in it, its groups, and what to do next.

use std::io::{self, Write};

use super::Screen;
use super::strip;
use super::text::{padded, wrapped};
use crate::report::words::{count, counted, duration};
use crate::report::{ClaimCheck, Failure, Group, Recording, Report, Study, SyncRow};

/// Columns of the label before a line.
const LABEL: usize = 10;
/// Recordings of one study that are told one by one.
const MOST_RECORDINGS: usize = 2;
/// Causes of a recording that are told, the hottest first.
const MOST_CAUSES: usize = 2;
/// Doubts that a screen has room for; the report has all.
const MOST_DOUBTS: usize = 3;

/// Prints a study.
pub(super) fn print(
    report: &Report,
    study: &Study,
    screen: Screen,
    to: &mut dyn Write,
) -> io::Result<()> {
    let mine: Vec<&Recording> = study.of(&report.recordings).collect();
    if mine.len() <= MOST_RECORDINGS {
        for one in mine {
            recording(report, one, screen, to)?;
        }
    }
    let of = |groups: &[Group]| -> Vec<Group> {
        study
            .of(groups)
            .filter(|group| group.n > 0)
            .cloned()
            .collect()
    };
    let matched = of(&report.matched_groups);
    let groups = if matched.is_empty() {
        of(&report.groups)
    } else {
        matched
    };
    if groups.iter().any(|group| group.n_trials > 1) {
        writeln!(to)?;
        strip::print(report, study, &groups, screen, to)?;
    }
    for claim in study.of(&report.claims) {
        line(to, screen, "claim", &claimed(claim))?;
    }
    for (at, doubt) in report.headline.doubts.iter().take(MOST_DOUBTS).enumerate() {
        line(to, screen, if at == 0 { "doubt" } else { "" }, doubt)?;
    }
    for (at, step) in report.next.iter().enumerate() {
        line(to, screen, if at == 0 { "next" } else { "" }, step)?;
    }
    Ok(())
}

fn line(to: &mut dyn Write, screen: Screen, label: &str, text: &str) -> io::Result<()> {
    wrapped(
        to,
        screen.width,
        text,
        &format!("  {}", padded(label, LABEL)),
    )
}

/// What happened in a recording.
fn recording(
    report: &Report,
    of: &Recording,
    screen: Screen,
    to: &mut dyn Write,
) -> io::Result<()> {
    line(to, screen, "syncs", &syncs(of))?;
    if let Some(row) = of.slowest.and_then(|place| report.syncs.get(place)) {
        line(to, screen, "slowest", &slowest(&row))?;
    }
    for failure in of.failures.iter().take(2) {
        if let Some(text) = failed(report, failure) {
            line(to, screen, "failed", &text)?;
        }
    }
    line(to, screen, "lockups", &lockups(report, of))?;
    let profiles = report.profiles.iter();
    let mine = profiles.filter(|one| one.run.as_ref() == Some(&of.id));
    for cause in mine.flat_map(|one| &one.causes).take(MOST_CAUSES) {
        line(to, screen, "cause", cause)?;
    }
    if let Some(step) = of.worst_step.and_then(|place| report.ramp_steps.get(place)) {
        let lag = step.staleness_s.map(duration).unwrap_or_default();
        line(
            to,
            screen,
            "lag",
            &format!(
                "after the step to {} nodes ran old rules for up to {lag}",
                counted(step.endpoints, "endpoint")
            ),
        )?;
    }
    Ok(())
}

/// How many ended how, and how long they took.
fn syncs(of: &Recording) -> String {
    let mut ends = vec![format!("{} ok", count(of.ok as u64))];
    ends.extend((of.failed > 0).then(|| format!("{} failed", count(of.failed as u64))));
    ends.extend((of.unfinished > 0).then(|| format!("{} unfinished", count(of.unfinished as u64))));
    let spread = match (of.p50_s, of.p99_s) {
        (Some(p50), Some(p99)) if of.ok > 1 => format!(
            "; half took up to {}, 99 of 100 up to {}",
            duration(p50),
            duration(p99)
        ),
        _ => String::new(),
    };
    let all = counted(of.syncs() as u64, "sync");
    format!("{all}: {}{spread}", ends.join(", "))
}

/// A sync with its parts, its scale and its line.
fn slowest(row: &SyncRow<'_>) -> String {
    let parts = match (row.build_s, row.commit_s) {
        (Some(build), Some(commit)) => {
            format!(" = {} build + {} commit", duration(build), duration(commit))
        }
        _ => String::new(),
    };
    let scale = row
        .endpoints
        .map_or_else(String::new, |n| format!(", {}", counted(n, "endpoint")));
    let took = row.elapsed_s.map(duration).unwrap_or_default();
    format!("{took}{parts}{scale} ({}:{})", row.input, row.line)
}

/// Syncs that failed alike, from the first to the last.
fn failed(report: &Report, failure: &Failure) -> Option<String> {
    let row = report.syncs.get(failure.sync)?;
    let reason = failure.reason.as_deref().unwrap_or("no reason in the log");
    let at = format!("{}:{}", row.input, failure.line.unwrap_or(row.line));
    let place = match report.syncs.get(failure.last) {
        Some(last) if failure.count > 1 => format!(
            "{}, from {at} to {}",
            counted(failure.count as u64, "sync"),
            match last.input == row.input {
                true => format!("line {}", last.line),
                false => format!("{}:{}", last.input, last.line),
            }
        ),
        _ => at,
    };
    Some(format!("{place}: {reason}"))
}

fn lockups(report: &Report, of: &Recording) -> String {
    let Some(event) = of
        .worst_complaint
        .and_then(|place| report.kernel_events.get(place))
    else {
        return "no kernel complaint in these logs".to_owned();
    };
    let seconds = event
        .seconds
        .map_or_else(String::new, |s| format!(", the longest {}", duration(s)));
    let function = event
        .function
        .as_ref()
        .map_or_else(String::new, |f| format!(" in {f}"));
    format!(
        "{}{seconds}: {}{function} ({}:{})",
        counted(of.complaints as u64, "kernel complaint"),
        event.kind,
        event.input,
        event.line
    )
}

fn claimed(claim: &ClaimCheck) -> String {
    let verdict = match claim.holds {
        Some(true) => "agrees",
        Some(false) => "differs",
        None => "not checked",
    };
    let value = claim.computed.map_or_else(
        || "?".to_owned(),
        |value| match claim.quantity.as_str() {
            "improvement_pct" => format!("{value:.1} %"),
            "speedup" => format!("{value:.2} x"),
            _ => duration(value),
        },
    );
    format!(
        "{verdict}: \u{201c}{}\u{201d}, computed {value} ({})",
        claim.text, claim.scope
    )
}
