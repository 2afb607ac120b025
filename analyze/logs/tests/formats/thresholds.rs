//! Rules with a number: both sides of each.

use kube_proxy_logs::Outcome;

use crate::reading::{codes, files_of, ns, rows, text};

const V4: &str = " ipFamily=\"IPv4\"";

/// A line at a time of 29 November: `10:00:01`, `10:00:01.5`.
fn line(time: &str, body: &str) -> String {
    let time = if time.contains('.') {
        time.to_owned()
    } else {
        format!("{time}.")
    };
    format!("I1129 {time:0<15}       1 proxier.go:1193] {body}\n")
}

fn complete(time: &str, elapsed: &str) -> String {
    line(
        time,
        &format!("\"SyncProxyRules complete\"{V4} elapsed=\"{elapsed}\""),
    )
}

/// The header's clock is read after the duration is measured: 50 ms.
#[test]
fn a_first_line_belongs_to_the_sync_up_to_50_ms_before_its_start() {
    for (first, belongs) in [("10:00:04.951", true), ("10:00:04.949", false)] {
        let log = [
            line(first, &format!("\"Syncing nftables rules\"{V4}")),
            complete("10:00:10", "5s"),
        ]
        .concat();
        let reading = text(&log);
        let sync = reading.syncs.last().unwrap();
        assert_eq!(sync.syncing_line.is_some(), belongs, "{first}");
    }
}

#[test]
fn a_reloading_line_belongs_to_the_sync_up_to_50_ms_before_its_start() {
    for (reloading, endpoints) in [("10:00:04.951", Some(30)), ("10:00:04.949", None)] {
        let body = format!("\"Reloading service nftables data\"{V4} numServices=1 numEndpoints=30");
        let log = [line(reloading, &body), complete("10:00:10", "5s")].concat();
        let reading = text(&log);
        let sync = reading.syncs.last().unwrap();
        assert_eq!(sync.endpoints, endpoints, "{reloading}");
    }
}

/// The lines of one failure stand within a second.
#[test]
fn a_failure_without_a_family_is_of_the_sync_that_ends_within_a_second() {
    for (end, outcomes) in [
        ("10:00:05.999", vec![Outcome::Failed]),
        ("10:00:06.001", vec![Outcome::Failed, Outcome::Ok]),
    ] {
        let failed = "\"Sync failed\" retryingTime=\"30s\"";
        let log = [line("10:00:05", failed), complete(end, "2s")].concat();
        let reading = text(&log);
        let mut found: Vec<Outcome> = reading.syncs.iter().map(|sync| sync.outcome).collect();
        found.sort_by_key(|outcome| *outcome == Outcome::Ok);
        assert_eq!(found, outcomes, "{end}: {:?}", rows(&reading));
    }
}

/// klog's header tells no zone; none is further than 14 hours from UTC.
#[test]
fn a_collectors_time_is_in_another_zone_up_to_14_hours_away() {
    for (outer, end, warned) in [
        ("2025-11-29T22:02:05.300Z", "2025-11-29T22:02:05.25Z", false),
        ("2025-11-28T18:02:05.300Z", "2025-11-28T18:02:05.25Z", false),
        // Two different times: the stamp gives the year and no zone, and that is told.
        ("2025-11-29T23:02:05.300Z", "2025-11-29T08:02:05.25Z", true),
        ("2025-11-28T17:02:05.300Z", "2025-11-29T08:02:05.25Z", true),
    ] {
        let log = format!(
            "{outer} stderr F I1129 08:02:05.250000       1 proxier.go:1193] \
             \"SyncProxyRules complete\"{V4} elapsed=\"2s\"\n"
        );
        let reading = files_of(&[("a.log", log.as_bytes())], None);
        assert_eq!(reading.syncs.at(0).end_ns, Some(ns(end)), "{outer}");
        assert_eq!(codes(&reading).contains(&"late_stamps"), warned, "{outer}");
    }
}

/// ipvs logs beginnings at a lower verbosity than ends; the other modes do not.
#[test]
fn beginnings_alone_are_unfinished_syncs_unless_they_are_ipvs() {
    for (mode, body, unfinished) in [
        ("nftables", "\"Syncing nftables rules\"", 1),
        ("ipvs", "\"Syncing ipvs proxier rules\"", 0),
    ] {
        let log = [
            line("10:00:00", &format!("\"Using {mode} Proxier\"")),
            line("10:00:01", &format!("{body}{V4}")),
            line("10:00:02", "\"Something else\""),
        ]
        .concat();
        assert_eq!(text(&log).syncs.len(), unfinished, "{mode}");
    }
    // Where ends are logged too, a beginning without one is told of ipvs as well.
    let log = [
        line("10:00:00", "\"Using ipvs Proxier\""),
        line("10:00:01", &format!("\"Syncing ipvs proxier rules\"{V4}")),
        line(
            "10:00:02",
            &format!("\"syncProxyRules complete\"{V4} elapsed=\"1s\""),
        ),
        line("10:00:03", &format!("\"Syncing ipvs proxier rules\"{V4}")),
    ]
    .concat();
    let found: Vec<Outcome> = text(&log).syncs.iter().map(|sync| sync.outcome).collect();
    assert_eq!(found, [Outcome::Ok, Outcome::Unfinished]);
}

#[test]
fn stale_chains_of_one_sync_are_summed() {
    let stale = |time: &str, chains: u32| {
        line(
            time,
            &format!("\"Deleting stale nftables chains\"{V4} numChains={chains}"),
        )
    };
    let log = [
        line("10:00:00", &format!("\"Syncing nftables rules\"{V4}")),
        stale("10:00:01", 3),
        stale("10:00:02", 4),
        complete("10:00:05", "5s"),
        line("10:00:06", &format!("\"Syncing nftables rules\"{V4}")),
        stale("10:00:07", 5),
        complete("10:00:10", "4s"),
    ]
    .concat();
    let found: Vec<Option<u64>> = text(&log)
        .syncs
        .iter()
        .map(|sync| sync.stale_chains)
        .collect();
    assert_eq!(found, [Some(7), Some(5)]);
}
