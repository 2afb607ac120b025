//! How much of the time kube-proxy was in a sync, in words.

use super::best::named;
use super::number::{duration, share};
use crate::report::{Report, Study, TimeInSync, in_sync, of_study};

/// How much of the time a group's nodes were in a sync.
pub(super) struct Shared<'r> {
    pub(super) group: &'r String,
    /// Of its whole logs, all its nodes together: 0 to 1.
    pub(super) share: f64,
    /// Seconds that those logs cover.
    observed_s: f64,
    /// The share of the worst hour of any of them.
    worst_hour: Option<f64>,
}

impl Shared<'_> {
    pub(super) fn in_words(&self, report: &Report) -> String {
        let worst = self.worst_hour.map_or_else(String::new, |worst| {
            format!(", {} of the worst hour", share(worst))
        });
        format!(
            "{} of {} on {}{worst}",
            share(self.share),
            duration(self.observed_s),
            named(report, self.group)
        )
    }
}

/// Each group of a study that has a whole log, in the order of the study.
#[must_use]
pub(super) fn of_groups<'r>(report: &'r Report, study: &'r Study) -> Vec<Shared<'r>> {
    let of_group = |(group, nodes): (&'r String, Vec<&'r TimeInSync>)| {
        let observed_s: f64 = nodes.iter().map(|one| one.observed_s).sum();
        let worst = nodes.iter().filter_map(|one| one.worst_hour);
        Some(Shared {
            group,
            share: in_sync::together(nodes.iter().copied())?,
            observed_s,
            worst_hour: worst.reduce(f64::max),
        })
    };
    let groups = in_sync::whole_by_group(study, &report.in_sync);
    groups.into_iter().filter_map(of_group).collect()
}

/// Logs of a study that are not whole, in a sentence.
#[must_use]
pub(super) fn not_whole(report: &Report, study: &str) -> Option<String> {
    let mine: Vec<&TimeInSync> = of_study(&report.in_sync, study)
        .filter(|one| !one.censored.is_empty())
        .collect();
    let mut reasons: Vec<&str> = Vec::new();
    for reason in mine.iter().flat_map(|one| &one.censored) {
        if !reasons.contains(&reason.as_str()) {
            reasons.push(reason);
        }
    }
    let logs = match mine.len() {
        0 => return None,
        1 => "1 log is not whole".to_owned(),
        n => format!("{n} logs are not whole"),
    };
    Some(format!(
        "{logs} ({}): how much of the time was spent in syncs is not told, and shorter syncs may \
         be missing.",
        reasons.join("; ")
    ))
}
