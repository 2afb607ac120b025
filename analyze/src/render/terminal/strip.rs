//! A tiny picture for the terminal: each group's trials on a line from 0 to the longest.

use std::io::{self, Write};

use super::Screen;
use super::text::padded;
use crate::report::words::duration;
use crate::report::{Group, Report, Study};

/// Columns of a name, and of the figures behind the line.
const NAME: usize = 18;
const FIGURES: usize = 18;
/// More groups would push the table from the screen.
const MOST_GROUPS: usize = 8;
/// A colour a group, as on the pictures: orange, blue, green, magenta (SGR codes, ECMA-48).
const COLOURS: [&str; 4] = ["33", "34", "32", "35"];

/// Prints groups of a study; the baseline first.
pub(super) fn print(
    report: &Report,
    study: &Study,
    groups: &[Group],
    screen: Screen,
    to: &mut dyn Write,
) -> io::Result<()> {
    let ordered = study
        .groups
        .iter()
        .filter_map(|name| groups.iter().find(|g| g.name == *name));
    let shown: Vec<&Group> = ordered
        .filter(|group| group.n > 0)
        .take(MOST_GROUPS)
        .collect();
    let longest = shown
        .iter()
        .filter_map(|group| group.max_s)
        .fold(0.0, f64::max);
    if longest <= 0.0 {
        return Ok(());
    }
    let width = screen.width.columns() - NAME - FIGURES - 4;
    for (place, group) in shown.iter().enumerate() {
        let trials = group
            .trials
            .iter()
            .filter_map(|trial| report.syncs.get(*trial)?.elapsed_s);
        let line = line(trials, group, longest, width);
        let painted = screen.colour.paint(COLOURS[place % COLOURS.len()], &line);
        let name = padded(report.names.short(&group.name), NAME);
        let mean = group.mean_s.map(duration).unwrap_or_default();
        writeln!(to, "  {name} {painted} {mean:>10} n = {}", group.n)?;
    }
    let end = format!("{:>width$}", duration(longest), width = width - 1);
    writeln!(to, "  {} 0{end}", padded("", NAME))?;
    let key = "\u{25cf} trial  \u{2503} mean  \u{2500} 95 % interval";
    writeln!(to, "  {} {key}", padded("", NAME))
}

fn line(trials: impl Iterator<Item = f64>, group: &Group, longest: f64, width: usize) -> String {
    let column = |seconds: f64| {
        let at = (seconds / longest * (width - 1) as f64).round();
        (at.max(0.0) as usize).min(width - 1)
    };
    let mut cells = vec!['\u{b7}'; width];
    if let Some([low, high]) = group.ci95_s {
        cells[column(low)..=column(high)].fill('\u{2500}');
    }
    for seconds in trials {
        cells[column(seconds)] = '\u{25cf}';
    }
    if let Some(mean) = group.mean_s {
        cells[column(mean)] = '\u{2503}';
    }
    cells.into_iter().collect()
}
