//! A row a study.

use std::io::{self, Write};

use super::Screen;
use super::text::{fitted, padded, right};
use crate::report::words::{self, Alone, Glance, count, counted, duration, told_apart};
use crate::report::{Comparison, Report, Study};

/// More studies than a screen holds; the index has all.
const MOST: usize = 14;
/// Columns of the figures: baseline, candidate, and how they compare.
const SIDE: usize = 20;
const RATIO: usize = 15;

/// Prints the table.
pub(super) fn print(report: &Report, screen: Screen, to: &mut dyn Write) -> io::Result<()> {
    let name = name_width(report, screen);
    writeln!(to)?;
    let head = format!(
        "{} {} {} {}",
        padded("study", name),
        right("baseline", SIDE),
        right("candidate", SIDE),
        right("time", RATIO)
    );
    writeln!(to, "{}", screen.colour.paint("2", &head))?;
    for study in report.studies.iter().take(MOST) {
        let row = row(report, study);
        let room = screen.width.columns() - name - 1;
        writeln!(to, "{} {}", padded(&study.title, name), fitted(&row, room))?;
    }
    if report.studies.len() > MOST {
        writeln!(
            to,
            "and {}; index.html has all",
            counted((report.studies.len() - MOST) as u64, "more study")
        )?;
    }
    writeln!(
        to,
        "~ not shown by these runs (too few, or not known to be independent)"
    )
}

fn name_width(report: &Report, screen: Screen) -> usize {
    let longest = report
        .studies
        .iter()
        .map(|study| study.title.chars().count())
        .max();
    let room = screen.width.columns().saturating_sub(2 * SIDE + RATIO + 3);
    longest.unwrap_or(0).clamp(5, room.max(5))
}

fn row(report: &Report, study: &Study) -> String {
    match words::glance(report, study) {
        Glance::Compared(c) => compared(report, c),
        Glance::Alone(alone) => self::alone(report, &alone),
    }
}

fn compared(report: &Report, c: &Comparison) -> String {
    let side = |name: &str, mean: Option<f64>| {
        let mean = mean.map(duration).unwrap_or_default();
        let room = SIDE.saturating_sub(mean.chars().count() + 1);
        right(
            &format!("{} {mean}", fitted(report.names.short(name), room)),
            SIDE,
        )
    };
    let excludes_none = c
        .ci95_pct
        .is_some_and(|[low, high]| low > 0.0 || high < 0.0);
    let ratio = match (told_apart(c), c.speedup) {
        (_, None) => "~".to_owned(),
        (true, Some(speedup)) => format!("{:.2} of it", 1.0 / speedup),
        (false, Some(speedup)) if excludes_none => format!("~ {:.2} of it", 1.0 / speedup),
        (false, Some(_)) => "~".to_owned(),
    };
    let (baseline, candidate) = (
        side(&c.baseline, c.mean_s[0]),
        side(&c.candidate, c.mean_s[1]),
    );
    format!("{baseline} {candidate} {}", right(&ratio, RATIO))
}

/// A study with nothing to compare: its worst sync, and what went wrong.
fn alone(report: &Report, alone: &Alone) -> String {
    let mut parts = Vec::new();
    if let Some(row) = alone.slowest.and_then(|place| report.syncs.get(place)) {
        let took = row.elapsed_s.map(duration).unwrap_or_default();
        let group = report.names.short(&row.group);
        let all = counted(alone.syncs as u64, "sync");
        parts.push(format!("{group}: slowest {took} of {all}"));
    }
    if alone.failed > 0 {
        parts.push(format!("{} failed", count(alone.failed as u64)));
    }
    if alone.complaints > 0 {
        parts.push(counted(alone.complaints as u64, "kernel complaint"));
    }
    parts.join(", ")
}
