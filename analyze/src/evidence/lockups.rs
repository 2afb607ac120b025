//! Kernel complaints by kernel and kind.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use kube_proxy_logs::{KernelEvent, KernelKind};

use crate::corpus::Studies;
use crate::report::sync_table::{rfc3339, seconds};
use crate::report::{HotStack, KernelEventRow, LockupSummary, SyncTable, Warning};

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
                kind: event.kind.into(),
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
                kind: kind.into(),
                reports: events.len(),
                episodes: lengths.len(),
                seconds: lengths.values().sum(),
                longest_s: lengths.values().copied().fold(0.0, f64::max),
                functions: functions(&events),
                stacks: stacks(&events),
                locked_s: inside.locked_s,
                commit_s: inside.commit_s,
                commit_share: (inside.commit_s > 0.0).then(|| inside.locked_s / inside.commit_s),
                syncs: inside.syncs,
                events: places,
            }
        })
        .collect()
}

/// The length of each episode in real seconds: its longest report, or, where the counter began
/// anew within it, from the beginning of its first report to its last.
fn episodes(events: &[&KernelEvent]) -> BTreeMap<u32, f64> {
    let mut by: BTreeMap<u32, Vec<&KernelEvent>> = BTreeMap::new();
    for event in events {
        by.entry(event.episode).or_default().push(event);
    }
    by.into_iter()
        .map(|(episode, events)| (episode, length(&events)))
        .collect()
}

fn length(events: &[&KernelEvent]) -> f64 {
    let told = || events.iter().filter_map(|event| event.seconds);
    let longest = told().fold(0.0, f64::max);
    let anew = told()
        .zip(told().skip(1))
        .any(|(before, now)| now <= before);
    match (anew, events.first(), events.last()) {
        (true, Some(first), Some(last)) => {
            let span = first.time_ns.zip(last.time_ns).map(|(a, b)| b.abs_diff(a));
            let whole = span.map_or(0.0, seconds) + first.seconds.unwrap_or(0.0);
            longest.max(whole)
        }
        _ => longest,
    }
}

/// Whether the task is one that carries a sync to the kernel.
fn of_the_commit(event: &KernelEvent) -> bool {
    let comm = event.comm.as_deref().unwrap_or_default();
    comm == "nft"
        || ["kube-proxy", "iptables", "ip6tables", "xtables"]
            .iter()
            .any(|own| comm.starts_with(own))
}

/// Whether the task is a thread of the kernel's own.
fn kernel_thread(comm: &str) -> bool {
    let own = [
        "kworker",
        "khugepaged",
        "kswapd",
        "kcompactd",
        "ksoftirqd",
        "kthreadd",
        "kauditd",
        "migration/",
        "rcu_",
        "rcuo",
        "cpuhp/",
        "swapper/",
        "jbd2/",
        "watchdog",
        "khungtaskd",
    ];
    own.iter().any(|own| comm.starts_with(own))
}

/// A warning for each input whose kernel complained, during a sync, of tasks that are neither
/// the sync's nor the kernel's own: other work ran on that machine.
#[must_use]
pub fn foreign_work(events: &[KernelEvent], table: &SyncTable) -> Vec<Warning> {
    let mut by: BTreeMap<u32, (u64, BTreeSet<&str>)> = BTreeMap::new();
    for event in events {
        if let (Some(comm), Some(_)) = (event.comm.as_deref(), event.during_sync)
            && !of_the_commit(event)
            && !kernel_thread(comm)
        {
            let found = by
                .entry(event.input)
                .or_insert((event.line, BTreeSet::new()));
            found.1.insert(comm);
        }
    }
    by.into_iter()
        .filter_map(|(input, (line, tasks))| {
            let path = table.origins.get(input as usize)?.path.clone();
            let tasks: Vec<&str> = tasks.into_iter().collect();
            let message = format!(
                "other work ran on this machine during a sync: the kernel complained of {}. Its \
                 durations may be longer for it.",
                tasks.join(", ")
            );
            Some(Warning::new("foreign_work", message).at(path, Some(line)))
        })
        .collect()
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

/// Functions with their callers, the most frequent first.
fn stacks(events: &[&KernelEvent]) -> Vec<HotStack> {
    let mut counts: BTreeMap<(&str, &[String]), usize> = BTreeMap::new();
    for event in events {
        if let Some(function) = event.function.as_deref() {
            *counts.entry((function, &event.callers)).or_default() += 1;
        }
    }
    let mut stacks: Vec<HotStack> = counts
        .into_iter()
        .map(|((function, callers), reports)| HotStack {
            function: function.to_owned(),
            callers: callers.to_vec(),
            reports,
        })
        .collect();
    stacks.sort_by_key(|stack| std::cmp::Reverse(stack.reports));
    stacks
}

/// What of the time locked up lies inside commits.
struct Inside {
    locked_s: f64,
    commit_s: f64,
    syncs: Vec<usize>,
}

impl Inside {
    /// Only the commit's own tasks count: others that were stuck meanwhile are bystanders.
    ///
    /// A report at time t of a task stuck for s seconds says: locked up from t - s to t. Of each
    /// commit the union of these spans counts, so that several CPUs locked up at once, and a
    /// report repeated with a growing counter, count once.
    fn of(events: &[&KernelEvent], table: &SyncTable) -> Self {
        let mut spans: BTreeMap<usize, Vec<(i64, i64)>> = BTreeMap::new();
        for event in events {
            if let (true, Some(place), Some(time), Some(length)) = (
                of_the_commit(event),
                event.during_sync,
                event.time_ns,
                event.seconds,
            ) {
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
