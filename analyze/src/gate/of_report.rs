//! A report's figures, for conditions.

use super::facts::{Argument, Call, Fact, Facts};
use super::function::Function;
use crate::report::{BundleFacts, Comparison, Curve, CurveKind, Group, Report};

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
            bundles: &report.bundles,
            warnings: report.warnings.len(),
            study: report.headline.study.as_deref(),
        }
    }
}

impl Facts for ReportFacts<'_> {
    fn fact(&self, call: &Call) -> Fact {
        let found = match (call.function, call.arguments.as_slice()) {
            (Function::Incomplete, _) => self.incomplete(),
            (Function::Warnings, _) => Ok(number(self.warnings as f64, String::new())),
            (Function::Exponent, [group, rest @ ..]) => self.exponent(group, rest.first()),
            (_, [group]) => self.of_group(call, group),
            (_, [baseline, candidate]) => self.of_named_pair(call, baseline, candidate),
            _ => self.of_own_pair(call),
        };
        // Either way it is what is known of the figure.
        found.unwrap_or_else(|fact| fact)
    }
}

/// A figure, or why there is none.
type Found = Result<Fact, Fact>;

fn number(value: f64, of: String) -> Fact {
    Fact::Number { value, of }
}

impl<'r> ReportFacts<'r> {
    fn incomplete(&self) -> Found {
        if self.bundles.is_empty() {
            let why = "no bundle was read, and a loose log does not say whether it is complete";
            return Err(Fact::Missing(why.to_owned()));
        }
        let incomplete: Vec<&str> = self
            .bundles
            .iter()
            .filter(|bundle| !bundle.complete)
            .map(|bundle| bundle.id.as_str())
            .collect();
        Ok(Fact::Truth {
            value: !incomplete.is_empty(),
            of: incomplete.join(", "),
        })
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
                let names = names.join(", ");
                let problem = format!("{problem} `{name}`; there are: {names}");
                Err(Fact::Unknown { argument, problem })
            }
        }
    }

    fn of_group(&self, call: &Call, name: &Argument) -> Found {
        let group = self.group(&name.name, 0)?;
        let group = if call.matched {
            let same = |other: &&Group| other.study == group.study && other.name == group.name;
            self.matched_groups.iter().find(same).ok_or_else(|| {
                Fact::Missing(format!(
                    "no scale is common to all groups of {}",
                    group.study
                ))
            })?
        } else {
            group
        };
        let value = match call.function {
            Function::N => Some(group.n as f64),
            Function::Mean => group.mean_s,
            Function::Median => group.median_s,
            Function::Sd => group.sd_s,
            Function::Cv => group.cv,
            Function::Min => group.min_s,
            Function::Max => group.max_s,
            Function::P5 => group.p5_s,
            Function::P25 => group.p25_s,
            Function::P75 => group.p75_s,
            Function::P95 => group.p95_s,
            _ => None,
        };
        let of = format!("{}, n = {}", full_name(group), group.n);
        match value {
            Some(value) => Ok(number(value, of)),
            None => Err(Fact::Missing(format!("too few trials ({of})"))),
        }
    }

    fn exponent(&self, name: &Argument, curve: Option<&Argument>) -> Found {
        let group = self.group(&name.name, 0)?;
        let curve = curve.map_or("step", |curve| curve.name.as_str());
        let kind = match curve {
            "build" => CurveKind::BuildByEndpoints,
            "commit" => CurveKind::CommitByNetChange,
            "step" => CurveKind::StepByEndpoints,
            _ => {
                return Err(Fact::Unknown {
                    argument: 1,
                    problem: format!(
                        "no curve is called `{curve}`; there are: build, commit, step"
                    ),
                });
            }
        };
        let of = format!("{}, {curve}", full_name(group));
        self.scaling
            .iter()
            .find(|one| one.study == group.study && one.group == group.name && one.kind == kind)
            .and_then(|one| one.fit.as_ref())
            .map(|fit| number(fit.exponent, of.clone()))
            .ok_or_else(|| Fact::Missing(format!("too few scales for a fit ({of})")))
    }

    /// The report's own comparison: the only one of the study that its headline speaks of.
    fn of_own_pair(&self, call: &Call) -> Found {
        let Some(study) = self.study else {
            let why = "there are no two groups to compare";
            return Err(Fact::Missing(why.to_owned()));
        };
        let pairs: Vec<&Comparison> = self.pairs(call.matched, study).collect();
        match pairs.as_slice() {
            [] => Err(Fact::Missing(format!(
                "{study} has no comparison {}",
                if call.matched {
                    "at matched scale"
                } else {
                    "of its groups"
                }
            ))),
            [pair] => figure_of(pair, call.function),
            several => {
                let name = call.function.name();
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

    fn of_named_pair(&self, call: &Call, baseline: &Argument, candidate: &Argument) -> Found {
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
            return figure_of(pair, call.function);
        }
        if find(false, a, b).is_some() {
            let why = format!("no scale is common to all groups of {}", a.study);
            return Err(Fact::Missing(why));
        }
        let name = call.function.name();
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

fn figure_of(pair: &Comparison, function: Function) -> Found {
    let value = match function {
        Function::Improvement => pair.improvement_pct,
        Function::ImprovementLow => pair.ci95_pct.map(|[low, _]| low),
        Function::ImprovementHigh => pair.ci95_pct.map(|[_, high]| high),
        Function::Speedup => pair.speedup,
        Function::P => pair.p_value,
        Function::PHolm => pair.p_holm,
        Function::Shift => pair.shift_s,
        Function::Delta => pair.cliffs_delta,
        _ => None,
    };
    let of = format!(
        "{}: {} -> {}, n = {} and {}",
        pair.study, pair.baseline, pair.candidate, pair.n[0], pair.n[1]
    );
    match value {
        Some(value) => Ok(number(value, of)),
        None => Err(Fact::Missing(format!("too few trials ({of})"))),
    }
}

/// `study/name`, which is unique in a report.
fn full_name(group: &Group) -> String {
    format!("{}/{}", group.study, group.name)
}
