//! Where the time of a group's syncs goes.

use std::collections::BTreeMap;

use kube_proxy_logs::{Family, Outcome, Sync};

use super::trial::TrialRule;
use crate::report::sync_table::seconds;
use crate::report::{SyncTable, TimeSplit};
use crate::stats::summary;

/// A sync that begins so soon after its predecessor's end had changes waiting for it.
const QUEUED_NS: i64 = 1_000_000;
/// A sync of at most so many endpoints has nothing of its own to do for long.
const FEW_ENDPOINTS: u64 = 1_000;
/// A sync shorter than this has waited for nothing worth telling.
const WAITED_AT_LEAST_NS: u64 = 1_000_000_000;

/// The time split of each group of a study.
#[must_use]
pub fn of_study(table: &SyncTable, study: u32, rule: &TrialRule<'_>) -> Vec<TimeSplit> {
    let mut by_group: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (place, derived) in table.derived.iter().enumerate() {
        if derived.study == study {
            by_group.entry(derived.group).or_default().push(place);
        }
    }
    by_group
        .into_iter()
        .map(|(group, places)| of_group(table, study, group, &places, rule))
        .collect()
}

fn of_group(
    table: &SyncTable,
    study: u32,
    group: u32,
    places: &[usize],
    rule: &TrialRule<'_>,
) -> TimeSplit {
    let mut split = TimeSplit {
        study: table.studies[study as usize].clone(),
        group: table.groups[group as usize].clone(),
        ..TimeSplit::default()
    };
    let chosen: Vec<usize> = places
        .iter()
        .copied()
        .filter(|place| {
            let sync = &table.syncs[*place];
            sync.outcome == Outcome::Ok && rule.family().is_none_or(|f| f == sync.family)
        })
        .collect();
    phases(&mut split, table, &chosen);
    fullness(&mut split, table, &chosen);
    waiting(&mut split, table, places, rule);
    queueing(&mut split, table, &chosen);
    split
}

fn phases(split: &mut TimeSplit, table: &SyncTable, places: &[usize]) {
    for place in places {
        let sync = &table.syncs[*place];
        if let (Some(build), Some(commit)) = (sync.build_ns, sync.commit_ns)
            && table.derived[*place].why_not.is_none()
        {
            split.split_trials += 1;
            split.build_s += seconds(build);
            split.commit_s += seconds(commit);
        }
        if let Some(chains) = sync.stale_chains {
            split.stale_syncs += 1;
            split.stale_chains += chains;
            split.stale_s += seconds(sync.elapsed_ns.unwrap_or(0));
        }
    }
    let both = split.build_s + split.commit_s;
    split.commit_share = (both > 0.0).then(|| split.commit_s / both);
}

fn fullness(split: &mut TimeSplit, table: &SyncTable, places: &[usize]) {
    let durations = |full: bool| -> Vec<f64> {
        let syncs = places.iter().map(|place| &table.syncs[*place]);
        syncs
            .filter(|sync| sync.full == Some(full))
            .filter_map(|s| s.elapsed_ns)
            .map(seconds)
            .collect()
    };
    let (full, partial) = (durations(true), durations(false));
    (split.full, split.full_mean_s) = (full.len(), summary::mean(&full));
    (split.partial, split.partial_mean_s) = (partial.len(), summary::mean(&partial));
}

/// Syncs of the other family with next to nothing to do, long all the same, while this family
/// was committing on the same log: they stood at the kernel's nfnetlink lock.
fn waiting(split: &mut TimeSplit, table: &SyncTable, places: &[usize], rule: &TrialRule<'_>) {
    let Some(family) = rule.family().filter(|family| *family != Family::Unknown) else {
        return;
    };
    let syncs = |of: bool| {
        places.iter().copied().filter(move |place| {
            let sync: &Sync = &table.syncs[*place];
            (sync.family == family) == of && sync.family != Family::Unknown
        })
    };
    // Commits of the family, by input and time, for a search instead of a walk.
    let mut commits: BTreeMap<(u32, i64), i64> = BTreeMap::new();
    for place in syncs(true) {
        let sync = &table.syncs[place];
        if let (Some(end), Some(commit)) = (sync.end_ns, sync.commit_ns) {
            commits.insert((sync.input, end), end - i64::try_from(commit).unwrap_or(0));
        }
    }
    for place in syncs(false) {
        let sync = &table.syncs[place];
        let (Some(start), Some(end), Some(elapsed)) = (sync.start_ns, sync.end_ns, sync.elapsed_ns)
        else {
            continue;
        };
        if elapsed < WAITED_AT_LEAST_NS || sync.endpoints.is_none_or(|n| n > FEW_ENDPOINTS) {
            continue;
        }
        let overlap: i64 = commits
            .range((sync.input, start)..)
            .take_while(|((input, _), began)| *input == sync.input && **began < end)
            .map(|((_, ended), began)| ended.min(&end) - began.max(&start))
            .sum();
        // Most of its time lay inside the other's transactions.
        if overlap.max(0).unsigned_abs() * 2 > elapsed {
            split.waited += 1;
            split.waited_s += seconds(elapsed);
            split.waited_syncs.push(place);
        }
    }
}

fn queueing(split: &mut TimeSplit, table: &SyncTable, places: &[usize]) {
    let mut last: BTreeMap<(u32, Family), &Sync> = BTreeMap::new();
    for place in places {
        let sync = &table.syncs[*place];
        if let Some(before) = last.insert((sync.input, sync.family), sync)
            && let (Some(start), Some(end)) = (sync.start_ns, before.end_ns)
            && (start - end).abs() <= QUEUED_NS
        {
            split.queued += 1;
            let wait = before.elapsed_ns.map(seconds);
            split.queued_max_s = match (split.queued_max_s, wait) {
                (Some(longest), Some(wait)) => Some(longest.max(wait)),
                (longest, wait) => longest.or(wait),
            };
        }
    }
}
