//! The answer in one sentence.

use super::best::{beginning, best_comparison, by_convergence, lead, named};
use super::extent::{self, Extent};
use super::number::{count, counted, duration, p_value, rounded};
use crate::report::{
    Comparison, Group, Headline, Independence, Outcome, Recording, Report, Study, Trace, Verdict,
};

/// The study that answers the question: of those with a comparison the one at the largest
/// scale; else the one with the most trials.
pub(super) fn first_screen(report: &Report) -> Headline {
    let scale = |study: &&Study| {
        let comparison = best_comparison(report, &study.id)?;
        comparison.endpoints.map(|[_, most]| most).or(Some(0))
    };
    let compared = report
        .studies
        .iter()
        .rev()
        .filter(|study| scale(study).is_some())
        .max_by_key(scale);
    let chosen = compared.or_else(|| {
        report
            .studies
            .iter()
            .rev()
            .max_by_key(|study| study.rule.trials)
    });
    match chosen {
        Some(study) => Headline {
            sentence: study.headline.clone(),
            from: study.headline_from.clone(),
            doubts: super::doubts::doubts(report, study),
            study: compared.map(|study| study.id.clone()),
            comparison: place(&report.comparisons, best_comparison(report, &study.id))
                .filter(|_| by_convergence(report, &study.id).is_none()),
            convergence: place(
                &report.convergence_comparisons,
                by_convergence(report, &study.id),
            ),
        },
        None if !report.replays.is_empty() => Headline {
            sentence: report
                .replays
                .iter()
                .find_map(|replay| replay.findings.first().cloned())
                .unwrap_or_else(|| "No transaction was loaded to its end.".to_owned()),
            ..Headline::default()
        },
        None => Headline {
            sentence: "Nothing was read: there is no sync in the input.".to_owned(),
            ..Headline::default()
        },
    }
}

fn place(all: &[Comparison], one: Option<&Comparison>) -> Option<usize> {
    let one = one?;
    all.iter().position(|other| std::ptr::eq(other, one))
}

/// Whether a comparison tells its two sides apart.
#[must_use]
pub fn told_apart(c: &Comparison) -> bool {
    c.sure
}

/// The trials that a study's headline speaks of.
pub(super) fn trials_behind(report: &Report, study: &Study) -> Trace {
    if let Some(comparison) = lead(report, &study.id) {
        return Trace::of_syncs(comparison.trials.concat());
    }
    if let Some(one) = only(report, study) {
        return super::recording::headline(report, one).1;
    }
    let groups = study.of(&report.groups);
    Trace::of_syncs(groups.flat_map(|group| group.trials.clone()).collect())
}

/// The one recording of a study that has nothing to compare.
fn only<'r>(report: &'r Report, study: &Study) -> Option<&'r Recording> {
    let mut mine = study.of(&report.recordings);
    let one = mine.next()?;
    (mine.next().is_none() && one.syncs() + one.complaints > 0).then_some(one)
}

/// What a study shows.
pub(super) fn headline(report: &Report, study: &Study) -> String {
    if let Some(comparison) = lead(report, &study.id) {
        return compared(report, comparison);
    }
    if let Some(one) = only(report, study) {
        return super::recording::headline(report, one).0;
    }
    let groups: Vec<&Group> = study
        .of(&report.groups)
        .filter(|group| group.n > 0)
        .collect();
    match groups.as_slice() {
        [] if study.rule.syncs == 0 => format!("{}: no sync was read.", study.title),
        [] => {
            let reasons: Vec<String> = study
                .rule
                .left_out
                .iter()
                .map(|left| format!("{} {}", count(left.syncs), left.clause))
                .collect();
            format!(
                "{}: no trial among {} ({}).",
                study.title,
                counted(study.rule.syncs, "sync"),
                reasons.join(", ")
            )
        }
        groups => {
            let parts: Vec<String> = groups.iter().map(|group| alone(report, group)).collect();
            format!("{}.", parts.join("; "))
        }
    }
}

fn alone(report: &Report, group: &Group) -> String {
    let mean = group.mean_s.map(duration).unwrap_or_default();
    let scale = scale_words(group.endpoints);
    format!(
        "{} finished a sync{scale} in {mean} ({}, {})",
        named(report, &group.name),
        counted(group.n as u64, "run"),
        counted(group.n_trials as u64, "trial")
    )
}

pub(super) fn scale_words(endpoints: Option<[u64; 2]>) -> String {
    match endpoints {
        None => String::new(),
        Some([least, most]) if crate::report::study::same_scale(least, most) => {
            format!(" of {} endpoints", count(rounded(most)))
        }
        Some([least, most]) => format!(" of {} to {} endpoints", count(least), count(most)),
    }
}

pub(super) fn compared(report: &Report, c: &Comparison) -> String {
    let mean = |side: usize| c.mean_s[side].map(duration).unwrap_or_default();
    let candidate = beginning(report, &c.candidate);
    let baseline = report.names.short(&c.baseline);
    let what = match c.outcome {
        Outcome::Trials => format!(
            "{candidate} finished a sync{} in {}, {baseline} in {}",
            scale_words(c.endpoints),
            mean(1),
            mean(0)
        ),
        Outcome::Steps | Outcome::Step => format!(
            "{candidate} had the rules of a ramp step{} in the kernel {} after it{}, {baseline} {}",
            match c.outcome {
                Outcome::Step => scale_words(c.endpoints),
                _ => String::new(),
            },
            mean(1),
            if c.outcome == Outcome::Steps {
                " on average"
            } else {
                ""
            },
            mean(0)
        ),
        Outcome::Ramp => format!(
            "{candidate} had the whole ramp{} in the kernel {} after its first step, {baseline} {}",
            scale_words(c.endpoints.map(|[_, most]| [most, most])),
            mean(1),
            mean(0)
        ),
    };
    if c.same_kernel {
        let apart = c.by_run_pct.unwrap_or(0.0).abs();
        return format!(
            "{what}, the same kernel: {apart:.1} % apart{}.",
            interval(c)
        );
    }
    format!("{what}: {}; {}.", ratio(c), shown(c))
}

/// How the sides compare, as people say it: `about 3 times as fast (66 % less, ...)`, and, where
/// they are closer, `21 % less (...)`. In brackets too the interval, and what it rests on.
pub(super) fn ratio(c: &Comparison) -> String {
    let improvement = c.improvement_pct.unwrap_or(0.0);
    let direction = if improvement < 0.0 { "more" } else { "less" };
    let share = format!("{:.0} % {direction}", improvement.abs());
    let behind = format!("{}; {}", interval(c), amounts(c));
    let times = |n: f64| {
        let text = format!("{n:.1}");
        text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
    };
    match c.speedup {
        Some(n) if n >= TIMES => format!("about {} times as fast ({share}{behind})", times(n)),
        Some(n) if n > 0.0 && n <= 1.0 / TIMES => {
            format!("about {} times as long ({share}{behind})", times(1.0 / n))
        }
        _ => format!("{share} ({})", behind.trim_start_matches([',', ';', ' '])),
    }
}

/// From so many times on people speak of times, below of percent.
const TIMES: f64 = 1.5;

/// The interval of the improvement, as a share less or more.
fn interval(c: &Comparison) -> String {
    let turned = c.improvement_pct.unwrap_or(0.0) < 0.0;
    c.ci95_pct
        .map_or_else(String::new, |pct| extent::clause(pct, turned, 0))
}

/// Runs and trials of both sides, the candidate's first: `3 and 4 runs, 3 and 4 trials`.
pub(super) fn amounts(c: &Comparison) -> String {
    let both = |n: [usize; 2], noun: &str| {
        let [a, b] = n.map(|n| n as u64);
        if a == b {
            format!("{} a side", counted(a, noun))
        } else {
            format!("{} and {}", count(b), counted(a, noun))
        }
    };
    let runs = both(c.n, "run");
    if c.n == c.n_trials || c.outcome != Outcome::Trials {
        return runs;
    }
    format!("{runs}, {}", both(c.n_trials, "trial"))
}

/// What a comparison shows, in a clause.
pub(super) fn shown(c: &Comparison) -> String {
    if c.n.contains(&1) {
        return "with one run on a side nothing is sure".to_owned();
    }
    let p = c.p_holm.map(p_value);
    let margin = c.margin_pct.unwrap_or(0.0);
    match (c.verdict, p) {
        (Verdict::Faster | Verdict::Slower, Some(p)) => format!("the difference is shown ({p})"),
        (Verdict::Equivalent, _) => {
            format!("equivalent: any difference is smaller than {margin} %")
        }
        (_, Some(_)) if c.independence == Independence::Unknown => {
            "whether these are independent runs is unknown, so nothing is sure".to_owned()
        }
        (_, Some(p)) => format!("no difference is shown ({p}{})", room(c)),
        (_, None) => "not tested".to_owned(),
    }
}

/// The largest difference that a comparison leaves room for, if its interval bounds one.
pub(super) fn bound(c: &Comparison) -> Option<f64> {
    let bounded = |pct| extent::of_improvement(pct) == Extent::Whole;
    c.largest_pct.filter(|_| c.ci95_pct.is_none_or(bounded))
}

/// What an undecided comparison leaves room for, and what would decide it.
pub(super) fn room(c: &Comparison) -> String {
    if c.verdict != Verdict::Undecided {
        return String::new();
    }
    let largest = bound(c).map_or_else(String::new, |largest| {
        format!("; no difference larger than {largest:.0} %")
    });
    let needed = match (c.runs_needed, c.ci95_pct) {
        (Some(runs), _) => format!(
            "; about {} a side would tell 10 %",
            counted(runs as u64, "run")
        ),
        (None, Some(_)) => "; not even 10,000 runs a side would tell 10 %".to_owned(),
        (None, None) => String::new(),
    };
    format!("{largest}{needed}")
}
