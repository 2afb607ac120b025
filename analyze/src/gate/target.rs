//! What a figure is of: the names in a call, found in a report.

use super::facts::{Argument, Call, Fact};
use super::function::{Function, Takes};
use crate::report::{BundleFacts, Comparison, Curve, CurveKind, Group, LockupSummary, Report};
use crate::report::{Staleness, TimeSplit};

/// The parts of a report that conditions speak of.
#[derive(Debug, Clone, Copy)]
pub struct ReportFacts<'r> {
    /// Groups over all their trials.
    pub groups: &'r [Group],
    /// Groups over trials at matched scale.
    pub matched_groups: &'r [Group],
    /// Comparisons of both kinds.
    pub comparisons: &'r [Comparison],
    /// Scaling curves.
    pub scaling: &'r [Curve],
    /// Where the time goes.
    pub time_split: &'r [TimeSplit],
    /// From steps of the ramp to the syncs that carried them.
    pub staleness: &'r [Staleness],
    /// Kernel complaints.
    pub lockups: &'r [LockupSummary],
    /// Bundles.
    pub bundles: &'r [BundleFacts],
    /// Number of warnings.
    pub warnings: usize,
    /// The study that `improvement` without names is of.
    pub study: Option<&'r str>,
}

impl<'r> From<&'r Report> for ReportFacts<'r> {
    fn from(report: &'r Report) -> Self {
        Self {
            groups: &report.groups,
            matched_groups: &report.matched_groups,
            comparisons: &report.comparisons,
            scaling: &report.scaling,
            time_split: &report.time_split,
            staleness: &report.staleness,
            lockups: &report.lockups,
            bundles: &report.bundles,
            warnings: report.warnings.len(),
            study: report.headline.study.as_deref(),
        }
    }
}

/// What a figure is of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target<'r> {
    /// The report as a whole.
    Whole,
    /// A group, over all trials or at matched scale.
    Group(&'r Group),
    /// A comparison.
    Pair(&'r Comparison),
    /// A curve of a group.
    Curve(&'r Group, CurveKind),
}

impl<'r> ReportFacts<'r> {
    /// What a call speaks of.
    ///
    /// # Errors
    /// The fact that there is none, or that a name is none.
    pub fn target(&self, call: &Call) -> Result<Target<'r>, Fact> {
        match (call.function.takes(), call.arguments.as_slice()) {
            (Takes::Nothing, _) => Ok(Target::Whole),
            (Takes::Curve, [group, rest @ ..]) => self.curve(group, rest.first()),
            (_, [group]) => self.scaled(call, group).map(Target::Group),
            (_, [baseline, candidate]) => self
                .named(call, baseline, candidate)
                .map(|pair| Target::Pair(self.tested(call, pair))),
            _ => self
                .own_pair(call)
                .map(|pair| Target::Pair(self.tested(call, pair))),
        }
    }

    /// A p-value is asked of the scope that is tested: at matched scale where there is one.
    fn tested(&self, call: &Call, pair: &'r Comparison) -> &'r Comparison {
        let of_test = matches!(call.function, Function::P | Function::PHolm);
        if !of_test || pair.p_value.is_some() {
            return pair;
        }
        let other = self
            .pairs(!pair.matched, &pair.study)
            .find(|other| (&other.baseline, &other.candidate) == (&pair.baseline, &pair.candidate));
        other
            .filter(|other| other.p_value.is_some())
            .unwrap_or(pair)
    }

    /// The group of that name, or `study/name`, over all its trials.
    fn group(&self, name: &str, argument: usize) -> Result<&'r Group, Fact> {
        let found: Vec<&Group> = self
            .groups
            .iter()
            .filter(|group| group.name == name || full_name(group) == name)
            .collect();
        match found.as_slice() {
            [group] => Ok(group),
            several => {
                let (problem, among) = if several.is_empty() {
                    ("no group is called", self.groups.iter().collect())
                } else {
                    ("more than one study has a group", found)
                };
                let names: Vec<String> = among.into_iter().map(full_name).collect();
                let there = match names.len() {
                    0 => "no group has a trial".to_owned(),
                    _ => format!("there are: {}", names.join(", ")),
                };
                let problem = format!("{problem} `{name}`; {there}");
                Err(Fact::Unknown { argument, problem })
            }
        }
    }

    fn scaled(&self, call: &Call, name: &Argument) -> Result<&'r Group, Fact> {
        let group = self.group(&name.name, 0)?;
        if !call.matched {
            return Ok(group);
        }
        let same = |other: &&Group| other.study == group.study && other.name == group.name;
        let matched = self.matched_groups.iter().find(same);
        matched.ok_or_else(|| no_common_scale(&group.study))
    }

    fn curve(&self, name: &Argument, curve: Option<&Argument>) -> Result<Target<'r>, Fact> {
        let group = self.group(&name.name, 0)?;
        let curve = curve.map_or("step", |curve| curve.name.as_str());
        let known = CURVES.iter().find(|(known, _)| *known == curve);
        match known {
            Some((_, kind)) => Ok(Target::Curve(group, *kind)),
            None => Err(Fact::Unknown {
                argument: 1,
                problem: format!("no curve is called `{curve}`; there are: build, commit, step"),
            }),
        }
    }

    /// The report's own comparison: the only one of the study that its headline speaks of.
    fn own_pair(&self, call: &Call) -> Result<&'r Comparison, Fact> {
        let Some(study) = self.study else {
            let why = "there are no two groups to compare";
            return Err(Fact::Missing(why.to_owned()));
        };
        let pairs: Vec<&Comparison> = self.pairs(call.matched, study).collect();
        match pairs.as_slice() {
            [] if call.matched => Err(no_common_scale(study)),
            [] => Err(Fact::Missing(format!(
                "{study} has no comparison of its groups"
            ))),
            [pair] => Ok(pair),
            several => {
                let name = shown(call);
                let calls: Vec<String> = several
                    .iter()
                    .map(|pair| format!("{name}({}, {})", pair.baseline, pair.candidate))
                    .collect();
                Err(Fact::Unknown {
                    argument: 0,
                    problem: format!(
                        "{study} has several comparisons; name one: {}",
                        calls.join(" or ")
                    ),
                })
            }
        }
    }

    fn named(
        &self,
        call: &Call,
        baseline: &Argument,
        candidate: &Argument,
    ) -> Result<&'r Comparison, Fact> {
        let a = self.group(&baseline.name, 0)?;
        let b = self.group(&candidate.name, 1)?;
        let unknown = |problem: String| Fact::Unknown {
            // The call as a whole: each name by itself is right.
            argument: usize::MAX,
            problem,
        };
        if a.study != b.study {
            return Err(unknown(format!(
                "{} and {} are of different studies, which are not compared",
                full_name(a),
                full_name(b)
            )));
        }
        let find = |matched: bool, a: &Group, b: &Group| {
            self.pairs(matched, &a.study)
                .find(|pair| pair.baseline == a.name && pair.candidate == b.name)
        };
        if let Some(pair) = find(call.matched, a, b) {
            return Ok(pair);
        }
        if find(false, a, b).is_some() {
            return Err(no_common_scale(&a.study));
        }
        let name = shown(call);
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

    fn pairs(&self, matched: bool, study: &str) -> impl Iterator<Item = &'r Comparison> {
        self.comparisons
            .iter()
            .filter(move |pair| pair.matched == matched && pair.study == study)
    }
}

const CURVES: [(&str, CurveKind); 3] = [
    ("build", CurveKind::BuildByEndpoints),
    ("commit", CurveKind::CommitByNetChange),
    ("step", CurveKind::StepByEndpoints),
];

/// A curve as a call names it.
pub(super) fn curve_name(kind: CurveKind) -> &'static str {
    let row = CURVES.iter().find(|(_, known)| *known == kind);
    row.map_or("", |(name, _)| name)
}

/// A function's name as it was written.
fn shown(call: &Call) -> String {
    let matched = if call.matched { "matched." } else { "" };
    format!("{matched}{}", Function::name(call.function))
}

fn no_common_scale(study: &str) -> Fact {
    Fact::Missing(format!(
        "no scale is common to all groups of {study} (matched scale)"
    ))
}

/// `study/name`, which is unique in a report.
pub(super) fn full_name(group: &Group) -> String {
    format!("{}/{}", group.study, group.name)
}
