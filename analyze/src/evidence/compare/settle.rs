//! What comparisons show, once all that is tested is known.

use super::ALPHA;
use crate::report::{Comparison, Independence, Verdict};
use crate::stats::holm;

/// Corrects the p-values of all that is tested in a study together, whatever it is of, and judges.
pub fn settle(comparisons: &mut [&mut Comparison]) {
    correct(comparisons);
    for comparison in comparisons {
        judge(comparison);
    }
}

fn correct(comparisons: &mut [&mut Comparison]) {
    let corrected = |of: &[Option<f64>]| -> Vec<Option<f64>> {
        let known: Vec<f64> = of.iter().copied().flatten().collect();
        let mut corrected = holm::holm(&known).into_iter();
        of.iter()
            .map(|p| p.and_then(|_| corrected.next()))
            .collect()
    };
    let p: Vec<Option<f64>> = comparisons.iter().map(|one| one.p_value).collect();
    let equivalent: Vec<Option<f64>> = comparisons.iter().map(|one| one.p_equivalent).collect();
    let both = corrected(&p).into_iter().zip(corrected(&equivalent));
    for (comparison, (p, equivalent)) in comparisons.iter_mut().zip(both) {
        comparison.p_holm = p;
        comparison.p_equivalent = equivalent;
    }
}

/// What a comparison shows, once its p-values are corrected.
fn judge(comparison: &mut Comparison) {
    let known = comparison.independence != Independence::Unknown;
    let shown = |p: Option<f64>| known && p.is_some_and(|p| p < ALPHA);
    comparison.sure = shown(comparison.p_holm);
    comparison.verdict = if shown(comparison.p_equivalent) {
        Verdict::Equivalent
    } else if !comparison.sure {
        Verdict::Undecided
    } else if comparison.by_run_pct.is_some_and(|pct| pct > 0.0) {
        Verdict::Faster
    } else {
        Verdict::Slower
    };
}
