//! The headline, a tiny picture and a table for a terminal of 80 columns.

use std::io::{self, Write};

use super::strip;
use crate::report::visible::visible;
use crate::report::words::{count, duration};
use crate::report::{ClaimCheck, Comparison, Group, Report, Study};

/// Columns used: one less than most terminals have, so that no line wraps.
pub(super) const WIDTH: usize = 79;

/// Whether to colour; plain text is complete without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub bool);

impl Colour {
    /// A text between an SGR sequence (ECMA-48) and its end.
    pub(super) fn paint(self, code: &str, text: &str) -> String {
        if self.0 {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// Prints the report's essence.
///
/// # Errors
/// What the writer says.
pub fn print(report: &Report, colour: Colour, to: &mut dyn Write) -> io::Result<()> {
    for line in lines(&report.headline.sentence, "") {
        writeln!(to, "{}", colour.paint("1", &line))?;
    }
    for doubt in &report.headline.doubts {
        wrapped(to, doubt, "  - ")?;
    }
    for study in &report.studies {
        writeln!(to)?;
        one_study(report, study, colour, to)?;
    }
    warnings(report, to)
}

fn one_study(report: &Report, study: &Study, colour: Colour, to: &mut dyn Write) -> io::Result<()> {
    let rule = &study.rule;
    let title = colour.paint("1", &fitted(&study.title, WIDTH));
    writeln!(to, "{title}")?;
    let (trials, syncs) = (count(rule.trials), count(rule.syncs));
    writeln!(to, "  {trials} trials of {syncs} syncs")?;
    let of = |groups: &[Group]| -> Vec<Group> {
        groups
            .iter()
            .filter(|group| group.study == study.id)
            .cloned()
            .collect()
    };
    let (all, matched) = (of(&report.groups), of(&report.matched_groups));
    strip::print(
        report,
        study,
        if matched.is_empty() { &all } else { &matched },
        colour,
        to,
    )?;
    if !all.is_empty() {
        head(to)?;
    }
    for group in &all {
        row(group, "all", to)?;
    }
    for group in &matched {
        row(group, "matched", to)?;
    }
    for comparison in report.comparisons.iter().filter(|c| c.study == study.id) {
        compared(comparison, to)?;
    }
    for claim in report.claims.iter().filter(|claim| claim.study == study.id) {
        claimed(claim, colour, to)?;
    }
    Ok(())
}

fn head(to: &mut dyn Write) -> io::Result<()> {
    writeln!(
        to,
        "  {:<22} {:<8}{:>4} {:>10} {:>10} {:>9} {:>9}",
        "group", "trials", "n", "mean", "median", "sd", "endpoints"
    )
}

fn row(group: &Group, scope: &str, to: &mut dyn Write) -> io::Result<()> {
    let text = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), duration);
    let endpoints = match group.endpoints {
        Some([least, most]) if least == most => count(most),
        Some([least, most]) => match [least, most].map(short_count) {
            [least, most] if least == most => most,
            [least, most] => format!("{least}-{most}"),
        },
        None => "-".to_owned(),
    };
    writeln!(
        to,
        "  {} {scope:<8}{:>4} {:>10} {:>10} {:>9} {:>9}",
        padded(&group.name, 22),
        group.n,
        text(group.mean_s),
        text(group.median_s),
        text(group.sd_s),
        endpoints
    )
}

fn short_count(n: u64) -> String {
    if n >= 1000 {
        format!("{}k", (n + 500) / 1000)
    } else {
        n.to_string()
    }
}

fn compared(c: &Comparison, to: &mut dyn Write) -> io::Result<()> {
    let Some(improvement) = c.improvement_pct else {
        return Ok(());
    };
    let scope = if c.matched {
        "matched scale"
    } else {
        "all trials"
    };
    let interval = c.ci95_pct.map_or_else(String::new, |[low, high]| {
        format!(", 95 % {low:.1} to {high:.1}")
    });
    let p = c
        .p_value
        .map_or_else(String::new, |p| format!(", p {p:.3}"));
    let line = format!(
        "{} against {}, {scope}: improvement {improvement:.1} %{interval}{p}, speed-up {:.2} x",
        c.candidate,
        c.baseline,
        c.speedup.unwrap_or(1.0)
    );
    wrapped(to, &line, "  ")
}

fn claimed(claim: &ClaimCheck, colour: Colour, to: &mut dyn Write) -> io::Result<()> {
    let verdict = match claim.holds {
        Some(true) => "holds",
        Some(false) => "WRONG",
        None => "unchecked",
    };
    let value = claim.computed.map_or_else(
        || "?".to_owned(),
        |value| match claim.quantity.as_str() {
            "improvement_pct" => format!("{value:.1} %"),
            "speedup" => format!("{value:.2} x"),
            _ => duration(value),
        },
    );
    let line = format!(
        "claim {verdict}: {} ({}): computed {value}",
        claim.text, claim.scope
    );
    for line in lines(&line, "  ") {
        let painted = match claim.holds {
            Some(false) => line.replacen("WRONG", &colour.paint("1;31", "WRONG"), 1),
            _ => line,
        };
        writeln!(to, "{painted}")?;
    }
    Ok(())
}

/// The first warnings; all are in the report.
fn warnings(report: &Report, to: &mut dyn Write) -> io::Result<()> {
    const SHOWN: usize = 12;
    if report.warnings.is_empty() {
        return Ok(());
    }
    writeln!(to, "\nWarnings:")?;
    for warning in report.warnings.iter().take(SHOWN) {
        let place = match (&warning.input, warning.line) {
            (Some(input), Some(line)) => format!("{input}:{line}: "),
            (Some(input), None) => format!("{input}: "),
            _ => String::new(),
        };
        wrapped(to, &format!("{place}{}", warning.message), "  - ")?;
    }
    if report.warnings.len() > SHOWN {
        let more = report.warnings.len() - SHOWN;
        writeln!(to, "  and {more} more (--format json has all)")?;
    }
    Ok(())
}

/// Writes a text in lines of [`WIDTH`] columns; further lines stand under the first word.
fn wrapped(to: &mut dyn Write, text: &str, lead: &str) -> io::Result<()> {
    lines(text, lead)
        .iter()
        .try_for_each(|line| writeln!(to, "{line}"))
}

fn lines(text: &str, lead: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut line = lead.to_owned();
    let mut empty = true;
    let text = visible(text);
    for word in text
        .split_whitespace()
        .flat_map(|word| pieces(word, WIDTH - lead.len()))
    {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            done.push(std::mem::replace(&mut line, " ".repeat(lead.len())));
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(&word);
        empty = false;
    }
    done.push(line);
    done
}

/// A word in pieces that fit a line: a path can be longer than any terminal is wide.
fn pieces(word: &str, most: usize) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    letters
        .chunks(most.max(1))
        .map(|piece| piece.iter().collect())
        .collect()
}

/// A name of exactly so many columns.
pub(super) fn padded(text: &str, width: usize) -> String {
    let text = fitted(text, width);
    let missing = width.saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(missing))
}

fn fitted(text: &str, width: usize) -> String {
    let text = visible(text);
    match text.char_indices().nth(width - 1) {
        Some((cut, _)) if text.chars().count() > width => format!("{}\u{2026}", &text[..cut]),
        _ => text.into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_never_pass_the_edge_and_lose_nothing() {
        let path = "x".repeat(300);
        let text = format!("a warning about {path} and more");
        let lines = lines(&text, "  - ");
        assert!(
            lines.iter().all(|line| line.chars().count() <= WIDTH),
            "{lines:?}"
        );
        let letters = |text: &str| text.chars().filter(|c| *c == 'x').count();
        assert_eq!(letters(&lines.join("")), 300);
        assert_eq!(padded("6.1", 5), "6.1  ");
        assert_eq!(padded("6.1.144-long", 5), "6.1.\u{2026}");
    }

    #[test]
    fn colour_is_asked_for() {
        assert_eq!(Colour(false).paint("1", "x"), "x");
        assert_eq!(Colour(true).paint("1", "x"), "\u{1b}[1mx\u{1b}[0m");
    }
}
