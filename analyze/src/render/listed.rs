//! Studies as the index lists them: a row each, with the way to its page.

use serde::Serialize;

use super::room;
use super::rows;
use super::way::Way;
use crate::report::words::{self, Alone, Glance};
use crate::report::{Comparison, Report, Study};

/// A study in a table. Durations are in seconds.
#[derive(Default, Serialize)]
pub(super) struct Listed<'r> {
    id: &'r str,
    title: &'r str,
    headline: &'r str,
    page: String,
    /// The baseline, or, where nothing is compared, the kernel.
    baseline: Option<String>,
    candidate: Option<&'r str>,
    /// What the seconds are.
    measure: String,
    baseline_s: Option<f64>,
    candidate_s: Option<f64>,
    /// Where a lone sync stands.
    worst: Option<String>,
    difference: Option<String>,
    /// Percent less; negative where the candidate takes more.
    improvement_pct: Option<f64>,
    /// Of the difference, 95 %.
    interval: Option<String>,
    /// What the comparison shows, or what went wrong.
    shows: String,
    /// Whether that is a difference that is shown, and whether it is trouble.
    sure: bool,
    trouble: bool,
}

/// Of many studies the first.
pub(super) fn all<'r>(report: &'r Report, way: &Way<'_>) -> Vec<Listed<'r>> {
    let some = report.studies.iter().take(room::MANY);
    some.map(|study| one(report, way, study)).collect()
}

fn one<'r>(report: &'r Report, way: &Way<'_>, study: &'r Study) -> Listed<'r> {
    let told = match words::glance(report, study) {
        Glance::Compared(c) => compared(c),
        Glance::Alone(alone) => self::alone(report, way, &alone),
    };
    Listed {
        id: &study.id,
        title: &study.title,
        headline: &study.headline,
        page: rows::page_of_study(&study.id),
        ..told
    }
}

fn compared(c: &Comparison) -> Listed<'_> {
    Listed {
        baseline: Some(c.baseline.clone()),
        candidate: Some(&c.candidate),
        measure: c.measure(),
        baseline_s: c.mean_s[0],
        candidate_s: c.mean_s[1],
        difference: c.difference(),
        improvement_pct: c.improvement_pct,
        interval: c.range(),
        shows: c.shows().to_owned(),
        sure: words::told_apart(c),
        ..Listed::default()
    }
}

fn alone<'r>(report: &Report, way: &Way<'_>, alone: &Alone) -> Listed<'r> {
    let slowest = alone.slowest.and_then(|place| report.syncs.get(place));
    let trouble = alone.trouble();
    Listed {
        baseline: slowest.as_ref().map(|row| row.group.to_string()),
        measure: format!("slowest of {}", words::counted(alone.syncs as u64, "sync")),
        baseline_s: slowest.and_then(|row| row.elapsed_s),
        worst: alone
            .slowest
            .map(|place| way.addresses.sync(report, place, way.root)),
        trouble: !trouble.is_empty(),
        shows: trouble,
        ..Listed::default()
    }
}
