//! Candidates against a baseline.

use crate::frame::GroupTrials;
use crate::report::{Comparison, Group};
use crate::stats::{holm, improvement, interval, rank};

/// The level at which a difference is called sure.
pub const ALPHA: f64 = 0.05;

/// A side of a comparison.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// Its summary.
    pub group: &'a Group,
    /// Its trials.
    pub trials: &'a GroupTrials,
}

/// Compares every candidate with the baseline; p-values are corrected for their number.
#[must_use]
pub fn compare(baseline: Side<'_>, candidates: &[Side<'_>], matched: bool) -> Vec<Comparison> {
    let mut comparisons: Vec<Comparison> = candidates
        .iter()
        .map(|candidate| pair(baseline, *candidate, matched))
        .collect();
    let p_values: Vec<f64> = comparisons.iter().filter_map(|one| one.p_value).collect();
    let mut corrected = holm::holm(&p_values).into_iter();
    for comparison in &mut comparisons {
        if comparison.p_value.is_some() {
            comparison.p_holm = corrected.next();
        }
    }
    comparisons
}

fn pair(baseline: Side<'_>, candidate: Side<'_>, matched: bool) -> Comparison {
    let (a, b) = (&baseline.trials.elapsed_s, &candidate.trials.elapsed_s);
    let means = baseline.group.mean_s.zip(candidate.group.mean_s);
    let ratio = interval::of_ratio(a, b);
    let test = rank::mann_whitney(a, b);
    let counts = || {
        baseline
            .trials
            .endpoints
            .iter()
            .chain(&candidate.trials.endpoints)
    };
    let mut comparison = Comparison {
        study: baseline.group.study.clone(),
        baseline: baseline.group.name.clone(),
        candidate: candidate.group.name.clone(),
        matched,
        endpoints: counts()
            .min()
            .zip(counts().max())
            .map(|(least, most)| [*least, *most]),
        n: [a.len(), b.len()],
        mean_s: [baseline.group.mean_s, candidate.group.mean_s],
        improvement_pct: means.and_then(|(a, b)| improvement::improvement_pct(a, b)),
        speedup: means.and_then(|(a, b)| improvement::speedup(a, b)),
        ci95_pct: ratio.map(interval::improvement_of),
        ci95_speedup: ratio.and_then(interval::speedup_of),
        p_value: test.as_ref().map(|test| test.p),
        p_holm: None,
        test: test.as_ref().map_or("none", |test| test.method).to_owned(),
        smallest_p: test.as_ref().map(|_| rank::smallest_p(a.len(), b.len())),
        trials_needed: None,
        shift_s: rank::hodges_lehmann(a, b),
        cliffs_delta: rank::cliffs_delta(a, b),
        warnings: Vec::new(),
    };
    if comparison.smallest_p.is_some_and(|least| least >= ALPHA) {
        comparison.trials_needed = Some(rank::trials_needed(ALPHA));
    }
    comparison.warnings = warnings(&comparison, baseline, candidate);
    comparison
}

fn warnings(comparison: &Comparison, baseline: Side<'_>, candidate: Side<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    let [n, m] = comparison.n;
    if n == 0 || m == 0 {
        warnings.push("a side has no trial: nothing is compared".to_owned());
        return warnings;
    }
    if let (Some(least), Some(needed)) = (comparison.smallest_p, comparison.trials_needed) {
        warnings.push(format!(
            "{n} against {m} trials cannot reach p < {ALPHA}, however far apart they lie (least: \
             {least:.3}); {needed} a side could"
        ));
    }
    if n.min(m) < 10 {
        warnings.push(format!(
            "with {} trials on a side a bootstrap interval is narrower than it should be",
            n.min(m)
        ));
    }
    if let Some([least, most]) = comparison.endpoints
        && !comparison.matched
        && !super::matched::is_at(least, most)
    {
        warnings.push(format!(
            "unequal scale: trials from {least} to {most} endpoints are averaged together"
        ));
    }
    for side in [baseline, candidate] {
        if !side.group.outliers.is_empty() {
            let (count, name) = (side.group.outliers.len(), &side.group.name);
            warnings.push(format!(
                "{count} of {name}'s trials lie far from its median (MAD)"
            ));
        }
    }
    warnings
}
