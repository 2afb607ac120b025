use proptest::prelude::*;

use super::*;

fn number() -> impl Strategy<Value = Option<u64>> {
    let edges = prop_oneof![
        Just(0),
        Just(u64::from(u32::MAX) - 1),
        Just(u64::from(u32::MAX)),
        Just(u64::from(u32::MAX) + 1),
        Just(u64::MAX),
        0..1_000u64,
        any::<u64>(),
    ];
    prop::option::of(edges)
}

fn moment() -> impl Strategy<Value = Option<i64>> {
    prop::option::of(prop_oneof![
        Just(i64::MIN),
        Just(i64::MAX),
        any::<i64>(),
        0..2_000_000_000_000_000_000i64
    ])
}

prop_compose! {
    /// Any sync at all, those that no log tells of too.
    fn any_sync()(
        (line, process) in (prop_oneof![1..9u64, any::<u64>()], prop_oneof![0..9u32, any::<u32>()]),
        lines in (number(), number()),
        (start, end) in (moment(), moment()),
        durations in (number(), number(), number()),
        counts in (number(), number(), number()),
        (follows, family, outcome) in (any::<bool>(), 0..3usize, 0..3usize),
        full in any::<Option<bool>>(),
    ) -> Sync {
        let (mut elapsed, build, mut commit) = durations;
        let mut start = start;
        if follows {
            elapsed = elapsed.or(Some(9));
            start = end.zip(elapsed).map(|(end, elapsed)| {
                end.saturating_sub(i64::try_from(elapsed).unwrap_or(i64::MAX))
            });
            commit = elapsed.zip(build).map(|(all, build)| all.wrapping_sub(build));
        }
        Sync {
            input: 3,
            process,
            line,
            syncing_line: lines.0,
            reloading_line: lines.1,
            start_ns: start,
            end_ns: end,
            elapsed_ns: elapsed,
            build_ns: build,
            commit_ns: commit,
            services: counts.0,
            endpoints: counts.1,
            stale_chains: counts.2,
            family: [Family::Ipv4, Family::Ipv6, Family::Unknown][family],
            backend: Backend::Nftables,
            outcome: [Outcome::Ok, Outcome::Failed, Outcome::Unfinished][outcome],
            full,
        }
    }
}

proptest! {
    /// What comes out is what was put in, however odd, appended, sorted and thinned.
    #[test]
    fn nothing_is_lost(
        first in prop::collection::vec(any_sync(), 0..20),
        second in prop::collection::vec(any_sync(), 0..20),
    ) {
        let mut packed: Syncs = first.iter().copied().collect();
        packed.append(second.iter().copied().collect());
        let mut plain: Vec<Sync> = first.into_iter().chain(second).collect();
        prop_assert_eq!(packed.iter().collect::<Vec<_>>(), plain.clone());
        packed.sort_by_key(|sync| (sync.line, sync.end_ns));
        let sorted: Vec<_> = packed.iter().map(|sync| (sync.line, sync.end_ns)).collect();
        plain.sort_by_key(|sync| (sync.line, sync.end_ns));
        let expected: Vec<_> = plain.iter().map(|sync| (sync.line, sync.end_ns)).collect();
        prop_assert_eq!(&sorted, &expected);
        packed.retain(|place| place % 2 == 0);
        let kept: Vec<_> = packed.iter().map(|sync| (sync.line, sync.end_ns)).collect();
        prop_assert_eq!(kept, expected.into_iter().step_by(2).collect::<Vec<_>>());
    }
}

/// What a log tells fits a row; a sync as it is takes three times as much.
#[test]
fn a_sync_takes_64_bytes() {
    assert_eq!(size_of::<Row>(), 64);
    assert_eq!(size_of::<Sync>(), 184);
}
