//! What must be known before a comparison is believed.

use super::super::groups::Summarised;
use super::super::matched::is_at;
use crate::report::words::duration;
use crate::report::{Comparison, Independence, Outcome};

/// The warnings of a comparison, the gravest first.
pub(super) fn of(comparison: &Comparison, sides: [&Summarised; 2]) -> Vec<String> {
    if comparison.n_trials.contains(&0) {
        return vec!["a side has no trial: nothing is compared".to_owned()];
    }
    let mut warnings = Vec::new();
    let single: Vec<&str> = [&comparison.baseline, &comparison.candidate]
        .into_iter()
        .zip(comparison.n)
        .filter(|(_, n)| *n == 1)
        .map(|(name, _)| name.as_str())
        .collect();
    if !single.is_empty() {
        warnings.push(format!(
            "one run of {}: how much runs differ is not known, so nothing is sure; trials of one \
             run are the same measured again",
            single.join(" and of ")
        ));
    }
    if comparison.independence == Independence::Unknown {
        warnings.push(
            "independence unknown: nodes, and trials more than an hour apart, count as runs at \
             best, and the interval is no wider than they make it; --run FILE=NAME tells"
                .to_owned(),
        );
    }
    if let Some([least, most]) = comparison.endpoints
        && comparison.outcome == Outcome::Trials
        && !comparison.matched
        && !is_at(least, most)
    {
        warnings.push(format!(
            "unequal scale: trials from {least} to {most} endpoints are averaged together"
        ));
    }
    warnings.extend(sides.iter().filter_map(|side| outliers(side)));
    warnings
}

fn outliers(side: &Summarised) -> Option<String> {
    let (group, all) = (&side.group, side.group.n_trials);
    let median = group.median_s.map(duration).unwrap_or_default();
    match group.outliers.len() {
        0 => None,
        1 => Some(format!(
            "1 of {}'s {all} trials lies far from their median of {median} (MAD); it is counted",
            group.name
        )),
        several => Some(format!(
            "{several} of {}'s {all} trials lie far from their median of {median} (MAD); they are \
             counted",
            group.name
        )),
    }
}
