//! One study: what lies behind its comparisons, and how it is described.

use kube_proxy_logs::Input;

use super::names::Release;
use super::provenance::Provenance;
use super::trial::TrialRule;
use super::{claims, examine, ramp, scaling, staleness, time_split};
use crate::corpus::{ByNode, Corpus, Studies};
use crate::frame::GroupTrials;
use crate::report::{Places, Report, Study, SyncTable, Trace, of_study};

/// What is looked up study by study, made once.
pub(super) struct Lookup {
    /// Places of syncs by study, and by log.
    pub(super) by_study: Vec<Places>,
    by_input: Vec<Places>,
    by_node: ByNode,
    /// For each input when its ramp began.
    began: Vec<Option<i64>>,
}

impl Lookup {
    pub(super) fn of(
        corpus: &Corpus,
        studies: &Studies,
        inputs: &[Input],
        table: &SyncTable,
    ) -> Self {
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
pub(super) fn put_in(
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
