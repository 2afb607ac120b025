//! Kernel complaints by kernel and kind.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kube_proxy_logs::{KernelEvent, KernelKind};

use crate::corpus::Studies;
use crate::report::sync_table::{rfc3339, seconds};
use crate::report::{KernelEventRow, LockupSummary, SyncTable};

/// A complaint and its place among all.
type Placed<'e> = (usize, &'e KernelEvent);

/// Each complaint as reports show it.
#[must_use]
pub fn rows(events: &[KernelEvent], table: &SyncTable, studies: &Studies) -> Vec<KernelEventRow> {
    events
        .iter()
        .map(|event| {
            let at = event.input as usize;
            let origin = table.origins.get(at);
            let study = studies
                .of_input
                .get(at)
                .and_then(|study| table.studies.get(*study));
            KernelEventRow {
                input: origin.map(|origin| origin.path.clone()).unwrap_or_default(),
                line: event.line,
                study: study.cloned().unwrap_or_default(),
                group: studies.groups.get(at).cloned(),
                node: origin.and_then(|origin| origin.node.clone()),
                kind: event.kind.name().to_owned(),
                cpu: event.cpu,
                comm: event.comm.clone(),
                pid: event.pid,
                reported: event.reported,
                seconds: event.seconds,
                time: event.time_ns.map(rfc3339),
                function: event.function.clone(),
                episode: u64::from(event.episode),
                during_sync: event.during_sync,
            }
        })
        .collect()
}

/// Sums them up by study, group and kind.
#[must_use]
pub fn summaries(
    events: &[KernelEvent],
    table: &SyncTable,
    studies: &Studies,
) -> Vec<LockupSummary> {
    let mut by: BTreeMap<(usize, &str, KernelKind), Vec<Placed<'_>>> = BTreeMap::new();
    for (place, event) in events.iter().enumerate() {
        let at = event.input as usize;
        if let (Some(study), Some(group)) = (studies.of_input.get(at), studies.groups.get(at)) {
            by.entry((*study, group.as_str(), event.kind))
                .or_default()
                .push((place, event));
        }
    }
    by.into_iter()
        .map(|((study, group, kind), placed)| {
            let (places, events): (Vec<usize>, Vec<&KernelEvent>) = placed.into_iter().unzip();
            let lengths = episodes(&events);
            let inside = Inside::of(&events, table);
            LockupSummary {
                study: table.studies.get(study).cloned().unwrap_or_default(),
                group: group.to_owned(),
                kind: kind.name().to_owned(),
                reports: events.len(),
                episodes: lengths.len(),
                seconds: lengths.values().sum(),
                longest_s: lengths.values().copied().fold(0.0, f64::max),
                functions: functions(&events),
                locked_s: inside.locked_s,
                commit_s: inside.commit_s,
                commit_share: (inside.commit_s > 0.0).then(|| inside.locked_s / inside.commit_s),
                syncs: inside.syncs,
                events: places,
            }
        })
        .collect()
}

/// The longest report of each episode, in real seconds.
fn episodes(events: &[&KernelEvent]) -> BTreeMap<u32, f64> {
    let mut lengths = BTreeMap::new();
    for event in events {
        let longest: &mut f64 = lengths.entry(event.episode).or_default();
        *longest = longest.max(event.seconds.unwrap_or(0.0));
    }
    lengths
}

fn functions(events: &[&KernelEvent]) -> Vec<(String, usize)> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for name in events.iter().filter_map(|event| event.function.as_deref()) {
        *counts.entry(name).or_default() += 1;
    }
    let mut sorted: Vec<(String, usize)> = counts
        .into_iter()
        .map(|(name, count)| (name.to_owned(), count))
        .collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    sorted
}

/// What of the time locked up lies inside commits.
struct Inside {
    locked_s: f64,
    commit_s: f64,
    syncs: Vec<usize>,
}

impl Inside {
    /// A report at time t of a task stuck for s seconds says: locked up from t - s to t. Of each
    /// commit the union of these spans counts, so that several CPUs locked up at once, and a
    /// report repeated with a growing counter, count once.
    fn of(events: &[&KernelEvent], table: &SyncTable) -> Self {
        let mut spans: BTreeMap<usize, Vec<(i64, i64)>> = BTreeMap::new();
        for event in events {
            if let (Some(place), Some(time), Some(length)) =
                (event.during_sync, event.time_ns, event.seconds)
            {
                let began = time.saturating_sub((length * 1e9) as i64);
                spans.entry(place).or_default().push((began, time));
            }
        }
        let syncs: BTreeSet<usize> = events.iter().filter_map(|one| one.during_sync).collect();
        let mut inside = Self {
            locked_s: 0.0,
            commit_s: 0.0,
            syncs: syncs.into_iter().collect(),
        };
        for (place, spans) in spans {
            let sync = table.syncs.get(place);
            if let Some((end, commit)) = sync.and_then(|sync| sync.end_ns.zip(sync.commit_ns)) {
                inside.commit_s += seconds(commit);
                inside.locked_s += covered(spans, end.saturating_sub_unsigned(commit), end);
            }
        }
        inside
    }
}

/// Seconds between `from` and `to` that lie in any of the spans.
fn covered(mut spans: Vec<(i64, i64)>, from: i64, to: i64) -> f64 {
    spans.sort_unstable();
    let (mut covered, mut reached) = (0, from);
    for (began, ended) in spans {
        let (began, ended) = (began.max(reached), ended.min(to));
        if ended > began {
            covered += ended - began;
            reached = ended;
        }
    }
    seconds(covered.unsigned_abs())
}
