//! The report, put together from all evidence.

use std::collections::BTreeSet;

use kube_proxy_logs::{Input, KernelEvent, Reading};

use super::boots::Boots;
use super::family_lock::FamilyLock;
use super::provenance::Provenance;
use super::runs::Sources;
use super::study::Lookup;
use super::trial::TrialRule;
use super::{
    compare, converged, cost, cross_check, crossed, examine, facts, in_sync, judge, lockups,
    profiles, recordings, repetitions, replays, staleness, study,
};
use crate::corpus::{Corpus, Studies};
use crate::error::Error;
use crate::frame::{GroupTrials, SyncFrame};
use crate::plan::Plan;
use crate::report::names::Names;
use crate::report::words;
use crate::report::{Report, SCHEMA, SyncTable, Tool};

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
    let lock = FamilyLock::of(&syncs);
    let mut table = judge::table(&studies, &inputs, syncs);
    let rules = judge::judge(plan, corpus, &studies, &inputs, &lock, &mut table);
    let trials = SyncFrame::trials(&table)?.groups()?;
    let mut report = empty(plan);
    report.warnings = facts::warnings(warnings, corpus);
    let complaints = kernel_events.as_slice();
    facts_of(&mut report, corpus, (&studies, &inputs), complaints, &table);
    let provenance = Provenance {
        corpus,
        studies: &studies,
        inputs: &inputs,
        table: &table,
        by: plan.group_by,
        lock: &lock,
    };
    let boots = Boots::of(&kernel_events, &studies, &inputs);
    let sources = Sources {
        plan,
        corpus,
        studies: &studies,
        inputs: &inputs,
        table: &table,
        boots: &boots,
    };
    let lookup = Lookup::of(corpus, &studies, &inputs, &table);
    let mut by_study: Vec<Vec<&GroupTrials>> = vec![Vec::new(); rules.len()];
    for of in &trials {
        by_study[of.study as usize].push(of);
    }
    for (study, (rule, mine)) in rules.iter().zip(by_study).enumerate() {
        compared(
            &mut report,
            (sources, provenance, &lookup),
            &mine,
            study,
            rule,
        );
    }
    report.staleness = staleness::summaries(&report.ramp_steps);
    no_such_group(plan, &report)?;
    report.syncs = table;
    report.replays = replays::of(&corpus.replays, &mut report.warnings)?;
    report.crossed = crossed::of(&report);
    let read = (&studies, inputs.as_slice());
    profiles::put_in(&mut report, corpus, read)?;
    report.names = Names::of(&report);
    report.recordings = recordings::of(&report);
    recordings::give_reasons(&mut report, corpus);
    words::put_in(&mut report);
    Ok(report)
}

/// All that a study's trials show.
fn compared(
    report: &mut Report,
    (sources, provenance, lookup): (Sources<'_>, Provenance<'_>, &Lookup),
    trials: &[&GroupTrials],
    study: usize,
    rule: &TrialRule<'_>,
) {
    let Provenance {
        corpus,
        studies,
        table,
        lock,
        ..
    } = provenance;
    let sequence = repetitions::sequence(corpus, studies, study);
    let level = sequence.map_or(compare::ALPHA, |one| one.level);
    let places = &lookup.by_study[study];
    let (drift, (costs, in_sync)) = rayon::join(
        || {
            let drift = examine::examine(report, sources, trials, study, level);
            study::put_in(report, (provenance, lookup), trials, study, rule);
            converged::put_in(report, sources, study, level);
            drift
        },
        || {
            let costs = cost::of_study(sources, (study, places), rule, lock);
            (costs, in_sync::of_study(sources, study, places))
        },
    );
    report.costs.extend(costs);
    report.in_sync.extend(in_sync);
    settle(report, &table.studies[study]);
    examine::doubt(report, &table.studies[study], provenance);
    repetitions::put_in(report, corpus, (studies, study), sequence);
    if let Some(study) = report.studies.last_mut() {
        study.drift = drift;
    }
}

/// What was read, before anything is compared.
fn facts_of(
    report: &mut Report,
    corpus: &Corpus,
    (studies, inputs): (&Studies, &[Input]),
    complaints: &[KernelEvent],
    table: &SyncTable,
) {
    report.bundles = facts::bundles(corpus, studies);
    report.inputs = facts::inputs(corpus, studies, inputs, table);
    report.lockups = lockups::summaries(complaints, table, studies);
    report.kernel_events = lockups::rows(complaints, table, studies);
    let foreign = lockups::foreign_work(complaints, table);
    report.warnings.extend(foreign);
    let (checks, disagreements) = cross_check::of_bundles(corpus, studies, inputs, table);
    report.metrics = checks;
    report.warnings.extend(disagreements);
}

/// Corrects and judges all that a study tests: convergence, and trials in one scope. Where both
/// scopes hold the same trials they are one test, told twice.
fn settle(report: &mut Report, study: &str) {
    for matched in [false, true] {
        let trials = report.comparisons.iter_mut();
        let mut family: Vec<_> = trials
            .filter(|one| one.study == study && one.matched == matched)
            .collect();
        let tested = family.iter().any(|one| one.p_value.is_some());
        if tested || !matched {
            let convergence = report.convergence_comparisons.iter_mut();
            family.extend(convergence.filter(|one| one.study == study));
        }
        compare::settle::settle(&mut family);
    }
}

fn empty(plan: &Plan) -> Report {
    Report {
        schema: SCHEMA,
        tool: Tool {
            name: "analyze".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        selection: plan.selection.clone(),
        ..Report::default()
    }
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
