//! Replays: rows of `replays.csv` put together into one figure a transaction and kernel.

use std::collections::BTreeMap;

use bundle::{Clock, Measurement, Outcome, Replay as Tables};

use super::ablations;
use super::factors;
use super::measurement::{clock_name, name_of};
use super::names::by_release;
use super::splits;
use crate::corpus::OpenBundle;
use crate::error::Error;
use crate::report::{LineRef, Replay, ReplayCost, ReplayFigure, ReplayedTransaction, Warning};
use crate::stats::quadratic::quadratic;

const NANO: f64 = 1e-9;
/// The size at which both parts of a cost are told.
const AT: f64 = 1000.0;

/// Reads and sums up each bundle of replays; what could not be read or loaded is warned of.
///
/// # Errors
/// [`Error::Bundle`] for a table whose first line is no header.
pub(super) fn of(
    bundles: &[OpenBundle],
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Replay>, Error> {
    bundles.iter().map(|open| one(open, warnings)).collect()
}

fn one(open: &OpenBundle, warnings: &mut Vec<Warning>) -> Result<Replay, Error> {
    let tables = Tables::read(&open.bundle.directory)?;
    faults(open, &tables, warnings);
    let transactions: Vec<ReplayedTransaction> = tables
        .transactions
        .rows
        .iter()
        .map(|(line, row)| ReplayedTransaction {
            name: row.transaction.clone(),
            mode: row.mode.clone(),
            shape: row.shape.clone(),
            services: row.services,
            endpoints_per_service: row.endpoints_per_service,
            after: row.after.clone(),
            from_replicas: row.from_replicas,
            bytes: row.bytes,
            commands: row.commands,
            anonymous_maps: row.anonymous_maps,
            entries: row.entries,
            maps_times_entries: row.anonymous_maps.saturating_mul(row.entries),
            table_sets: row.table_sets,
            line: *line,
        })
        .collect();
    let mut figures = figures(open, &tables, &transactions, warnings);
    figures.sort_by(|a, b| {
        let clock = |f: &ReplayFigure| f.clock.clone();
        (a.transaction, clock(a), a.pieces)
            .cmp(&(b.transaction, clock(b), b.pieces))
            .then_with(|| by_release(&a.kernel, &b.kernel))
    });
    ratios(&mut figures);
    let mut kernels: Vec<String> = figures.iter().map(|one| one.kernel.clone()).collect();
    kernels.sort_by(|a, b| by_release(a, b));
    kernels.dedup();
    let costs = costs(&transactions, &figures);
    let ablations = ablations::of(&open.path, &tables, &transactions);
    let splits = splits::of(&figures);
    let factors = factors::of(&transactions, &figures);
    Ok(Replay {
        id: open.id.clone(),
        title: open.id.clone(),
        path: open.path.clone(),
        kernels,
        transactions,
        figures,
        costs,
        factors,
        splits,
        ablations,
        findings: Vec::new(),
        notes: Vec::new(),
    })
}

fn table(open: &OpenBundle, name: &str) -> String {
    format!("{}/{name}", open.path)
}

/// Rows that could not be read, and loads that did not end well.
fn faults(open: &OpenBundle, tables: &Tables, warnings: &mut Vec<Warning>) {
    let unread = [
        (bundle::TRANSACTIONS, &tables.transactions.faults),
        (bundle::REPLAYS, &tables.measurements.faults),
        (bundle::BUILDS, &tables.builds.faults),
    ];
    for (name, faults) in unread {
        for (line, problem) in faults {
            let warning = Warning::new("replay_row_unread", problem.clone());
            warnings.push(warning.at(table(open, name), Some(*line)));
        }
    }
    for (line, row) in &tables.measurements.rows {
        if row.outcome == Outcome::Ok {
            continue;
        }
        let how = match row.outcome {
            Outcome::Ok | Outcome::Refused => "was refused",
            Outcome::Mismatch => "left other counts than the file makes",
            Outcome::Unsupported => "found no nf_tables",
            Outcome::Silent => "did not come to its end",
        };
        let why = if row.problem.is_empty() {
            String::new()
        } else {
            format!(": {}", row.problem)
        };
        let message = format!("{} on {} {how}{why}", row.transaction, name_of(row));
        let warning = Warning::new("replay_failed", message);
        warnings.push(warning.at(table(open, bundle::REPLAYS), Some(*line)));
    }
}

/// A repetition's rows, each with its line: one a piece.
type Pieces<'r> = Vec<(u64, &'r Measurement)>;

/// What makes loads one figure.
type Key<'r> = (usize, &'r str, &'r str, Clock, u32);

fn figures(
    open: &OpenBundle,
    tables: &Tables,
    transactions: &[ReplayedTransaction],
    warnings: &mut Vec<Warning>,
) -> Vec<ReplayFigure> {
    let mut loads: BTreeMap<Key<'_>, BTreeMap<u32, Pieces<'_>>> = BTreeMap::new();
    for (line, row) in &tables.measurements.rows {
        let known = transactions
            .iter()
            .position(|of| of.name == row.transaction);
        let Some(transaction) = known else {
            let message = format!(
                "{} stands in no line of {}",
                row.transaction,
                bundle::TRANSACTIONS
            );
            let warning = Warning::new("replay_row_unread", message);
            warnings.push(warning.at(table(open, bundle::REPLAYS), Some(*line)));
            continue;
        };
        let is_own = row.build.is_empty();
        if is_own && row.outcome == Outcome::Ok && row.kernel_ns.is_some() {
            let key = (
                transaction,
                row.kernel_release.as_str(),
                row.kernel_version.as_str(),
                row.clock,
                row.pieces,
            );
            let repetitions = loads.entry(key).or_default();
            repetitions
                .entry(row.repetition)
                .or_default()
                .push((*line, row));
        }
    }
    let figures = loads.into_iter();
    figures
        .filter_map(|(key, repetitions)| figure(open, key, &repetitions))
        .collect()
}

/// One figure; none where no repetition has all its pieces.
fn figure(
    open: &OpenBundle,
    (transaction, release, _, clock, pieces): Key<'_>,
    repetitions: &BTreeMap<u32, Pieces<'_>>,
) -> Option<ReplayFigure> {
    let whole: Vec<&Pieces<'_>> = repetitions
        .values()
        .filter(|rows| rows.len() == pieces.max(1) as usize)
        .collect();
    let (_, first) = whole.first()?.first()?;
    let seconds = |of: fn(&Measurement) -> Option<u64>| -> Vec<f64> {
        let sum = |rows: &&Pieces<'_>| {
            let each: Option<Vec<u64>> = rows.iter().map(|(_, row)| of(row)).collect();
            each.map(|all| all.iter().map(|ns| *ns as f64).sum::<f64>() * NANO)
        };
        whole.iter().filter_map(sum).collect()
    };
    let kernel = seconds(|row| row.kernel_ns);
    let longest = whole
        .iter()
        .flat_map(|rows| rows.iter().filter_map(|(_, row)| row.kernel_ns))
        .max()?;
    let (least, most) = kernel
        .iter()
        .fold((f64::INFINITY, 0.0f64), |(l, m), s| (l.min(*s), m.max(*s)));
    let lines = whole.iter().flat_map(|rows| rows.iter());
    let line = |(line, _): &(u64, &Measurement)| LineRef {
        input: table(open, bundle::REPLAYS),
        line: *line,
    };
    Some(ReplayFigure {
        transaction,
        kernel: name_of(first),
        kernel_release: release.to_owned(),
        clock: clock_name(clock).to_owned(),
        host: first.host.clone(),
        pieces,
        n: kernel.len(),
        kernel_s: median(&kernel)?,
        user_s: median(&seconds(|row| row.user_ns)),
        longest_s: longest as f64 * NANO,
        spread_pct: (kernel.len() > 1 && least > 0.0).then(|| (most / least - 1.0) * 100.0),
        exact: clock == Clock::Instructions,
        ratio: None,
        lines: lines.map(line).collect(),
    })
}

fn median(values: &[f64]) -> Option<f64> {
    crate::stats::summary::median(values)
}

/// Each figure against the earliest kernel's for the same load; figures are in that order.
fn ratios(figures: &mut [ReplayFigure]) {
    let mut first: Option<(usize, String, u32, f64)> = None;
    for figure in figures {
        let same = first
            .as_ref()
            .is_some_and(|(transaction, clock, pieces, _)| {
                *transaction == figure.transaction
                    && *clock == figure.clock
                    && *pieces == figure.pieces
            });
        if same {
            let base = first.as_ref().map_or(0.0, |(.., base)| *base);
            figure.ratio = (base > 0.0).then(|| figure.kernel_s / base);
        } else {
            let clock = figure.clock.clone();
            first = Some((figure.transaction, clock, figure.pieces, figure.kernel_s));
        }
    }
}

/// What makes sizes one curve: kernel, mode, shape, clock, endpoints of each Service.
type Curve<'r> = (&'r str, &'r str, &'r str, &'r str, u64);

fn costs(transactions: &[ReplayedTransaction], figures: &[ReplayFigure]) -> Vec<ReplayCost> {
    let mut curves: Vec<(Curve<'_>, Vec<[f64; 2]>)> = Vec::new();
    for figure in figures.iter().filter(|one| one.pieces <= 1) {
        let of = &transactions[figure.transaction];
        let (Some(services), Some(endpoints), None) =
            (of.services, of.endpoints_per_service, of.from_replicas)
        else {
            continue;
        };
        let key: Curve<'_> = (
            &figure.kernel,
            &of.mode,
            &of.shape,
            &figure.clock,
            endpoints,
        );
        let point = [services as f64, figure.kernel_s];
        match curves.iter_mut().find(|(known, _)| *known == key) {
            Some((_, points)) => points.push(point),
            None => curves.push((key, vec![point])),
        }
    }
    curves.sort_by(|(a, _), (b, _)| {
        (a.1, a.2, a.3, a.4)
            .cmp(&(b.1, b.2, b.3, b.4))
            .then_with(|| by_release(a.0, b.0))
    });
    curves
        .into_iter()
        .filter_map(|((kernel, mode, shape, clock, endpoints), mut points)| {
            points.sort_by(|a, b| a[0].total_cmp(&b[0]));
            let pairs: Vec<(f64, f64)> = points.iter().map(|[n, s]| (*n, *s)).collect();
            let fit = quadratic(&pairs)?;
            Some(ReplayCost {
                kernel: kernel.to_owned(),
                mode: mode.to_owned(),
                shape: shape.to_owned(),
                clock: clock.to_owned(),
                endpoints_per_service: endpoints,
                points,
                linear_s: fit.linear * AT,
                quadratic_s: fit.quadratic * AT * AT,
                worst_pct: fit.worst * 100.0,
            })
        })
        .collect()
}
