//! What a figure or a sentence rests on, as templates show it: links to lines.

use serde::Serialize;

use super::way::Way;
use crate::report::{LineRef, Report, Trace};

/// Links that stand beside one figure; results.json has the ids of all.
const MOST: usize = 10;

/// The way to the lines that a figure rests on.
#[derive(Serialize)]
pub(super) struct Basis<'r> {
    /// How many there are.
    of: usize,
    /// Up to a dozen of them.
    lines: Vec<LineLink<'r>>,
}

/// The way to a line.
#[derive(Serialize)]
struct LineLink<'r> {
    /// The sync's id; for a line that is no sync's, its file and number.
    name: String,
    /// Where a page shows it; absent if none does.
    href: Option<String>,
    input: &'r str,
    line: u64,
}

pub(super) fn of_trace<'r>(report: &'r Report, way: &Way<'_>, trace: &'r Trace) -> Basis<'r> {
    of(report, way, &trace.syncs, &trace.lines)
}

/// Of the syncs of two sides.
pub(super) fn of_both<'r>(report: &'r Report, way: &Way<'_>, syncs: &[Vec<usize>; 2]) -> Basis<'r> {
    let count = syncs.iter().map(Vec::len).sum();
    of_many(report, way, count, syncs.iter().flatten().copied())
}

/// Of so many syncs.
pub(super) fn of_many<'r>(
    report: &'r Report,
    way: &Way<'_>,
    count: usize,
    syncs: impl Iterator<Item = usize>,
) -> Basis<'r> {
    let links = syncs.filter_map(|place| of_sync(report, way, place));
    Basis {
        of: count,
        lines: links.take(MOST).collect(),
    }
}

/// Of syncs, by their ids, and of lines that are no sync's.
pub(super) fn of<'r>(
    report: &'r Report,
    way: &Way<'_>,
    syncs: &[usize],
    lines: &'r [LineRef],
) -> Basis<'r> {
    let of_syncs = syncs
        .iter()
        .filter_map(|place| of_sync(report, way, *place));
    let of_lines = lines.iter().map(|line| of_line(report, way, line));
    Basis {
        of: syncs.len() + lines.len(),
        lines: of_syncs.chain(of_lines).take(MOST).collect(),
    }
}

fn of_sync<'r>(report: &'r Report, way: &Way<'_>, place: usize) -> Option<LineLink<'r>> {
    let sync = report.syncs.syncs.get(place)?;
    let input = report.inputs.get(sync.input as usize)?;
    Some(LineLink {
        name: place.to_string(),
        href: Some(way.addresses.sync(report, place, way.root)),
        input: &input.path,
        line: report.syncs.get(place)?.line,
    })
}

fn of_line<'r>(report: &'r Report, way: &Way<'_>, at: &'r LineRef) -> LineLink<'r> {
    let file = at.input.rsplit('/').next().unwrap_or(&at.input);
    LineLink {
        name: format!("{file}:{}", at.line),
        href: way.addresses.line(report, at, way.root),
        input: &at.input,
        line: at.line,
    }
}

/// A figure's row, or a sentence, with the way to the lines that it rests on.
#[derive(Serialize)]
pub(super) struct Traced<'r, T> {
    #[serde(flatten)]
    row: T,
    basis: Basis<'r>,
}

/// A row with what it rests on.
pub(super) fn traced<T>(row: T, basis: Basis<'_>) -> Traced<'_, T> {
    Traced { row, basis }
}
