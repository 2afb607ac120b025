//! The answer in one sentence.

use super::number::{count, counted, duration, rounded, upper};
use crate::report::names::series;
use crate::report::{Comparison, Group, Headline, Recording, Report, Study, Trace};

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
            comparison: best_comparison(report, &study.id).and_then(|best| {
                report
                    .comparisons
                    .iter()
                    .position(|one| std::ptr::eq(one, best))
            }),
        },
        None => Headline {
            sentence: "Nothing was read: there is no sync in the input.".to_owned(),
            ..Headline::default()
        },
    }
}

/// The matched comparison of a study if there is one, else that over all trials; the one with
/// the largest effect where there are several candidates.
#[must_use]
pub fn best_comparison<'r>(report: &'r Report, study: &str) -> Option<&'r Comparison> {
    let of = |matched: bool| {
        report
            .comparisons
            .iter()
            .filter(move |c| {
                c.study == study && c.matched == matched && c.improvement_pct.is_some()
            })
            .max_by(|a, b| {
                a.improvement_pct
                    .unwrap_or(0.0)
                    .total_cmp(&b.improvement_pct.unwrap_or(0.0))
            })
    };
    of(true).or_else(|| of(false))
}

/// Whether a comparison tells its two sides apart.
#[must_use]
pub fn told_apart(c: &Comparison) -> bool {
    c.trials_needed.is_none() && c.p_holm.or(c.p_value).is_some_and(|p| p < 0.05)
}

/// The trials that a study's headline speaks of.
pub(super) fn trials_behind(report: &Report, study: &Study) -> Trace {
    if let Some(comparison) = best_comparison(report, &study.id) {
        return Trace::of_syncs(comparison.trials.concat());
    }
    if let Some(one) = only(report, study) {
        return super::recording::headline(report, one).1;
    }
    let groups = report.groups.iter().filter(|group| group.study == study.id);
    Trace::of_syncs(groups.flat_map(|group| group.trials.clone()).collect())
}

/// The one recording of a study that has nothing to compare.
fn only<'r>(report: &'r Report, study: &Study) -> Option<&'r Recording> {
    let mut mine = report.recordings.iter().filter(|one| one.study == study.id);
    let one = mine.next()?;
    (mine.next().is_none() && one.syncs() + one.complaints > 0).then_some(one)
}

/// What a study shows.
pub(super) fn headline(report: &Report, study: &Study) -> String {
    if let Some(comparison) = best_comparison(report, &study.id) {
        return compared(report, comparison);
    }
    if let Some(one) = only(report, study) {
        return super::recording::headline(report, one).0;
    }
    let groups: Vec<&Group> = report
        .groups
        .iter()
        .filter(|group| group.study == study.id && group.n > 0)
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
        "{} finished a sync{scale} in {mean} (n = {})",
        named(report, &group.name),
        count(group.n as u64)
    )
}

/// A group as a sentence calls it.
pub(super) fn named(report: &Report, group: &str) -> String {
    let short = report.names.short(group);
    match report.selection.group_by.as_str() {
        "kernel" if series(group).is_some() => format!("kernel {short}"),
        _ => short.to_owned(),
    }
}

fn scale_words(endpoints: Option<[u64; 2]>) -> String {
    match endpoints {
        None => String::new(),
        Some([least, most]) if crate::report::study::same_scale(least, most) => {
            format!(" of {} endpoints", count(rounded(most)))
        }
        Some([least, most]) => format!(" of {} to {} endpoints", count(least), count(most)),
    }
}

fn compared(report: &Report, c: &Comparison) -> String {
    let improvement = c.improvement_pct.unwrap_or(0.0);
    let mean = |side: usize| c.mean_s[side].map(duration).unwrap_or_default();
    let direction = if improvement < 0.0 { "more" } else { "less" };
    let interval = c.ci95_pct.map_or_else(String::new, |[low, high]| {
        let (low, high) = if improvement < 0.0 {
            (-high, -low)
        } else {
            (low, high)
        };
        format!(", 95 % interval {low:.0} to {high:.0} %")
    });
    let sure = match (c.p_holm.or(c.p_value), c.trials_needed) {
        (_, Some(_)) => ", too few to be sure",
        (Some(p), None) if p >= 0.05 => ", not to be told from chance",
        _ => "",
    };
    format!(
        "{} finished a sync{} in {}, {} in {}: {:.0} % {direction}{interval}, n = {} and {}{sure}.",
        upper(&named(report, &c.candidate)),
        scale_words(c.endpoints),
        mean(1),
        c.baseline,
        mean(0),
        improvement.abs(),
        count(c.n[1] as u64),
        count(c.n[0] as u64),
    )
}
