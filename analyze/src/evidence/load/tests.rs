use kube_proxy_logs::{Backend, Family};

use super::*;

const S: i64 = 1_000_000_000;

/// A sync from second to second, with a net change and so many endpoints after it.
fn sync((start, end): (i64, i64), endpoints: u64) -> Sync {
    Sync {
        input: 0,
        process: 0,
        line: 1,
        syncing_line: None,
        reloading_line: None,
        start_ns: Some(start * S),
        end_ns: Some(end * S),
        elapsed_ns: Some(((end - start) * S).unsigned_abs()),
        build_ns: None,
        commit_ns: None,
        services: None,
        endpoints: Some(endpoints),
        stale_chains: None,
        family: Family::Ipv4,
        backend: Backend::Nftables,
        outcome: Outcome::Ok,
        full: None,
    }
}

fn step(time: i64, before: u64, endpoints: u64) -> DriverStep {
    DriverStep {
        line: 1,
        time_ns: time * S,
        replicas: 1,
        endpoints,
        before: Some(before),
        propagated: None,
        in_slices: None,
        up: endpoints >= before,
        turn_ns: None,
    }
}

/// Which of the syncs carried a load, by place.
fn carriers(syncs: &[Sync], steps: &[DriverStep]) -> Vec<usize> {
    let chains = [0];
    let syncs: Syncs = syncs.iter().copied().collect();
    let order = super::super::net_change::by_node_and_time(&syncs, &chains);
    let changes = super::super::net_change::net_changes(&syncs, &order, &chains);
    let loads = loads(&syncs, &changes, (&order, &chains), &[steps]);
    let carried = |place: &usize| matches!(loads.at(*place), Load::Carried { .. });
    (0..syncs.len()).filter(carried).collect()
}

#[test]
fn of_a_step_cut_in_two_the_larger_part_is_the_load() {
    let cut = |first: u64| {
        [
            sync((0, 5), 2_000),
            sync((11, 60), first),
            sync((60, 90), 60_000),
        ]
    };
    let steps = [step(10, 2_000, 60_000)];
    assert_eq!(carriers(&cut(46_887), &steps), [1]);
    assert_eq!(carriers(&cut(31_001), &steps), [1]);
    assert_eq!(carriers(&cut(30_999), &steps), [2]);
    // A thousandth before the load is no load.
    assert_eq!(carriers(&cut(2_058), &steps), [2]);
}

#[test]
fn a_sync_that_carried_a_third_of_the_next_step_leaves_a_remainder() {
    let steps = [step(10, 5_000, 7_500), step(20, 7_500, 10_500)];
    let cut = |first: u64| {
        [
            sync((0, 5), 5_000),
            sync((21, 60), first),
            sync((60, 90), 10_500),
        ]
    };
    // 7,500 + a third of 3,000.
    assert_eq!(carriers(&cut(8_500), &steps), [1]);
    assert_eq!(carriers(&cut(8_499), &steps), [1, 2]);
    assert_eq!(carriers(&cut(7_501), &steps), [1, 2]);
}

#[test]
fn without_a_timeline_less_than_half_of_a_neighbour_back_to_back_is_a_remainder() {
    let cut = |second: u64, begins: i64| {
        [
            sync((0, 5), 2_000),
            sync((30, 60), 42_000),
            sync((begins, begins + 9), 42_000 + second),
        ]
    };
    assert_eq!(carriers(&cut(19_999, 60), &[]), [1]);
    assert_eq!(carriers(&cut(20_000, 60), &[]), [1, 2]);
    // With a pause between them it is another load.
    assert_eq!(carriers(&cut(19_999, 62), &[]), [1]);
    assert_eq!(carriers(&cut(19_999, 63), &[]), [1, 2]);
    // Nor is what came before the load a load.
    assert_eq!(carriers(&cut(90_000, 60), &[]), [2]);
}

#[test]
fn a_damaged_count_changes_nothing() {
    let syncs = [
        sync((0, 5), 2_000),
        sync((10, 20), u64::MAX),
        sync((30, 60), 42_000),
    ];
    assert_eq!(carriers(&syncs, &[]), [2]);
}
