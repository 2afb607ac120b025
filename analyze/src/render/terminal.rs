//! The headline and a table for a terminal of 80 columns.

use std::io::{self, Write};

use crate::report::words::{count, duration};
use crate::report::{Comparison, Group, Report, Study};

const WIDTH: usize = 79;

/// Prints the report's essence.
///
/// # Errors
/// What the writer says.
pub fn print(report: &Report, to: &mut dyn Write) -> io::Result<()> {
    wrapped(to, &report.headline.sentence, "")?;
    for doubt in &report.headline.doubts {
        wrapped(to, doubt, "  - ")?;
    }
    for study in &report.studies {
        writeln!(to)?;
        one_study(report, study, to)?;
    }
    warnings(report, to)
}

fn one_study(report: &Report, study: &Study, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "{}", clean(&study.title))?;
    let rule = &study.rule;
    writeln!(
        to,
        "  {} trials of {} syncs",
        count(rule.trials),
        count(rule.syncs)
    )?;
    let groups: Vec<&Group> = report
        .groups
        .iter()
        .filter(|group| group.study == study.id)
        .collect();
    if !groups.is_empty() {
        writeln!(
            to,
            "  {:<26}{:>4} {:>11} {:>11} {:>10} {:>10}",
            "group", "n", "mean", "median", "sd", "endpoints"
        )?;
    }
    for group in groups {
        row(group, "", to)?;
    }
    for group in report
        .matched_groups
        .iter()
        .filter(|group| group.study == study.id)
    {
        row(group, "at matched scale: ", to)?;
    }
    for comparison in report.comparisons.iter().filter(|c| c.study == study.id) {
        compared(comparison, to)?;
    }
    for claim in report.claims.iter().filter(|claim| claim.study == study.id) {
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
        wrapped(to, &line, "  ")?;
    }
    Ok(())
}

fn row(group: &Group, before: &str, to: &mut dyn Write) -> io::Result<()> {
    let text = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), duration);
    let endpoints = match group.endpoints {
        Some([least, most]) if least == most => count(most),
        Some([least, most]) => format!("{}-{}", short_count(least), short_count(most)),
        None => "-".to_owned(),
    };
    if !before.is_empty() {
        write!(to, "  {before}")?;
        return writeln!(
            to,
            "{}, n = {}, mean {}, median {}",
            fitted(&group.name, 26),
            group.n,
            text(group.mean_s),
            text(group.median_s)
        );
    }
    writeln!(
        to,
        "  {:<26}{:>4} {:>11} {:>11} {:>10} {:>10}",
        fitted(&group.name, 26),
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
        writeln!(
            to,
            "  and {} more (--format json has all)",
            report.warnings.len() - SHOWN
        )?;
    }
    Ok(())
}

/// Wraps at 79 columns; further lines stand under the first word.
fn wrapped(to: &mut dyn Write, text: &str, lead: &str) -> io::Result<()> {
    let mut line = lead.to_owned();
    let indent = " ".repeat(lead.len());
    let mut empty = true;
    for word in clean(text).split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(to, "{line}")?;
            line.clone_from(&indent);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    writeln!(to, "{line}")
}

fn fitted(text: &str, width: usize) -> String {
    let text = clean(text);
    match text.char_indices().nth(width - 1) {
        Some((cut, _)) if text.chars().count() > width => format!("{}\u{2026}", &text[..cut]),
        _ => text,
    }
}

/// Names must not move the cursor, ring or colour.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
