//! Sentences made from the model's numbers: headline, findings, limitations.

use super::{Comparison, Group, Headline, Report, Study};

/// Seconds as people read them: `83 ms`, `19.9 s`, `5m 6.3s`, `1h 2m 3s`.
#[must_use]
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "unknown".to_owned();
    }
    let tenths = (seconds * 10.0).round();
    if seconds.abs() < 0.9995 {
        return format!("{:.0} ms", seconds * 1000.0);
    }
    if tenths < 600.0 {
        return format!("{seconds:.1} s");
    }
    if tenths < 36_000.0 {
        let minutes = (tenths / 600.0).floor();
        return format!("{minutes:.0}m {:.1}s", (tenths - minutes * 600.0) / 10.0);
    }
    let whole = seconds.round();
    let (hours, rest) = ((whole / 3600.0).floor(), whole % 3600.0);
    format!(
        "{hours:.0}h {:.0}m {:.0}s",
        (rest / 60.0).floor(),
        rest % 60.0
    )
}

/// A count with thousands apart: `240,000`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Writes all sentences of a report.
pub fn put_in(report: &mut Report) {
    let sentences: Vec<(String, Vec<String>, Vec<String>)> = report
        .studies
        .iter()
        .map(|study| {
            (
                headline(report, study),
                findings(report, study),
                limitations(report, study),
            )
        })
        .collect();
    for (study, (headline, findings, limitations)) in report.studies.iter_mut().zip(sentences) {
        study.headline = headline;
        study.findings = findings;
        study.limitations = limitations;
    }
    report.headline = first_screen(report);
}

/// The study that answers the question: of those with a comparison the one at the largest
/// scale; else the one with the most trials.
fn first_screen(report: &Report) -> Headline {
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
            doubts: doubts(report, study),
            study: compared.map(|study| study.id.clone()),
        },
        None => Headline {
            sentence: "Nothing was read: there is no sync in the input.".to_owned(),
            ..Headline::default()
        },
    }
}

/// The matched comparison of a study if there is one, else that over all trials; the one with
/// the largest effect where there are several candidates.
fn best_comparison<'r>(report: &'r Report, study: &str) -> Option<&'r Comparison> {
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

fn headline(report: &Report, study: &Study) -> String {
    if let Some(comparison) = best_comparison(report, &study.id) {
        return compared(report, comparison);
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
                "{}: no trial among {} syncs ({}).",
                study.title,
                count(study.rule.syncs),
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
        group.n
    )
}

fn named(report: &Report, group: &str) -> String {
    match report.selection.group_by.as_str() {
        "kernel" if !group.starts_with("unknown") => format!("kernel {group}"),
        _ => group.to_owned(),
    }
}

fn scale_words(endpoints: Option<[u64; 2]>) -> String {
    match endpoints {
        None => String::new(),
        Some([least, most]) if super::study::same_scale(least, most) => {
            format!(" of {} endpoints", count(rounded(most)))
        }
        Some([least, most]) => format!(" of {} to {} endpoints", count(least), count(most)),
    }
}

/// To three digits: 240,015 endpoints are 240,000 to people.
fn rounded(n: u64) -> u64 {
    let unit = 10u64.pow(n.checked_ilog10().unwrap_or(0).saturating_sub(2));
    (n + unit / 2) / unit * unit
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
    let sure = match (c.p_holm.or(c.p_value), c.smallest_p) {
        (_, Some(least)) if least >= 0.05 => ", too few to be sure",
        (Some(p), _) if p >= 0.05 => ", not to be told from chance",
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
        c.n[1],
        c.n[0],
    )
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

fn findings(report: &Report, study: &Study) -> Vec<String> {
    let mut found = Vec::new();
    for c in report
        .comparisons
        .iter()
        .filter(|c| c.study == study.id && c.n[0] > 0 && c.n[1] > 0)
    {
        found.push(comparison_finding(report, c));
    }
    found.extend(claim_findings(report, study));
    for split in report
        .time_split
        .iter()
        .filter(|split| split.study == study.id)
    {
        if let Some(share) = split.commit_share {
            found.push(format!(
                "On {} {:.0} % of a trial is the kernel's transaction (commit), {:.0} % is building the rules.",
                named(report, &split.group),
                share * 100.0,
                (1.0 - share) * 100.0
            ));
        }
        if split.waited > 0 {
            found.push(format!(
                "On {} {} syncs of the other family, {} together, only waited for this family's transaction in the kernel; they are not charged to it.",
                named(report, &split.group), split.waited, duration(split.waited_s)
            ));
        }
    }
    found.extend(scaling_findings(report, study));
    found.extend(staleness_findings(report, study));
    for lockups in report
        .lockups
        .iter()
        .filter(|lockups| lockups.study == study.id)
    {
        let function = lockups
            .functions
            .first()
            .map_or_else(String::new, |(name, _)| format!(", most often in {name}"));
        found.push(format!(
            "On {} the kernel reported {} of kind {} in {} episodes, the longest {}{function}.",
            named(report, &lockups.group),
            lockups.reports,
            lockups.kind,
            lockups.episodes,
            duration(lockups.longest_s)
        ));
    }
    found
}

fn comparison_finding(report: &Report, c: &Comparison) -> String {
    let scope = if c.matched {
        "At matched scale"
    } else {
        "Over all trials"
    };
    let improvement = c.improvement_pct.unwrap_or(0.0);
    let p = c
        .p_value
        .map_or_else(String::new, |p| format!(", p = {p:.3} ({})", c.test));
    format!(
        "{scope} {} takes {:.1} % {} than {} (speed-up {:.2} x{p}; n = {} and {}).",
        named(report, &c.candidate),
        improvement.abs(),
        if improvement < 0.0 {
            "longer"
        } else {
            "less time"
        },
        c.baseline,
        c.speedup.unwrap_or(1.0),
        c.n[1],
        c.n[0],
    )
}

fn claim_findings(report: &Report, study: &Study) -> Vec<String> {
    report
        .claims
        .iter()
        .filter(|claim| claim.study == study.id)
        .map(|claim| {
            let scope = if claim.scope == "matched" { " at matched scale" } else { " over all trials" };
            let value = claim.computed.map_or_else(|| "nothing to compute it from".to_owned(), |value| match claim.quantity.as_str() {
                "improvement_pct" => format!("{value:.1} %"),
                "speedup" => format!("{value:.2} x"),
                _ => duration(value),
            });
            match claim.holds {
                Some(true) => format!("The published claim \u{201c}{}\u{201d} holds{scope}: computed {value}.", claim.text),
                Some(false) => format!("The published claim \u{201c}{}\u{201d} does not hold{scope}: computed {value}.", claim.text),
                None => format!("The published claim \u{201c}{}\u{201d} cannot be checked{scope}.", claim.text),
            }
        })
        .collect()
}

fn scaling_findings(report: &Report, study: &Study) -> Vec<String> {
    report
        .scaling
        .iter()
        .filter(|curve| curve.study == study.id)
        .filter_map(|curve| {
            let fit = curve.fit.as_ref()?;
            let [low, high] = fit.exponent_ci95?;
            let what = match curve.kind {
                super::CurveKind::BuildByEndpoints => "building grows with endpoints",
                super::CurveKind::CommitByNetChange => "the commit grows with the net change",
                super::CurveKind::StepByEndpoints => "a sync that carries a ramp step grows with endpoints",
            };
            Some(format!(
                "On {} {what} to the power {:.2} (95 % interval {low:.2} to {high:.2}, n = {}, measured from {} to {}).",
                named(report, &curve.group),
                fit.exponent,
                fit.n,
                count(fit.range[0].round() as u64),
                count(fit.range[1].round() as u64)
            ))
        })
        .collect()
}

fn staleness_findings(report: &Report, study: &Study) -> Vec<String> {
    study
        .groups
        .iter()
        .filter_map(|group| {
            let steps: Vec<_> =
                report.ramp_steps.iter().filter(|s| s.study == study.id && s.group == *group).collect();
            let stale: Vec<f64> = steps.iter().filter_map(|step| step.staleness_s).collect();
            let mean = crate::stats::summary::summary(&stale)?;
            Some(format!(
                "On {} rules carried a ramp step {} after it on average, {} at worst; {} of {} steps were carried before the next began its own.",
                named(report, group), duration(mean.mean), duration(mean.max), stale.len(), steps.len()
            ))
        })
        .collect()
}

/// What to doubt about the answer, the gravest first.
fn doubts(report: &Report, study: &Study) -> Vec<String> {
    let mut doubts = Vec::new();
    if let Some(comparison) = best_comparison(report, &study.id) {
        doubts.extend(
            comparison
                .warnings
                .iter()
                .map(|warning| upper(warning) + "."),
        );
        if let Some(p) = comparison.p_value {
            doubts.push(meaning(p, comparison));
        }
    }
    doubts.extend(
        report
            .warnings
            .iter()
            .filter(|warning| warning.study.as_ref() == Some(&study.id))
            .map(|warning| warning.message.clone()),
    );
    for bundle in report
        .bundles
        .iter()
        .filter(|bundle| bundle.study == study.id)
    {
        if bundle.origin != "recorded" {
            doubts.push(format!(
                "The log lines of {} are {}.",
                bundle.id, bundle.origin
            ));
        }
        if !bundle.complete {
            doubts.push(format!(
                "The capture of {} is incomplete: {}.",
                bundle.id,
                bundle.incomplete_reasons.join("; ")
            ));
        }
    }
    doubts
}

/// What a p-value does and does not show.
fn meaning(p: f64, c: &Comparison) -> String {
    let apart = match c.cliffs_delta {
        Some(delta) if delta.abs() >= 1.0 => {
            "every trial of one side lies above every trial of the other; "
        }
        _ => "",
    };
    if p < 0.05 {
        format!(
            "{}p = {p:.3}: were both alike, so clear a difference would come by chance in {:.1} of 100 such experiments. It says nothing of its size, nor of other clusters.",
            upper(apart),
            p * 100.0
        )
    } else {
        format!(
            "{}p = {p:.3}: were both alike, such a difference would still come by chance in {:.1} of 100 experiments of this size. That shows no equality: it shows too little data, or no difference.",
            upper(apart),
            p * 100.0
        )
    }
}

fn limitations(report: &Report, study: &Study) -> Vec<String> {
    let mut limits = doubts(report, study);
    let bundles: Vec<_> = report
        .bundles
        .iter()
        .filter(|bundle| bundle.study == study.id)
        .collect();
    limits.extend(bundles.iter().flat_map(|bundle| bundle.notes.clone()));
    let failed = study
        .rule
        .left_out
        .iter()
        .find(|left| left.clause == "failed");
    if let Some(failed) = failed {
        limits.push(format!(
            "{} syncs failed; their durations are not counted.",
            count(failed.syncs)
        ));
    }
    if bundles.len() == 1 && study.rule.trials > 0 {
        limits.push(
            "One run of one cluster: another run, machine or workload may differ.".to_owned(),
        );
    }
    limits.dedup();
    limits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_for_people() {
        for (seconds, text) in [
            (0.0, "0 ms"),
            (0.0834, "83 ms"),
            (0.9999, "1.0 s"),
            (19.94, "19.9 s"),
            (59.96, "1m 0.0s"),
            (250.2429, "4m 10.2s"),
            (912.129, "15m 12.1s"),
            (3599.99, "1h 0m 0s"),
            (3723.4, "1h 2m 3s"),
            (f64::NAN, "unknown"),
        ] {
            assert_eq!(duration(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn counts_for_people() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (240_015, "240,015"),
            (12_345_678, "12,345,678"),
        ] {
            assert_eq!(count(n), text);
        }
        assert_eq!(rounded(240_015), 240_000);
        assert_eq!(rounded(7), 7);
    }
}
