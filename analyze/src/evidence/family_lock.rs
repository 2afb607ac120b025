//! Two families, one lock in the kernel.
//!
//! kube-proxy syncs IPv4 and IPv6 at the same time, but nftables takes one transaction at a time
//! (nfnetlink's commit mutex). The sync of a nearly empty family then takes as long as the
//! other's transaction; that time is not its own.

use std::collections::{BTreeMap, BTreeSet};

use kube_proxy_logs::{Family, Sync, Syncs};
use rayon::prelude::*;

/// A sync of at most so many endpoints has nothing of its own to do for long.
const FEW_ENDPOINTS: u64 = 1_000;
/// A sync shorter than this has waited for nothing worth telling.
const WAITED_AT_LEAST_NS: u64 = 1_000_000_000;
/// Overlap with the other family's transactions, in parts of a sync's time, from which it was
/// held up.
const HELD_UP: u64 = 20;

/// Which syncs waited for the other family, and which were held up by it.
#[derive(Debug, Default)]
pub struct FamilyLock {
    /// Syncs with next to nothing to do whose time lay mostly inside the other family's
    /// transactions.
    pub waited: BTreeSet<usize>,
    /// Syncs with work of their own during which the other family's transactions ran for more
    /// than a twentieth of their time; for how many nanoseconds.
    pub held_up: BTreeMap<usize, u64>,
}

/// A transaction.
#[derive(Debug, Clone, Copy)]
struct Commit {
    begin: i64,
    end: i64,
    /// Place of its sync.
    place: usize,
    endpoints: u64,
}

/// Transactions of one log and family, by end and place.
type Commits = Vec<Commit>;

impl FamilyLock {
    /// Finds both among all syncs of a reading.
    #[must_use]
    pub fn of(syncs: &Syncs) -> Self {
        let long = || {
            let elapsed = |sync: &Sync| sync.elapsed_ns.filter(|ns| *ns >= WAITED_AT_LEAST_NS);
            let all = (0..syncs.len()).into_par_iter();
            all.filter_map(move |place| {
                let sync = syncs.at(place);
                Some((place, sync, elapsed(&sync)?))
            })
        };
        // Where every sync is short there is nothing to look for.
        if long().find_any(|_| true).is_none() {
            return Self::default();
        }
        let commits = commits(syncs);
        let waits = |sync: &Sync, elapsed: u64| {
            // Of two nearly empty families neither is the other's load.
            let larger = |_: usize, endpoints: u64| sync.endpoints.is_some_and(|n| endpoints > n);
            let few = sync.endpoints.is_some_and(|n| n <= FEW_ENDPOINTS);
            few && overlap(sync, &commits, larger) * 2 > elapsed
        };
        let waited: BTreeSet<usize> = long()
            .filter(|(_, sync, elapsed)| waits(sync, *elapsed))
            .map(|(place, ..)| place)
            .collect();
        // The commit of a sync that waits is itself mostly waiting.
        let real = |other: usize, _: u64| !waited.contains(&other);
        let held_up = long()
            .filter(|(place, ..)| !waited.contains(place))
            .map(|(place, sync, elapsed)| (place, overlap(&sync, &commits, real), elapsed))
            .filter(|(_, held, elapsed)| held.saturating_mul(HELD_UP) > *elapsed)
            .map(|(place, held, _)| (place, held))
            .collect();
        Self { waited, held_up }
    }
}

fn commits(syncs: &Syncs) -> BTreeMap<(u32, Family), Commits> {
    let mut commits: BTreeMap<(u32, Family), Commits> = BTreeMap::new();
    for (place, sync) in syncs.iter().enumerate() {
        if let (Some(end), Some(commit)) = (sync.end_ns, sync.commit_ns) {
            let commit = Commit {
                begin: end.saturating_sub_unsigned(commit),
                end,
                place,
                endpoints: sync.endpoints.unwrap_or(0),
            };
            let key = (sync.input, sync.family);
            commits.entry(key).or_default().push(commit);
        }
    }
    for of_family in commits.values_mut() {
        of_family.sort_by_key(|commit| (commit.end, commit.place));
    }
    commits
}

/// Nanoseconds of a sync that lie inside those transactions of the other family, in its own log,
/// that `counts` accepts by place and endpoints.
fn overlap(
    sync: &Sync,
    commits: &BTreeMap<(u32, Family), Commits>,
    counts: impl Fn(usize, u64) -> bool,
) -> u64 {
    let other = match sync.family {
        Family::Ipv4 => Family::Ipv6,
        Family::Ipv6 => Family::Ipv4,
        Family::Unknown => return 0,
    };
    let (Some(start), Some(end)) = (sync.start_ns, sync.end_ns) else {
        return 0;
    };
    let Some(commits) = commits.get(&(sync.input, other)) else {
        return 0;
    };
    // A family's transactions follow each other, so those that end later also begin later.
    let first = commits.partition_point(|commit| commit.end < start);
    commits[first..]
        .iter()
        .take_while(|commit| commit.begin < end)
        .filter(|commit| counts(commit.place, commit.endpoints))
        .map(|commit| {
            let (from, to) = (commit.begin.max(start), commit.end.min(end));
            to.saturating_sub(from).max(0)
        })
        .sum::<i64>()
        .unsigned_abs()
}
