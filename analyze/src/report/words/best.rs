//! The comparison that sentences speak of.

use crate::report::names::series;
use crate::report::{Comparison, Outcome, Report};

/// The comparison that a study's headline speaks of: of convergence where a timeline tells of
/// steps, else of trials; of several candidates the highest release, whatever it came to.
#[must_use]
pub(super) fn lead<'r>(report: &'r Report, study: &str) -> Option<&'r Comparison> {
    by_convergence(report, study).or_else(|| best_comparison(report, study))
}

/// The comparison of the mean of a study's ramp steps.
#[must_use]
pub fn by_convergence<'r>(report: &'r Report, study: &str) -> Option<&'r Comparison> {
    let mine = |c: &&Comparison| {
        c.study == study && c.outcome == Outcome::Steps && c.improvement_pct.is_some()
    };
    let known = |c: &&Comparison| !c.candidate.starts_with("unknown ");
    let all = || report.convergence_comparisons.iter().filter(mine);
    all().rfind(known).or_else(|| all().next())
}

/// The comparison of trials that a study's headline speaks of: at matched scale if there is one, else over
/// all trials; of several candidates the highest release, whatever it came to.
#[must_use]
pub fn best_comparison<'r>(report: &'r Report, study: &str) -> Option<&'r Comparison> {
    let of = |matched: bool| {
        report.comparisons.iter().rfind(move |c| {
            c.study == study
                && c.matched == matched
                && c.improvement_pct.is_some()
                && !c.candidate.starts_with("unknown ")
        })
    };
    of(true).or_else(|| of(false)).or_else(|| {
        let any = |c: &&Comparison| c.study == study && c.improvement_pct.is_some();
        report.comparisons.iter().find(any)
    })
}

/// A group as a sentence calls it.
pub(super) fn named(report: &Report, group: &str) -> String {
    let short = report.names.short(group);
    match report.selection.group_by.as_str() {
        "kernel" if series(group).is_some() => format!("kernel {short}"),
        _ => short.to_owned(),
    }
}
