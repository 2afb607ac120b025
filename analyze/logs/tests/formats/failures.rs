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
