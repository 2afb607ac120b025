//! What a sync costs by what it carries: unit costs instead of one power through syncs of all
//! kinds.

use std::collections::BTreeMap;

use kube_proxy_logs::{Outcome, Sync};

use super::family_lock::FamilyLock;
use super::net_change::endpoints;
use super::runs::{Source, Sources};
use super::trial::TrialRule;
use crate::report::sync_table::seconds;
use crate::report::{CostCheck, CostModel, CostPoint, CostTerm, Places, UnitCost, UntoldTerm};
use crate::stats::correlation;
use crate::stats::cost::{self, Cost, Fitted, Predicted};
use crate::stats::summary;

/// Fewest syncs that a model rests on.
const FEWEST: usize = 8;
/// More syncs of a group are taken evenly.
const MOST: usize = 20_000;
/// Syncs that are shown beside the model.
const POINTS: usize = 400;
/// A term that follows the others more closely is not told from them.
const TOLD_APART: f64 = 0.95;

/// What a sync carries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Endpoints in all.
    pub endpoints: u64,
    /// Endpoints that change.
    pub changed: u64,
    /// Services in all.
    pub services: u64,
}

impl Load {
    fn units(self, term: CostTerm) -> f64 {
        let (all, changed) = (self.endpoints as f64, self.changed as f64);
        match term {
            CostTerm::Sync => 1.0,
            CostTerm::ChangedEndpoint => changed,
            CostTerm::Endpoint => all,
            CostTerm::ServicesTimesEntries => {
                let services = self.services.max(1) as f64;
                let changed_services = services.min(changed);
                changed_services * changed.max(changed_services * all / services) / 1e6
            }
        }
    }
}

/// Seconds that a fitted model gives for a load, with their intervals.
#[must_use]
pub fn predict(model: &CostModel, load: Load) -> Predicted {
    let fitted = Fitted {
        coefficients: model.terms.iter().map(|one| one.seconds).collect(),
        covariance: model.covariance.clone(),
        freedom: model.freedom,
        scatter: model.scatter,
        by_run: model.by_run,
    };
    let x: Vec<f64> = model.terms.iter().map(|one| load.units(one.term)).collect();
    fitted.seconds(&x)
}

/// A sync that tells what it carried.
struct Told {
    place: usize,
    load: Load,
    seconds: f64,
    run: usize,
}

/// The models of a study's groups. `places`: its syncs.
pub(super) fn of_study(
    sources: Sources<'_>,
    (study, places): (usize, &Places),
    rule: &TrialRule<'_>,
    lock: &FamilyLock,
) -> Vec<CostModel> {
    let table = sources.table;
    let mut runs: BTreeMap<Source, usize> = BTreeMap::new();
    let mut of_input: BTreeMap<u32, Option<usize>> = BTreeMap::new();
    let mut by_group: BTreeMap<u32, Places> = BTreeMap::new();
    for place in places.iter() {
        let sync = table.syncs.at(place);
        let counts = sync.outcome == Outcome::Ok
            && rule.family().is_none_or(|family| family == sync.family)
            && !lock.waited.contains(&place)
            && told(&sync, table.changes.at(place)).is_some();
        let Some(derived) = table.derived(place).filter(|_| counts) else {
            continue;
        };
        let run = *of_input.entry(sync.input).or_insert_with(|| {
            let source = sources.source(sync.input as usize)?;
            let next = runs.len();
            Some(*runs.entry(source).or_insert(next))
        });
        if run.is_some() {
            by_group.entry(derived.group).or_default().push(place);
        }
    }
    let name = &table.studies[study];
    let of_place = |place: usize| {
        let sync = table.syncs.at(place);
        let (load, seconds) = told(&sync, table.changes.at(place))?;
        Some(Told {
            place,
            load,
            seconds,
            run: of_input.get(&sync.input).copied().flatten()?,
        })
    };
    let of_group = |(group, places): (u32, Places)| {
        let step = places.len().div_ceil(MOST).max(1);
        let told = places.iter().step_by(step).filter_map(of_place).collect();
        model(name, &table.groups[group as usize], told)
    };
    by_group.into_iter().filter_map(of_group).collect()
}

fn told(sync: &Sync, net_change: Option<i64>) -> Option<(Load, f64)> {
    let load = Load {
        endpoints: endpoints(sync)?,
        changed: net_change?.unsigned_abs(),
        services: sync.services?,
    };
    let seconds = seconds(sync.elapsed_ns?);
    (seconds > 0.0).then_some((load, seconds))
}

fn model(study: &str, group: &str, told: Vec<Told>) -> Option<CostModel> {
    let changes = told.iter().filter(|one| one.load.changed > 0).count();
    if told.len() < FEWEST || changes < FEWEST / 2 {
        return None;
    }
    let (terms, untold) = terms(&told);
    let row = |one: &Told| Cost {
        x: terms.iter().map(|term| one.load.units(*term)).collect(),
        y: one.seconds,
        run: one.run,
    };
    let rows: Vec<Cost> = told.iter().map(row).collect();
    let fitted = cost::fit(&rows)?;
    let unit = |(at, term): (usize, &CostTerm)| UnitCost {
        term: *term,
        seconds: fitted.coefficients[at],
        ci95_s: fitted.ci95(at),
    };
    let every = told.len().div_ceil(POINTS).max(1);
    let shown = told.iter().zip(&rows).step_by(every);
    let points = shown
        .map(|(one, row)| CostPoint {
            sync: one.place,
            seconds: one.seconds,
            model_s: fitted.seconds(&row.x).seconds,
        })
        .collect();
    let mut runs: Vec<usize> = told.iter().map(|one| one.run).collect();
    runs.sort_unstable();
    runs.dedup();
    Some(CostModel {
        study: study.to_owned(),
        group: group.to_owned(),
        terms: terms.iter().enumerate().map(unit).collect(),
        untold,
        freedom: fitted.freedom,
        scatter: fitted.scatter,
        by_run: fitted.by_run,
        runs: runs.len(),
        syncs: told.len(),
        endpoints: range(&told, |load| load.endpoints)?,
        changed: range(&told, |load| load.changed)?,
        check: check(&rows, runs.len()),
        points,
        covariance: fitted.covariance,
    })
}

fn range(told: &[Told], of: fn(Load) -> u64) -> Option<[u64; 2]> {
    let all = || told.iter().map(|one| of(one.load));
    Some([all().min()?, all().max()?])
}

/// The terms that the syncs tell apart, and the others: a term that follows those before it is
/// left out, and its cost is in theirs.
fn terms(told: &[Told]) -> (Vec<CostTerm>, Vec<UntoldTerm>) {
    let series =
        |term: CostTerm| -> Vec<f64> { told.iter().map(|one| one.load.units(term)).collect() };
    let mut kept = vec![CostTerm::Sync, CostTerm::ChangedEndpoint];
    let mut known = vec![series(CostTerm::ChangedEndpoint)];
    let mut untold = Vec::new();
    for term in [CostTerm::Endpoint, CostTerm::ServicesTimesEntries] {
        let one = series(term);
        match correlation::multiple(&one, &known) {
            Some(correlation) if correlation >= TOLD_APART => {
                untold.push(UntoldTerm { term, correlation });
            }
            Some(_) => {
                kept.push(term);
                known.push(one);
            }
            None => {}
        }
    }
    (kept, untold)
}

fn check(rows: &[Cost], runs: usize) -> Option<CostCheck> {
    let off: Vec<f64> = cost::off_by(rows)
        .iter()
        .map(|off| 100.0 * off.exp_m1())
        .collect();
    let [median_pct, p90_pct] = summary::quantiles(&off, [0.5, 0.9])?;
    Some(CostCheck {
        runs,
        median_pct,
        p90_pct,
    })
}
