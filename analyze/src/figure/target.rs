//! What a figure is of: the names in a call, found in a report.

use std::collections::HashSet;

use super::call::Call;
use super::rule::{NotKnown, Of};
use super::whose::Whose;
use crate::report::{Comparison, Curve, CurveKind, Group, Outcome, Report, of_study};

/// Curves as a call names them.
const CURVES: [(&str, CurveKind); 1] = [("step", CurveKind::StepByEndpoints)];

/// The group that a call names.
pub(super) fn group(report: &Report, call: &Call) -> Result<Whose, NotKnown> {
    whose(report, call, 0)
}

/// All trials of the group that a call names, or those at matched scale if it asks for them.
pub(super) fn scaled<'r>(report: &'r Report, call: &Call) -> Result<&'r Group, NotKnown> {
    let group = nth_group(report, call, 0)?;
    if !call.matched {
        return Ok(group);
    }
    of_study(&report.matched_groups, &group.study)
        .find(|one| one.name == group.name)
        .ok_or_else(|| no_common_scale(&group.study))
}

/// The curve of a group that a call names.
pub(super) fn curve<'r>(report: &'r Report, call: &Call) -> Result<&'r Curve, NotKnown> {
    let group = group(report, call)?;
    let name = call
        .arguments
        .get(1)
        .map_or("step", |one| one.name.as_str());
    let Some((_, kind)) = CURVES.iter().find(|(known, _)| *known == name) else {
        let known = CURVES.map(|(known, _)| known).join(", ");
        return Err(NotKnown::Name {
            argument: 1,
            problem: format!("no curve is called `{name}`; there are: {known}"),
        });
    };
    of_study(&report.scaling, &group.study)
        .find(|one| one.group == group.name && one.kind == *kind)
        .ok_or_else(|| {
            let of = group.full_name();
            NotKnown::Missing(format!("too few scales for a fit ({of}, {name})"))
        })
}

/// The comparison that a call names, or the report's own if it names none.
pub(super) fn pair<'r>(report: &'r Report, call: &Call) -> Result<&'r Comparison, NotKnown> {
    if call.arguments.is_empty() {
        own_pair(report, call)
    } else {
        named_pair(report, call)
    }
}

/// The same in the scope that is tested: at matched scale where there is one.
pub(super) fn tested<'r>(report: &'r Report, call: &Call) -> Result<&'r Comparison, NotKnown> {
    let pair = pair(report, call)?;
    if pair.p_value.is_some() {
        return Ok(pair);
    }
    let names = (&pair.baseline, &pair.candidate);
    let mut others = pairs(report, call, !pair.matched, &pair.study);
    let other = others.find(|other| (&other.baseline, &other.candidate) == names);
    Ok(other
        .filter(|other| other.p_value.is_some())
        .unwrap_or(pair))
}

/// A curve as a call names it.
pub(super) fn curve_name(kind: CurveKind) -> &'static str {
    let row = CURVES.iter().find(|(_, known)| *known == kind);
    row.map_or("", |(name, _)| name)
}

/// `study/name`, which is unique in a report.
pub(super) fn full_name(group: &Group) -> String {
    format!("{}/{}", group.study, group.name)
}

/// The trials of the group that an argument names.
fn nth_group<'r>(report: &'r Report, call: &Call, argument: usize) -> Result<&'r Group, NotKnown> {
    let whose = whose(report, call, argument)?;
    of_study(&report.groups, &whose.study)
        .find(|group| group.name == whose.name)
        .ok_or_else(|| NotKnown::Missing(format!("{} has no trial", whose.full_name())))
}

/// The group that an argument names, by itself or as `study/name`.
fn whose(report: &Report, call: &Call, argument: usize) -> Result<Whose, NotKnown> {
    let name = call
        .arguments
        .get(argument)
        .map_or("", |one| one.name.as_str());
    let all = all_groups(report);
    let called = |one: &Whose| one.name == name || one.full_name() == name;
    let (mut found, others): (Vec<Whose>, Vec<Whose>) = all.into_iter().partition(called);
    let (problem, among) = match found.len() {
        1 => return Ok(found.remove(0)),
        0 => ("no group is called", others),
        _ => ("more than one study has a group", found),
    };
    let names: Vec<String> = among.iter().map(Whose::full_name).collect();
    let there = match names.as_slice() {
        [] => "there is no group".to_owned(),
        names => format!("there are: {}", names.join(", ")),
    };
    Err(NotKnown::Name {
        argument,
        problem: format!("{problem} `{name}`; {there}"),
    })
}

/// Every group that has a trial, and then those that have syncs alone.
fn all_groups(report: &Report) -> Vec<Whose> {
    let with_trials = report.groups.iter().map(|one| (&one.study, &one.name));
    let recordings = report.recordings.iter();
    let with_syncs = recordings.flat_map(|one| one.groups.iter().map(|name| (&one.study, name)));
    let mut seen = HashSet::new();
    with_trials
        .chain(with_syncs)
        .filter(|one| seen.insert(*one))
        .map(|(study, name)| Whose {
            study: study.clone(),
            name: name.clone(),
        })
        .collect()
}

/// The report's own comparison: the only one of the study that its headline speaks of.
fn own_pair<'r>(report: &'r Report, call: &Call) -> Result<&'r Comparison, NotKnown> {
    let Some(study) = report.headline.study.as_deref() else {
        let why = "there are no two groups to compare";
        return Err(NotKnown::Missing(why.to_owned()));
    };
    let found: Vec<&Comparison> = pairs(report, call, call.matched, study).collect();
    match found.as_slice() {
        [pair] => Ok(pair),
        [] if call.matched => Err(no_common_scale(study)),
        [] if matches!(call.figure.of, Of::Converged(_)) => Err(NotKnown::Missing(format!(
            "{study} has no ramp that the kernels of two groups came to hold"
        ))),
        [] => Err(NotKnown::Missing(format!(
            "{study} has no comparison of its groups"
        ))),
        several => {
            let name = call.name();
            let write =
                |pair: &&Comparison| format!("{name}({}, {})", pair.baseline, pair.candidate);
            let calls: Vec<String> = several.iter().map(write).collect();
            let calls = calls.join(" or ");
            Err(NotKnown::Name {
                argument: 0,
                problem: format!("{study} has several comparisons; name one: {calls}"),
            })
        }
    }
}

fn named_pair<'r>(report: &'r Report, call: &Call) -> Result<&'r Comparison, NotKnown> {
    let (a, b) = (nth_group(report, call, 0)?, nth_group(report, call, 1)?);
    let unknown = |problem: String| NotKnown::Name {
        // The call as a whole: each name by itself is right.
        argument: usize::MAX,
        problem,
    };
    if a.study != b.study {
        let (a, b) = (full_name(a), full_name(b));
        return Err(unknown(format!(
            "{a} and {b} are of different studies, which are not compared"
        )));
    }
    let find = |matched: bool, a: &Group, b: &Group| {
        pairs(report, call, matched, &a.study)
            .find(|pair| pair.baseline == a.name && pair.candidate == b.name)
    };
    if let Some(pair) = find(call.matched, a, b) {
        return Ok(pair);
    }
    if find(false, a, b).is_some() {
        return Err(no_common_scale(&a.study));
    }
    let name = call.name();
    Err(unknown(if find(false, b, a).is_some() {
        format!(
            "the baseline is {0}: write {name}({0}, {1})",
            b.name, a.name
        )
    } else {
        format!(
            "{} and {} were not compared: choose with --baseline and --candidate",
            a.name, b.name
        )
    }))
}

/// The comparisons of a study that a call can speak of.
fn pairs<'r>(
    report: &'r Report,
    call: &Call,
    matched: bool,
    study: &str,
) -> impl Iterator<Item = &'r Comparison> {
    let by_convergence = matches!(call.figure.of, Of::Converged(_));
    let all = if by_convergence {
        &report.convergence_comparisons
    } else {
        &report.comparisons
    };
    all.iter().filter(move |pair| {
        let of = if by_convergence {
            pair.outcome == Outcome::Steps
        } else {
            pair.matched == matched
        };
        of && pair.study == study
    })
}

fn no_common_scale(study: &str) -> NotKnown {
    NotKnown::Missing(format!(
        "no scale is common to all groups of {study} (matched scale)"
    ))
}
