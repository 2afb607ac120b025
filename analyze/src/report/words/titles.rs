//! What a picture shows, in its title: a finding, not a subject.

use std::collections::{BTreeMap, BTreeSet};

use super::best::{best_comparison, by_convergence};
use super::headline::told_apart;
use super::in_sync::Shared;
use super::number::{duration, share};
use crate::report::{
    CostModel, CostTerm, Curve, CurveKind, Group, RampStep, Recording, Report, Study, TimeSplit,
    UnitCost,
};

/// Of the trials of a study's groups.
#[must_use]
pub fn trials(report: &Report, study: &Study) -> String {
    let Some(c) = best_comparison(report, &study.id) else {
        return "Time of a trial".to_owned();
    };
    let short = |name| report.names.short(name);
    let (baseline, candidate) = (short(&c.baseline), short(&c.candidate));
    match c.improvement_pct {
        Some(pct) if told_apart(c) && pct >= 0.0 => {
            format!("{candidate} takes {pct:.0} % less time than {baseline}")
        }
        Some(pct) if told_apart(c) => {
            format!("{candidate} takes {:.0} % more time than {baseline}", -pct)
        }
        Some(pct) if excludes_nothing(c.ci95_pct) => {
            let way = if pct < 0.0 { "more" } else { "less" };
            format!(
                "{candidate} took {:.0} % {way} time than {baseline}, not shown to hold elsewhere",
                pct.abs()
            )
        }
        _ => format!("{baseline} and {candidate}: not told apart by these runs"),
    }
}

/// Of how soon kernels held the steps of a ramp.
#[must_use]
pub fn convergence(report: &Report, study: &Study) -> String {
    let Some(c) = by_convergence(report, &study.id) else {
        return "How soon kernels held a ramp step".to_owned();
    };
    let short = |name| report.names.short(name);
    let (baseline, candidate) = (short(&c.baseline), short(&c.candidate));
    let way = |pct: f64| if pct < 0.0 { "later" } else { "sooner" };
    match c.improvement_pct {
        Some(pct) if told_apart(c) => format!(
            "{candidate} holds a ramp step {:.0} % {} than {baseline}",
            pct.abs(),
            way(pct)
        ),
        Some(pct) if c.n.contains(&1) => format!(
            "{candidate} held a ramp step {:.0} % {} than {baseline}, in one run",
            pct.abs(),
            way(pct)
        ),
        _ => format!("{baseline} and {candidate}: a ramp step not told apart by these runs"),
    }
}

/// Of what a sync costs: what each endpoint changed does.
#[must_use]
pub fn cost(models: &[&CostModel]) -> String {
    let each = models.iter().filter_map(|model| {
        let of = |one: &&UnitCost| one.term == CostTerm::ChangedEndpoint && one.seconds > 0.0;
        model.terms.iter().find(of).map(|one| one.seconds)
    });
    let (least, most) = each.fold((f64::INFINITY, 0.0_f64), |(least, most), cost| {
        (least.min(cost), most.max(cost))
    });
    match (
        super::cost::small(least.min(most)),
        super::cost::small(most),
    ) {
        _ if most <= 0.0 => "What a sync costs by what it carries".to_owned(),
        (least, most) if least == most => format!("Each endpoint changed costs a sync {most}"),
        (least, most) => format!("Each endpoint changed costs a sync {least} to {most}"),
    }
}

/// Of how much of the time kube-proxy was in a sync.
#[must_use]
pub fn in_sync(report: &Report, study: &Study) -> String {
    let shares = super::in_sync::of_groups(report, study);
    match shares.as_slice() {
        [] => "Time in a sync".to_owned(),
        [one] => format!("In a sync {} of the time", share(one.share)),
        several => {
            let part = |one: &Shared<'_>| {
                format!("{} on {}", share(one.share), report.names.short(one.group))
            };
            let parts: Vec<String> = several.iter().take(3).map(part).collect();
            format!("In a sync {}", parts.join(", "))
        }
    }
}

/// Whether an interval leaves out no difference at all.
fn excludes_nothing(interval: Option<[f64; 2]>) -> bool {
    interval.is_some_and(|[low, high]| low > 0.0 || high < 0.0)
}

/// Of where a trial's time goes.
#[must_use]
pub fn phases(splits: &[&TimeSplit]) -> String {
    let shares = splits.iter().filter_map(|split| split.commit_share);
    let (least, most) = shares.fold((f64::INFINITY, 0.0_f64), |(least, most), share| {
        (least.min(share), most.max(share))
    });
    if least > most {
        return "Where a trial's time goes".to_owned();
    }
    let (least, most) = ((least * 100.0).round(), (most * 100.0).round());
    if least == most {
        format!("The commit takes {most} % of a trial")
    } else {
        format!("The commit takes {least} to {most} % of a trial")
    }
}

/// Of how syncs that carry a ramp step grow: `2^exponent`. None for curves through syncs of
/// different kinds, which no one power describes.
#[must_use]
pub fn growth(kind: CurveKind, curves: &[&Curve]) -> Option<String> {
    if kind != CurveKind::StepByEndpoints {
        return None;
    }
    let fits = curves.iter().filter_map(|curve| curve.fit.as_ref());
    let times: Vec<f64> = fits.map(|fit| fit.exponent.exp2()).collect();
    let least = times.iter().copied().fold(f64::INFINITY, f64::min);
    let most = times.iter().copied().fold(0.0, f64::max);
    let times = match (format!("{least:.1}"), format!("{most:.1}")) {
        (least, most) if least == most => most,
        (least, most) => format!("{least} to {most}"),
    };
    (most > 0.0)
        .then(|| format!("Twice the endpoints take a ramp step's sync {times} times as long"))
}

/// Of how long nodes held old rules.
#[must_use]
pub fn staleness(steps: &[&RampStep]) -> String {
    let carried = steps.iter().filter_map(|step| step.staleness_s);
    let worst = carried.fold(0.0, f64::max);
    format!("Nodes ran old rules for up to {}", duration(worst))
}

/// Of a run from beginning to end.
#[must_use]
pub fn run(report: &Report, of: Option<&Recording>) -> String {
    let step = of.and_then(|of| report.ramp_steps.get(of.worst_step?)?.staleness_s);
    let slowest = of.and_then(|of| report.syncs.get(of.slowest?)?.elapsed_s);
    match (step, slowest) {
        (Some(lag), _) => format!("The kernel lagged by up to {}", duration(lag)),
        (None, Some(slowest)) => format!("Slowest sync: {}", duration(slowest)),
        _ => "The run from beginning to end".to_owned(),
    }
}

/// The groups of a study whose load another study had in another mode.
pub struct OfMode<'r> {
    /// The mode.
    pub mode: String,
    /// Its groups, in the order of the study.
    pub groups: Vec<&'r Group>,
}

/// Studies of the same load and kernels in different modes, the slowest mode first, and what they
/// show; none if this study is not the first of them.
#[must_use]
pub fn modes<'r>(report: &'r Report, study: &Study) -> Option<(String, Vec<OfMode<'r>>)> {
    let kernels = |study: &'r Study| study.groups.iter().collect::<BTreeSet<&String>>();
    let target = study.rule.target_endpoints?;
    let wanted: BTreeSet<&String> = study.groups.iter().collect();
    let alike = |one: &&'r Study| {
        one.rule.target_endpoints == Some(target)
            && one.groups.len() == study.groups.len()
            && kernels(one) == wanted
    };
    let mut modes: Vec<OfMode<'r>> = Vec::new();
    let mut same = report.studies.iter().filter(alike).peekable();
    if same.peek().map(|one| &one.id) != Some(&study.id) {
        return None;
    }
    for one in same {
        let [mode] = &only_mode(report, one)[..] else {
            continue;
        };
        if modes.iter().any(|known| known.mode == *mode) {
            continue;
        }
        modes.push(OfMode {
            mode: mode.clone(),
            groups: groups(report, one),
        });
    }
    let [first, second] = &modes[..] else {
        return None;
    };
    let ratio = |(a, b): (&&Group, &&Group)| Some(a.mean_s? / b.mean_s?);
    let ratios: Vec<f64> = first
        .groups
        .iter()
        .zip(&second.groups)
        .filter_map(ratio)
        .collect();
    let slower = ratios.iter().sum::<f64>() < ratios.len() as f64;
    if slower {
        modes.reverse();
    }
    let ratios = ratios
        .iter()
        .map(|ratio| if slower { 1.0 / ratio } else { *ratio });
    let (least, most) = ratios.fold((f64::INFINITY, 0.0_f64), |(l, m), r| (l.min(r), m.max(r)));
    let times = match (format!("{least:.1}"), format!("{most:.1}")) {
        (least, most) if least == most => most,
        (least, most) => format!("{least} to {most}"),
    };
    (most > 0.0).then(|| {
        (
            format!(
                "{} takes {times} times as long as {}",
                modes[0].mode, modes[1].mode
            ),
            modes,
        )
    })
}

fn only_mode(report: &Report, study: &Study) -> Vec<String> {
    let mine = study.of(&report.recordings);
    let modes: BTreeSet<String> = mine.flat_map(|one| one.modes.clone()).collect();
    modes.into_iter().collect()
}

/// At matched scale where there are any, else over all trials.
fn groups<'r>(report: &'r Report, study: &Study) -> Vec<&'r Group> {
    let both = study
        .of(&report.groups)
        .chain(study.of(&report.matched_groups));
    // Of a group's two the later counts.
    let by_name: BTreeMap<&String, &Group> = both
        .filter(|group| group.n > 0)
        .map(|group| (&group.name, group))
        .collect();
    by_name.into_values().collect()
}
