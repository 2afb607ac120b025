//! What was found, a sentence each.

mod apart;
mod behind;
mod growth;
mod lag;

use std::collections::HashSet;

use super::best::named;
use super::cost::cost_in_words;
use super::crossed::sentence;
use super::extent::{self, Extent};
use super::headline::{amounts, room, shown};
use super::number::{count, duration, p_value};
use super::{in_sync, repetitions};
use crate::report::{ClaimCheck, Comparison, Interaction, Report, Study, Trace};

/// Sentences of one kind that a person reads.
const MOST: usize = 50;

/// What was found.
pub(super) struct Finding {
    /// In a sentence.
    pub(super) text: String,
    /// What the sentence rests on.
    pub(super) from: Trace,
}

impl Finding {
    /// A finding that rests on these syncs.
    fn new(text: String, syncs: &[usize]) -> Self {
        Self {
            text,
            from: Trace::of_syncs(syncs.to_vec()),
        }
    }
}

/// The findings of a study, the surest and largest first: what is shown, what nodes and kernels
/// suffered, in one sentence what is not told apart, then what lies behind all that.
pub(super) fn findings(report: &Report, study: &Study) -> Vec<Finding> {
    let mut found: Vec<Finding> = drift(report, study).into_iter().collect();
    found.extend(noise_floor(report, study));
    let mut compared = compared(report, study);
    // The largest first.
    compared.sort_by(|a, b| {
        let size = |c: &Comparison| c.improvement_pct.unwrap_or(0.0).abs();
        size(b).total_cmp(&size(a))
    });
    let one = |c: &&Comparison| Finding::new(comparison_finding(report, c), &c.trials.concat());
    let (told, others): (Vec<&Comparison>, Vec<&Comparison>) =
        compared.into_iter().partition(|c| c.sure);
    let (tested, untested): (Vec<&Comparison>, Vec<&Comparison>) =
        others.into_iter().partition(|c| c.p_value.is_some());
    found.extend(lag::compared_by(report, study));
    found.extend(told.iter().map(one));
    found.extend(crossed(report, study));
    found.extend(lag::staleness(report, study));
    found.extend(behind::lockups(report, study));
    found.extend(behind::causes(report, study));
    found.extend(apart::not_told(report, study, &tested));
    found.extend(claim_findings(report, study));
    found.extend(in_sync_finding(report, study));
    let costs = study.of(&report.costs);
    found.extend(costs.map(|model| {
        let syncs: Vec<usize> = model.points.iter().map(|point| point.sync).collect();
        Finding::new(cost_in_words(report, model), &syncs)
    }));
    found.extend(behind::time_split(report, study));
    found.extend(growth::scaling(report, study));
    found.extend(growth::apart(report, study));
    if tested.is_empty() && told.is_empty() {
        found.extend(not_tested(&untested, one));
    }
    found.extend(behind::metrics(report, study));
    found
}

/// What is told of a study's comparisons. Where every trial is at matched scale, both scopes are one,
/// and it is told once.
fn compared<'r>(report: &'r Report, study: &'r Study) -> Vec<&'r Comparison> {
    let pair = |c: &'r Comparison| (&c.baseline, &c.candidate, &c.trials);
    let at_scale = study.of(&report.comparisons).filter(|c| c.matched);
    let at_scale: HashSet<_> = at_scale.map(pair).collect();
    study
        .of(&report.comparisons)
        .filter(|c| c.n[0] > 0 && c.n[1] > 0 && !c.same_kernel)
        .filter(|c| c.matched || !at_scale.contains(&pair(c)))
        .collect()
}

/// Whether what is found here is found under other conditions too.
fn crossed(report: &Report, study: &Study) -> Vec<Finding> {
    let mut found = Vec::new();
    for table in &report.crossed {
        let column = |of: &&Interaction| {
            let mut both = of
                .conditions
                .iter()
                .filter_map(|at| table.conditions.get(*at));
            both.any(|one| one.study == study.id)
        };
        found.extend(table.interactions.iter().filter(column).map(|of| {
            let cells = [0, of.candidate]
                .into_iter()
                .filter_map(|row| table.cells.get(row));
            let cells = cells.flat_map(|cells| of.conditions.map(|at| cells.get(at)));
            let syncs: Vec<usize> = cells
                .flatten()
                .flat_map(|cell| cell.trials.clone())
                .collect();
            Finding::new(sentence(report, table, of), &syncs)
        }));
    }
    found
}

/// Where nothing is tested, each difference stands for itself: the largest, and how many more.
fn not_tested(
    untested: &[&Comparison],
    one: impl Fn(&&Comparison) -> Finding,
) -> impl Iterator<Item = Finding> {
    let (told, more) = untested.split_at(untested.len().min(MOST));
    let told: Vec<Finding> = told.iter().map(one).collect();
    let more = more.first().map(|next| {
        let text = format!(
            "results.json has {} more of these differences, none of them larger.",
            count(more.len() as u64)
        );
        Finding::new(text, &next.trials.concat())
    });
    told.into_iter().chain(more)
}

/// Whether runs change with time, before anything is compared.
fn drift(report: &Report, study: &Study) -> Option<Finding> {
    let drift = study.drift.as_ref()?;
    let p = drift.p_value.filter(|p| *p < 0.05)?;
    let way = if drift.pct < 0.0 { "falls" } else { "rises" };
    let blocks = study.of(&report.comparisons).any(|c| c.blocks.is_some());
    let so = if blocks {
        "; what is compared below is compared within repetitions, where it cancels"
    } else {
        "; it widens the intervals below"
    };
    let text = format!(
        "Drift: whatever the group, a run's time {way} {:.1} % from one {} to the next ({}){so}.",
        drift.pct.abs(),
        drift.per,
        p_value(p)
    );
    let rows = drift.runs.iter().filter_map(|at| report.runs.get(*at));
    let syncs: Vec<usize> = rows.flat_map(|run| run.trials.clone()).collect();
    Some(Finding::new(text, &syncs))
}

/// How far runs of one kernel lie apart, beside which every difference is seen.
fn noise_floor(report: &Report, study: &Study) -> Option<Finding> {
    let text = repetitions::noise_floor(report, study)?;
    let same = study.of(&report.comparisons).filter(|c| c.same_kernel);
    let syncs: Vec<usize> = same.flat_map(|c| c.trials.concat()).collect();
    Some(Finding::new(text, &syncs))
}

/// How much of the time kube-proxy was in a sync, on every group; of many on those that were most.
fn in_sync_finding(report: &Report, study: &Study) -> Option<Finding> {
    /// Groups that a sentence has room for.
    const MOST: usize = 6;
    let mut groups = in_sync::of_groups(report, study);
    let more = match groups.len() {
        n if n > MOST => {
            groups.sort_by(|a, b| b.share.total_cmp(&a.share));
            groups.truncate(MOST);
            format!("; as much or less on {} more", count((n - MOST) as u64))
        }
        _ => String::new(),
    };
    let parts: Vec<String> = groups.iter().map(|one| one.in_words(report)).collect();
    let mine = study.of(&report.in_sync);
    let syncs: Vec<usize> = mine.filter_map(|one| one.longest).collect();
    let text = format!("kube-proxy was in a sync {}{more}.", parts.join("; "));
    (!parts.is_empty()).then(|| Finding::new(text, &syncs))
}

fn comparison_finding(report: &Report, c: &Comparison) -> String {
    let scope = if c.matched {
        "At matched scale"
    } else {
        "Over all trials"
    };
    let improvement = c.improvement_pct.unwrap_or(0.0);
    let interval = c.ci95_pct.map_or_else(String::new, |pct| {
        let less = if extent::of_improvement(pct) == Extent::Whole {
            " less"
        } else {
            ""
        };
        format!("{}{less}", extent::clause(pct, false, 1))
    });
    let room = if c.p_value.is_some() {
        room(c)
    } else {
        String::new()
    };
    format!(
        "{scope} {} takes {:.1} % {} than {} (speed-up {:.2} x{interval}; {}): {}{}.",
        named(report, &c.candidate),
        improvement.abs(),
        if improvement < 0.0 {
            "longer"
        } else {
            "less time"
        },
        report.names.short(&c.baseline),
        c.speedup.unwrap_or(1.0),
        amounts(c),
        shown(c),
        // Where no difference is shown it is said already.
        if shown(c).contains(&room) { "" } else { &room },
    )
}

fn claim_findings(report: &Report, study: &Study) -> Vec<Finding> {
    study
        .of(&report.claims)
        .map(|claim| Finding::new(claim_finding(claim), &claim.trials))
        .collect()
}

fn claim_finding(claim: &ClaimCheck) -> String {
    let scope = if claim.scope == "matched" {
        "at matched scale"
    } else {
        "over all trials"
    };
    let shown = |value: f64| match claim.quantity.as_str() {
        "improvement_pct" => format!("{value:.1} %"),
        "speedup" => format!("{value:.2} x"),
        _ => duration(value),
    };
    let verdict = match (claim.computed, claim.holds) {
        (None, _) => "there is nothing to compute it from".to_owned(),
        (Some(value), Some(true)) => format!("computed {scope}: {}, which agrees", shown(value)),
        (Some(value), Some(false)) => {
            let apart = claim.difference.unwrap_or(0.0).abs();
            let by = match claim.quantity.as_str() {
                "improvement_pct" => format!("{apart:.1} points"),
                _ => shown(apart),
            };
            let share = claim
                .difference_pct
                .map_or_else(String::new, |pct| format!(" ({:.0} %)", pct.abs()));
            format!(
                "computed {scope}: {}; they differ by {by}{share}",
                shown(value)
            )
        }
        (Some(value), None) => format!(
            "computed {scope}: {}; that scope is this report's, so it is no verdict",
            shown(value)
        ),
    };
    format!("Published: \u{201c}{}\u{201d}; {verdict}.", claim.text)
}
