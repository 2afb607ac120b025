//! Two factors in runs of clusters: studies of one load that differ in kube-proxy or mode, set
//! beside each other. Does what a kernel changes depend on who writes the rules?

use std::collections::{BTreeMap, BTreeSet};

use super::compare::ALPHA;
use super::names::by_release;
use super::repetitions::leading;
use crate::report::{
    BundleFacts, Comparison, Condition, Crossed, CrossedCell, Group, Independence, InputFacts,
    Interaction, Outcome, Report, Study, of_study,
};
use crate::stats::contrast::Contrast;
use crate::stats::holm::holm;
use crate::stats::interaction::interaction;

/// Candidates of a study that a table has room for.
const MOST: usize = 24;

/// What must be alike for studies to be set beside each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Load {
    endpoints: Option<u64>,
    services: Option<u64>,
    replicas: Vec<u64>,
    scenario: Option<String>,
    /// Of steps how many each run has; of trials none.
    steps: Option<usize>,
    baseline: String,
}

/// A study as a column.
struct Column<'r> {
    condition: Condition,
    comparisons: Vec<&'r Comparison>,
    /// How often its intervals miss the truth.
    level: f64,
}

impl Column<'_> {
    fn has(&self, candidate: &str) -> bool {
        self.of(candidate).is_some()
    }

    fn of(&self, candidate: &str) -> Option<&Comparison> {
        let mut all = self.comparisons.iter();
        all.find(|one| one.candidate == candidate).copied()
    }

    fn runs(&self) -> usize {
        self.comparisons.iter().map(|one| one.n[1]).sum()
    }
}

/// A table for each load that was recorded under two conditions, the largest load first.
pub(super) fn of(report: &Report) -> Vec<Crossed> {
    let mut loads: BTreeMap<Load, Vec<Column<'_>>> = BTreeMap::new();
    for study in &report.studies {
        if let Some((load, column)) = column(report, study) {
            loads.entry(load).or_default().push(column);
        }
    }
    let loads = loads.into_iter().rev();
    loads
        .filter_map(|(load, columns)| table(report, &load, columns))
        .collect()
}

/// None where nothing is compared, more than a table holds, or runs differ in more than that.
fn column<'r>(report: &'r Report, study: &'r Study) -> Option<(Load, Column<'r>)> {
    let mut comparisons = leading(report, &study.id);
    comparisons.retain(|one| !one.same_kernel && one.n.iter().all(|n| *n > 0));
    let first = *comparisons.first().filter(|_| comparisons.len() <= MOST)?;
    let condition = condition(report, study, &comparisons)?;
    let asked = |one: &BundleFacts| (one.services, one.replicas.clone(), one.scenario.clone());
    let mut bundles = of_study(&report.bundles, &study.id).map(asked);
    let workload = bundles.next();
    if bundles.any(|one| Some(one) != workload) {
        return None;
    }
    let (services, replicas, scenario) = workload.unwrap_or_default();
    let mut converged = of_study(&report.converged, &study.id);
    let steps = converged.find(|of| of.outcome == Outcome::Steps);
    let load = Load {
        endpoints: study.rule.target_endpoints,
        services,
        replicas,
        scenario,
        steps: steps
            .filter(|_| first.outcome == Outcome::Steps)
            .map(|of| of.steps),
        baseline: first.baseline.clone(),
    };
    let column = Column {
        condition,
        level: study.sequence.map_or(ALPHA, |one| one.level),
        comparisons,
    };
    Some((load, column))
}

/// What all trials of a study have in common beside what they are grouped by.
fn condition(report: &Report, study: &Study, comparisons: &[&Comparison]) -> Option<Condition> {
    let syncs = comparisons
        .iter()
        .flat_map(|one| one.trials.iter().flatten());
    let inputs: BTreeSet<u32> = syncs
        .filter_map(|place| report.syncs.syncs.get(*place))
        .map(|sync| sync.input)
        .collect();
    let by = report.selection.group_by.as_str();
    // Some(None): it is what is compared.
    let only = |name: &str, of: fn(&InputFacts) -> Option<&String>| -> Option<Option<String>> {
        if by == name {
            return Some(None);
        }
        let mut values = inputs
            .iter()
            .map(|at| report.inputs.get(*at as usize).and_then(of));
        let first = values.next()??;
        values
            .all(|one| one == Some(first))
            .then(|| Some(first.clone()))
    };
    let found = Condition {
        study: study.id.clone(),
        kernel: only("kernel", |input| input.kernel.as_ref())?,
        kube_proxy: only("kube-proxy", |input| input.kube_proxy.as_ref())?,
        mode: only("mode", |input| input.mode.as_ref())?,
    };
    let compared = [&found.kernel, &found.kube_proxy, &found.mode];
    compared.iter().any(|one| one.is_none()).then_some(found)
}

/// None where there are not two groups and two conditions.
fn table(report: &Report, load: &Load, columns: Vec<Column<'_>>) -> Option<Crossed> {
    let (candidates, columns) = widest(distinct(columns))?;
    let mut groups = vec![load.baseline.clone()];
    groups.extend(candidates);
    let cells = groups.iter().map(|group| {
        let cells = columns.iter().map(|column| cell(report, column, group));
        cells.collect()
    });
    let cells = cells.collect();
    let first = columns.first()?.comparisons.first()?;
    Some(Crossed {
        by: report.selection.group_by.clone(),
        outcome: first.outcome,
        services: load.services,
        endpoints: load.endpoints,
        interactions: interactions(&groups, &columns),
        groups,
        cells,
        conditions: columns.into_iter().map(|one| one.condition).collect(),
        findings: Vec::new(),
    })
}

/// One study a condition: the one of most runs; in order of kernels, modes, versions.
fn distinct(mut columns: Vec<Column<'_>>) -> Vec<Column<'_>> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    columns.sort_by(|a, b| {
        let (x, y) = (&a.condition, &b.condition);
        by_release(&text(&x.kernel), &text(&y.kernel))
            // nftables before iptables.
            .then_with(|| y.mode.cmp(&x.mode))
            .then_with(|| by_release(&text(&x.kube_proxy), &text(&y.kube_proxy)))
            .then_with(|| b.runs().cmp(&a.runs()))
    });
    columns.dedup_by(|later, kept| {
        let of = |one: &Column<'_>| Condition {
            study: String::new(),
            ..one.condition.clone()
        };
        of(later) == of(kept)
    });
    columns
}

/// The candidates that several columns have, and these columns: the most cells.
fn widest(columns: Vec<Column<'_>>) -> Option<(Vec<String>, Vec<Column<'_>>)> {
    let candidates = |column: &Column<'_>| -> Vec<String> {
        let all = column.comparisons.iter();
        all.map(|one| one.candidate.clone()).collect()
    };
    let with = |wanted: &[String]| {
        let has = |column: &&Column<'_>| wanted.iter().all(|one| column.has(one));
        columns.iter().filter(has).count()
    };
    let sets = columns.iter().map(candidates);
    let sets = sets.filter(|set| !set.is_empty() && with(set) > 1);
    let best = sets.max_by_key(|set| set.len() * with(set))?;
    let has = |column: &Column<'_>| best.iter().all(|one| column.has(one));
    let kept: Vec<Column<'_>> = columns.into_iter().filter(has).collect();
    Some((best, kept))
}

fn cell(report: &Report, column: &Column<'_>, group: &str) -> CrossedCell {
    let study = &column.condition.study;
    let (side, comparison) = match column.of(group) {
        Some(comparison) => (1, Some(comparison)),
        None => (0, column.comparisons.first().copied()),
    };
    let Some(comparison) = comparison else {
        return CrossedCell::default();
    };
    let named = |one: &&Group| one.name == group;
    let ci95_s = match (comparison.outcome, comparison.matched) {
        (Outcome::Trials, true) => of_study(&report.matched_groups, study).find(named),
        (Outcome::Trials, false) => of_study(&report.groups, study).find(named),
        _ => None,
    }
    .and_then(|one| one.ci95_s);
    let mut held = of_study(&report.converged, study);
    let held = held.find(|one| one.outcome == comparison.outcome && one.name == group);
    CrossedCell {
        n: comparison.n[side],
        mean_s: comparison.mean_s[side],
        ci95_s: ci95_s.or(held.and_then(|one| one.ci95_s)),
        improvement_pct: (side == 1)
            .then(|| comparison.by_run_pct.or(comparison.improvement_pct))
            .flatten(),
        ci95_pct: comparison.ci95_pct.filter(|_| side == 1),
        trials: comparison.trials[side].clone(),
    }
}

/// Each candidate under each two conditions that differ in one thing.
fn interactions(groups: &[String], columns: &[Column<'_>]) -> Vec<Interaction> {
    let all = (0..columns.len()).flat_map(|a| (a + 1..columns.len()).map(move |b| [a, b]));
    let all: Vec<[usize; 2]> = all.collect();
    let differ = |[a, b]: &[usize; 2]| {
        let (x, y) = (&columns[*a].condition, &columns[*b].condition);
        [
            x.kernel != y.kernel,
            x.kube_proxy != y.kube_proxy,
            x.mode != y.mode,
        ]
        .into_iter()
        .filter(|differs| *differs)
        .count()
    };
    let near: Vec<[usize; 2]> = all
        .iter()
        .copied()
        .filter(|pair| differ(pair) == 1)
        .collect();
    let pairs = if near.is_empty() { all } else { near };
    let candidates = groups.iter().enumerate().skip(1);
    let mut found: Vec<Interaction> = candidates
        .flat_map(|(at, name)| pairs.iter().map(move |pair| (at, name, *pair)))
        .filter_map(|(at, name, pair)| one((at, name), pair, columns))
        .collect();
    let known: Vec<f64> = found.iter().filter_map(|one| one.p_value).collect();
    let mut corrected = holm(&known).into_iter();
    for one in &mut found {
        one.p_holm = one.p_value.and_then(|_| corrected.next());
        let known = one.independence != Independence::Unknown;
        one.sure = known && one.p_holm.is_some_and(|p| p < ALPHA);
    }
    found
}

fn one(
    (at, name): (usize, &str),
    conditions: [usize; 2],
    columns: &[Column<'_>],
) -> Option<Interaction> {
    let [a, b] = conditions.map(|column| &columns[column]);
    let (x, y) = (a.of(name)?, b.of(name)?);
    let contrast = contrast(x).zip(contrast(y));
    let contrast = contrast.map(|(x, y)| interaction(&x, &y));
    let by_means = || Some(x.speedup? / y.speedup?);
    let level = a.level.min(b.level);
    // Below 0.05 exactly if p itself is below the level.
    let allowed = |p: f64| (p * ALPHA / level).min(1.0);
    Some(Interaction {
        candidate: at,
        conditions,
        factor: match &contrast {
            Some(contrast) => contrast.ratio(),
            None => by_means()?,
        },
        ci95: contrast.and_then(|contrast| contrast.interval(level)),
        freedom: contrast.map(|contrast| contrast.freedom),
        p_value: contrast.and_then(|contrast| contrast.p()).map(allowed),
        p_holm: None,
        independence: x.independence.max(y.independence),
        sure: false,
    })
}

/// What a comparison came to; none with one run on a side.
fn contrast(of: &Comparison) -> Option<Contrast> {
    Some(Contrast {
        log_ratio: (1.0 - of.by_run_pct? / 100.0).ln(),
        error: of.log_error?,
        freedom: of.freedom?,
    })
}
