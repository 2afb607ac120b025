//! Groups and comparisons of one study, over all trials and at matched scale.

use super::compare::{Side, compare};
use super::provenance::Provenance;
use super::{groups, matched};
use crate::cli::Plan;
use crate::frame::GroupTrials;
use crate::report::{Comparison, Group, Report, SyncTable, Warning};

/// The scale common to a study's groups.
pub(super) fn matched_scale(groups: &[&GroupTrials]) -> Option<u64> {
    let endpoints: Vec<Vec<u64>> = groups.iter().map(|group| group.endpoints.clone()).collect();
    matched::common_scale(&endpoints)
}

/// Summarises and compares the groups of a study.
pub(super) fn examine(
    report: &mut Report,
    plan: &Plan,
    table: &SyncTable,
    trials: &[&GroupTrials],
    study: usize,
) {
    let id = &table.studies[study];
    let name = |group: u32| table.groups[group as usize].as_str();
    let all: Vec<(Group, GroupTrials)> = trials
        .iter()
        .map(|of| (groups::summarise(of, id, name(of.group)), (*of).clone()))
        .collect();
    report.comparisons.extend(comparisons(plan, &all, false));
    report
        .groups
        .extend(all.into_iter().map(|(group, _)| group));
    if let Some(scale) = matched_scale(trials) {
        let at: Vec<(Group, GroupTrials)> = trials
            .iter()
            .map(|of| groups::at_scale(of, table, scale))
            .map(|of| (groups::summarise(&of, id, name(of.group)), of))
            .collect();
        report.comparisons.extend(comparisons(plan, &at, true));
        report
            .matched_groups
            .extend(at.into_iter().map(|(group, _)| group));
    }
}

fn comparisons(plan: &Plan, groups: &[(Group, GroupTrials)], matched: bool) -> Vec<Comparison> {
    let sides: Vec<Side<'_>> = groups
        .iter()
        .map(|(group, trials)| Side { group, trials })
        .collect();
    let slowest = || {
        sides.iter().max_by(|a, b| {
            let mean = |side: &Side<'_>| side.group.mean_s.unwrap_or(0.0);
            mean(a)
                .total_cmp(&mean(b))
                .then_with(|| b.group.name.cmp(&a.group.name))
        })
    };
    let named = |name: &String| sides.iter().find(|side| side.group.name == *name);
    let baseline = match &plan.baseline {
        Some(name) => named(name),
        None => slowest(),
    };
    let Some(baseline) = baseline else {
        return Vec::new();
    };
    let candidates: Vec<Side<'_>> = sides
        .iter()
        .filter(|side| side.group.name != baseline.group.name)
        .filter(|side| {
            plan.candidate
                .as_ref()
                .is_none_or(|name| side.group.name == *name)
        })
        .copied()
        .collect();
    compare(*baseline, &candidates, matched)
}

/// Adds to a study's comparisons what stands against them but is no figure of theirs, and to the
/// report's warnings in what its groups differ beside their names.
pub(super) fn doubt(report: &mut Report, study: &str, provenance: Provenance<'_>) {
    let mut differences: Vec<String> = Vec::new();
    for comparison in report
        .comparisons
        .iter_mut()
        .filter(|one| one.study == study)
    {
        let found = provenance.differences(comparison);
        let faults = provenance.faults(comparison);
        for difference in &found {
            if !differences.contains(difference) {
                differences.push(difference.clone());
            }
        }
        comparison.warnings.extend(found.into_iter().chain(faults));
    }
    report.warnings.extend(
        differences
            .into_iter()
            .map(|message| Warning::new("unequal_provenance", message).about(study)),
    );
}
