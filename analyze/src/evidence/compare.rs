//! Candidates against a baseline.

use crate::frame::GroupTrials;
use crate::report::words::{counted, duration};
use crate::report::{Comparison, Group};
use crate::stats::{coverage, holm, improvement, interval, rank, shift, t_interval};

/// The level at which a difference is called sure.
pub const ALPHA: f64 = 0.05;
/// A bootstrap interval that holds the truth less often than this, in percent, is said to.
const COVERS_ENOUGH_PCT: f64 = 93.0;

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
    for (comparison, candidate) in comparisons.iter_mut().zip(candidates) {
        if comparison.p_value.is_some() {
            comparison.p_holm = corrected.next();
        }
        // Holm multiplies the smallest of m p-values by m.
        let level = ALPHA / p_values.len().max(1) as f64;
        if comparison.smallest_p.is_some_and(|least| least >= level) {
            comparison.trials_needed = Some(rank::trials_needed(level));
        }
        comparison.warnings = warnings(comparison, p_values.len(), baseline, *candidate);
    }
    comparisons
}

fn pair(baseline: Side<'_>, candidate: Side<'_>, matched: bool) -> Comparison {
    let (a, b) = (&baseline.trials.elapsed_s, &candidate.trials.elapsed_s);
    let means = baseline.group.mean_s.zip(candidate.group.mean_s);
    let ratio = interval::of_ratio(a, b);
    let test = rank::mann_whitney(a, b);
    let fewest = a.len().min(b.len());
    Comparison {
        study: baseline.group.study.clone(),
        baseline: baseline.group.name.clone(),
        candidate: candidate.group.name.clone(),
        matched,
        endpoints: endpoints(baseline, candidate),
        n: [a.len(), b.len()],
        trials: [
            baseline.trials.places.clone(),
            candidate.trials.places.clone(),
        ],
        mean_s: [baseline.group.mean_s, candidate.group.mean_s],
        improvement_pct: means.and_then(|(a, b)| improvement::improvement_pct(a, b)),
        speedup: means.and_then(|(a, b)| improvement::speedup(a, b)),
        ci95_pct: ratio.map(interval::improvement_of),
        ci_method: ratio.map(|_| interval::method(a.len().max(b.len())).to_owned()),
        ci95_coverage_pct: ratio.and_then(|_| coverage::of_improvement(fewest)),
        welch95_pct: t_interval::of_improvement(a, b),
        ci95_speedup: ratio.and_then(interval::speedup_of),
        p_value: test.as_ref().map(|test| test.p),
        p_holm: None,
        test: test.as_ref().map_or("none", |test| test.method).to_owned(),
        smallest_p: test.as_ref().map(|_| rank::smallest_p(a.len(), b.len())),
        trials_needed: None,
        shift_s: rank::hodges_lehmann(a, b),
        shift_ci95_s: shift::ci95(a, b),
        cliffs_delta: rank::cliffs_delta(a, b),
        warnings: Vec::new(),
    }
}

/// Fewest and most endpoints of both sides together.
fn endpoints(baseline: Side<'_>, candidate: Side<'_>) -> Option<[u64; 2]> {
    let counts = || {
        let candidate = &candidate.trials.endpoints;
        baseline.trials.endpoints.iter().chain(candidate)
    };
    Some([*counts().min()?, *counts().max()?])
}

/// What must be known before the comparison is believed, the gravest first. `together`:
/// comparisons corrected together.
fn warnings(
    comparison: &Comparison,
    together: usize,
    baseline: Side<'_>,
    candidate: Side<'_>,
) -> Vec<String> {
    let [n, m] = comparison.n;
    if n == 0 || m == 0 {
        return vec!["a side has no trial: nothing is compared".to_owned()];
    }
    let mut warnings = Vec::new();
    warnings.extend(cannot_conclude(comparison, together));
    warnings.extend(narrow_interval(comparison));
    if let Some([least, most]) = comparison.endpoints
        && !comparison.matched
        && !super::matched::is_at(least, most)
    {
        warnings.push(format!(
            "unequal scale: trials from {least} to {most} endpoints are averaged together"
        ));
    }
    for side in [baseline, candidate] {
        let (group, all) = (side.group, side.group.n);
        let median = group.median_s.map(duration).unwrap_or_default();
        match group.outliers.len() {
            0 => {}
            1 => warnings.push(format!(
                "1 of {}'s {all} trials lies far from their median of {median} (MAD); it is counted",
                group.name
            )),
            several => warnings.push(format!(
                "{several} of {}'s {all} trials lie far from their median of {median} (MAD); they \
                 are counted",
                group.name
            )),
        }
    }
    warnings
}

/// Too few trials for any difference to be significant.
fn cannot_conclude(comparison: &Comparison, together: usize) -> Option<String> {
    let (least, needed) = comparison.smallest_p.zip(comparison.trials_needed)?;
    let [n, m] = comparison.n;
    let (corrected, least) = match together {
        0 | 1 => (String::new(), least),
        several => (
            format!(" after Holm's correction for {several} candidates"),
            (least * several as f64).min(1.0),
        ),
    };
    Some(format!(
        "{n} against {} cannot reach p < {ALPHA}{corrected}, however far apart they lie (least: \
         {least:.3}); {needed} a side could",
        counted(m as u64, "trial")
    ))
}

/// Too few trials for the bootstrap.
fn narrow_interval(comparison: &Comparison) -> Option<String> {
    let coverage = comparison
        .ci95_coverage_pct
        .filter(|rate| *rate < COVERS_ENOUGH_PCT)?;
    let [n, m] = comparison.n;
    let instead = comparison
        .welch95_pct
        .map_or_else(String::new, |[low, high]| {
            format!("; Welch's t, which holds it in about 95, gives {low:.0} to {high:.0} %")
        });
    Some(format!(
        "with {} on a side a 95 % bootstrap interval of the improvement holds the truth in about \
         {coverage:.0} of 100 simulated experiments{instead}",
        counted(n.min(m) as u64, "trial")
    ))
}
