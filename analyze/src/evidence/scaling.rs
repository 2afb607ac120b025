//! Three curves a group, because they measure different things.
//!
//! Building walks every endpoint, whatever changed; the commit writes what changed; and what a
//! user waits for, a sync that carries a step of the ramp, is both. The whole ramp is used, not
//! only trials.

use std::collections::BTreeMap;

use kube_proxy_logs::{Outcome, Sync};

use super::trial::TrialRule;
use crate::report::sync_table::seconds;
use crate::report::{Crossing, Curve, CurveKind, CurvePoint, Fit, SyncTable};
use crate::stats::scaling::{PowerLaw, power_law, theil_sen};

/// Fewest points, and different scales, that a fit rests on.
const FEWEST: usize = 4;
/// Steps in which a band is drawn.
const BAND: usize = 24;
/// Share of its endpoints that a sync changes if it carries a step of the ramp.
const STEP_SHARE: f64 = 0.05;

/// The curves of a study's groups, each with its fit, and where two groups' fits meet.
#[must_use]
pub fn curves(table: &SyncTable, study: u32, rule: &TrialRule<'_>) -> (Vec<Curve>, Vec<Crossing>) {
    let mut points: BTreeMap<(u32, CurveKind), Vec<CurvePoint>> = BTreeMap::new();
    for (place, (sync, derived)) in table.syncs.iter().zip(&table.derived).enumerate() {
        let fits = derived.study == study
            && sync.outcome == Outcome::Ok
            && rule.family().is_none_or(|family| family == sync.family);
        if fits {
            for (kind, x, y) in of_sync(sync, derived.net_change) {
                let point = CurvePoint { x, y, sync: place };
                points.entry((derived.group, kind)).or_default().push(point);
            }
        }
    }
    let name = &table.studies[study as usize];
    let mut laws: Vec<(String, CurveKind, PowerLaw)> = Vec::new();
    let curves = points
        .into_iter()
        .map(|((group, kind), points)| {
            let group = table.groups[group as usize].clone();
            let law = law(&points);
            let fit = law.as_ref().map(|law| fit(law, &points));
            laws.extend(law.map(|law| (group.clone(), kind, law)));
            Curve {
                study: name.clone(),
                group,
                kind,
                points,
                fit,
            }
        })
        .collect();
    (curves, crossings(name, &laws))
}

/// What a sync says of each curve.
fn of_sync(sync: &Sync, net_change: Option<i64>) -> Vec<(CurveKind, f64, f64)> {
    let Some(endpoints) = sync.endpoints.filter(|endpoints| *endpoints > 0) else {
        return Vec::new();
    };
    let x = endpoints as f64;
    let mut on = Vec::with_capacity(3);
    if let Some(build) = sync.build_ns {
        on.push((CurveKind::BuildByEndpoints, x, seconds(build)));
    }
    let Some(change) = net_change.filter(|change| *change > 0) else {
        return on;
    };
    if let Some(commit) = sync.commit_ns {
        on.push((CurveKind::CommitByNetChange, change as f64, seconds(commit)));
    }
    if let Some(elapsed) = sync.elapsed_ns
        && change as f64 >= x * STEP_SHARE
    {
        on.push((CurveKind::StepByEndpoints, x, seconds(elapsed)));
    }
    on
}

fn law(points: &[CurvePoint]) -> Option<PowerLaw> {
    let mut scales: Vec<u64> = points.iter().map(|point| point.x as u64).collect();
    scales.sort_unstable();
    scales.dedup();
    if points.len() < FEWEST || scales.len() < FEWEST {
        return None;
    }
    power_law(&pairs(points))
}

fn pairs(points: &[CurvePoint]) -> Vec<(f64, f64)> {
    points.iter().map(|point| (point.x, point.y)).collect()
}

fn fit(law: &PowerLaw, points: &[CurvePoint]) -> Fit {
    let robust = theil_sen(&pairs(points));
    let [least, most] = law.range;
    let band = (0..=BAND)
        .filter_map(|step| {
            let x = least * (most / least).powf(step as f64 / BAND as f64);
            let (y, band) = law.at(x);
            band.map(|[low, high]| [x, y, low, high])
        })
        .collect();
    Fit {
        n: law.n,
        exponent: law.exponent,
        exponent_ci95: law.exponent_ci95,
        intercept: law.intercept,
        r_squared: law.r_squared,
        residual_sd: law.residual_sd,
        theil_sen: robust.map(|(exponent, _)| exponent),
        theil_sen_ci95: robust.map(|(_, interval)| interval),
        range: law.range,
        dropped: law.dropped,
        band,
    }
}

/// Crossings that lie where both were measured, or within three times that range.
fn crossings(study: &str, laws: &[(String, CurveKind, PowerLaw)]) -> Vec<Crossing> {
    let mut found = Vec::new();
    for (at, (group, kind, law)) in laws.iter().enumerate() {
        for (other, other_kind, other_law) in &laws[at + 1..] {
            if kind != other_kind {
                continue;
            }
            let Some(x) = law.crossing(other_law) else {
                continue;
            };
            let near = |law: &PowerLaw| law.range[0] / 3.0 < x && x < law.range[1] * 3.0;
            if near(law) && near(other_law) {
                found.push(Crossing {
                    study: study.to_owned(),
                    kind: *kind,
                    groups: [group.clone(), other.clone()],
                    at: x,
                    measured: law.measured(x) && other_law.measured(x),
                });
            }
        }
    }
    found
}
