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
    let at_scale = matched_scale(trials).map(|scale| -> Vec<(Group, GroupTrials)> {
        let at = trials.iter().map(|of| groups::at_scale(of, table, scale));
        at.map(|of| (groups::summarise(&of, id, name(of.group)), of))
            .collect()
    });
    // One baseline a study, or readers would compare one table with the other and not see that
    // sides have changed.
    let slowest = slowest(at_scale.as_ref().unwrap_or(&all));
    let baseline = plan.baseline.clone().or(slowest).unwrap_or_default();
    let compared = |groups, matched| comparisons(plan, &baseline, groups, matched);
    report.comparisons.extend(compared(&all, false));
    if let Some(at) = &at_scale {
        report.comparisons.extend(compared(at, true));
    }
    let summaries = |groups: Vec<(Group, GroupTrials)>| groups.into_iter().map(|(group, _)| group);
    report.groups.extend(summaries(all));
    report
        .matched_groups
        .extend(at_scale.into_iter().flat_map(summaries));
}

/// The group with the longest mean; of several the first by name.
fn slowest(groups: &[(Group, GroupTrials)]) -> Option<String> {
    let mean = |group: &Group| group.mean_s.unwrap_or(0.0);
    let groups = groups.iter().map(|(group, _)| group);
    let longest = groups.max_by(|a, b| {
        mean(a)
            .total_cmp(&mean(b))
            .then_with(|| b.name.cmp(&a.name))
    });
    longest.map(|group| group.name.clone())
}

fn comparisons(
    plan: &Plan,
    baseline: &str,
    groups: &[(Group, GroupTrials)],
    matched: bool,
) -> Vec<Comparison> {
    let sides: Vec<Side<'_>> = groups
        .iter()
        .map(|(group, trials)| Side { group, trials })
        .collect();
    let baseline = sides.iter().find(|side| side.group.name == baseline);
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
