//! The table of syncs, and the rule applied to each.

use std::collections::{BTreeMap, BTreeSet};

use kube_proxy_logs::{Input, Sync, Syncs};
use rayon::prelude::*;

use super::family_lock::FamilyLock;
use super::ramp::Ramps;
use super::trial::{Circumstances, TrialRule};
use super::{load, net_change};
use crate::corpus::{Corpus, Studies};
use crate::plan::Plan;
use crate::report::sync_table::Origin;
use crate::report::{Changes, Places, SyncTable};

/// The table of what was read, nothing derived yet.
pub(super) fn table(studies: &Studies, inputs: &[Input], syncs: Syncs) -> SyncTable {
    let names: BTreeSet<&String> = studies.groups.iter().collect();
    let names: Vec<String> = names.into_iter().cloned().collect();
    let of_inputs = inputs.iter().zip(&studies.of_input);
    let origins = of_inputs
        .zip(groups(studies, &names))
        .map(|((input, study), group)| Origin {
            path: input.path.clone(),
            node: input.node.clone(),
            study: *study as u32,
            group,
        })
        .collect();
    SyncTable {
        syncs,
        changes: Changes::default(),
        why_not: Vec::new(),
        origins,
        studies: studies
            .studies
            .iter()
            .map(|study| study.id.clone())
            .collect(),
        groups: names,
    }
}

/// Derives what the rule needs, and applies it. Gives each study's rule.
pub(super) fn judge<'a>(
    plan: &'a Plan,
    corpus: &Corpus,
    studies: &Studies,
    inputs: &[Input],
    lock: &FamilyLock,
    table: &mut SyncTable,
) -> Vec<TrialRule<'a>> {
    let chains = chains(studies, inputs);
    let ramps = Ramps::of(corpus);
    let ramps = ramps.by_input(studies);
    let has_steps: Vec<bool> = ramps.iter().map(|steps| !steps.is_empty()).collect();
    let by_study = table.by_study();
    let rule = |study: usize| {
        let mine = || by_study[study].iter().map(|at| table.syncs.at(at));
        TrialRule::of(plan, corpus, studies, study, mine, &has_steps)
    };
    let ((changes, loads), rules) = rayon::join(
        || {
            let order = net_change::by_node_and_time(&table.syncs, &chains);
            let changes = net_change::net_changes(&table.syncs, &order, &chains);
            let loads = load::loads(&table.syncs, &changes, (&order, &chains), &ramps);
            (changes, loads)
        },
        || -> Vec<TrialRule<'a>> { (0..studies.studies.len()).map(rule).collect() },
    );
    let answers = answers(&rules, &by_study, &chains, inputs, &table.syncs);
    let why_not = |place: usize| {
        let sync = table.syncs.at(place);
        let study = studies.of_input[sync.input as usize];
        let circumstances = Circumstances {
            net_change: changes.at(place),
            load: loads.at(place),
            answers: answers.contains(&place),
            waited: lock.waited.contains(&place),
        };
        rules[study].why_not(&sync, circumstances)
    };
    table.why_not = (0..table.len()).into_par_iter().map(why_not).collect();
    table.changes = changes;
    rules
}

/// For each input its group: a place in the table's groups.
fn groups(studies: &Studies, names: &[String]) -> Vec<u32> {
    let known: BTreeMap<&String, u32> = names.iter().zip(0..).collect();
    let place = |name| known.get(name).copied().unwrap_or_default();
    studies.groups.iter().map(place).collect()
}

/// For each input the chain that it is a link of, by number: inputs that continue the same have
/// the same.
fn chains(studies: &Studies, inputs: &[Input]) -> Vec<usize> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut number = |(at, input)| {
        let next = known.len();
        *known
            .entry(chain(studies.owners[at], input, at))
            .or_insert(next)
    };
    inputs.iter().enumerate().map(&mut number).collect()
}

/// What an input continues: the node of its bundle, else itself.
fn chain(owner: Option<usize>, input: &Input, at: usize) -> String {
    match (owner, &input.node) {
        (Some(owner), Some(node)) => format!("{owner}\0{node}"),
        (None, Some(node)) if input.section.is_none() => format!("\0{node}"),
        _ => format!("\0\0{at}"),
    }
}

/// A chain's node, and the starts of its syncs with their places.
type Chain<'n> = (Option<&'n String>, Vec<(i64, usize)>);

/// Places of syncs that are a node's first to begin after an action of the timeline.
fn answers(
    rules: &[TrialRule<'_>],
    by_study: &[Places],
    chains: &[usize],
    inputs: &[Input],
    syncs: &Syncs,
) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let by_timeline = rules.iter().zip(by_study);
    for (rule, places) in by_timeline.filter(|(rule, _)| rule.by_timeline()) {
        let of_family = |sync: &Sync| rule.family().is_none_or(|family| family == sync.family);
        // Starts of each chain's syncs, in order.
        let mut starts: BTreeMap<usize, Chain<'_>> = BTreeMap::new();
        for place in places.iter() {
            let sync = syncs.at(place);
            if let Some(start) = sync.start_ns.filter(|_| of_family(&sync)) {
                let input = sync.input as usize;
                let node = || (inputs[input].node.as_ref(), Vec::new());
                let of_chain = starts.entry(chains[input]).or_insert_with(node);
                of_chain.1.push((start, place));
            }
        }
        for (_, of_chain) in starts.values_mut() {
            of_chain.sort_unstable();
        }
        for (time, node) in rule.actions() {
            let meant = |of: &&Chain<'_>| node.is_none() || of.0 == node.as_ref();
            for (_, starts) in starts.values().filter(meant) {
                let first = starts.partition_point(|(start, _)| start < time);
                found.extend(starts.get(first).map(|(_, place)| *place));
            }
        }
    }
    found
}
