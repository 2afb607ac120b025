//! What a run's picture shows: each node's syncs and the kernel's complaints, in seconds.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::words::duration;
use crate::report::{BundleFacts, Report, Study};

/// More nodes than a picture holds are left to the tables.
const MOST_ROWS: usize = 12;
/// Bars on one picture: the longest are kept, the others would be thinner than a pixel.
const MOST_BARS: usize = 600;
/// Loose logs can lie years apart; a picture of that shows nothing.
const LONGEST_S: f64 = 2.0 * 86_400.0;

/// A sync on the time line: seconds from the first start, and its place in `syncs`.
pub(in crate::chart) struct Bar {
    pub(in crate::chart) start: f64,
    pub(in crate::chart) build: Option<f64>,
    pub(in crate::chart) end: f64,
    pub(in crate::chart) sync: usize,
}

impl Bar {
    /// Seconds.
    fn took(&self) -> f64 {
        self.end - self.start
    }
}

/// The syncs and complaints of one node.
#[derive(Default)]
pub(in crate::chart) struct Row {
    pub(in crate::chart) node: String,
    pub(in crate::chart) group: String,
    pub(in crate::chart) bars: Vec<Bar>,
    pub(in crate::chart) lockups: Vec<(f64, String)>,
}

/// The rows of a run, and the moment of its first start in seconds since the epoch.
pub(in crate::chart) struct Run {
    pub(in crate::chart) origin: f64,
    pub(in crate::chart) rows: Vec<Row>,
    pub(in crate::chart) end: f64,
    pub(in crate::chart) all: usize,
}

impl Run {
    /// None where no sync has a time, or they lie days apart.
    pub(in crate::chart) fn of(
        report: &Report,
        study: &Study,
        bundle: Option<&BundleFacts>,
    ) -> Option<Self> {
        let at = report.syncs.studies.iter().position(|id| *id == study.id)?;
        let inside: Vec<bool> = report
            .inputs
            .iter()
            .map(|input| bundle.is_none_or(|bundle| input.bundle.as_ref() == Some(&bundle.id)))
            .collect();
        let mut timed: Vec<(i64, u64, usize)> = report
            .syncs
            .syncs
            .iter()
            .zip(&report.syncs.derived)
            .enumerate()
            .filter(|(_, (sync, derived))| {
                derived.study as usize == at && inside.get(sync.input as usize) == Some(&true)
            })
            .filter_map(|(place, (sync, _))| Some((sync.start_ns?, sync.elapsed_ns?, place)))
            .collect();
        let origin = timed.iter().map(|(start, ..)| *start).min()?;
        let last = timed
            .iter()
            .map(|(start, took, _)| start + *took as i64)
            .max()?;
        let end = (last - origin) as f64 / 1e9;
        if end > LONGEST_S {
            return None;
        }
        let all = timed.len();
        timed.sort_by_key(|(_, took, place)| (std::cmp::Reverse(*took), *place));
        timed.truncate(MOST_BARS);
        timed.sort_unstable();
        let rows = rows(report, bundle, origin, &timed);
        let origin = origin as f64 / 1e9;
        Some(Self {
            origin,
            rows,
            end,
            all,
        })
    }
}

fn rows(
    report: &Report,
    bundle: Option<&BundleFacts>,
    origin: i64,
    timed: &[(i64, u64, usize)],
) -> Vec<Row> {
    let mut rows: BTreeMap<(String, String), Row> = BTreeMap::new();
    let seconds = |ns: i64| (ns - origin) as f64 / 1e9;
    for (start, took, sync) in timed {
        let Some(row) = report.syncs.get(*sync) else {
            continue;
        };
        let node = row.node.as_deref().unwrap_or(&row.input).to_owned();
        let group = row.group.into_owned();
        let entry = rows
            .entry((group.clone(), node.clone()))
            .or_insert_with(|| Row {
                node,
                group,
                ..Row::default()
            });
        entry.bars.push(Bar {
            start: seconds(*start),
            build: row.build_s,
            end: seconds(start + *took as i64),
            sync: *sync,
        });
    }
    let mut rows: Vec<Row> = rows.into_values().collect();
    if rows.len() > MOST_ROWS {
        // Those that took longest, in the order of their names.
        let longest = |row: &Row| row.bars.iter().map(Bar::took).fold(0.0, f64::max);
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|a, b| longest(&rows[*b]).total_cmp(&longest(&rows[*a])));
        let kept: BTreeSet<usize> = order.into_iter().take(MOST_ROWS).collect();
        let mut at = 0;
        rows.retain(|_| {
            at += 1;
            kept.contains(&(at - 1))
        });
    }
    for row in &mut rows {
        row.lockups = lockups(report, bundle, &row.node, origin);
    }
    rows
}

/// The kernel's complaints on a node, in seconds from the origin.
fn lockups(
    report: &Report,
    bundle: Option<&BundleFacts>,
    node: &str,
    origin: i64,
) -> Vec<(f64, String)> {
    let of_node = report.kernel_events.iter().filter(|event| {
        event.node.as_deref() == Some(node)
            && bundle.is_none_or(|bundle| event.study == bundle.study)
    });
    of_node
        .filter_map(|event| {
            let time = chrono::DateTime::parse_from_rfc3339(event.time.as_ref()?).ok()?;
            let at = (time.timestamp_nanos_opt()? - origin) as f64 / 1e9;
            let function = event.function.as_deref().unwrap_or("unknown function");
            let stuck = event
                .seconds
                .map_or_else(String::new, |s| format!(" for {}", duration(s)));
            let kind = event.kind;
            let place = format!("{}:{}", event.input, event.line);
            Some((at, format!("{kind}{stuck} in {function}, {place}")))
        })
        .collect()
}
