//! Which lines are one sync's.

use kube_proxy_logs::Outcome;

use crate::reading::{codes, files, rows, text};

/// A line at a time of 29 November: `12:00:01.5 body`.
fn line(time: &str, body: &str) -> String {
    format!("I1129 {time:0<15}       1 proxier.go:1193] {body}\n")
}

fn syncing(time: &str, family: &str) -> String {
    line(time, &format!("\"Syncing nftables rules\"{family}"))
}

fn reloading(time: &str, family: &str, endpoints: u32) -> String {
    line(
        time,
        &format!(
            "\"Reloading service nftables data\"{family} numServices=10 numEndpoints={endpoints}"
        ),
    )
}

fn complete(time: &str, family: &str, elapsed: &str) -> String {
    line(
        time,
        &format!("\"SyncProxyRules complete\"{family} elapsed=\"{elapsed}\""),
    )
}

const V4: &str = " ipFamily=\"IPv4\"";
const V6: &str = " ipFamily=\"IPv6\"";

/// Two starts 373 us apart, ends in crossed order, nothing names the family.
#[test]
fn crossing_families_without_names_are_told_apart_by_their_starts() {
    let log = [
        syncing("10:00:00.000100", ""),
        syncing("10:00:00.000473", ""),
        reloading("10:00:00.500000", "", 4),
        complete("10:00:00.900390", "", "900ms"),
        reloading("10:00:05.000000", "", 44_000),
        complete("10:00:09.000020", "", "9s"),
    ]
    .concat();
    let reading = text(&log);
    let found: Vec<_> = reading
        .syncs
        .iter()
        .map(|sync| (sync.line, sync.syncing_line, sync.elapsed_ns.unwrap()))
        .collect();
    assert_eq!(
        found,
        [(4, Some(2), 900_000_000), (6, Some(1), 9_000_000_000)]
    );
    // The only Reloading line at the first end is not certainly its own; the other one is.
    assert_eq!(reading.syncs.at(1).endpoints, Some(44_000));
}

/// A nearly empty family waits 9m26s behind the other's transaction.
#[test]
fn a_reloading_line_is_of_its_own_family() {
    let log = [
        syncing("10:00:00.000100", V4),
        reloading("10:00:08.000000", V4, 44_000),
        syncing("10:03:00.000100", V6),
        reloading("10:03:00.100000", V6, 2),
        complete("10:12:26.000100", V6, "9m26s"),
        complete("10:12:30.000020", V4, "12m30s"),
    ]
    .concat();
    assert_eq!(
        rows(&text(&log)),
        [
            "5 IPv6 ok 566.000 build 0.100 commit 565.900 of 10/2",
            "6 IPv4 ok 750.000 build 8.000 commit 742.000 of 10/44000",
        ]
    );
}

#[test]
fn families_in_any_order_give_the_same_syncs() {
    let lines = [
        syncing("10:00:00.000100", V4),
        syncing("10:00:00.000473", V6),
        reloading("10:00:01.000000", V6, 2),
        reloading("10:00:05.000000", V4, 44_000),
        complete("10:00:09.000020", V4, "9s"),
        complete("10:00:09.500390", V6, "9.5s"),
    ];
    let of = |order: &[usize]| {
        let text_of = order
            .iter()
            .map(|at| lines[*at].as_str())
            .collect::<String>();
        let mut syncs: Vec<_> = text(&text_of).syncs.iter().collect();
        syncs.sort_by_key(|sync| sync.family);
        syncs
            .iter()
            .map(|s| (s.family, s.elapsed_ns, s.build_ns, s.commit_ns, s.endpoints))
            .collect::<Vec<_>>()
    };
    let straight = of(&[0, 1, 2, 3, 4, 5]);
    assert_eq!(straight.len(), 2);
    for order in [[1, 0, 3, 2, 5, 4], [5, 4, 3, 2, 1, 0], [2, 5, 1, 0, 3, 4]] {
        assert_eq!(of(&order), straight, "{order:?}");
    }
}

#[test]
fn failed_is_said_before_complete_and_fails_its_own_family_only() {
    let log = [
        syncing("10:00:00.000100", V4),
        syncing("10:00:00.000200", V6),
        line(
            "10:00:00.008000",
            &format!("\"Sync failed\"{V6} retryingTime=\"30s\""),
        ),
        complete("10:00:00.008200", V6, "8ms"),
        complete("10:00:01.000120", V4, "1s"),
    ]
    .concat();
    assert_eq!(
        rows(&text(&log)),
        ["4 IPv6 failed 0.008", "5 IPv4 ok 1.000"]
    );
    let old = [
        line("10:00:00.000100", "Sync failed; retrying in 30s"),
        line("10:00:00.000200", "syncProxyRules took 1s"),
        line("10:00:31.000200", "syncProxyRules took 1s"),
    ]
    .concat();
    assert_eq!(rows(&text(&old)), ["2 - failed 1.000", "3 - ok 1.000"]);
}

#[test]
fn a_restart_ends_what_was_under_way() {
    let log = [
        syncing("10:00:00.000100", V4),
        reloading("10:00:08.000000", V4, 44_000),
        line("10:05:00.000000", "\"Running\""),
        "I1129 10:06:00.000000       1 server.go:677] \"Version info\" version=\"v1.33.1\"\n"
            .to_owned(),
        syncing("10:06:01.000100", V4),
        reloading("10:06:02.000100", V4, 44_000),
        complete("10:06:05.000120", V4, "4s"),
    ]
    .concat();
    let reading = text(&log);
    assert_eq!(
        rows(&reading),
        [
            "2 IPv4 unfinished 8.000 build 8.000 commit - of 10/44000",
            "7 IPv4 ok 4.000 build 1.000 commit 3.000 of 10/44000",
        ]
    );
    assert_eq!(
        reading.syncs.at(1).full,
        Some(true),
        "the first sync of a process is a full one"
    );
    assert_eq!(reading.inputs[0].version.as_deref(), Some("v1.33.1"));
}

#[test]
fn a_sync_that_the_log_does_not_see_end_lasts_at_least_to_its_last_line() {
    let log = [
        syncing("10:00:00.000100", V4),
        reloading("10:00:08.000000", V4, 44_000),
        "I1129 10:09:00.000100       1 reflector.go:1] \"Something else\"\n".to_owned(),
    ]
    .concat();
    let reading = text(&log);
    assert_eq!(reading.syncs.at(0).outcome, Outcome::Unfinished);
    assert_eq!(reading.syncs.at(0).elapsed_ns, Some(540_000_000_000));
    assert_eq!(reading.syncs.at(0).end_ns, None);
}

#[test]
fn a_tail_begins_anywhere() {
    let log = [
        syncing("10:00:00.000100", V4),
        reloading("10:00:08.000000", V4, 44_000),
        complete("10:00:09.000120", V4, "9s"),
    ];
    assert_eq!(
        rows(&text(&log[1..].concat())),
        ["2 IPv4 ok 9.000 build 8.000 commit 1.000 of 10/44000"]
    );
    assert_eq!(rows(&text(&log[2..].concat())), ["1 IPv4 ok 9.000"]);
    // The end of the earlier sync is missing: its lines are not the later one's.
    let lost = [
        reloading("10:00:08.000000", V4, 44_000),
        complete("10:20:09.000120", V4, "9s"),
    ]
    .concat();
    assert_eq!(rows(&text(&lost)), ["2 IPv4 ok 9.000"]);
    assert!(codes(&text(&lost)).contains(&"lost_lines"));
}

#[test]
fn merged_dumps_count_once() {
    let log = [
        syncing("10:00:00.000100", V4),
        reloading("10:00:08.000000", V4, 44_000),
        complete("10:00:09.000120", V4, "9s"),
    ]
    .concat();
    let more = log.clone() + &complete("10:00:19.000120", V4, "5s");
    let twice = text(&(log.clone() + &more));
    assert_eq!(twice.syncs.len(), 2);
    assert_eq!(twice.inputs[0].duplicates, 3);
    let apart = files(&[("a.log", log.as_bytes()), ("b.log", more.as_bytes())]);
    assert_eq!(apart.syncs.len(), 2);
    assert!(codes(&apart).contains(&"repeated_syncs"));
    let one_log = text(&more);
    assert_eq!(twice.syncs.at(0).build_ns, one_log.syncs.at(0).build_ns);
}

/// Of several processes in one file each counts, and none of them alone.
#[test]
fn a_counted_warning_says_how_many() {
    let at = |round: usize, time: &str| format!("10:{round:02}:{time}");
    // Two nameless syncs side by side, both `Reloading` lines before the first of their ends.
    let crossed = |round: usize| {
        [
            syncing(&at(round, "00.000100"), ""),
            syncing(&at(round, "00.000473"), ""),
            reloading(&at(round, "01.000000"), "", 4),
            reloading(&at(round, "02.000000"), "", 44_000),
            complete(&at(round, "05.000100"), "", "5s"),
            complete(&at(round, "06.000473"), "", "6s"),
        ]
        .concat()
    };
    // Its end is missing.
    let lost = |round: usize| syncing(&at(round, "00.000100"), V4);
    // It would have begun two minutes before its own first line.
    let denied = |round: usize| {
        syncing(&at(round, "00.000100"), V4) + &complete(&at(round, "30.000000"), V4, "2m30s")
    };
    let whole = |round: usize| {
        syncing(&at(round, "00.000100"), V4) + &complete(&at(round, "01.000120"), V4, "1s")
    };
    let rounds = |of: &dyn Fn(usize) -> String, from: usize, count: usize| -> String {
        (0..count).map(|round| of(from + 5 * round)).collect()
    };
    for (log, code, begins) in [
        (
            rounds(&crossed, 0, 1),
            "ambiguous_families",
            "2 syncs without ipFamily",
        ),
        (
            rounds(&crossed, 0, 3),
            "ambiguous_families",
            "6 syncs without ipFamily",
        ),
        (
            rounds(&lost, 0, 1) + &whole(30),
            "lost_lines",
            "1 syncs began",
        ),
        (
            rounds(&lost, 0, 3) + &whole(30),
            "lost_lines",
            "3 syncs began",
        ),
        (
            rounds(&denied, 5, 1),
            "contradicted_durations",
            "the duration of 1 sync contradicts",
        ),
        (
            rounds(&denied, 5, 3),
            "contradicted_durations",
            "the duration of 3 syncs contradicts",
        ),
        (
            whole(0) + &whole(0) + &whole(5) + &whole(5),
            "duplicate_lines",
            "4 lines stand there twice",
        ),
    ] {
        let reading = text(&log);
        let said = reading.warnings.iter().find(|warning| warning.code == code);
        let said = said.map(|warning| warning.message.as_str());
        assert!(
            said.is_some_and(|said| said.starts_with(begins)),
            "{begins}: {:?}",
            reading.warnings
        );
    }
}

#[test]
fn a_step_back_of_seconds_is_a_line_out_of_order() {
    let log = [
        complete("10:03:00.000120", V4, "9s"),
        complete("10:01:37.000120", V4, "5s"),
        complete("10:04:00.000120", V4, "7s"),
    ]
    .concat();
    let reading = text(&log);
    assert_eq!(
        rows(&reading),
        ["2 IPv4 ok 5.000", "1 IPv4 ok 9.000", "3 IPv4 ok 7.000"]
    );
    assert_eq!(reading.inputs.len(), 1);
}

/// `kubectl logs -l k8s-app=kube-proxy`: pod behind pod, nothing between them.
#[test]
fn unmarked_pods_are_told_apart_by_their_times() {
    let pod = |late: u32, endpoints: u32| {
        [
            syncing(&format!("10:00:00.00{late}100"), V4),
            reloading(&format!("10:00:0{}.000000", 3 + late), V4, endpoints),
            complete(&format!("10:00:09.00{late}120"), V4, "9s"),
            syncing(&format!("10:01:00.00{late}100"), V4),
            reloading(&format!("10:01:0{}.000000", 3 + late), V4, endpoints + 1),
            complete(&format!("10:01:09.00{late}120"), V4, "9s"),
        ]
        .concat()
    };
    let reading = text(&(pod(0, 100) + &pod(3, 200)));
    assert_eq!(
        rows(&reading),
        [
            "3 IPv4 ok 9.000 build 3.000 commit 6.000 of 10/100",
            "6 IPv4 ok 9.000 build 3.000 commit 6.000 of 10/101",
            "9 IPv4 ok 9.000 build 5.997 commit 3.003 of 10/200",
            "12 IPv4 ok 9.000 build 5.997 commit 3.003 of 10/201",
        ]
    );
    assert_eq!(reading.inputs.len(), 2);
    assert!(codes(&reading).contains(&"unmarked_processes"));
    // With a prefix they need no telling.
    let named = |text: &str, pod: &str| {
        text.lines()
            .map(|line| format!("[pod/kube-proxy-{pod}/kube-proxy] {line}\n"))
            .collect::<String>()
    };
    let (a, b) = (named(&pod(0, 100), "a"), named(&pod(3, 200), "b"));
    let followed: String = a
        .lines()
        .zip(b.lines())
        .map(|(a, b)| format!("{a}\n{b}\n"))
        .collect();
    for log in [a + &b, followed] {
        let reading = text(&log);
        let endpoints: Vec<_> = reading
            .syncs
            .iter()
            .map(|sync| sync.endpoints.unwrap())
            .collect();
        assert_eq!(endpoints, [100, 101, 200, 201], "{log}");
        assert_eq!(codes(&reading), [""; 0]);
    }
}
