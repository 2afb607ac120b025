//! What a node's kernel held, sync by sync: looked up, not searched for from the beginning.

use kube_proxy_logs::{Outcome, Sync};

use super::net_change::endpoints;
use super::ramp::DriverStep;

/// Syncs of a node that may run at once, of all families and of a kube-proxy that was replaced:
/// behind so many that began after a moment, none began before it.
const AT_ONCE: usize = 8;

/// A successful sync that tells its endpoints, and its place in the table.
#[derive(Debug, Clone, Copy)]
struct Held {
    place: usize,
    sync: Sync,
    end_ns: i64,
    endpoints: u64,
}

/// The successful syncs of a node, in the order in which they ended.
#[derive(Debug, Default)]
pub(super) struct InKernel {
    syncs: Vec<Held>,
    /// Fewest and most endpoints of each stretch of syncs: of two stretches of the row below each,
    /// up to one that has all.
    stretches: Vec<Vec<[u64; 2]>>,
}

impl InKernel {
    /// Of a node's syncs, in the order of their logs.
    pub(super) fn of(syncs: &[(usize, Sync)]) -> Self {
        let held = |(place, sync): &(usize, Sync)| {
            let ok = sync.outcome == Outcome::Ok;
            Some(Held {
                place: *place,
                sync: *sync,
                end_ns: sync.end_ns.filter(|_| ok)?,
                endpoints: endpoints(sync)?,
            })
        };
        let mut syncs: Vec<Held> = syncs.iter().filter_map(held).collect();
        syncs.sort_by_key(|held| held.end_ns);
        let mut row: Vec<[u64; 2]> = syncs.iter().map(|held| [held.endpoints; 2]).collect();
        let mut stretches = Vec::new();
        while row.len() > 1 {
            let next = row.chunks(2).map(|two| {
                let [first, last] = [two[0], two[two.len() - 1]];
                [first[0].min(last[0]), first[1].max(last[1])]
            });
            let next = next.collect();
            stretches.push(std::mem::replace(&mut row, next));
        }
        stretches.push(row);
        Self { syncs, stretches }
    }

    /// Endpoints that the kernel held at a moment, as far as syncs tell.
    pub(super) fn at(&self, ns: i64) -> Option<u64> {
        let ended = self.syncs.partition_point(|held| held.end_ns <= ns);
        Some(self.syncs[ended.checked_sub(1)?].endpoints)
    }

    /// The first sync that ends after a step with its endpoints in the kernel or, on the way up,
    /// more: a sync that carries a later step carries this one too. It begins before the ramp
    /// turns round.
    pub(super) fn carrying(&self, step: &DriverStep) -> Option<(usize, Sync)> {
        let meets =
            |[fewest, most]: [u64; 2]| step.is_met_by(fewest as f64) || step.is_met_by(most as f64);
        let mut from = self
            .syncs
            .partition_point(|held| held.end_ns <= step.time_ns);
        let mut late = 0;
        while let Some(at) = self.first(from, meets) {
            let held = &self.syncs[at];
            let in_time = |turn: i64| held.sync.start_ns.is_some_and(|start| start < turn);
            if step.turn_ns.is_none_or(in_time) {
                return Some((held.place, held.sync));
            }
            late += usize::from(step.turn_ns.is_some_and(|turn| held.end_ns >= turn));
            if late > AT_ONCE {
                return None;
            }
            from = at + 1;
        }
        None
    }

    /// The first sync from a place on whose endpoints are met. What is met by a stretch is met by
    /// its fewest or its most.
    fn first(&self, from: usize, meets: impl Fn([u64; 2]) -> bool) -> Option<usize> {
        let (mut row, mut at) = (0, from);
        // Up, as long as nothing is met: to the stretch behind.
        loop {
            let stretch = *self.stretches.get(row)?.get(at)?;
            if meets(stretch) {
                break;
            }
            at += 1;
            while at.is_multiple_of(2) && row + 1 < self.stretches.len() {
                (row, at) = (row + 1, at / 2);
            }
        }
        // Down, to the first of its two.
        while row > 0 {
            (row, at) = (row - 1, at * 2);
            if !meets(self.stretches[row][at]) {
                at += 1;
            }
        }
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use kube_proxy_logs::{Backend, Family};

    use super::*;

    fn sync(start_ns: i64, end_ns: i64, endpoints: u64) -> Sync {
        Sync {
            input: 0,
            process: 0,
            line: 1,
            syncing_line: None,
            reloading_line: None,
            start_ns: Some(start_ns),
            end_ns: Some(end_ns),
            elapsed_ns: None,
            build_ns: None,
            commit_ns: None,
            services: Some(1),
            endpoints: Some(endpoints),
            stale_chains: None,
            family: Family::Ipv4,
            backend: Backend::Nftables,
            outcome: Outcome::Ok,
            full: None,
        }
    }

    fn step(turn_ns: Option<i64>) -> DriverStep {
        DriverStep {
            line: 1,
            time_ns: 100,
            replicas: 1,
            endpoints: 1000,
            before: None,
            propagated: None,
            in_slices: None,
            up: true,
            turn_ns,
        }
    }

    /// A sync that began before the ramp turned round carries the step, also behind some that did not;
    /// behind more than may run at once none is looked for.
    #[test]
    fn a_step_is_carried_by_a_sync_that_began_before_the_turn() {
        for (late, carried) in [(0, true), (AT_ONCE, true), (AT_ONCE + 1, false)] {
            let mut syncs: Vec<Sync> = (0..late)
                .map(|at| sync(200, 210 + i64::try_from(at).unwrap(), 1000))
                .collect();
            syncs.push(sync(199, 300, 1000));
            let numbered: Vec<(usize, Sync)> = syncs.into_iter().enumerate().collect();
            let kernel = InKernel::of(&numbered);
            let found = kernel.carrying(&step(Some(200))).map(|(place, _)| place);
            assert_eq!(found, carried.then_some(late), "{late} late");
            // Without a turn the first serves.
            assert_eq!(kernel.carrying(&step(None)).unwrap().0, 0);
        }
    }

    #[test]
    fn what_the_kernel_held_is_of_the_sync_before() {
        let kernel = InKernel::of(&[(0, sync(90, 100, 990)), (1, sync(100, 200, 2000))]);
        for (ns, endpoints) in [
            (99, None),
            (100, Some(990)),
            (199, Some(990)),
            (200, Some(2000)),
        ] {
            assert_eq!(kernel.at(ns), endpoints, "{ns}");
        }
        // The first ended as the step was made.
        assert_eq!(kernel.carrying(&step(None)).unwrap().0, 1);
    }
}
