//! The report, put together from all evidence.

use std::collections::BTreeSet;

use kube_proxy_logs::{Input, KernelEvent, Reading};

use super::boots::Boots;
use super::family_lock::FamilyLock;
use super::names::Release;
use super::provenance::Provenance;
use super::runs::Sources;
use super::trial::TrialRule;
use super::{
    claims, compare, converged, cost, cross_check, crossed, examine, facts, in_sync, judge,
    lockups, profiles, ramp, recordings, repetitions, replays, scaling, staleness, time_split,
};
use crate::corpus::{ByNode, Corpus, Studies};
use crate::error::Error;
use crate::frame::{GroupTrials, SyncFrame};
use crate::plan::Plan;
use crate::report::excerpt::Excerpts;
use crate::report::names::Names;
use crate::report::words;
use crate::report::{Headline, Places, Report, SCHEMA, Study, SyncTable, Tool, Trace, of_study};

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
            one_study(report, (provenance, lookup), trials, study, rule);
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
        headline: Headline::default(),
        selection: plan.selection.clone(),
        studies: Vec::new(),
        bundles: Vec::new(),
        inputs: Vec::new(),
        runs: Vec::new(),
        groups: Vec::new(),
        matched_groups: Vec::new(),
        comparisons: Vec::new(),
        claims: Vec::new(),
        costs: Vec::new(),
        scaling: Vec::new(),
        crossings: Vec::new(),
        divergences: Vec::new(),
        time_split: Vec::new(),
        in_sync: Vec::new(),
        ramp_steps: Vec::new(),
        convergence: Vec::new(),
        converged: Vec::new(),
        convergence_comparisons: Vec::new(),
        staleness: Vec::new(),
        lockups: Vec::new(),
        kernel_events: Vec::new(),
        metrics: Vec::new(),
        crossed: Vec::new(),
        replays: Vec::new(),
        profiles: Vec::new(),
        next: Vec::new(),
        warnings: Vec::new(),
        recordings: Vec::new(),
        syncs: SyncTable::default(),
        names: Names::default(),
        excerpts: Excerpts::default(),
    }
}

/// What is looked up study by study, made once.
struct Lookup {
    /// Places of syncs by study, and by log.
    by_study: Vec<Places>,
    by_input: Vec<Places>,
    by_node: ByNode,
    /// For each input when its ramp began.
    began: Vec<Option<i64>>,
}

impl Lookup {
    fn of(corpus: &Corpus, studies: &Studies, inputs: &[Input], table: &SyncTable) -> Self {
        let of_bundles: Vec<Option<i64>> = corpus.bundles.iter().map(ramp::began).collect();
        let began = |owner: &Option<usize>| of_bundles.get((*owner)?).copied().flatten();
        Self {
            by_study: table.by_study(),
            by_input: table.by_input(),
            by_node: studies.by_node(inputs),
            began: studies.owners.iter().map(began).collect(),
        }
    }
}

/// What lies behind a study's comparisons, and the study itself.
fn one_study(
    report: &mut Report,
    (of, lookup): (Provenance<'_>, &Lookup),
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
    } = of;
    check_claims(report, corpus, studies, study);
    let name = &table.studies[study];
    let places = &lookup.by_study[study];
    let last = report.comparisons.last().filter(|one| one.study == *name);
    let of = scaling::StudySyncs {
        table,
        study,
        places,
        began: &lookup.began,
        baseline: last.map(|one| one.baseline.as_str()),
    };
    let (scaling, time_split) = rayon::join(
        || scaling::of_study(of, rule),
        || time_split::of_study(table, (study, places), rule, lock),
    );
    report.scaling.extend(scaling.curves);
    report.crossings.extend(scaling.crossings);
    report.divergences.extend(scaling.divergences);
    report.time_split.extend(time_split);
    let place = staleness::RampLogs {
        table,
        corpus,
        studies,
        by_node: &lookup.by_node,
        by_input: &lookup.by_input,
    };
    let ramped = staleness::of_study(place, study, rule);
    report.ramp_steps.extend(ramped.steps);
    report.convergence.extend(ramped.whole);
    let mut described = described(report, (corpus, studies), study, rule, places, table);
    let work = examine::matched_work(table, trials);
    described.matched_scale = work.map(|work| work.endpoints);
    described.matched_net_change = work.and_then(|work| work.net_change);
    report.studies.push(described);
}

/// A study without its words and without what its comparisons show.
fn described(
    report: &Report,
    (corpus, studies): (&Corpus, &Studies),
    study: usize,
    rule: &TrialRule<'_>,
    places: &Places,
    table: &SyncTable,
) -> Study {
    let seed = &studies.studies[study];
    let bundles = seed.bundles.iter().filter_map(|at| corpus.bundles.get(*at));
    Study {
        id: table.studies[study].clone(),
        title: seed.title.clone(),
        bundles: bundles.map(|open| open.id.clone()).collect(),
        groups: order_of_groups(report, &table.studies[study]),
        rule: rule.report(places.iter().map(|place| table.why_not[place])),
        headline: String::new(),
        headline_from: Trace::default(),
        findings: Vec::new(),
        findings_from: Vec::new(),
        limitations: Vec::new(),
        matched_scale: None,
        matched_net_change: None,
        drift: None,
        sequence: None,
        noise_floor: None,
    }
}

/// The baseline first, then the others by release.
fn order_of_groups(report: &Report, study: &str) -> Vec<String> {
    let baseline = of_study(&report.comparisons, study)
        .next()
        .map(|c| c.baseline.clone());
    let mut names: Vec<String> = of_study(&report.groups, study)
        .map(|g| g.name.clone())
        .collect();
    names.sort_by_cached_key(|name| (Some(name) != baseline.as_ref(), Release::of(name)));
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
