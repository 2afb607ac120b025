//! Where the time of a group's syncs goes.

use std::collections::BTreeMap;

use kube_proxy_logs::{Family, Outcome, Sync};

use super::family_lock::FamilyLock;
use super::trial::TrialRule;
use crate::report::sync_table::seconds;
use crate::report::{Places, SyncTable, TimeSplit};
use crate::stats::summary;

/// A sync that begins so soon after its predecessor's end had changes waiting for it.
const QUEUED_NS: i64 = 1_000_000;

/// The time split of each group of a study: its place, and those of its syncs.
#[must_use]
pub fn of_study(
    table: &SyncTable,
    (study, places): (usize, &Places),
    rule: &TrialRule<'_>,
    lock: &FamilyLock,
) -> Vec<TimeSplit> {
    let mut by_group: BTreeMap<u32, Places> = BTreeMap::new();
    for place in places.iter() {
        if let Some(derived) = table.derived(place) {
            by_group.entry(derived.group).or_default().push(place);
        }
    }
    by_group
        .into_iter()
        .map(|(group, places)| {
            let mut split = TimeSplit {
                study: table.studies[study].clone(),
                group: table.groups[group as usize].clone(),
                ..TimeSplit::default()
            };
            of_group(&mut split, table, &places, rule);
            waiting(&mut split, table, &places, lock);
            split
        })
        .collect()
}

fn of_group(split: &mut TimeSplit, table: &SyncTable, places: &Places, rule: &TrialRule<'_>) {
    let of_family = places.iter().filter(|place| {
        rule.family()
            .is_none_or(|f| f == table.syncs.at(*place).family)
    });
    let is_ok = |place: &usize| table.syncs.at(*place).outcome == Outcome::Ok;
    let ok: Places = of_family.clone().filter(is_ok).collect();
    phases(split, table, &ok);
    fullness(split, table, &ok);
    queueing(split, table, &ok);
    for place in of_family {
        let sync = table.syncs.at(place);
        if sync.outcome == Outcome::Failed {
            split.failed += 1;
            split.failed_s += seconds(sync.elapsed_ns.unwrap_or(0));
            split.failed_ids.push(place);
        }
    }
}

fn phases(split: &mut TimeSplit, table: &SyncTable, places: &Places) {
    for place in places.iter() {
        let sync = table.syncs.at(place);
        if let (Some(build), Some(commit)) = (sync.build_ns, sync.commit_ns)
            && table.is_trial(place)
        {
            split.split_trials += 1;
            split.build_s += seconds(build);
            split.commit_s += seconds(commit);
            split.split_trial_ids.push(place);
        }
        if let Some(chains) = sync.stale_chains {
            split.stale_syncs += 1;
            split.stale_chains = split.stale_chains.saturating_add(chains);
            split.stale_s += seconds(sync.elapsed_ns.unwrap_or(0));
            split.stale_ids.push(place);
        }
    }
    let both = split.build_s + split.commit_s;
    split.commit_share = (both > 0.0).then(|| split.commit_s / both);
}

fn fullness(split: &mut TimeSplit, table: &SyncTable, places: &Places) {
    let of = |full: bool| -> (Vec<usize>, Option<f64>) {
        let known = |place: &usize| table.syncs.at(*place).full == Some(full);
        let ids: Vec<usize> = places.iter().filter(known).collect();
        let durations: Vec<f64> = ids
            .iter()
            .filter_map(|place| table.syncs.at(*place).elapsed_ns)
            .map(seconds)
            .collect();
        (ids, summary::mean(&durations))
    };
    (split.full_ids, split.full_mean_s) = of(true);
    (split.partial_ids, split.partial_mean_s) = of(false);
    (split.full, split.partial) = (split.full_ids.len(), split.partial_ids.len());
}

/// Syncs that only waited for the other family, and trials that the other family held up.
fn waiting(split: &mut TimeSplit, table: &SyncTable, places: &Places, lock: &FamilyLock) {
    for place in places.iter() {
        if lock.waited.contains(&place) {
            split.waited += 1;
            split.waited_s += seconds(table.syncs.at(place).elapsed_ns.unwrap_or(0));
            split.waited_syncs.push(place);
        }
        let trial = table.is_trial(place);
        if let Some(held) = lock.held_up.get(&place).filter(|_| trial) {
            split.blocked += 1;
            split.blocked_s += seconds(*held);
            split.blocked_ids.push(place);
        }
    }
}

fn queueing(split: &mut TimeSplit, table: &SyncTable, places: &Places) {
    let mut last: BTreeMap<(u32, Family), Sync> = BTreeMap::new();
    for place in places.iter() {
        let sync = table.syncs.at(place);
        if let Some(before) = last.insert((sync.input, sync.family), sync)
            && let (Some(start), Some(end)) = (sync.start_ns, before.end_ns)
            && start.saturating_sub(end).saturating_abs() <= QUEUED_NS
        {
            split.queued += 1;
            split.queued_ids.push(place);
            let wait = before.elapsed_ns.map(seconds);
            split.queued_max_s = match (split.queued_max_s, wait) {
                (Some(longest), Some(wait)) => Some(longest.max(wait)),
                (longest, wait) => longest.or(wait),
            };
        }
    }
}
