//! The comparison that sentences speak of.

use crate::report::names::series;
use crate::report::{Comparison, Outcome, Report, of_study};

/// The comparison that a study's headline speaks of: of convergence where a timeline tells of
/// steps, else of trials; of several candidates the highest release, whatever it came to.
#[must_use]
pub fn lead<'r>(report: &'r Report, study: &str) -> Option<&'r Comparison> {
    by_convergence(report, study).or_else(|| best_comparison(report, study))
}

/// The comparison of the mean of a study's ramp steps.
#[must_use]
pub fn by_convergence<'r>(report: &'r Report, study: &str) -> Option<&'r Comparison> {
    let steps = |c: &&Comparison| c.outcome == Outcome::Steps && c.improvement_pct.is_some();
    let known = |c: &&Comparison| !c.candidate.starts_with("unknown ") && !c.same_kernel;
    let all = || of_study(&report.convergence_comparisons, study).filter(steps);
    all().filter(known).last().or_else(|| all().next())
}

/// The comparison of a study's trials: at matched scale if there is one, else over all trials; of several candidates the highest release, whatever it came to.
#[must_use]
pub(super) fn best_comparison<'r>(report: &'r Report, study: &str) -> Option<&'r Comparison> {
    let all = || of_study(&report.comparisons, study).filter(|c| c.improvement_pct.is_some());
    let of = |matched: bool| {
        all()
            .filter(|c| c.matched == matched && !c.candidate.starts_with("unknown "))
            .filter(|c| !c.same_kernel)
            .last()
    };
    of(true).or_else(|| of(false)).or_else(|| all().next())
}

/// A group as a sentence calls it that begins with it; names that people gave stay as they are.
pub(super) fn beginning(report: &Report, group: &str) -> String {
    let name = named(report, group);
    if name == report.names.short(group) && !name.starts_with("unknown ") {
        return name;
    }
    super::number::upper(&name)
}

/// A group as a sentence calls it.
pub(super) fn named(report: &Report, group: &str) -> String {
    let short = report.names.short(group);
    match report.selection.group_by.as_str() {
        "kernel" if series(group).is_some() => format!("kernel {short}"),
        _ => short.to_owned(),
    }
}
