//! What to doubt about an answer, and what it does not show.

use std::collections::{BTreeSet, HashSet};

use super::best::lead;
use super::number::{counted, p_value, upper};
use super::{in_sync, repetitions};
use crate::report::{BundleFacts, Clause, Comparison, Report, Study};

/// What to doubt about the answer, the gravest first.
pub(super) fn doubts(report: &Report, study: &Study) -> Vec<String> {
    let mut doubts = Vec::new();
    let comparison = lead(report, &study.id);
    if let Some(comparison) = comparison {
        doubts.extend(
            comparison
                .warnings
                .iter()
                .map(|warning| upper(warning) + "."),
        );
        doubts.extend(repetitions::below_noise(study, comparison));
        doubts.extend(meaning(comparison));
    }
    for warning in &report.warnings {
        // The comparison's own warnings say it already.
        let said = comparison.is_some() && warning.code == "unequal_provenance";
        if warning.study.as_ref() == Some(&study.id) && !said {
            doubts.push(upper(&warning.message) + ".");
        }
    }
    for bundle in study.of(&report.bundles) {
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
    without_repeats(doubts)
}

/// Doubts, and what else a study does not show.
pub(super) fn limitations(report: &Report, study: &Study) -> Vec<String> {
    let mut limits = doubts(report, study);
    let bundles = || study.of(&report.bundles);
    limits.extend(bundles().flat_map(|bundle| bundle.notes.clone()));
    limits.extend(repetitions::looks(study));
    limits.extend(in_sync::not_whole(report, &study.id));
    limits.extend(lab(bundles()));
    let left_out = |clause: Clause| {
        let left = study.rule.left_out.iter();
        let mut left = left.filter(|left| left.clause == clause.words());
        left.next().map_or(0, |left| left.syncs)
    };
    match left_out(Clause::Failed) {
        0 => {}
        1 => limits.push("1 sync failed; its duration is not counted.".to_owned()),
        n => limits.push(format!(
            "{} failed; their durations are not counted.",
            counted(n, "sync")
        )),
    }
    if bundles().count() == 1 && study.rule.trials > 0 {
        limits.push(
            "One run of one cluster: another run, machine or workload may differ.".to_owned(),
        );
    }
    without_repeats(limits)
}

/// What nodes of the lab are not: `cluster/lab` names its instance types `lab.host` and
/// `lab.tcg-...`.
fn lab<'r>(bundles: impl Iterator<Item = &'r BundleFacts>) -> Vec<String> {
    let nodes = bundles.flat_map(|bundle| &bundle.nodes);
    let kinds: BTreeSet<&str> = nodes
        .filter_map(|node| node.instance_type.as_deref())
        .collect();
    let mut limits = Vec::new();
    if let Some(kind) = kinds.iter().find(|kind| kind.starts_with("lab.tcg")) {
        limits.push(format!(
            "The nodes ({kind}) are virtual machines whose processors software emulates: every \
             second is many seconds' worth of a real processor's, and not by one factor for all \
             instructions. Kernels compare with each other here; seconds compare with no real \
             node's."
        ));
    }
    if kinds.contains("lab.host") {
        limits.push(
            "The nodes (lab.host) share one machine and its processors with the control plane and \
             the load."
                .to_owned(),
        );
    }
    limits
}

fn without_repeats(sentences: Vec<String>) -> Vec<String> {
    let mut known: HashSet<String> = HashSet::with_capacity(sentences.len());
    let fresh = sentences
        .into_iter()
        .filter(|sentence| known.insert(sentence.clone()));
    fresh.collect()
}

/// What a p-value does and does not show; nothing where none was computed.
fn meaning(c: &Comparison) -> Option<String> {
    c.p_value?;
    let apart = c.cliffs_delta.is_some_and(|delta| delta.abs() >= 1.0);
    let exact = c.exact_p.zip(c.exact_least_p).zip(c.exact_test.as_ref());
    let (n, m) = (c.n[0] as u64, c.n[1] as u64);
    Some(match exact {
        Some(((p, least), test)) if c.sure && p >= 0.05 => format!(
            "{}A test that assumes no distribution ({test}) gives {}{}: the interval rests on runs \
             scattering as Student's t assumes.",
            if apart {
                "Every run of one side was slower than every run of the other. "
            } else {
                ""
            },
            p_value(p),
            if least >= 0.05 {
                format!(" and with so few runs can give no less than {least:.3}")
            } else {
                String::new()
            }
        ),
        _ if c.sure => format!(
            "Based on {} and {}: it says nothing of other clusters, machines or workloads.",
            counted(n, "run"),
            counted(m, "run")
        ),
        _ if apart && n > 1 && m > 1 => {
            "Every run of one side was slower than every run of the other: the direction is \
             clear, the size is not."
                .to_owned()
        }
        _ => "That no difference is shown is no proof that there is none.".to_owned(),
    })
}
