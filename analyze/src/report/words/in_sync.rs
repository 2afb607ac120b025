//! How much of the time kube-proxy was in a sync, in words.

use super::best::named;
use super::number::{duration, share};
use crate::report::{Report, TimeInSync, of_study};

/// The share of a group's whole logs, all its nodes together, and their worst hour; none where no
/// log of it is whole.
#[must_use]
pub(super) fn of_group(report: &Report, study: &str, group: &str) -> Option<(String, f64)> {
    let whole = |one: &&TimeInSync| one.group == group && one.censored.is_empty();
    let mine: Vec<&TimeInSync> = of_study(&report.in_sync, study).filter(whole).collect();
    let observed: f64 = mine.iter().map(|one| one.observed_s).sum();
    if observed <= 0.0 {
        return None;
    }
    let of = mine.iter().map(|one| one.syncing_s).sum::<f64>() / observed;
    let worst = mine.iter().filter_map(|one| one.worst_hour);
    let worst = worst.reduce(f64::max).map_or_else(String::new, |worst| {
        format!(", {} of the worst hour", share(worst))
    });
    let text = format!(
        "{} of {} on {}{worst}",
        share(of),
        duration(observed),
        named(report, group)
    );
    Some((text, of))
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
