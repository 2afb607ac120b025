//! What a figure rests on, with the place of each.

use super::whose::Whose;
use crate::report::{
    BundleFacts, Complaint, Curve, CurveKind, CurvePoint, KernelEventRow, RampStep,
};
use crate::report::{Report, SyncRow, Warning};

/// Inputs under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// What they are, and how many: a side of a comparison, a group.
    pub heading: String,
    /// The inputs, in the order of the log.
    pub rows: Vec<Input>,
}

/// An input: its value, what else is known of it, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The value that enters the formula.
    pub value: String,
    /// What is known of it.
    pub about: String,
    /// `input:line`.
    pub place: String,
}

impl Inputs {
    /// Inputs of something, counted.
    pub(super) fn numbered(of: &str, rows: Vec<Input>) -> Self {
        let of = if of.is_empty() {
            String::new()
        } else {
            format!("{of}, ")
        };
        let heading = format!("{of}n = {}", rows.len());
        Self { heading, rows }
    }
}

/// What of a sync enters a formula.
pub(super) type OfSync = fn(&SyncRow<'_>) -> Option<f64>;

/// The rule that chose a study's trials, and the scale where that is matched.
pub(super) fn rule(report: &Report, study: &str, matched: bool) -> Option<String> {
    let study = report.studies.iter().find(|one| one.id == study)?;
    let scale = match (matched, study.matched_scale) {
        (true, Some(scale)) => {
            format!(" Of these, the trials within 2 % of {scale} endpoints, which every group has.")
        }
        _ => String::new(),
    };
    Some(format!("{}{scale}", study.rule.text))
}

/// Syncs that tell the value.
pub(super) fn syncs(report: &Report, ids: &[usize], value: OfSync) -> Vec<Input> {
    let rows = ids.iter().filter_map(|id| report.syncs.get(*id));
    rows.filter_map(|row| {
        let endpoints = row.endpoints.map(|n| format!("{n} endpoints"));
        let end = row.end.clone().map(|end| format!("ended {end}"));
        let about: Vec<String> = [endpoints, end].into_iter().flatten().collect();
        Some(Input {
            value: format!("{:.9} s", value(&row)?),
            about: about.join(", "),
            place: place(&row),
        })
    })
    .collect()
}

/// Where a sync stands.
pub(super) fn place(row: &SyncRow<'_>) -> String {
    format!("{}:{}", row.input, row.line)
}

/// Points of a curve.
pub(super) fn points(report: &Report, curve: &Curve) -> Vec<Input> {
    let scale = match curve.kind {
        CurveKind::StepByEndpoints => "endpoints",
    };
    let row = |point: CurvePoint| {
        let residual = point.residual.map_or_else(String::new, |residual| {
            format!(", residual {residual:+.4} in ln(seconds)")
        });
        let sync = report.syncs.get(point.sync);
        Input {
            value: format!("{:.9} s", point.y),
            about: format!("{scale} {}{residual}", point.x),
            place: sync.map(|row| place(&row)).unwrap_or_default(),
        }
    };
    curve.with_residuals().map(row).collect()
}

/// Steps of a ramp, places in `ramp_steps`, in the order given.
pub(super) fn steps(report: &Report, places: &[usize]) -> Vec<Input> {
    let row = |step: &RampStep| {
        let carried = step.sync.and_then(|id| report.syncs.get(id));
        let by = carried.map_or("carried by no sync".to_owned(), |row| {
            format!("carried by {}", place(&row))
        });
        let value = step.staleness_s.map(|s| format!("{s:.6} s"));
        Input {
            value: value.unwrap_or_else(|| "not carried".to_owned()),
            about: format!("{}, step to {} replicas, {by}", step.node, step.replicas),
            place: format!("{}:{}", step.input, step.line),
        }
    };
    let steps = places.iter().filter_map(|at| report.ramp_steps.get(*at));
    steps.map(row).collect()
}

/// A group's soft lockups.
pub(super) fn soft_lockups(report: &Report, group: &Whose) -> Vec<Input> {
    let row = |event: &KernelEventRow| {
        let task = event.comm.as_deref().unwrap_or("a task");
        let reported = event.reported.map(|n| format!("`{n}s!`, "));
        let function = event.function.as_deref().map(|f| format!(" in {f}"));
        let seconds = event.seconds.map(|s| format!("{s:.3} s"));
        Input {
            value: seconds.unwrap_or_else(|| "unknown".to_owned()),
            about: format!(
                "{}{task}{}, episode {}",
                reported.unwrap_or_default(),
                function.unwrap_or_default(),
                event.episode
            ),
            place: format!("{}:{}", event.input, event.line),
        }
    };
    let mine = report.kernel_events.iter().filter(|event| {
        event.study == group.study
            && event.group.as_ref() == Some(&group.name)
            && event.kind == Complaint::SoftLockup
    });
    mine.map(row).collect()
}

/// The report's warnings.
pub(super) fn warnings(report: &Report) -> Vec<Input> {
    let row = |warning: &Warning| Input {
        value: warning.code.clone(),
        about: warning.message.clone(),
        place: match (&warning.input, warning.line) {
            (Some(input), Some(line)) => format!("{input}:{line}"),
            (Some(input), None) => input.clone(),
            (None, _) => warning.study.clone().unwrap_or_default(),
        },
    };
    report.warnings.iter().map(row).collect()
}

/// What bundles say of themselves.
pub(super) fn verdicts(report: &Report) -> Vec<Input> {
    let row = |bundle: &BundleFacts| Input {
        value: if bundle.complete {
            "complete"
        } else {
            "incomplete"
        }
        .to_owned(),
        about: bundle.incomplete_reasons.join("; "),
        place: format!("{}/{}", bundle.path, bundle::MANIFEST),
    };
    report.bundles.iter().map(row).collect()
}
