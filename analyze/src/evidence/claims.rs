//! Published figures beside the computed ones.

use bundle::{Claim, Quantity, Scope};

use crate::report::{ClaimCheck, Comparison, Group, of_study};
use crate::stats::improvement;

/// What a study computed.
#[derive(Debug, Clone, Copy)]
pub struct Computed<'a> {
    /// Identity of the study.
    pub study: &'a str,
    /// Groups over all trials.
    pub groups: &'a [Group],
    /// Groups at matched scale.
    pub matched: &'a [Group],
    /// Comparisons of the study.
    pub comparisons: &'a [Comparison],
}

/// Checks a claim.
#[must_use]
pub fn check(claim: &Claim, computed: Computed<'_>) -> ClaimCheck {
    let value = value(claim, computed);
    let names = [&claim.group, &claim.baseline, &claim.candidate];
    let trials = names
        .into_iter()
        .filter_map(|name| group(claim, computed, name))
        .flat_map(|group| group.trials.iter().copied())
        .collect();
    let subject = match (&claim.group, &claim.baseline, &claim.candidate) {
        (Some(group), _, _) => group.clone(),
        (_, Some(baseline), Some(candidate)) => format!("{baseline} -> {candidate}"),
        _ => String::new(),
    };
    ClaimCheck {
        study: computed.study.to_owned(),
        text: claim.text.clone(),
        source: claim.source.clone(),
        quantity: match claim.quantity {
            Quantity::MeanS => "mean_s",
            Quantity::MedianS => "median_s",
            Quantity::ImprovementPct => "improvement_pct",
            Quantity::Speedup => "speedup",
        }
        .to_owned(),
        subject,
        scope: match claim.scope {
            Scope::All => "all",
            Scope::Matched => "matched",
        }
        .to_owned(),
        claimed: claim.value,
        tolerance: claim.tolerance,
        computed: value,
        // The scope of matched trials is the report's own: no publisher can have meant it.
        holds: value
            .filter(|_| claim.scope == Scope::All)
            .map(|value| (value - claim.value).abs() <= claim.tolerance),
        difference: value.map(|value| value - claim.value),
        difference_pct: value
            .filter(|value| *value > 0.0 && claim.quantity != Quantity::ImprovementPct)
            .map(|value| 100.0 * (value - claim.value) / value),
        trials,
    }
}

/// The group that a claim names, in the claim's scope.
fn group<'a>(claim: &Claim, computed: Computed<'a>, name: &Option<String>) -> Option<&'a Group> {
    let name = name.as_ref()?;
    let groups = match claim.scope {
        Scope::All => computed.groups,
        Scope::Matched => computed.matched,
    };
    of_study(groups, computed.study).find(|group| group.name == *name)
}

fn value(claim: &Claim, computed: Computed<'_>) -> Option<f64> {
    let group = |name: &Option<String>| group(claim, computed, name);
    let both = || {
        group(&claim.baseline)?
            .mean_s
            .zip(group(&claim.candidate)?.mean_s)
    };
    match claim.quantity {
        Quantity::MeanS => group(&claim.group)?.mean_s,
        Quantity::MedianS => group(&claim.group)?.median_s,
        Quantity::ImprovementPct => both().and_then(|(a, b)| improvement::improvement_pct(a, b)),
        Quantity::Speedup => both().and_then(|(a, b)| improvement::speedup(a, b)),
    }
}
