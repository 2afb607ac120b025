//! What was read of a part's logs, from its tables, to the last bit.

use std::collections::BTreeMap;

use kube_proxy_logs::{Gathered, KernelEvent, LogState, Sync, Syncs};

use super::names::Named;
use crate::frame::Table;

/// What is read back of a table of syncs: what other tables tell is not.
const OF_SYNCS: [&str; 18] = [
    "log",
    "line",
    "mode",
    "family",
    "outcome",
    "full",
    "start_ns",
    "end_ns",
    "elapsed_ns",
    "build_ns",
    "commit_ns",
    "services",
    "endpoints",
    "stale_chains",
    "process",
    "syncing_line",
    "reloading_line",
    "exact",
];

const OF_EVENTS: [&str; 14] = [
    "log", "line", "kind", "time_ns", "uptime_s", "seconds", "reported", "cpu", "comm", "pid",
    "function", "callers", "release", "exact",
];

/// A part from its tables, as Parquet.
///
/// # Errors
/// What is wrong with which table.
pub fn gathered(
    syncs: &[u8],
    kernel_events: &[u8],
    logs: &[u8],
    lists: &[(u32, String)],
) -> Result<Gathered, String> {
    let of = |what: &'static str| move |problem: String| format!("{what}: {problem}");
    let mut all = Syncs::default();
    let some = |table: Table| read_syncs(&table, &mut all);
    Table::each_of_parquet(syncs, &OF_SYNCS, some).map_err(of("syncs"))?;
    let events = Table::of_parquet(kernel_events, &OF_EVENTS);
    let events = events.and_then(|table| read_events(&table));
    let events = events.map_err(of("kernel_events"))?;
    let states = Table::of_parquet(logs, &["place", "state"]);
    let states = states.and_then(|table| read_states(&table));
    let states = states.map_err(of("logs"))?;
    let list = |(source, json): &(u32, String)| LogState {
        source: *source,
        json: json.clone(),
    };
    let lists: Vec<LogState> = lists.iter().map(list).collect();
    Gathered::of(&states, &lists, all, events).map_err(|error| error.to_string())
}

fn must<T>(value: Option<T>, column: &str) -> Result<T, String> {
    value.ok_or_else(|| format!("a row without {column}"))
}

/// A number of a column that knows no sign.
fn small<T: TryFrom<i64>>(value: Option<i64>, column: &str) -> Result<Option<T>, String> {
    let fit = |value| T::try_from(value).map_err(|_| format!("{column}: {value}"));
    value.map(fit).transpose()
}

fn read_syncs(table: &Table, all: &mut Syncs) -> Result<(), String> {
    let whole = |name| table.whole(name);
    let text = |name| table.text(name);
    let [log, line, process] = [whole("log")?, whole("line")?, whole("process")?];
    let [start, end] = [whole("start_ns")?, whole("end_ns")?];
    let durations = [
        whole("elapsed_ns")?,
        whole("build_ns")?,
        whole("commit_ns")?,
    ];
    let counts = [
        whole("services")?,
        whole("endpoints")?,
        whole("stale_chains")?,
    ];
    let lines = [whole("syncing_line")?, whole("reloading_line")?];
    let words = [text("mode")?, text("family")?, text("outcome")?];
    let (full, exact) = (table.flag("full")?, text("exact")?);
    for row in 0..table.height() {
        if let Some(json) = &exact[row] {
            all.push(serde_json::from_str(json).map_err(|error| error.to_string())?);
            continue;
        }
        let count = |column: &[Option<i64>], name| small::<u64>(column[row], name);
        all.push(Sync {
            input: must(small(log[row], "log")?, "log")?,
            process: must(small(process[row], "process")?, "process")?,
            line: must(small(line[row], "line")?, "line")?,
            syncing_line: count(lines[0], "syncing_line")?,
            reloading_line: count(lines[1], "reloading_line")?,
            start_ns: start[row],
            end_ns: end[row],
            elapsed_ns: count(durations[0], "elapsed_ns")?,
            build_ns: count(durations[1], "build_ns")?,
            commit_ns: count(durations[2], "commit_ns")?,
            services: count(counts[0], "services")?,
            endpoints: count(counts[1], "endpoints")?,
            stale_chains: count(counts[2], "stale_chains")?,
            backend: Named::named(words[0][row].as_ref())?,
            family: Named::named(words[1][row].as_ref())?,
            outcome: Named::named(words[2][row].as_ref())?,
            full: full[row],
        });
    }
    Ok(())
}

fn read_events(table: &Table) -> Result<Vec<KernelEvent>, String> {
    let (log, line) = (table.whole("log")?, table.whole("line")?);
    let (kind, time) = (table.text("kind")?, table.whole("time_ns")?);
    let (uptime, seconds) = (table.number("uptime_s")?, table.number("seconds")?);
    let (reported, cpu, pid) = (
        table.whole("reported")?,
        table.whole("cpu")?,
        table.whole("pid")?,
    );
    let (comm, function) = (table.text("comm")?, table.text("function")?);
    let (callers, release) = (table.text("callers")?, table.text("release")?);
    let exact = table.text("exact")?;
    let event = |row: usize| {
        if let Some(json) = &exact[row] {
            return serde_json::from_str(json).map_err(|error| error.to_string());
        }
        let callers = callers[row].as_deref().unwrap_or_default();
        let callers = callers.split(';').filter(|name| !name.is_empty());
        Ok(KernelEvent {
            input: must(small(log[row], "log")?, "log")?,
            line: must(small(line[row], "line")?, "line")?,
            kind: Named::named(kind[row].as_ref())?,
            cpu: small(cpu[row], "cpu")?,
            comm: comm[row].clone(),
            pid: small(pid[row], "pid")?,
            reported: small(reported[row], "reported")?,
            seconds: seconds[row],
            time_ns: time[row],
            uptime_s: uptime[row],
            function: function[row].clone(),
            callers: callers.map(str::to_owned).collect(),
            release: release[row].clone(),
            episode: 0,
            during_sync: None,
        })
    };
    (0..table.height()).map(event).collect()
}

fn read_states(table: &Table) -> Result<Vec<LogState>, String> {
    let rows = table.whole("place")?.iter().zip(table.text("state")?);
    let state = |(place, json): (&Option<i64>, &Option<String>)| {
        Ok(LogState {
            source: must(small(*place, "place")?, "place")?,
            json: must(json.clone(), "state")?,
        })
    };
    rows.map(state).collect()
}

/// Lines that were kept of logs, by path and number.
pub type KeptLines = BTreeMap<String, BTreeMap<u64, String>>;

/// The lines that were kept of a part's logs, from their table, as Parquet.
///
/// # Errors
/// What is wrong with it.
pub(super) fn lines(lines: &[u8]) -> Result<KeptLines, String> {
    let read = || -> Result<KeptLines, String> {
        let table = Table::of_parquet(lines, &["path", "line", "text"])?;
        let (path, line, text) = (
            table.text("path")?,
            table.whole("line")?,
            table.text("text")?,
        );
        let mut kept = KeptLines::new();
        for row in 0..table.height() {
            let path = must(path[row].clone(), "path")?;
            let line = must(small(line[row], "line")?, "line")?;
            let text = must(text[row].clone(), "text")?;
            kept.entry(path).or_default().insert(line, text);
        }
        Ok(kept)
    };
    read().map_err(|problem| format!("lines: {problem}"))
}
