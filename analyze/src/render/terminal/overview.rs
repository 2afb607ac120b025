//! A row a study.

use std::io::{self, Write};

use super::Screen;
use super::text::{fitted, padded, right, wrapped};
use crate::report::words::{self, Alone, Glance, count, counted, duration, told_apart};
use crate::report::{Comparison, Report, Study};

/// More studies than a screen holds; the index has all.
const MOST: usize = 14;
/// Columns of how two sides compare.
const RATIO: usize = 12;
/// Columns of a side where there is room, and where there is little.
const SIDE: [usize; 2] = [20, 15];
/// Columns that a study's name has in any case.
const NAME: usize = 13;

/// Prints the table.
pub(super) fn print(report: &Report, screen: Screen, to: &mut dyn Write) -> io::Result<()> {
    let columns = Columns::of(report, screen);
    let (name, side) = (columns.name, columns.side);
    writeln!(to)?;
    let head = format!(
        "{} {} {} {}",
        padded("study", name),
        right("baseline", side),
        right("candidate", side),
        right("time", RATIO)
    );
    writeln!(to, "{}", screen.colour.paint("2", &head))?;
    for study in report.studies.iter().take(MOST) {
        let row = row(report, study, side);
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
    let text = "~ not shown by these runs (too few, or not known to be independent)";
    wrapped(to, screen.width, text, "")
}

/// How wide the columns are.
struct Columns {
    name: usize,
    side: usize,
}

impl Columns {
    /// Names as long as they are, where the screen has room; sides give way before names.
    fn of(report: &Report, screen: Screen) -> Self {
        let longest = report
            .studies
            .iter()
            .map(|study| study.title.chars().count());
        let longest = longest.max().unwrap_or(0).max(5);
        let room = |side: usize| screen.width.columns().saturating_sub(2 * side + RATIO + 3);
        let [wide, narrow] = SIDE;
        let side = if room(wide) < longest.min(NAME) {
            narrow
        } else {
            wide
        };
        Self {
            name: longest.min(room(side).max(5)),
            side,
        }
    }
}

fn row(report: &Report, study: &Study, side: usize) -> String {
    match words::glance(report, study) {
        Glance::Compared(c) => compared(report, c, side),
        Glance::Alone(alone) => self::alone(report, &alone),
    }
}

fn compared(report: &Report, c: &Comparison, side: usize) -> String {
    let side = |name: &str, mean: Option<f64>| {
        let mean = mean.map(duration).unwrap_or_default();
        let room = side.saturating_sub(mean.chars().count() + 1);
        right(
            &format!("{} {mean}", fitted(report.names.short(name), room)),
            side,
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
