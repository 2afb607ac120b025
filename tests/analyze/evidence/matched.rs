//! Which trials did the same work.

use analyze::evidence::groups;
use analyze::evidence::matched::{self, Work};
use analyze::frame::GroupTrials;
use analyze::report::SyncTable;
use kube_proxy_logs::{Backend, Family, Outcome, Sync};
use proptest::prelude::*;

#[test]
fn a_common_scale_is_one_that_every_group_has() {
    for (groups, scale) in [
        (
            vec![
                vec![200_011, 240_011, 240_015],
                vec![200_133, 240_011, 240_015],
            ],
            Some(240_015),
        ),
        (vec![vec![100, 100], vec![200]], None),
        (vec![vec![100, 100, 300], vec![101, 300]], Some(101)),
        (vec![vec![100]], None),
        (vec![vec![100], vec![]], None),
    ] {
        let work = matched::common_work(&untold(&groups));
        assert_eq!(work.map(|work| work.endpoints), scale, "{groups:?}");
    }
}

/// Trials that tell no net change.
fn untold(groups: &[Vec<u64>]) -> Vec<Vec<(u64, Option<i64>)>> {
    let one = |group: &Vec<u64>| group.iter().map(|endpoints| (*endpoints, None)).collect();
    groups.iter().map(one).collect()
}

/// A sync of so many endpoints, and nothing else told.
fn sync(endpoints: u64) -> Sync {
    Sync {
        input: 0,
        process: 0,
        line: 1,
        syncing_line: None,
        reloading_line: None,
        start_ns: None,
        end_ns: None,
        elapsed_ns: Some(1_000_000_000),
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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn matched_trials_are_those_of_all_at_the_scale(
        endpoints in prop::collection::vec(1u64..300, 1..20),
        scale in 1u64..300,
    ) {
        let table = SyncTable {
            syncs: endpoints.iter().map(|endpoints| sync(*endpoints)).collect(),
            ..SyncTable::default()
        };
        let all = GroupTrials { places: (0..endpoints.len()).collect(), ..GroupTrials::default() };
        let work = Work { endpoints: scale, net_change: None };
        let matched = groups::at_work(&all, &table, work).places;
        let wanted: Vec<usize> = all
            .places
            .iter()
            .copied()
            .filter(|place| matched::is_at(endpoints[*place], scale))
            .collect();
        prop_assert_eq!(matched, wanted);
    }

    #[test]
    fn a_matched_scale_keeps_a_trial_of_every_group(
        groups in prop::collection::vec(prop::collection::vec(1u64..400, 1..8), 2..4)
    ) {
        if let Some(Work { endpoints: scale, .. }) = matched::common_work(&untold(&groups)) {
            for group in &groups {
                prop_assert!(group.iter().any(|endpoints| matched::is_at(*endpoints, scale)));
            }
        }
    }
}
