//! What a run's picture shows: each node's syncs and the kernel's complaints, in seconds.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::words::duration;
use crate::report::{BundleFacts, Report, Study};

/// More nodes than a picture holds are left to the tables.
const MOST_ROWS: usize = 12;
/// Bars on one picture: the longest are kept, the others would be thinner than a pixel.
const MOST_BARS: usize = 600;
/// From so long without a sync of any node on, in all more than half of the time, nodes are shown
/// each from its own first sync: their order in time tells nothing.
const APART_S: f64 = 3_600.0;
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
    /// The moment that its seconds count from, in nanoseconds since the epoch.
    origin: i64,
}

/// The rows of a run, and the moment of its first start in seconds since the epoch.
pub(in crate::chart) struct Run {
    pub(in crate::chart) origin: f64,
    pub(in crate::chart) rows: Vec<Row>,
    /// Whether each row begins with its own first sync.
    pub(in crate::chart) apart: bool,
    /// Where the longest row ends, in seconds.
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
        let of_study = report.syncs.origins.iter().map(|one| one.study as usize);
        let inside: Vec<bool> = report
            .inputs
            .iter()
            .zip(of_study)
            .map(|(input, study)| {
                let of_bundle = |one: &BundleFacts| input.bundle.as_ref() == Some(&one.id);
                study == at && bundle.is_none_or(of_bundle)
            })
            .collect();
        let mut timed: Vec<(i64, u64, usize)> = report
            .syncs
            .syncs
            .iter()
            .enumerate()
            .filter(|(_, sync)| inside.get(sync.input as usize) == Some(&true))
            .filter_map(|(place, sync)| Some((sync.start_ns?, sync.elapsed_ns?, place)))
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
        let told = bundle.is_some_and(|bundle| !bundle.timeline.is_empty());
        let apart = !told && mostly_apart(&timed);
        let rows = rows(report, bundle, (!apart).then_some(origin), &timed);
        let ends = rows.iter().flat_map(|row| &row.bars).map(|bar| bar.end);
        let end = if apart { ends.fold(0.0, f64::max) } else { end };
        Some(Self {
            origin: origin as f64 / 1e9,
            rows,
            apart,
            end,
            all,
        })
    }
}

/// Whether hours without any sync make up most of the time; of syncs by their start.
fn mostly_apart(timed: &[(i64, u64, usize)]) -> bool {
    let Some((first, ..)) = timed.first() else {
        return false;
    };
    let (mut until, mut idle) = (*first, 0);
    for (start, took, _) in timed {
        let gap = start - until;
        if gap as f64 >= APART_S * 1e9 {
            idle += gap;
        }
        until = until.max(start + *took as i64);
    }
    2 * idle > until - first
}

/// A row a node, in seconds from `origin`, or each from its own first sync.
fn rows(
    report: &Report,
    bundle: Option<&BundleFacts>,
    origin: Option<i64>,
    timed: &[(i64, u64, usize)],
) -> Vec<Row> {
    let mut rows: BTreeMap<(String, String), Row> = BTreeMap::new();
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
                origin: origin.unwrap_or(*start),
                ..Row::default()
            });
        let seconds = |ns: i64| (ns - entry.origin) as f64 / 1e9;
        let (from, to) = (seconds(*start), seconds(start + *took as i64));
        entry.bars.push(Bar {
            start: from,
            build: row.build_s,
            end: to,
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
        row.lockups = lockups(report, bundle, &row.node, row.origin);
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

#[cfg(test)]
mod tests {
    use super::mostly_apart;

    const HOUR: i64 = 3_600_000_000_000;

    #[test]
    fn nodes_lie_apart_when_most_of_the_time_is_hours_without_a_sync() {
        let syncs = |starts: &[i64], took: i64| {
            let all: Vec<(i64, u64, usize)> = starts
                .iter()
                .enumerate()
                .map(|(at, start)| (*start, took as u64, at))
                .collect();
            mostly_apart(&all)
        };
        assert!(!syncs(&[], 1));
        assert!(!syncs(&[0], HOUR));
        // An hour between two of half an hour is half of the time, and no more.
        assert!(!syncs(&[0, 3 * HOUR / 2], HOUR / 2));
        assert!(syncs(&[0, 3 * HOUR / 2 + 1], HOUR / 2));
        // Shorter gaps count for nothing.
        assert!(!syncs(&[0, HOUR - 1], 1));
        assert!(syncs(&[0, HOUR + 1], 1));
        // A long sync covers the gap between short ones.
        assert!(!mostly_apart(&[
            (0, 3 * HOUR as u64, 0),
            (1, 1, 1),
            (2 * HOUR, 1, 2)
        ]));
    }
}
