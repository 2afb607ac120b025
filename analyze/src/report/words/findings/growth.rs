//! How durations grow with scale, a sentence each.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use crate::report::words::best::named;
use crate::report::words::extent::{self, Extent};
use crate::report::words::number::{count, counted};
use crate::report::{Crossing, Curve, CurveKind, Divergence, Report, Study};

/// How durations grow.
pub(super) fn scaling(report: &Report, study: &Study) -> Vec<Finding> {
    study
        .of(&report.scaling)
        .filter_map(|curve| {
            let fit = curve.fit.as_ref()?;
            let interval = power(fit.exponent_ci95?);
            let (what, of) = kind(curve.kind);
            let text = format!(
                "On {} {what} grows with {of} to the power {:.2} ({interval}, n = {}, measured \
                 from {} to {}).",
                named(report, &curve.group),
                fit.exponent,
                fit.n,
                count(fit.range[0].round() as u64),
                count(fit.range[1].round() as u64)
            );
            Some(Finding::new(text, &on_curve(curve)))
        })
        .collect()
}

/// The interval of a power.
fn power(interval: [f64; 2]) -> String {
    let [low, high] = interval;
    match extent::of_power(interval) {
        Extent::Whole => format!("95 % interval {low:.2} to {high:.2}"),
        Extent::From => format!("95 % interval from {low:.2} on"),
        Extent::Nothing => "the syncs scatter too much to tell it".to_owned(),
    }
}

/// The syncs of a curve.
fn on_curve(curve: &Curve) -> Vec<usize> {
    curve.points.iter().map(|point| point.sync).collect()
}

/// What a curve measures, and against what.
fn kind(kind: CurveKind) -> (&'static str, &'static str) {
    match kind {
        CurveKind::StepByEndpoints => ("a sync that carries a ramp step", "endpoints"),
    }
}

/// Where groups' curves part, and where they meet.
pub(super) fn apart(report: &Report, study: &Study) -> Vec<Finding> {
    let mine = study.of(&report.divergences);
    let curves = study.of(&report.scaling);
    let mut on: BTreeMap<(CurveKind, &str), Vec<usize>> = BTreeMap::new();
    for curve in curves {
        let of = on.entry((curve.kind, &curve.group)).or_default();
        of.extend(on_curve(curve));
    }
    let crossings = study.of(&report.crossings);
    let crossings: BTreeMap<_, &Crossing> = crossings
        .map(|one| ((one.kind, &one.groups), one))
        .collect();
    let (differ, alike): (Vec<&Divergence>, Vec<&Divergence>) =
        mine.partition(|one| one.exponents_differ);
    let syncs = |one: &Divergence| -> Vec<usize> {
        let both = one
            .groups
            .each_ref()
            .map(|group| on.get(&(one.kind, group.as_str())));
        both.into_iter().flatten().flatten().copied().collect()
    };
    let told = differ.into_iter().map(|one| {
        let (what, _) = kind(one.kind);
        let text = format!(
            "By the fits {what} takes {:.2} times as long on {} as on {} at {} and {:.2} times at \
             {}{}.",
            one.ratio[0],
            named(report, &one.groups[0]),
            one.groups[1],
            scale(one.kind, one.range[0]),
            one.ratio[1],
            scale(one.kind, one.range[1]),
            meeting(crossings.get(&(one.kind, &one.groups)).copied())
        );
        Finding::new(text, &syncs(one))
    });
    let mut found: Vec<Finding> = told.collect();
    found.extend(not_told(report, &alike).map(|text| {
        let all: BTreeSet<usize> = alike.iter().flat_map(|one| syncs(one)).collect();
        Finding::new(text, &all.into_iter().collect::<Vec<_>>())
    }));
    found
}

/// The curves that cannot be told apart, in one sentence.
fn not_told(report: &Report, alike: &[&Divergence]) -> Option<String> {
    let first = alike.first()?;
    let groups: BTreeSet<&String> = alike.iter().flat_map(|one| &one.groups).collect();
    let names: Vec<&str> = groups.iter().map(|name| report.names.short(name)).collect();
    let least = alike
        .iter()
        .map(|one| one.range[0])
        .fold(f64::INFINITY, f64::min);
    let most = alike.iter().map(|one| one.range[1]).fold(0.0, f64::max);
    Some(format!(
        "How a ramp step's syncs grow cannot be told apart on {} between {} and {}.",
        super::apart::list(&names),
        count(least.round() as u64),
        scale(first.kind, most)
    ))
}

/// Where the fits of a divergence cross, if they do near what was measured.
fn meeting(crossing: Option<&Crossing>) -> String {
    match crossing {
        None => String::new(),
        Some(one) if one.measured => {
            format!("; they cross at {}", scale(one.kind, one.at))
        }
        Some(one) => format!(
            "; they cross at {}, which is an extrapolation: not both were measured there",
            scale(one.kind, one.at)
        ),
    }
}

/// A scale of a curve.
fn scale(kind: CurveKind, x: f64) -> String {
    let x = x.round() as u64;
    match kind {
        CurveKind::StepByEndpoints => counted(x, "endpoint"),
    }
}
