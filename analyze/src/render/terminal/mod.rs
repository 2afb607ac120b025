//! What a terminal shows: the answer, then a row a study, or, of one study, what happened in it.

pub mod fleet;
pub mod metrics;
mod overview;
mod replays;
mod strip;
mod study;
mod text;

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::report::words::{count, counted};
use crate::report::{Report, Warning};
use text::{lines, wrapped};

pub use text::Width;

/// Whether to colour; plain text is complete without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub bool);

impl Colour {
    /// A text between an SGR sequence (ECMA-48) and its end.
    fn paint(self, code: &str, text: &str) -> String {
        if self.0 {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// How a terminal takes text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Its colours.
    pub colour: Colour,
    /// Its columns.
    pub width: Width,
}

/// Prints the report's essence.
///
/// # Errors
/// What the writer says.
pub fn print(report: &Report, screen: Screen, to: &mut dyn Write) -> io::Result<()> {
    for line in lines(screen.width, &report.headline.sentence, "") {
        writeln!(to, "{}", screen.colour.paint("1", &line))?;
    }
    if report.studies.is_empty() && !report.replays.is_empty() {
        replays::print(report, true, screen, to)?;
        return warnings(&report.warnings, screen, 6, to);
    }
    match report.studies.as_slice() {
        [one] => {
            study::print(report, one, screen, to)?;
            warnings(&report.warnings, screen, 6, to)
        }
        _ => {
            overview::print(report, screen, to)?;
            replays::print(report, false, screen, to)?;
            warnings(&report.warnings, screen, 2, to)
        }
    }
}

/// Warnings, alike ones folded into one; the most frequent first.
fn warnings(all: &[Warning], screen: Screen, most: usize, to: &mut dyn Write) -> io::Result<()> {
    let folded = folded(all);
    if folded.is_empty() {
        return Ok(());
    }
    let told = counted(all.len() as u64, "warning");
    if most < 3 {
        let kinds: Vec<String> = folded
            .iter()
            .map(|(first, n)| format!("{} {}", count(*n as u64), first.code.replace('_', " ")))
            .collect();
        return wrapped(
            to,
            screen.width,
            &format!("{told}: {}.", kinds.join(", ")),
            "",
        );
    }
    writeln!(to, "\n{told}")?;
    for (first, n) in folded.iter().take(most) {
        let place = match (&first.input, first.line) {
            (Some(input), Some(line)) => format!("{input}:{line}: "),
            (Some(input), None) => format!("{input}: "),
            _ => String::new(),
        };
        let more = match n {
            1 => String::new(),
            n => format!(" (and {} more like it)", count(*n as u64 - 1)),
        };
        wrapped(
            to,
            screen.width,
            &format!("{place}{}{more}", first.message),
            "  - ",
        )?;
    }
    if folded.len() > most {
        writeln!(
            to,
            "  and {} more kinds; results.json has all",
            folded.len() - most
        )?;
    }
    Ok(())
}

/// One warning of each code, and how many there are of it, in the order of the first.
fn folded(warnings: &[Warning]) -> Vec<(&Warning, usize)> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut folded: Vec<(&Warning, usize)> = Vec::new();
    for warning in warnings {
        match places.get(warning.code.as_str()) {
            Some(at) => folded[*at].1 += 1,
            None => {
                places.insert(&warning.code, folded.len());
                folded.push((warning, 1));
            }
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_asked_for() {
        assert_eq!(Colour(false).paint("1", "x"), "x");
        assert_eq!(Colour(true).paint("1", "x"), "\u{1b}[1mx\u{1b}[0m");
    }

    #[test]
    fn alike_warnings_are_one() {
        let warning = |code: &str| Warning::new(code, format!("{code} it is"));
        let all = ["a", "b", "a", "a"].map(warning);
        let folded: Vec<(&str, usize)> = folded(&all)
            .iter()
            .map(|(w, n)| (w.code.as_str(), *n))
            .collect();
        assert_eq!(folded, [("a", 3), ("b", 1)]);
    }
}
