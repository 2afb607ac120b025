//! How syncs that carry a step of the ramp grow with its scale; the whole ramp is used, not only
//! trials.
//!
//! Only these are of one kind: a power through syncs of all kinds describes none of them, and there
//! is none for churn or a cold start. What those cost is told by [`super::cost`].

use std::collections::{BTreeMap, BTreeSet};

use kube_proxy_logs::{Outcome, Sync};
use rayon::prelude::*;

use super::trial::TrialRule;
use crate::report::sync_table::seconds;
use crate::report::{Crossing, Curve, CurveKind, Divergence, Fit, OnCurve, Places, SyncTable};
use crate::stats::scaling::{PowerLaw, power_law, theil_sen};

/// A group's fit.
type Law = (String, CurveKind, PowerLaw);

/// Fewest points, and different scales, that a fit rests on.
const FEWEST: usize = 4;
/// Steps in which a band is drawn.
const BAND: usize = 24;
/// Share of its endpoints that a sync changes if it carries a step of the ramp.
const STEP_SHARE: f64 = 0.05;
/// Groups up to which every two of them are set against each other; of more, each against the
/// baseline.
const EVERY_TWO: usize = 12;

/// What scaling says of a study.
#[derive(Debug, Default)]
pub struct Scaling {
    /// The curves of its groups, each with its fit.
    pub curves: Vec<Curve>,
    /// Where two groups' fits meet.
    pub crossings: Vec<Crossing>,
    /// How far they are apart.
    pub divergences: Vec<Divergence>,
}

/// Where the syncs of a study's curves are.
#[derive(Clone, Copy)]
pub struct StudySyncs<'a> {
    /// Every sync.
    pub table: &'a SyncTable,
    /// The study: a place in the table's studies.
    pub study: usize,
    /// Places of its syncs.
    pub places: &'a Places,
    /// For each input when its ramp began, where a timeline tells; a sync before carried
    /// Services, and no step.
    pub began: &'a [Option<i64>],
    /// The group that others are compared with.
    pub baseline: Option<&'a str>,
}

/// The curves of a study's groups, and where they cross and diverge.
#[must_use]
pub fn of_study(of: StudySyncs<'_>, rule: &TrialRule<'_>) -> Scaling {
    let StudySyncs { table, began, .. } = of;
    if rule.by_timeline() {
        return Scaling::default();
    }
    let mut points: BTreeMap<(u32, CurveKind), Vec<OnCurve>> = BTreeMap::new();
    for place in of.places.iter() {
        let Some(derived) = table.derived(place) else {
            continue;
        };
        let sync = table.syncs.at(place);
        let fits =
            sync.outcome == Outcome::Ok && rule.family().is_none_or(|family| family == sync.family);
        if fits {
            let began = began.get(sync.input as usize).copied().flatten();
            let in_ramp = began.is_none_or(|began| sync.start_ns.is_none_or(|at| at >= began));
            for (kind, x, y) in of_sync(&sync, derived.net_change, in_ramp) {
                let on = points.entry((derived.group, kind)).or_default();
                on.push(OnCurve { x, y, sync: place });
            }
        }
    }
    let name = &table.studies[of.study];
    let fitted: Vec<(Curve, Option<Law>)> = points
        .into_par_iter()
        .map(|((group, kind), points)| {
            let group = table.groups[group as usize].clone();
            curve(name, group, kind, points)
        })
        .collect();
    let (curves, laws): (Vec<Curve>, Vec<Option<Law>>) = fitted.into_iter().unzip();
    let laws: Vec<Law> = laws.into_iter().flatten().collect();
    Scaling {
        curves,
        crossings: crossings(name, &laws, of.baseline),
        divergences: divergences(name, &laws, of.baseline),
    }
}

/// The curve through a group's points, and its fit where there is one.
fn curve(
    study: &str,
    group: String,
    kind: CurveKind,
    points: Vec<OnCurve>,
) -> (Curve, Option<Law>) {
    let law = law(&points);
    let fit = law.as_ref().map(|law| fit(law, &points));
    let curve = Curve {
        study: study.to_owned(),
        group: group.clone(),
        kind,
        points,
        fit,
    };
    (curve, law.map(|law| (group, kind, law)))
}

/// What a sync says of each curve.
fn of_sync(
    sync: &Sync,
    net_change: Option<i64>,
    in_ramp: bool,
) -> impl Iterator<Item = (CurveKind, f64, f64)> {
    let x = sync.endpoints.unwrap_or(0) as f64;
    let change = net_change.map_or(0.0, |change| change as f64);
    let carries_step = in_ramp && change > 0.0 && change >= x * STEP_SHARE;
    let ns = sync.elapsed_ns.filter(|_| carries_step && x > 0.0);
    ns.map(|ns| (CurveKind::StepByEndpoints, x, seconds(ns)))
        .into_iter()
}

fn law(points: &[OnCurve]) -> Option<PowerLaw> {
    let mut scales: Vec<u64> = Vec::new();
    for scale in points.iter().map(|point| point.x as u64) {
        if scales.len() < FEWEST && !scales.contains(&scale) {
            scales.push(scale);
        }
    }
    if scales.len() < FEWEST {
        return None;
    }
    power_law(&pairs(points))
}

fn pairs(points: &[OnCurve]) -> Vec<(f64, f64)> {
    points.iter().map(|point| (point.x, point.y)).collect()
}

fn fit(law: &PowerLaw, points: &[OnCurve]) -> Fit {
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
fn crossings(study: &str, laws: &[Law], baseline: Option<&str>) -> Vec<Crossing> {
    pairs_of_laws(laws, baseline)
        .into_iter()
        .filter_map(|((group, kind, law), (other, _, other_law))| {
            let x = law.crossing(other_law)?;
            let near = |law: &PowerLaw| law.range[0] / 3.0 < x && x < law.range[1] * 3.0;
            (near(law) && near(other_law)).then(|| Crossing {
                study: study.to_owned(),
                kind: *kind,
                groups: [group.clone(), other.clone()],
                at: x,
                measured: law.measured(x) && other_law.measured(x),
            })
        })
        .collect()
}

/// How far the fits are apart at both ends of what both groups were measured at.
fn divergences(study: &str, laws: &[Law], baseline: Option<&str>) -> Vec<Divergence> {
    pairs_of_laws(laws, baseline)
        .into_iter()
        .filter_map(|((group, kind, law), (other, _, other_law))| {
            let range = [
                law.range[0].max(other_law.range[0]),
                law.range[1].min(other_law.range[1]),
            ];
            let apart = |[low, high]: [f64; 2], [other_low, other_high]: [f64; 2]| {
                high < other_low || other_high < low
            };
            (range[0] < range[1]).then(|| Divergence {
                study: study.to_owned(),
                kind: *kind,
                groups: [group.clone(), other.clone()],
                range,
                ratio: range.map(|x| law.at(x).0 / other_law.at(x).0),
                exponents_differ: law
                    .exponent_ci95
                    .zip(other_law.exponent_ci95)
                    .is_some_and(|(one, two)| apart(one, two)),
            })
        })
        .collect()
}

/// Fits of one kind, two by two: every two of a few groups; of many the baseline's and each other.
fn pairs_of_laws<'l>(laws: &'l [Law], baseline: Option<&str>) -> Vec<(&'l Law, &'l Law)> {
    let groups: BTreeSet<&str> = laws.iter().map(|law| law.0.as_str()).collect();
    let same = |one: &Law, other: &Law| one.1 == other.1;
    if groups.len() <= EVERY_TWO {
        let of = |(at, one): (usize, &'l Law)| {
            let later = laws[at + 1..].iter().filter(move |other| same(one, other));
            later.map(move |other| (one, other))
        };
        return laws.iter().enumerate().flat_map(of).collect();
    }
    let firsts = laws.iter().filter(|law| Some(law.0.as_str()) == baseline);
    let of = |first: &'l Law| {
        let others = laws.iter().filter(move |other| same(first, other));
        let others = others.filter(move |other| other.0 != first.0);
        others.map(move |other| (first, other))
    };
    firsts.flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(scales: &[f64], y: impl Fn(f64) -> f64) -> Vec<OnCurve> {
        let point = |(sync, x): (usize, &f64)| OnCurve {
            x: *x,
            y: y(*x),
            sync,
        };
        scales.iter().enumerate().map(point).collect()
    }

    #[test]
    fn a_law_wants_four_scales_and_not_four_points() {
        for (scales, fits) in [
            (&[1.0, 2.0, 3.0, 4.0][..], true),
            (&[1.0, 2.0, 3.0, 3.0, 2.0, 1.0, 3.0], false),
            (&[1.0, 2.0, 3.0, 3.0, 4.0], true),
        ] {
            let found = law(&points(scales, |x| x * x));
            assert_eq!(found.is_some(), fits, "{scales:?}");
        }
    }

    /// Curves that meet at 1,000: told where both were measured at a third of it or above.
    #[test]
    fn a_crossing_lies_near_what_both_were_measured_at() {
        let law = |name: &str, largest: f64, y: fn(f64) -> f64| {
            let scales = [10.0, 20.0, 50.0, largest];
            let found = law(&points(&scales, y)).unwrap();
            (name.to_owned(), CurveKind::StepByEndpoints, found)
        };
        for (one, other, told) in [(400.0, 400.0, 1), (400.0, 300.0, 0), (300.0, 400.0, 0)] {
            let laws = [law("a", one, |x| x), law("b", other, |x| x * x / 1000.0)];
            let found = crossings("s", &laws, None);
            assert_eq!(found.len(), told, "{one} {other}");
            assert!(found.iter().all(|one| (one.at - 1000.0).abs() < 1e-6));
        }
    }
}
