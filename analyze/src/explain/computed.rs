//! A formula with a report's numbers in it.

use crate::gate::{Function, Target};
use crate::report::{Comparison, Curve, Group, Report};

/// The computation in one line; none where the inputs alone say it all.
pub(super) fn of(report: &Report, function: Function, target: Target<'_>) -> Option<String> {
    match target {
        Target::Whole => None,
        Target::Group(group) => of_group(report, function, group),
        Target::Pair(pair) => of_pair(report, function, pair),
        Target::Curve(group, kind) => {
            let curve = report.scaling.iter().find(|one| {
                one.study == group.study && one.group == group.name && one.kind == kind
            })?;
            of_curve(curve)
        }
    }
}

fn of_group(report: &Report, function: Function, group: &Group) -> Option<String> {
    let mean = group.mean_s?;
    let n = group.n_trials;
    match function {
        Function::Mean => Some(format!("{:.9} s / {n} = {mean:.9} s", mean * n as f64)),
        Function::Sd => Some(format!(
            "mean {mean:.9} s, n = {n}: sd = {:.9} s",
            group.sd_s?
        )),
        Function::Cv => Some(format!(
            "{:.9} s / {mean:.9} s = {:.6}",
            group.sd_s?, group.cv?
        )),
        Function::CommitShare => {
            let split = report
                .time_split
                .iter()
                .find(|one| one.study == group.study && one.group == group.name)?;
            Some(format!(
                "{:.6} s / ({:.6} s + {:.6} s) = {:.6}",
                split.commit_s, split.build_s, split.commit_s, split.commit_share?
            ))
        }
        _ => None,
    }
}

fn of_pair(report: &Report, function: Function, pair: &Comparison) -> Option<String> {
    let (baseline, candidate) = pair.mean_s[0].zip(pair.mean_s[1])?;
    let [n, m] = pair.n;
    match function {
        Function::Improvement => Some(format!(
            "({baseline:.9} s - {candidate:.9} s) / {baseline:.9} s x 100 = {:.6} %",
            pair.improvement_pct?
        )),
        Function::Speedup => Some(format!(
            "{baseline:.9} s / {candidate:.9} s = {:.6}",
            pair.speedup?
        )),
        Function::ImprovementLow | Function::ImprovementHigh => {
            let [low, high] = pair.ci95_pct?;
            Some(format!(
                "{}: centre {:.6} %, {:.3} degrees of freedom, {low:.6} to {high:.6} %",
                pair.ci_method.as_deref().unwrap_or_default(),
                pair.by_run_pct?,
                pair.freedom?
            ))
        }
        Function::P => Some(format!(
            "{}: {n} against {m} runs, {:.3} degrees of freedom, p = {:.9}",
            pair.test, pair.freedom?, pair.p_value?
        )),
        Function::PHolm => Some(holm(report, pair)),
        Function::Shift => Some(match pair.shift_ci95_s {
            Some([low, high]) => {
                format!(
                    "{} differences; 95 % interval {low:.6} to {high:.6} s",
                    n * m
                )
            }
            None => format!("{} differences; too few runs for a 95 % interval", n * m),
        }),
        Function::Delta => Some(format!("{} pairs", n * m)),
        _ => None,
    }
}

/// The p-values that are corrected together.
fn holm(report: &Report, pair: &Comparison) -> String {
    let together: Vec<String> = report
        .comparisons
        .iter()
        .filter(|one| one.study == pair.study && one.matched == pair.matched)
        .filter_map(|one| {
            Some(format!(
                "{}: {:.6} -> {:.6}",
                one.candidate, one.p_value?, one.p_holm?
            ))
        })
        .collect();
    together.join("; ")
}

fn of_curve(curve: &Curve) -> Option<String> {
    let fit = curve.fit.as_ref()?;
    let interval = |interval: Option<[f64; 2]>| {
        interval.map_or_else(String::new, |[low, high]| {
            format!(" ({low:.4} to {high:.4})")
        })
    };
    let robust = fit.theil_sen.map_or_else(String::new, |robust| {
        format!("; Theil-Sen {robust:.4}{}", interval(fit.theil_sen_ci95))
    });
    Some(format!(
        "seconds = e^{:.4} x scale^{:.4}{}, n = {}, residual sd {:.4} in ln(seconds){robust}; \
         measured from {} to {}: beyond is an extrapolation",
        fit.intercept,
        fit.exponent,
        interval(fit.exponent_ci95),
        fit.n,
        fit.residual_sd.unwrap_or(0.0),
        fit.range[0],
        fit.range[1]
    ))
}
