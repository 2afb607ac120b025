//! A row a study.

use std::io::{self, Write};

use super::Screen;
use super::text::{fitted, padded, right};
use crate::report::words::{count, counted, duration, leading, told_apart};
use crate::report::{Recording, Report, Study};

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
        let row = compared(report, study).unwrap_or_else(|| alone(report, study));
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

fn compared(report: &Report, study: &Study) -> Option<String> {
    let c = leading(report, &study.id)?;
    let side = |name: &str, mean: Option<f64>| {
        let mean = mean.map(duration).unwrap_or_default();
        let room = SIDE.saturating_sub(mean.chars().count() + 1);
        right(
            &format!("{} {mean}", fitted(report.names.short(name), room)),
            SIDE,
        )
    };
    let ratio = match (told_apart(c), c.speedup) {
        (_, None) => "~".to_owned(),
        (false, Some(_))
            if c.ci95_pct
                .is_none_or(|[low, high]| low <= 0.0 && high >= 0.0) =>
        {
            "~".to_owned()
        }
        (false, Some(speedup)) => format!("~ {:.2} of it", 1.0 / speedup),
        (true, Some(speedup)) => format!("{:.2} of it", 1.0 / speedup),
    };
    let (baseline, candidate) = (
        side(&c.baseline, c.mean_s[0]),
        side(&c.candidate, c.mean_s[1]),
    );
    Some(format!("{baseline} {candidate} {}", right(&ratio, RATIO)))
}

/// A study with nothing to compare: its worst sync, and what went wrong.
fn alone(report: &Report, study: &Study) -> String {
    let mine: Vec<&Recording> = study.of(&report.recordings).collect();
    let sum = |of: fn(&Recording) -> usize| mine.iter().map(|one| of(one)).sum::<usize>();
    let slowest = mine.iter().filter_map(|one| report.syncs.get(one.slowest?));
    let slowest = slowest.max_by(|a, b| {
        a.elapsed_s
            .unwrap_or(0.0)
            .total_cmp(&b.elapsed_s.unwrap_or(0.0))
    });
    let mut parts = Vec::new();
    if let Some(row) = slowest {
        let took = row.elapsed_s.map(duration).unwrap_or_default();
        let group = report.names.short(&row.group);
        parts.push(format!(
            "{group}: slowest {took} of {}",
            counted(sum(Recording::syncs) as u64, "sync")
        ));
    }
    let (failed, complaints) = (sum(|one| one.failed), sum(|one| one.complaints));
    if failed > 0 {
        parts.push(format!("{} failed", count(failed as u64)));
    }
    if complaints > 0 {
        parts.push(counted(complaints as u64, "kernel complaint"));
    }
    parts.join(", ")
}
