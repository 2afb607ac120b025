//! Kernel complaints by kernel and kind.

use std::collections::{BTreeMap, HashMap};

use kube_proxy_logs::{KernelEvent, KernelKind};

use crate::corpus::Studies;
use crate::report::sync_table::{rfc3339, seconds};
use crate::report::{KernelEventRow, LockupSummary, SyncTable};

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
    let mut by: BTreeMap<(usize, &str, KernelKind), Vec<&KernelEvent>> = BTreeMap::new();
    for event in events {
        let at = event.input as usize;
        if let (Some(study), Some(group)) = (studies.of_input.get(at), studies.groups.get(at)) {
            by.entry((*study, group.as_str(), event.kind))
                .or_default()
                .push(event);
        }
    }
    by.into_iter()
        .map(|((study, group, kind), events)| {
            let lengths = episodes(&events);
            LockupSummary {
                study: table.studies.get(study).cloned().unwrap_or_default(),
                group: group.to_owned(),
                kind: kind.name().to_owned(),
                reports: events.len(),
                episodes: lengths.len(),
                seconds: lengths.values().sum(),
                longest_s: lengths.values().copied().fold(0.0, f64::max),
                functions: functions(&events),
                commit_share: commit_share(&events, &lengths, table),
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

/// Seconds of episodes that fall in syncs over those syncs' commit time; at most 1 a CPU.
fn commit_share(
    events: &[&KernelEvent],
    lengths: &BTreeMap<u32, f64>,
    table: &SyncTable,
) -> Option<f64> {
    let mut syncs: BTreeMap<usize, f64> = BTreeMap::new();
    let mut inside: BTreeMap<u32, ()> = BTreeMap::new();
    for event in events
        .iter()
        .filter(|event| event.kind == KernelKind::SoftLockup)
    {
        let Some(place) = event.during_sync else {
            continue;
        };
        let Some(commit) = table.syncs.get(place).and_then(|sync| sync.commit_ns) else {
            continue;
        };
        syncs.insert(place, seconds(commit));
        inside.insert(event.episode, ());
    }
    let commit: f64 = syncs.values().sum();
    let locked: f64 = inside
        .keys()
        .filter_map(|episode| lengths.get(episode))
        .sum();
    (commit > 0.0).then(|| locked / commit)
}
