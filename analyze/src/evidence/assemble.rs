//! The report, put together from all evidence.

use std::collections::{BTreeMap, BTreeSet};

use kube_proxy_logs::{Input, Reading};

use super::compare::{Side, compare};
use super::trial::TrialRule;
use super::{claims, cross_check, groups, lockups, matched, net_change, provenance};
use super::{scaling, staleness, time_split};
use crate::cli::Plan;
use crate::corpus::{Corpus, Studies};
use crate::error::Error;
use crate::frame::{GroupTrials, SyncFrame};
use crate::report::sync_table::{Derived, Origin};
use crate::report::{Comparison, Group, Headline, Report, SCHEMA, Study, SyncTable, Tool, Warning};
use crate::report::{facts, words};

/// Computes the report of what was read.
///
/// # Errors
/// [`Error::Option`] for a baseline or candidate that no study has; [`Error::Internal`].
pub fn report(plan: &Plan, corpus: &Corpus, reading: Reading) -> Result<Report, Error> {
    let Reading {
        inputs,
        syncs,
        kernel_events,
        warnings,
    } = reading;
    let studies = Studies::of(corpus, &inputs, plan.group_by);
    let mut table = table(&studies, &inputs, syncs);
    let rules = judge(plan, corpus, &studies, &inputs, &mut table);
    let trials = SyncFrame::trials(&table)?.groups()?;
    let mut report = Report {
        schema: SCHEMA,
        tool: Tool {
            name: "analyze".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        headline: Headline::default(),
        selection: plan.selection.clone(),
        studies: Vec::new(),
        bundles: facts::bundles(corpus, &studies),
        inputs: facts::inputs(corpus, &inputs, &table),
        groups: Vec::new(),
        matched_groups: Vec::new(),
        comparisons: Vec::new(),
        claims: Vec::new(),
        scaling: Vec::new(),
        crossings: Vec::new(),
        time_split: Vec::new(),
        ramp_steps: Vec::new(),
        lockups: lockups::summaries(&kernel_events, &table, &studies),
        kernel_events: lockups::rows(&kernel_events, &table, &studies),
        metrics: cross_check::of_bundles(corpus, &studies, &inputs, &table),
        warnings: facts::warnings(warnings, corpus),
        syncs: SyncTable::default(),
    };
    let used: BTreeSet<u32> = used_inputs(&table);
    for (study, rule) in rules.iter().enumerate() {
        let mine: Vec<&GroupTrials> = trials
            .iter()
            .filter(|of| of.study as usize == study)
            .collect();
        examine(&mut report, plan, &table, &mine, study, rule)?;
        check_claims(&mut report, corpus, &studies, study);
        let (curves, crossings) = scaling::curves(&table, study as u32, rule);
        report.scaling.extend(curves);
        report.crossings.extend(crossings);
        report
            .time_split
            .extend(time_split::of_study(&table, study as u32, rule));
        report.ramp_steps.extend(staleness::of_study(
            &table, corpus, &studies, &inputs, study, rule,
        ));
        let name = &table.studies[study];
        for message in
            provenance::differences(corpus, &studies, &inputs, &used, study, plan.group_by)
        {
            report
                .warnings
                .push(Warning::new("unequal_provenance", message).about(name));
        }
        let seed = &studies.studies[study];
        let bundles = seed
            .bundles
            .iter()
            .filter_map(|at| corpus.bundles.get(*at))
            .map(|b| b.id.clone());
        report.studies.push(Study {
            id: name.clone(),
            title: seed.title.clone(),
            bundles: bundles.collect(),
            groups: order_of_groups(&report, name),
            rule: rule.report(&why_not(&table, study)),
            headline: String::new(),
            findings: Vec::new(),
            limitations: Vec::new(),
            matched_scale: matched_scale(&mine),
        });
    }
    no_such_group(plan, &report)?;
    report.syncs = table;
    words::put_in(&mut report);
    Ok(report)
}

fn table(studies: &Studies, inputs: &[Input], syncs: Vec<kube_proxy_logs::Sync>) -> SyncTable {
    let origins = inputs
        .iter()
        .map(|input| Origin {
            path: input.path.clone(),
            node: input.node.clone(),
        })
        .collect();
    let groups: BTreeSet<&String> = studies.groups.iter().collect();
    SyncTable {
        syncs,
        derived: Vec::new(),
        origins,
        studies: studies
            .studies
            .iter()
            .map(|study| study.id.clone())
            .collect(),
        groups: groups.into_iter().cloned().collect(),
    }
}

/// Derives what the rule needs, and applies it. Gives each study's rule.
fn judge<'a>(
    plan: &'a Plan,
    corpus: &Corpus,
    studies: &Studies,
    inputs: &[Input],
    table: &mut SyncTable,
) -> Vec<TrialRule<'a>> {
    let chains: Vec<String> = inputs
        .iter()
        .enumerate()
        .map(|(at, input)| chain(corpus, input, at))
        .collect();
    let changes = net_change::net_changes(&table.syncs, &chains);
    let rules: Vec<TrialRule<'a>> = (0..studies.studies.len())
        .map(|study| TrialRule::of(plan, corpus, studies, study, &table.syncs))
        .collect();
    let answers = answers(&rules, studies, &chains, inputs, &table.syncs);
    let group_of: BTreeMap<&String, u32> = table.groups.iter().zip(0..).collect();
    table.derived = table
        .syncs
        .iter()
        .zip(changes)
        .enumerate()
        .map(|(place, (sync, net_change))| {
            let at = sync.input as usize;
            let study = studies.of_input[at];
            let group = group_of
                .get(&studies.groups[at])
                .copied()
                .unwrap_or_default();
            let why_not = rules[study].why_not(sync, net_change, answers.contains(&place));
            Derived {
                study: study as u32,
                group,
                net_change,
                why_not,
            }
        })
        .collect();
    rules
}

/// What an input continues: the node of its bundle, else itself.
fn chain(corpus: &Corpus, input: &Input, at: usize) -> String {
    match (corpus.owner(input), &input.node) {
        (Some(owner), Some(node)) => format!("{owner}\0{node}"),
        (None, Some(node)) if input.section.is_none() => format!("\0{node}"),
        _ => format!("\0\0{at}"),
    }
}

/// Places of syncs that are a node's first to begin after an action of the timeline.
fn answers(
    rules: &[TrialRule<'_>],
    studies: &Studies,
    chains: &[String],
    inputs: &[Input],
    syncs: &[kube_proxy_logs::Sync],
) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    for (study, rule) in rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.by_timeline())
    {
        for (time, node) in rule.actions() {
            let mut answered: BTreeSet<&String> = BTreeSet::new();
            let mut order: Vec<(i64, usize)> = syncs
                .iter()
                .enumerate()
                .filter(|(_, sync)| studies.of_input[sync.input as usize] == study)
                .filter(|(_, sync)| rule.family().is_none_or(|family| family == sync.family))
                .filter(|(_, sync)| node.is_none() || inputs[sync.input as usize].node == *node)
                .filter_map(|(place, sync)| {
                    Some((sync.start_ns.filter(|start| start >= time)?, place))
                })
                .collect();
            order.sort_unstable();
            for (_, place) in order {
                if answered.insert(&chains[syncs[place].input as usize]) {
                    found.insert(place);
                }
            }
        }
    }
    found
}

fn why_not(table: &SyncTable, study: usize) -> Vec<Option<&'static str>> {
    table
        .derived
        .iter()
        .filter(|derived| derived.study as usize == study)
        .map(|d| d.why_not)
        .collect()
}

fn used_inputs(table: &SyncTable) -> BTreeSet<u32> {
    let trials = table
        .syncs
        .iter()
        .zip(&table.derived)
        .filter(|(_, derived)| derived.why_not.is_none());
    trials.map(|(sync, _)| sync.input).collect()
}

fn matched_scale(groups: &[&GroupTrials]) -> Option<u64> {
    let endpoints: Vec<Vec<u64>> = groups.iter().map(|group| group.endpoints.clone()).collect();
    matched::common_scale(&endpoints)
}

/// Groups and comparisons of one study, over all trials and at matched scale.
fn examine(
    report: &mut Report,
    plan: &Plan,
    table: &SyncTable,
    trials: &[&GroupTrials],
    study: usize,
    _rule: &TrialRule<'_>,
) -> Result<(), Error> {
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
    Ok(())
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

/// The baseline first, then the others by name.
fn order_of_groups(report: &Report, study: &str) -> Vec<String> {
    let baseline = report
        .comparisons
        .iter()
        .find(|c| c.study == study)
        .map(|c| c.baseline.clone());
    let mut names: Vec<String> = report
        .groups
        .iter()
        .filter(|group| group.study == study)
        .map(|g| g.name.clone())
        .collect();
    names.sort_by_key(|name| (Some(name) != baseline.as_ref(), name.clone()));
    names
}

fn check_claims(report: &mut Report, corpus: &Corpus, studies: &Studies, study: usize) {
    let id = studies.studies[study].id.clone();
    let computed = claims::Computed {
        study: &id,
        groups: &report.groups,
        matched: &report.matched_groups,
        comparisons: &report.comparisons,
    };
    let checked: Vec<_> = studies.studies[study]
        .bundles
        .iter()
        .filter_map(|place| corpus.bundles.get(*place))
        .flat_map(|open| &open.bundle.manifest.claims)
        .map(|claim| claims::check(claim, computed))
        .collect();
    report.claims.extend(checked);
}

/// A name that no study has is a slip of the pen, and no silent absence.
fn no_such_group(plan: &Plan, report: &Report) -> Result<(), Error> {
    for (option, name) in [("baseline", &plan.baseline), ("candidate", &plan.candidate)] {
        let Some(name) = name else { continue };
        if !report.groups.iter().any(|group| group.name == *name) {
            let known: BTreeSet<&str> = report.groups.iter().map(|g| g.name.as_str()).collect();
            let known: Vec<&str> = known.into_iter().collect();
            return Err(Error::Option {
                option,
                value: name.clone(),
                problem: format!(
                    "no group of that name has a trial; there are: {}",
                    known.join(", ")
                ),
            });
        }
    }
    Ok(())
}
