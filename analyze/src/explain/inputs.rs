//! What a figure rests on, with the place of each.

use crate::gate::{Function, Target};
use crate::report::{Comparison, Curve, CurveKind, Group, Report, SyncRow};

/// Inputs under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inputs {
    /// What they are: a side of a comparison, a group.
    pub(super) heading: String,
    /// The inputs, in the order of the log.
    pub(super) rows: Vec<Row>,
}

/// An input: its value, what else is known of it, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The value that enters the formula.
    pub(super) value: String,
    /// What is known of it.
    pub(super) about: String,
    /// `input:line`.
    pub(super) place: String,
}

/// The inputs of a figure.
pub(super) fn of(report: &Report, function: Function, target: Target<'_>) -> Vec<Inputs> {
    match target {
        Target::Whole if function == Function::Incomplete => vec![verdicts(report)],
        Target::Whole => vec![warnings(report)],
        Target::Group(group) => vec![of_group(report, function, group)],
        Target::Pair(pair) => sides(report, pair),
        Target::Curve(group, kind) => {
            let curve = report.scaling.iter().find(|one| {
                one.study == group.study && one.group == group.name && one.kind == kind
            });
            curve
                .map(|curve| points(report, curve))
                .into_iter()
                .collect()
        }
    }
}

fn of_group(report: &Report, function: Function, group: &Group) -> Inputs {
    let split = || {
        let mine =
            |one: &&crate::report::TimeSplit| one.study == group.study && one.group == group.name;
        report.time_split.iter().find(mine)
    };
    let rows = match function {
        Function::Failed => syncs(report, split().map_or(&[], |one| &one.failed_ids), elapsed),
        Function::Build => syncs(report, &group.trials, |row| row.build_s),
        Function::Commit => syncs(report, &group.trials, |row| row.commit_s),
        Function::CommitShare => syncs(
            report,
            split().map_or(&[], |one| &one.split_trial_ids),
            |row| row.commit_s,
        ),
        Function::Staleness | Function::StalenessMax => steps(report, group),
        Function::Lockups => lockups(report, group),
        _ => syncs(report, &group.trials, elapsed),
    };
    Inputs {
        heading: format!("{}, {}", group.name, numbered(rows.len())),
        rows,
    }
}

fn sides(report: &Report, pair: &Comparison) -> Vec<Inputs> {
    let names = [("baseline", &pair.baseline), ("candidate", &pair.candidate)];
    let side = |((role, name), trials): ((&str, &String), &Vec<usize>)| {
        let rows = syncs(report, trials, elapsed);
        Inputs {
            heading: format!("{role} {name}, {}", numbered(rows.len())),
            rows,
        }
    };
    names.into_iter().zip(&pair.trials).map(side).collect()
}

fn numbered(n: usize) -> String {
    format!("n = {n}")
}

fn elapsed(row: &SyncRow<'_>) -> Option<f64> {
    row.elapsed_s
}

fn syncs(report: &Report, ids: &[usize], value: impl Fn(&SyncRow<'_>) -> Option<f64>) -> Vec<Row> {
    let rows = ids.iter().filter_map(|id| report.syncs.get(*id));
    rows.filter_map(|row| {
        Some(Row {
            value: format!("{:.9} s", value(&row)?),
            about: about(&row),
            place: place(&row),
        })
    })
    .collect()
}

/// Scale and time of a sync.
fn about(row: &SyncRow<'_>) -> String {
    let endpoints = row.endpoints.map(|n| format!("{n} endpoints"));
    let end = row.end.clone().map(|end| format!("ended {end}"));
    let known: Vec<String> = [endpoints, end].into_iter().flatten().collect();
    known.join(", ")
}

fn place(row: &SyncRow<'_>) -> String {
    format!("{}:{}", row.input, row.line)
}

fn points(report: &Report, curve: &Curve) -> Inputs {
    let scale = match curve.kind {
        CurveKind::CommitByNetChange => "net change",
        CurveKind::BuildByEndpoints | CurveKind::StepByEndpoints => "endpoints",
    };
    let row = |point: &crate::report::CurvePoint| {
        let residual = point.residual.map_or_else(String::new, |residual| {
            format!(", residual {residual:+.4} in ln(seconds)")
        });
        let sync = report.syncs.get(point.sync);
        Row {
            value: format!("{:.9} s", point.y),
            about: format!("{scale} {}{residual}", point.x),
            place: sync.map(|row| place(&row)).unwrap_or_default(),
        }
    };
    Inputs {
        heading: format!("{}, {}", curve.group, numbered(curve.points.len())),
        rows: curve.points.iter().map(row).collect(),
    }
}

/// Steps of a ramp, the worst first; those that no sync carried stand last.
fn steps(report: &Report, group: &Group) -> Vec<Row> {
    let mine = report
        .staleness
        .iter()
        .find(|one| one.study == group.study && one.group == group.name);
    let places = mine.map_or(&[][..], |one| &one.ramp_steps);
    let steps = places.iter().filter_map(|at| report.ramp_steps.get(*at));
    steps
        .map(|step| {
            let carried = step.sync.and_then(|id| report.syncs.get(id));
            let by = carried.map_or("carried by no sync".to_owned(), |row| {
                format!("carried by {}", place(&row))
            });
            Row {
                value: step
                    .staleness_s
                    .map_or("not carried".to_owned(), |s| format!("{s:.6} s")),
                about: format!("{}, step to {} replicas, {by}", step.node, step.replicas),
                place: format!("{}:{}", step.input, step.line),
            }
        })
        .collect()
}

fn lockups(report: &Report, group: &Group) -> Vec<Row> {
    let events = report.kernel_events.iter().filter(|event| {
        event.study == group.study
            && event.group.as_ref() == Some(&group.name)
            && event.kind == "soft_lockup"
    });
    events
        .map(|event| {
            let task = event.comm.as_deref().unwrap_or("a task");
            let reported = event
                .reported
                .map_or_else(String::new, |n| format!("`{n}s!`, "));
            let function = event
                .function
                .as_deref()
                .map_or_else(String::new, |f| format!(" in {f}"));
            Row {
                value: event
                    .seconds
                    .map_or("unknown".to_owned(), |s| format!("{s:.3} s")),
                about: format!("{reported}{task}{function}, episode {}", event.episode),
                place: format!("{}:{}", event.input, event.line),
            }
        })
        .collect()
}

fn warnings(report: &Report) -> Inputs {
    let row = |warning: &crate::report::Warning| Row {
        value: warning.code.clone(),
        about: warning.message.clone(),
        place: match (&warning.input, warning.line) {
            (Some(input), Some(line)) => format!("{input}:{line}"),
            (Some(input), None) => input.clone(),
            (None, _) => warning.study.clone().unwrap_or_default(),
        },
    };
    Inputs {
        heading: numbered(report.warnings.len()),
        rows: report.warnings.iter().map(row).collect(),
    }
}

fn verdicts(report: &Report) -> Inputs {
    let row = |bundle: &crate::report::BundleFacts| Row {
        value: if bundle.complete {
            "complete"
        } else {
            "incomplete"
        }
        .to_owned(),
        about: bundle.incomplete_reasons.join("; "),
        place: format!("{}/{}", bundle.path, bundle::MANIFEST),
    };
    Inputs {
        heading: numbered(report.bundles.len()),
        rows: report.bundles.iter().map(row).collect(),
    }
}
