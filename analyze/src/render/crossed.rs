//! Two factors in runs of clusters as tables: a row a group, a column a condition.

use serde::Serialize;

use super::basis::{self, Traced, traced};
use super::way::Way;
use crate::report::{Crossed, CrossedCell, Outcome, Report, words};

/// A table as a template sees it.
#[derive(Serialize)]
pub(super) struct CrossedView<'r> {
    table: Head<'r>,
    /// Names of the conditions.
    conditions: Vec<String>,
    rows: Vec<Row<'r>>,
    findings: &'r [String],
}

#[derive(Serialize)]
struct Head<'r> {
    by: &'r str,
    outcome: Outcome,
    services: Option<u64>,
    endpoints: Option<u64>,
}

/// A group.
#[derive(Serialize)]
struct Row<'r> {
    name: &'r str,
    /// As many as conditions.
    cells: Vec<Traced<'r, Cell>>,
}

/// A cell without its trials.
#[derive(Serialize)]
struct Cell {
    n: usize,
    mean_s: Option<f64>,
    improvement_pct: Option<f64>,
    ci95_pct: Option<[f64; 2]>,
}

/// All tables.
pub(super) fn all<'r>(report: &'r Report, way: &Way<'_>) -> Vec<CrossedView<'r>> {
    let one = |table: &'r Crossed| CrossedView {
        table: Head {
            by: &table.by,
            outcome: table.outcome,
            services: table.services,
            endpoints: table.endpoints,
        },
        conditions: (0..table.conditions.len())
            .map(|at| words::condition(report, table, at))
            .collect(),
        rows: rows(report, way, table),
        findings: &table.findings,
    };
    report.crossed.iter().map(one).collect()
}

fn rows<'r>(report: &'r Report, way: &Way<'_>, table: &'r Crossed) -> Vec<Row<'r>> {
    let cell = |cell: &'r CrossedCell| {
        let row = Cell {
            n: cell.n,
            mean_s: cell.mean_s,
            improvement_pct: cell.improvement_pct,
            ci95_pct: cell.ci95_pct,
        };
        traced(row, basis::of(report, way, &cell.trials, &[]))
    };
    let rows = table.groups.iter().zip(&table.cells);
    rows.map(|(name, cells)| Row {
        name,
        cells: cells.iter().map(cell).collect(),
    })
    .collect()
}
