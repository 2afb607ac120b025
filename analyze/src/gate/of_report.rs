//! A report's figures, for conditions.

use super::facts::{Call, Fact, Facts};
use super::function::Function;
use super::target::{ReportFacts, Target, curve_name, full_name};
use crate::report::words::counted;
use crate::report::{Comparison, CurveKind, Group};
use crate::report::{Staleness, TimeSplit};

impl Facts for ReportFacts<'_> {
    fn fact(&self, call: &Call) -> Fact {
        let found = self.target(call).and_then(|target| match target {
            Target::Whole if call.function == Function::Incomplete => self.incomplete(),
            Target::Whole => Ok(number(self.warnings as f64, String::new())),
            Target::Group(group) => self.of_group(call.function, group),
            Target::Pair(pair) => of_pair(pair, call.function),
            Target::Curve(group, kind) => self.exponent(group, kind),
        });
        // Either way it is what is known of the figure.
        found.unwrap_or_else(|fact| fact)
    }
}

/// A figure, or why there is none.
type Found = Result<Fact, Fact>;

fn number(value: f64, of: String) -> Fact {
    Fact::Number { value, of }
}

impl ReportFacts<'_> {
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

    fn of_group(&self, function: Function, group: &Group) -> Found {
        match function {
            Function::CommitShare | Function::Failed => self.of_split(function, group),
            Function::Staleness | Function::StalenessMax => self.of_ramp(function, group),
            Function::Lockups => Ok(self.lockups(group)),
            _ => of_trials(function, group),
        }
    }

    fn of_split(&self, function: Function, group: &Group) -> Found {
        let mine = |one: &&TimeSplit| one.study == group.study && one.group == group.name;
        let split = self.time_split.iter().find(mine);
        let value = split.and_then(|split| match function {
            Function::CommitShare => split.commit_share,
            _ => Some(split.failed as f64),
        });
        let of = full_name(group);
        value
            .map(|value| number(value, of.clone()))
            .ok_or_else(|| Fact::Missing(format!("no trial tells its commit ({of})")))
    }

    fn of_ramp(&self, function: Function, group: &Group) -> Found {
        let mine = |one: &&Staleness| one.study == group.study && one.group == group.name;
        let of = full_name(group);
        let missing = || Fact::Missing(format!("no sync carried a step of a ramp ({of})"));
        let one = self.staleness.iter().find(mine).ok_or_else(missing)?;
        let value = match function {
            Function::Staleness => one.mean_s,
            _ => one.worst_s,
        };
        let of = format!("{of}, {} of {} steps", one.carried, one.steps);
        value.map(|value| number(value, of)).ok_or_else(missing)
    }

    /// No soft lockup is 0 seconds of one: a kernel that reports none has none.
    fn lockups(&self, group: &Group) -> Fact {
        let soft = self.lockups.iter().find(|one| {
            one.study == group.study && one.group == group.name && one.kind == "soft_lockup"
        });
        let of = full_name(group);
        match soft {
            Some(one) => number(one.longest_s, format!("{of}, {} reports", one.reports)),
            None => number(0.0, format!("{of}, no soft lockup was read")),
        }
    }

    fn exponent(&self, group: &Group, kind: CurveKind) -> Found {
        let of = format!("{}, {}", full_name(group), curve_name(kind));
        self.scaling
            .iter()
            .find(|one| one.study == group.study && one.group == group.name && one.kind == kind)
            .and_then(|one| one.fit.as_ref())
            .map(|fit| number(fit.exponent, of.clone()))
            .ok_or_else(|| Fact::Missing(format!("too few scales for a fit ({of})")))
    }
}

fn of_trials(function: Function, group: &Group) -> Found {
    let value = match function {
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
        Function::Build => group.build_mean_s,
        Function::Commit => group.commit_mean_s,
        _ => None,
    };
    let of = format!(
        "{}, {}, {}",
        full_name(group),
        counted(group.n as u64, "run"),
        counted(group.n_trials as u64, "trial")
    );
    match value {
        Some(value) => Ok(number(value, of)),
        None => Err(Fact::Missing(format!("too few trials ({of})"))),
    }
}

fn of_pair(pair: &Comparison, function: Function) -> Found {
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
        "{}: {} -> {}, {} and {} runs",
        pair.study, pair.baseline, pair.candidate, pair.n[0], pair.n[1]
    );
    match value {
        Some(value) => Ok(number(value, of)),
        None => Err(Fact::Missing(format!("too few runs, or not tested ({of})"))),
    }
}
