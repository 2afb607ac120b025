//! What was read of a part's logs as tables.
//!
//! A number that no signed 64 bits hold (a duration of three centuries) is left out of its column,
//! and the whole row stands in `exact` as JSON.

use bundle::Timeline;
use kube_proxy_logs::{Gathered, Input, KernelEvent, LogState, Sync};

use super::names::Named as _;
use super::restored::KeptLines;
use crate::error::Error;
use crate::frame::{BATCH, Table, Values};

/// The columns of a table, one for each value that is picked of a row.
struct Columns<'r, R> {
    rows: &'r [R],
    table: Table,
}

impl<'r, R> Columns<'r, R> {
    fn of(rows: &'r [R]) -> Self {
        let table = Table::default();
        Self { rows, table }
    }

    fn text(self, name: &str, pick: impl Fn(&R) -> Option<String>) -> Self {
        let values = Values::Text(self.rows.iter().map(pick).collect());
        let table = self.table.with(name, values);
        Self { table, ..self }
    }

    fn whole(self, name: &str, pick: impl Fn(&R) -> Option<i64>) -> Self {
        let values = Values::Whole(self.rows.iter().map(pick).collect());
        let table = self.table.with(name, values);
        Self { table, ..self }
    }

    /// A number without a sign; absent where it is too large.
    fn count(self, name: &str, pick: impl Fn(&R) -> Option<u64>) -> Self {
        self.whole(name, |row| signed(pick(row)?))
    }

    fn number(self, name: &str, pick: impl Fn(&R) -> Option<f64>) -> Self {
        let values = Values::Number(self.rows.iter().map(pick).collect());
        let table = self.table.with(name, values);
        Self { table, ..self }
    }

    fn flag(self, name: &str, pick: impl Fn(&R) -> Option<bool>) -> Self {
        let values = Values::Flag(self.rows.iter().map(pick).collect());
        let table = self.table.with(name, values);
        Self { table, ..self }
    }
}

fn signed(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}

/// The row as JSON if one of its numbers is too large for its column.
fn exact<R: serde::Serialize>(row: &R, numbers: &[Option<u64>]) -> Option<String> {
    let large = |number: &Option<u64>| number.is_some_and(|number| signed(number).is_none());
    numbers
        .iter()
        .any(large)
        .then(|| serde_json::to_string(row).unwrap_or_default())
}

fn log_of(logs: &[Input], input: u32) -> Option<&Input> {
    logs.get(input as usize)
}

/// A row a sync, so many at a time. `logs` tell what each log is of, as far as it is known.
pub fn syncs<'a>(of: &'a Gathered, logs: &'a [Input]) -> impl Iterator<Item = Table> + 'a {
    let all = of.syncs();
    let batches = (0..all.len().max(1)).step_by(BATCH);
    batches.map(move |from| {
        let rows: Vec<Sync> = (from..from + BATCH).map_while(|at| all.get(at)).collect();
        some_syncs(&rows, logs)
    })
}

fn some_syncs(rows: &[Sync], logs: &[Input]) -> Table {
    let log = |sync: &Sync| log_of(logs, sync.input);
    Columns::of(rows)
        .whole("log", |sync| Some(i64::from(sync.input)))
        .text("path", |sync| Some(log(sync)?.path.clone()))
        .count("line", |sync| Some(sync.line))
        .text("node", |sync| log(sync)?.node.clone())
        .text("kernel", |sync| Some(log(sync)?.kernel.as_ref()?.0.clone()))
        .text("kube_proxy", |sync| log(sync)?.version.clone())
        .text("mode", |sync| sync.backend.called())
        .text("family", |sync| sync.family.called())
        .text("outcome", |sync| sync.outcome.called())
        .flag("full", |sync| sync.full)
        .whole("start_ns", |sync| sync.start_ns)
        .whole("end_ns", |sync| sync.end_ns)
        .count("elapsed_ns", |sync| sync.elapsed_ns)
        .count("build_ns", |sync| sync.build_ns)
        .count("commit_ns", |sync| sync.commit_ns)
        .count("services", |sync| sync.services)
        .count("endpoints", |sync| sync.endpoints)
        .count("stale_chains", |sync| sync.stale_chains)
        .whole("process", |sync| Some(i64::from(sync.process)))
        .count("syncing_line", |sync| sync.syncing_line)
        .count("reloading_line", |sync| sync.reloading_line)
        .text("exact", |sync| {
            let numbers = [
                Some(sync.line),
                sync.elapsed_ns,
                sync.build_ns,
                sync.commit_ns,
                sync.services,
                sync.endpoints,
                sync.stale_chains,
                sync.syncing_line,
                sync.reloading_line,
            ];
            exact(sync, &numbers)
        })
        .table
}

/// A row a complaint of the kernel's.
#[must_use]
pub fn kernel_events(of: &Gathered, logs: &[Input]) -> Table {
    let log = |event: &KernelEvent| log_of(logs, event.input);
    Columns::of(of.kernel_events())
        .whole("log", |event| Some(i64::from(event.input)))
        .text("path", |event| Some(log(event)?.path.clone()))
        .count("line", |event| Some(event.line))
        .text("node", |event| log(event)?.node.clone())
        .text("kind", |event| event.kind.called())
        .whole("time_ns", |event| event.time_ns)
        .number("uptime_s", |event| event.uptime_s)
        .number("seconds", |event| event.seconds)
        .count("reported", |event| event.reported)
        .whole("cpu", |event| event.cpu.map(i64::from))
        .text("comm", |event| event.comm.clone())
        .count("pid", |event| event.pid)
        .text("function", |event| event.function.clone())
        .text("callers", |event| Some(event.callers.join(";")))
        .text("release", |event| event.release.clone())
        .text("exact", |event| {
            let numbers = [Some(event.line), event.reported, event.pid];
            exact(event, &numbers)
        })
        .table
}

/// A row a log, with all that is known of it.
///
/// # Errors
/// [`Error::Logs`].
pub fn logs(of: &Gathered, logs: &[Input]) -> Result<Table, Error> {
    let rows: Vec<(&Input, LogState)> = logs.iter().zip(of.states()?).collect();
    Ok(Columns::of(&rows)
        .whole("place", |(_, state)| Some(i64::from(state.source)))
        .text("path", |(log, _)| Some(log.path.clone()))
        .text("section", |(log, _)| log.section.clone())
        .text("node", |(log, _)| log.node.clone())
        .text("kernel", |(log, _)| Some(log.kernel.as_ref()?.0.clone()))
        .text("kernel_from", |(log, _)| {
            Some(log.kernel.as_ref()?.1.words().to_owned())
        })
        .text("kube_proxy", |(log, _)| log.version.clone())
        .text("mode", |(log, _)| log.backend?.called())
        .whole("verbosity", |(log, _)| log.verbosity.map(i64::from))
        .count("lines", |(log, _)| Some(log.lines))
        .count("bytes", |(log, _)| Some(log.bytes))
        .whole("first_ns", |(log, _)| Some(log.span_ns?.0))
        .whole("last_ns", |(log, _)| Some(log.span_ns?.1))
        .text("state", |(_, state)| Some(state.json.clone()))
        .table)
}

/// A row an action of the driver's.
#[must_use]
pub fn steps(of: &Timeline) -> Table {
    Columns::of(&of.rows)
        .count("line", |(line, _)| Some(*line))
        .whole("time_ns", |(_, row)| row.time.timestamp_nanos_opt())
        .text("action", |(_, row)| Some(String::from(row.action.clone())))
        .text("detail", |(_, row)| Some(row.detail.clone()))
        .number("requested", |(_, row)| row.requested)
        .number("achieved", |(_, row)| row.achieved)
        .table
}

/// A row a line that was kept of a log.
#[must_use]
pub fn lines(of: &KeptLines) -> Table {
    let rows = of
        .iter()
        .flat_map(|(path, lines)| lines.iter().map(move |line| (path, line)));
    let rows: Vec<(&String, (&u64, &String))> = rows.collect();
    Columns::of(&rows)
        .text("path", |(path, _)| Some((*path).clone()))
        .count("line", |(_, (line, _))| Some(**line))
        .text("text", |(_, (_, text))| Some((*text).clone()))
        .table
}
