//! What was found, a sentence each.

mod behind;
mod growth;

use super::headline::named;
use super::number::{duration, p_value};
use crate::report::{ClaimCheck, Comparison, Report, Study, Trace};

/// What was found.
pub(super) struct Finding {
    /// In a sentence.
    pub(super) text: String,
    /// What the sentence rests on.
    pub(super) from: Trace,
}

impl Finding {
    /// A finding that rests on these syncs.
    fn new(text: String, syncs: &[usize]) -> Self {
        Self {
            text,
            from: Trace::of_syncs(syncs.to_vec()),
        }
    }
}

/// The findings of a study: comparisons, claims, then what lies behind them.
pub(super) fn findings(report: &Report, study: &Study) -> Vec<Finding> {
    let mut found: Vec<Finding> = report
        .comparisons
        .iter()
        .filter(|c| c.study == study.id && c.n[0] > 0 && c.n[1] > 0)
        .map(|c| Finding::new(comparison_finding(report, c), &c.trials.concat()))
        .collect();
    found.extend(claim_findings(report, study));
    found.extend(behind::time_split(report, study));
    found.extend(growth::scaling(report, study));
    found.extend(growth::apart(report, study));
    found.extend(behind::staleness(report, study));
    found.extend(behind::lockups(report, study));
    found.extend(behind::metrics(report, study));
    found
}

fn comparison_finding(report: &Report, c: &Comparison) -> String {
    let scope = if c.matched {
        "At matched scale"
    } else {
        "Over all trials"
    };
    let improvement = c.improvement_pct.unwrap_or(0.0);
    let p = c
        .p_value
        .map_or_else(String::new, |p| format!(", {} ({})", p_value(p), c.test));
    let holm = match c.p_holm {
        Some(p) if c.p_holm != c.p_value => format!(", {} after Holm's correction", p_value(p)),
        _ => String::new(),
    };
    format!(
        "{scope} {} takes {:.1} % {} than {} (speed-up {:.2} x{p}{holm}; n = {} and {}).",
        named(report, &c.candidate),
        improvement.abs(),
        if improvement < 0.0 {
            "longer"
        } else {
            "less time"
        },
        c.baseline,
        c.speedup.unwrap_or(1.0),
        c.n[1],
        c.n[0],
    )
}

fn claim_findings(report: &Report, study: &Study) -> Vec<Finding> {
    report
        .claims
        .iter()
        .filter(|claim| claim.study == study.id)
        .map(|claim| Finding::new(claim_finding(claim), &claim.trials))
        .collect()
}

fn claim_finding(claim: &ClaimCheck) -> String {
    let scope = if claim.scope == "matched" {
        " at matched scale"
    } else {
        " over all trials"
    };
    let value = claim.computed.map(|value| match claim.quantity.as_str() {
        "improvement_pct" => format!("{value:.1} %"),
        "speedup" => format!("{value:.2} x"),
        _ => duration(value),
    });
    let value = value.unwrap_or_else(|| "nothing to compute it from".to_owned());
    let verdict = match claim.holds {
        Some(true) => format!("holds{scope}: computed {value}"),
        Some(false) => format!("does not hold{scope}: computed {value}"),
        None => format!("cannot be checked{scope}"),
    };
    format!(
        "The published claim \u{201c}{}\u{201d} {verdict}.",
        claim.text
    )
}
