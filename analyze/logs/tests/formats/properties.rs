//! What must hold of every log.

use std::fmt::Write as _;

use proptest::prelude::*;

use crate::reading::{files, text};

/// A sync as it will be logged.
#[derive(Debug, Clone)]
struct Run {
    v6: bool,
    wait_us: u64,
    build_us: u64,
    commit_us: u64,
    services: u32,
    endpoints: u32,
    failed: bool,
}

fn run() -> impl Strategy<Value = Run> {
    (
        any::<bool>(),
        1u64..5_000_000,
        1u64..40_000_000,
        1u64..1_000_000_000,
        0u32..20_000,
        0u32..500_000,
        prop::bool::weighted(0.1),
    )
        .prop_map(
            |(v6, wait_us, build_us, commit_us, services, endpoints, failed)| Run {
                v6,
                wait_us,
                build_us,
                commit_us,
                services,
                endpoints,
                failed,
            },
        )
}

/// `Duration.String` of Go's package time, for whole microseconds.
fn go(us: u64) -> String {
    let decimal = |value: u64, places: usize| {
        let scale = 10u64.pow(places as u32);
        let text = format!("{}.{:0places$}", value / scale, value % scale);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    match us {
        0 => "0s".to_owned(),
        1..1_000 => format!("{us}µs"),
        1_000..1_000_000 => decimal(us, 3) + "ms",
        _ => {
            let seconds = decimal(us % 60_000_000, 6) + "s";
            match (us / 3_600_000_000, us / 60_000_000 % 60) {
                (0, 0) => seconds,
                (0, minutes) => format!("{minutes}m{seconds}"),
                (hours, minutes) => format!("{hours}h{minutes}m{seconds}"),
            }
        }
    }
}

/// Microseconds of 29 November as klog prints them; at most a day.
fn clock(us: u64) -> String {
    let (hour, minute, second) = (
        us / 3_600_000_000,
        us / 60_000_000 % 60,
        us / 1_000_000 % 60,
    );
    let day = 1 + hour / 24;
    format!(
        "I11{day:02} {:02}:{minute:02}:{second:02}.{:06}",
        hour % 24,
        us % 1_000_000
    )
}

/// Each family's syncs one after another, as a kube-proxy runs them; both families at once.
fn log(runs: &[Run]) -> Vec<String> {
    let mut now = [1_000_000u64, 1_000_700];
    let mut lines: Vec<(u64, String)> = Vec::new();
    for run in runs {
        let at = usize::from(run.v6);
        let family = if run.v6 { "IPv6" } else { "IPv4" };
        let start = now[at] + run.wait_us;
        let mut put = |us: u64, body: String| {
            lines.push((
                us,
                format!("{}       1 proxier.go:1193] {body}\n", clock(us)),
            ));
        };
        put(
            start + 20,
            format!("\"Syncing nftables rules\" ipFamily=\"{family}\""),
        );
        put(
            start + run.build_us + 20,
            format!(
                "\"Reloading service nftables data\" ipFamily=\"{family}\" numServices={} numEndpoints={}",
                run.services, run.endpoints
            ),
        );
        let end = start + run.build_us + run.commit_us + 20;
        if run.failed {
            put(
                end,
                format!("\"Sync failed\" ipFamily=\"{family}\" retryingTime=\"30s\""),
            );
        }
        let elapsed = go(end - start);
        put(
            end,
            format!("\"SyncProxyRules complete\" ipFamily=\"{family}\" elapsed=\"{elapsed}\""),
        );
        now[at] = end;
    }
    lines.sort_by_key(|(us, _)| *us);
    lines.into_iter().map(|(_, line)| line).collect()
}

/// What was read, whatever the lines' places: family, duration, phases, size, outcome.
type Facts = (
    kube_proxy_logs::Family,
    Option<i64>,
    Option<u64>,
    Option<u64>,
    Option<u64>,
    Option<u64>,
    kube_proxy_logs::Outcome,
);

fn facts(reading: &kube_proxy_logs::Reading) -> Vec<Facts> {
    let mut all: Vec<Facts> = reading
        .syncs
        .iter()
        .map(|s| {
            (
                s.family,
                s.end_ns,
                s.elapsed_ns,
                s.build_ns,
                s.commit_ns,
                s.endpoints,
                s.outcome,
            )
        })
        .collect();
    all.sort_unstable();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_sync_comes_back(runs in prop::collection::vec(run(), 1..12)) {
        let reading = text(&log(&runs).concat());
        prop_assert_eq!(reading.syncs.len(), runs.len());
        prop_assert_eq!(&reading.warnings, &vec![]);
        let mut expected: Vec<(u64, u64, u64, u64, bool)> = runs
            .iter()
            .map(|run| (
                (run.build_us + run.commit_us + 20) * 1_000,
                (run.build_us + 20) * 1_000,
                u64::from(run.services),
                u64::from(run.endpoints),
                run.failed,
            ))
            .collect();
        let mut found: Vec<(u64, u64, u64, u64, bool)> = reading
            .syncs
            .iter()
            .map(|sync| (
                sync.elapsed_ns.unwrap(),
                sync.build_ns.unwrap(),
                sync.services.unwrap(),
                sync.endpoints.unwrap(),
                sync.outcome == kube_proxy_logs::Outcome::Failed,
            ))
            .collect();
        expected.sort_unstable();
        found.sort_unstable();
        prop_assert_eq!(found, expected);
    }

    /// A log cut anywhere gives no wrong duration, at most a missing one.
    #[test]
    fn a_cut_log_gives_no_wrong_duration(
        runs in prop::collection::vec(run(), 1..4),
        from in 0usize..2_000,
        to in 0usize..2_000,
    ) {
        let whole = log(&runs).concat();
        let known: Vec<Option<u64>> = text(&whole).syncs.iter().map(|sync| sync.elapsed_ns).collect();
        let bytes = whole.as_bytes();
        let from = from.min(bytes.len());
        let to = bytes.len().saturating_sub(to).max(from);
        let reading = files(&[("a.log", &bytes[from..to])]);
        for sync in reading.syncs.iter().filter(|s| s.outcome != kube_proxy_logs::Outcome::Unfinished) {
            // A failure is told though its duration is cut off.
            let cut = sync.outcome == kube_proxy_logs::Outcome::Failed && sync.elapsed_ns.is_none();
            prop_assert!(cut || known.contains(&sync.elapsed_ns), "{:?}", sync);
        }
    }

    /// Lines out of order give the same syncs: order is the time stamps'.
    #[test]
    fn shuffled_lines_give_the_same_syncs(
        lines in prop::collection::vec(run(), 1..8).prop_map(|runs| log(&runs)),
        seed in any::<u64>(),
    ) {
        let straight = facts(&text(&lines.concat()));
        let mut shuffled = lines;
        let mut state = seed | 1;
        for at in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // `Sync failed` and its complete message bear one time: their order is the file's.
            let other = (state >> 33) as usize % (at + 1);
            if shuffled[at][..21] != shuffled[other][..21] && !shuffled[other].contains("failed") && !shuffled[at].contains("failed") {
                shuffled.swap(at, other);
            }
        }
        prop_assume!(failed_stands_before_complete(&shuffled));
        prop_assert_eq!(facts(&text(&shuffled.concat())), straight);
    }

    /// Chunks are cut anywhere: a large file reads like its parts.
    #[test]
    fn chunked_reading_equals_whole_reading(
        runs in prop::collection::vec(run(), 1..6),
        noise in 1usize..200,
    ) {
        let lines = log(&runs);
        let mut padded = String::new();
        for line in &lines {
            padded.push_str(line);
            // Enough to put lines into different chunks and on their borders.
            for _ in 0..(2_200_000 / lines.len() / noise) {
                writeln!(padded, "{:noise$}", ".").unwrap();
            }
        }
        prop_assert_eq!(facts(&text(&padded)), facts(&text(&lines.concat())));
    }
}

fn failed_stands_before_complete(lines: &[String]) -> bool {
    lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.contains("Sync failed"))
        .all(|(at, failed)| {
            lines
                .iter()
                .skip(at)
                .any(|line| line.contains("complete") && line[..21] == failed[..21])
        })
}
