//! Recordings as templates show them, with the ways to their pages and worst syncs.

use serde::Serialize;

use super::basis::{self, Basis};
use super::room::{self, heaviest};
use super::rows;
use super::way::Way;
use crate::report::{Failure, LineRef, Recording, Report, Study};

/// A recording.
#[derive(Serialize)]
pub(super) struct RecordingView<'r> {
    row: &'r Recording,
    total: usize,
    /// Its page.
    href: String,
    /// What its headline rests on.
    basis: Basis<'r>,
    slowest_s: Option<f64>,
    /// Where its slowest sync stands.
    worst: Option<String>,
    failures: Vec<FailureView<'r>>,
    /// Where its gravest complaint stands.
    complaint: Option<String>,
}

#[derive(Serialize)]
struct FailureView<'r> {
    failure: &'r Failure,
    href: String,
}

/// All of a report, as far as there is room: those with the slowest syncs; and how many there
/// are.
pub(super) fn all<'r>(report: &'r Report, way: &Way<'_>) -> (Vec<RecordingView<'r>>, usize) {
    some(report, way, report.recordings.iter().collect())
}

fn some<'r>(
    report: &'r Report,
    way: &Way<'_>,
    rows: Vec<&'r Recording>,
) -> (Vec<RecordingView<'r>>, usize) {
    let slowest = |row: &&Recording| {
        let sync = row.slowest.and_then(|place| report.syncs.syncs.get(place));
        sync.and_then(|sync| sync.elapsed_ns).unwrap_or(0) as f64
    };
    let (rows, total) = heaviest(rows, room::MANY, slowest);
    let view = |row: &'r Recording| view(report, way, row);
    (rows.into_iter().map(view).collect(), total)
}

/// Those of a study.
pub(super) fn of_study<'r>(
    report: &'r Report,
    way: &Way<'_>,
    study: &Study,
) -> (Vec<RecordingView<'r>>, usize) {
    let mine = study.of(&report.recordings);
    some(report, way, mine.collect())
}

pub(super) fn view<'r>(report: &'r Report, way: &Way<'_>, row: &'r Recording) -> RecordingView<'r> {
    let slowest = row.slowest.and_then(|place| report.syncs.get(place));
    let event = row
        .worst_complaint
        .and_then(|place| report.kernel_events.get(place));
    let sync = |place: usize| way.addresses.sync(report, place, way.root);
    RecordingView {
        row,
        total: row.syncs(),
        href: format!("{}{}", way.root, rows::page_of_run(&row.id)),
        basis: basis::of_trace(report, way, &row.headline_from),
        slowest_s: slowest.and_then(|row| row.elapsed_s),
        worst: row.slowest.map(sync),
        failures: row
            .failures
            .iter()
            .take(5)
            .map(|failure| FailureView {
                failure,
                href: sync(failure.sync),
            })
            .collect(),
        complaint: event.and_then(|event| {
            let at = LineRef {
                input: event.input.clone(),
                line: event.line,
            };
            way.addresses.line(report, &at, way.root)
        }),
    }
}
