//! Replays as tables: a row a transaction, a column a kernel.

use serde::Serialize;

use super::view::{self, PictureView};
use super::way::Way;
use crate::chart::Picture;
use crate::report::names::short;
use crate::report::words::replays::load;
use crate::report::{Profile, Replay, ReplayCost, ReplayFigure, ReplayedTransaction, Report};

/// A bundle of replays as a template sees it.
#[derive(Serialize)]
pub(super) struct ReplayView<'r> {
    pub(super) replay: &'r Replay,
    /// Short names of the kernels, in their order.
    pub(super) kernels: Vec<&'r str>,
    pub(super) rows: Vec<Row<'r>>,
    costs: Vec<Cost<'r>>,
    /// Kernels by who writes the rules, a row a kernel.
    factors: Vec<Factor<'r>>,
    pictures: Vec<PictureView<'r>>,
    /// Loads that were sampled.
    profiles: Vec<&'r Profile>,
}

/// A load by one clock.
#[derive(Serialize)]
pub(super) struct Row<'r> {
    pub(super) of: &'r ReplayedTransaction,
    pub(super) load: String,
    pub(super) clock: &'r str,
    pub(super) pieces: u32,
    /// As many as kernels.
    pub(super) cells: Vec<Option<&'r ReplayFigure>>,
}

/// A kernel's row of the table of two factors.
#[derive(Serialize)]
struct Factor<'r> {
    kernel: &'r str,
    /// As many as writers.
    cells: Vec<&'r ReplayFigure>,
}

/// How a kernel's time grows.
#[derive(Serialize)]
struct Cost<'r> {
    cost: &'r ReplayCost,
    kernel: &'r str,
}

/// All bundles of replays.
pub(super) fn all<'r>(
    report: &'r Report,
    pictures: &'r [Picture],
    way: &Way<'_>,
) -> Vec<ReplayView<'r>> {
    let one = |replay: &'r Replay| ReplayView {
        replay,
        kernels: replay.kernels.iter().map(|name| short(name)).collect(),
        rows: rows(replay),
        costs: replay
            .costs
            .iter()
            .map(|cost| Cost {
                cost,
                kernel: short(&cost.kernel),
            })
            .collect(),
        factors: factors(replay),
        profiles: report
            .profiles
            .iter()
            .filter(|one| one.replay.as_ref() == Some(&replay.id))
            .collect(),
        pictures: pictures
            .iter()
            .filter(|picture| {
                let of_replays = ["-replays", "-splits-", "-flame"];
                picture.study == replay.id
                    && of_replays.iter().any(|kind| picture.name.contains(kind))
            })
            .map(|picture| view::picture(report, way, picture))
            .collect(),
    };
    report.replays.iter().map(one).collect()
}

fn factors(replay: &Replay) -> Vec<Factor<'_>> {
    let Some(table) = &replay.factors else {
        return Vec::new();
    };
    let rows = table.kernels.iter().zip(&table.cells);
    let rows = rows.map(|(kernel, cells)| Factor {
        kernel: short(kernel),
        cells: cells.iter().map(|at| &replay.figures[*at]).collect(),
    });
    rows.collect()
}

fn rows(replay: &Replay) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for figure in &replay.figures {
        let of = &replay.transactions[figure.transaction];
        let place = replay
            .kernels
            .iter()
            .position(|name| *name == figure.kernel);
        let known = rows.iter().position(|row| {
            row.of.name == of.name && row.clock == figure.clock && row.pieces == figure.pieces
        });
        let at = known.unwrap_or_else(|| {
            rows.push(Row {
                of,
                load: load(of),
                clock: &figure.clock,
                pieces: figure.pieces,
                cells: vec![None; replay.kernels.len()],
            });
            rows.len() - 1
        });
        if let Some(place) = place {
            rows[at].cells[place] = Some(figure);
        }
    }
    rows
}
