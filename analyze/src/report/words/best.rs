//! The comparison that sentences speak of.

use crate::report::names::series;
use crate::report::{Comparison, Report};

/// The comparison that a study's headline speaks of: at matched scale if there is one, else over
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
