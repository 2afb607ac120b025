//! Failed syncs are told, with and without a complete message, and so are modes.

use kube_proxy_logs::{Backend, Visibility};

use crate::reading::{rows, text};

fn lines(lines: &[&str]) -> String {
    let line = |line: &&str| format!("{line}\n").replace(" @ ", "       1 proxier.go:1] ");
    lines.iter().map(line).collect()
}

#[test]
fn a_failure_counts_once_however_it_is_told() {
    for (log, expected) in [
        // Its complete message is lost.
        (
            &[
                "I0725 11:35:58.071234 @ \"Reloading service nftables data\" ipFamily=\"IPv6\" numServices=4 numEndpoints=4",
                "E0725 11:35:58.161234 @ \"nftables sync failed\" err=\"x\" ipFamily=\"IPv6\"",
                "I0725 11:35:58.171234 @ \"Sync failed\" ipFamily=\"IPv6\" retryingTime=\"30s\"",
            ][..],
            &["3 IPv6 failed - of 4/4"][..],
        ),
        // Low verbosity, a retry storm; the reason puts the family on a later line.
        (
            &[
                "E0725 11:35:58.161234 @ \"nftables sync failed\" err=<",
                "\tError: Could not process rule: No such file or directory",
                " > ipFamily=\"IPv4\"",
                "I0725 11:35:58.171234 @ \"Sync failed\" ipFamily=\"IPv4\" retryingTime=\"30s\"",
                "I0725 11:36:28.171234 @ \"Sync failed\" ipFamily=\"IPv4\" retryingTime=\"30s\"",
            ],
            &["4 IPv4 failed -", "5 IPv4 failed -"],
        ),
        // Old text forms.
        (
            &[
                "E0725 11:35:58.161234 @ Failed to execute iptables-restore: exit status 1 (x)",
                "I0725 11:35:58.171234 @ Sync failed; retrying in 30s",
                "E0725 11:36:28.161234 @ Failed to execute iptables-restore: exit status 1 (x)",
            ],
            &["2 - failed -", "3 - failed -"],
        ),
        // The complete message has the duration.
        (
            &[
                "E0725 11:35:58.161234 @ \"Failed to execute iptables-restore\" err=\"x\" ipFamily=\"IPv4\"",
                "I0725 11:35:58.171234 @ \"Sync failed\" ipFamily=\"IPv4\" retryingTime=\"30s\"",
                "I0725 11:35:58.171300 @ \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"20ms\"",
                "I0725 11:36:58.171300 @ \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"20ms\"",
            ],
            &["3 IPv4 failed 0.020", "4 IPv4 ok 0.020"],
        ),
        // An error of something else is no failed sync.
        (
            &["E0725 11:35:58.161234 @ \"Failed to delete endpoint connections\" err=\"x\""],
            &[],
        ),
    ] {
        let log = lines(log);
        assert_eq!(rows(&text(&log)), expected, "{log}");
    }
}

#[test]
fn modes_by_their_names() {
    for (body, mode) in [
        ("Using Kernelspace Proxier.", Some(Backend::Winkernel)),
        ("\"Using Kernelspace Proxier\"", Some(Backend::Winkernel)),
        ("Using userspace Proxier.", Some(Backend::Userspace)),
        (
            "FLAG: --proxy-mode=\"kernelspace\"",
            Some(Backend::Winkernel),
        ),
        ("FLAG: --proxy-mode=\"\"", None),
        ("Using another Proxier.", None),
    ] {
        let log = format!("I0306 10:00:00.000000       1 server_others.go:1] {body}\n");
        assert_eq!(text(&log).inputs[0].backend, mode, "{body}");
    }
}

#[test]
fn last_words_count_wherever_they_stand() {
    for (last, visibility) in [
        (
            "E0306 10:00:00.000000       1 server.go:500] \"Error running ProxyServer\" err=\"x\"\n",
            Visibility::NoSync,
        ),
        ("", Visibility::TooLow(2)),
    ] {
        let filler = "I0306 10:00:00.000000       1 config.go:1] some other line\n".repeat(3_000)
            + "I0306 10:05:00.000000       1 config.go:1] some other line\n";
        let log = format!(
            "I0306 10:00:00.000000       1 server.go:677] \"Version info\" version=\"v1.36.1\"\n{filler}{last}"
        );
        assert_eq!(text(&log).inputs[0].visibility, visibility);
    }
}

fn failed(at: usize, family: &str) -> String {
    format!(
        "I0725 11:{at:02}:58.171234       1 proxier.go:1] \"Sync failed\" ipFamily=\"{family}\" retryingTime=\"30s\"\n"
    )
}

#[test]
fn a_storm_is_five_failures_in_a_row() {
    let done = "I0725 11:30:59.000000       1 proxier.go:1] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"20ms\"\n";
    let run =
        |from: usize, to: usize| -> String { (from..to).map(|at| failed(at, "IPv4")).collect() };
    for (log, storm) in [
        (run(0, 4), None),
        (
            run(0, 5),
            Some("5 syncs of IPv4 failed one after the other, within 4 minutes"),
        ),
        // One that succeeds ends it.
        (run(28, 31) + done + &run(31, 34), None),
        (run(25, 31) + done + &run(31, 34), Some("6 syncs of IPv4")),
        // The other family's failures are its own.
        (
            (0..8)
                .map(|at| failed(at, if at % 2 == 0 { "IPv4" } else { "IPv6" }))
                .collect(),
            None,
        ),
    ] {
        let reading = text(&log);
        let told = reading
            .warnings
            .iter()
            .find(|warning| warning.code == "retry_storm");
        match storm {
            Some(words) => assert!(told.unwrap().message.starts_with(words), "{told:?}"),
            None => assert_eq!(told, None, "{log}"),
        }
    }
}

#[test]
fn crash_loops_with_and_without_syncs() {
    let start = |minute: usize| {
        format!(
            "I0725 11:{minute:02}:00.000000       1 server.go:677] \"Version info\" version=\"v1.36.1\"\nI0725 11:{minute:02}:00.500000       1 config.go:1] x\n"
        )
    };
    let end = |minute: usize| {
        format!(
            "E0725 11:{minute:02}:01.000000       1 server.go:500] \"Error running ProxyServer\" err=\"no\"\n"
        )
    };
    let done = |minute: usize| {
        format!(
            "I0725 11:{minute:02}:01.000000       1 proxier.go:1] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"20ms\"\n"
        )
    };
    let found = |log: &str| -> Vec<String> {
        let warnings = text(log).warnings;
        let failing = warnings
            .iter()
            .filter(|w| ["crash_loop", "gave_up", "no_sync_completed"].contains(&w.code));
        failing
            .map(|w| format!("{}: {}", w.code, w.message))
            .collect()
    };
    let twice: String = (0..2).map(|at| start(at) + &end(at)).collect();
    let thrice: String = (0..3).map(|at| start(at) + &end(at)).collect();
    assert_eq!(
        found(&twice),
        ["no_sync_completed: kube-proxy gave up 2 times before it completed a sync: no"]
    );
    assert_eq!(
        found(&thrice),
        [
            "no_sync_completed: kube-proxy gave up 3 times before it completed a sync: no",
            "crash_loop: kube-proxy started 3 times within 2 minutes: it does not stay up"
        ]
    );
    let some: String = (0..3).map(|at| start(at) + &done(at)).collect::<String>() + &end(3);
    assert_eq!(
        found(&some),
        [
            "crash_loop: kube-proxy started 3 times within 3 minutes: it does not stay up",
            "gave_up: kube-proxy gave up once: no"
        ]
    );
    // Three starts in an hour are no loop.
    let calm: String = [0, 20, 40].map(|at| start(at) + &done(at)).concat();
    assert_eq!(found(&calm), [""; 0]);
}
