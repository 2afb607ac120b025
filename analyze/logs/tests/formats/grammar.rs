//! Messages of every version and mode, as logs hold them.

use kube_proxy_logs::{Backend, Sync};

use crate::reading::{codes, rows, text};

fn one(log: &str) -> Sync {
    let reading = text(log);
    assert_eq!(reading.syncs.len(), 1, "{log}\n{:?}", rows(&reading));
    reading.syncs.at(0)
}

#[test]
fn syncs_of_every_version_and_mode() {
    use Backend::{Iptables, Ipvs, Nftables, Unknown, Winkernel};
    for (log, backend, row) in [
        // nftables 1.29: no ipFamily, no fullSync.
        (
            "I0306 10:00:00.000350       1 proxier.go:950] \"Syncing nftables rules\"\n\
             I0306 10:00:00.100000       1 proxier.go:1551] \"Reloading service nftables data\" numServices=8 numEndpoints=12\n\
             I0306 10:00:00.141220       1 proxier.go:944] \"SyncProxyRules complete\" elapsed=\"141.2ms\"\n",
            Nftables,
            "3 - ok 0.141 build 0.100 commit 0.041 of 8/12",
        ),
        // nftables 1.33: fullSync.
        (
            "I0306 10:00:00.000350       1 proxier.go:1199] \"Syncing nftables rules\" ipFamily=\"IPv4\" fullSync=false\n\
             I0306 10:00:00.141220       1 proxier.go:1193] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"141.2ms\"\n",
            Nftables,
            "2 IPv4 ok 0.141",
        ),
        // iptables 1.4 to 1.20, printf.
        (
            "I0306 10:00:00.000000       1 proxier.go:801] Syncing iptables rules\n\
             I0306 10:00:01.500020       1 proxier.go:750] syncProxyRules took 1.5s\n",
            Iptables,
            "2 - ok 1.500",
        ),
        // iptables 1.8 in a journal: the cause in brackets, a long process id.
        (
            "Mar 06 10:00:01 node kube-proxy[1234567]: I0306 10:00:01.500020 1234567 proxier.go:986] syncProxyRules(EndpointsUpdate) took 52.123456ms\n",
            Unknown,
            "1 - ok 0.052",
        ),
        // iptables 1.21: lower-case s.
        (
            "I0306 10:00:00.000000       1 proxier.go:826] \"Syncing iptables rules\"\n\
             I0306 10:00:00.052150       1 proxier.go:791] \"syncProxyRules complete\" elapsed=\"52.123456ms\"\n",
            Iptables,
            "2 - ok 0.052",
        ),
        // iptables 1.24 and later: the counts are six.
        (
            "I0306 10:00:00.000000       1 proxier.go:826] \"Syncing iptables rules\" ipFamily=\"IPv6\"\n\
             I0306 10:00:00.040000       1 proxier.go:1545] \"Reloading service iptables data\" ipFamily=\"IPv6\" numServices=8 numEndpoints=12 numFilterChains=6 numFilterRules=5 numNATChains=4 numNATRules=5\n\
             I0306 10:00:00.052150       1 proxier.go:791] \"SyncProxyRules complete\" ipFamily=\"IPv6\" elapsed=\"52.123456ms\"\n",
            Iptables,
            "3 IPv6 ok 0.052 build 0.040 commit 0.012 of 8/12",
        ),
        // ipvs at --v=4, old and new capitals.
        (
            "I0306 10:00:00.000000       1 proxier.go:1011] \"Syncing ipvs Proxier rules\"\n\
             I0306 10:00:00.052150       1 proxier.go:1004] \"syncProxyRules complete\" elapsed=\"52.123456ms\"\n",
            Ipvs,
            "2 - ok 0.052",
        ),
        (
            "I0306 10:00:00.000000       1 proxier.go:1011] \"Syncing ipvs proxier rules\" ipFamily=\"IPv4\"\n\
             I0306 10:00:00.052150       1 proxier.go:1004] \"syncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"52.123456ms\"\n",
            Ipvs,
            "2 IPv4 ok 0.052",
        ),
        // winkernel.
        (
            "I0306 10:00:00.052150    1234 proxier.go:1004] \"Syncing proxy rules complete\" elapsed=\"52.123456ms\"\n",
            Winkernel,
            "1 - ok 0.052",
        ),
        // --add-dir-header names the mode.
        (
            "I0306 10:00:00.052150       1 nftables/proxier.go:1004] \"SyncProxyRules complete\" elapsed=\"52.123456ms\"\n",
            Nftables,
            "1 - ok 0.052",
        ),
    ] {
        let reading = text(log);
        assert_eq!(rows(&reading), [row], "{log}");
        assert_eq!(reading.syncs.at(0).backend, backend, "{log}");
    }
}

#[test]
fn durations_in_every_spelling() {
    for (printed, ns) in [
        ("13m15.34210662s", 795_342_106_620),
        ("1h0m0s", 3_600_000_000_000),
        ("21.4ms", 21_400_000),
        ("33.571µs", 33_571),
        ("33.571us", 33_571),
        ("33.571\\u00b5s", 33_571),
        ("33.571Âµs", 33_571),
        ("156ns", 156),
    ] {
        let text = format!(
            "I0306 10:00:00.052150       1 proxier.go:944] \"SyncProxyRules complete\" elapsed=\"{printed}\"\n"
        );
        assert_eq!(one(&text).elapsed_ns, Some(ns), "{printed}");
        let json = format!(
            "{{\"ts\":1764405459986.065,\"caller\":\"nftables/proxier.go:1193\",\"msg\":\"SyncProxyRules complete\",\"v\":2,\"elapsed\":\"{printed}\"}}\n"
        );
        assert_eq!(one(&json).elapsed_ns, Some(ns), "{printed}");
    }
}

#[test]
fn values_of_all_kinds_stand_before_what_is_sought() {
    for values in [
        r#"IPs=["10.0.0.1","10.0.0.2"]"#,
        "IPs=[10.0.0.1 10.0.0.2]",
        "m={A:1 B:x}",
        r#"err="exit status 1: \"elapsed=\\\"9s\\\"\" x""#,
        "rules=[42 102 105]",
        r#"v="(MISSING)""#,
        r#"primary ipFamily="IPv6""#,
        r#"elapsed="9s""#,
    ] {
        let text = format!(
            "I0306 10:00:00.052150       1 proxier.go:944] \"SyncProxyRules complete\" {values} elapsed=\"1.5s\"\n"
        );
        assert_eq!(one(&text).elapsed_ns, Some(1_500_000_000), "{values}");
    }
    // JSON: the last duplicate wins, error lines lack `v`, a named logger is another program's.
    let json = r#"{"ts":1764405459986.065,"caller":"nftables/proxier.go:1193","msg":"SyncProxyRules complete","elapsed":"9s","elapsed":"1.5s"}"#;
    assert_eq!(one(json).elapsed_ns, Some(1_500_000_000));
}

/// A failed sync in 1.33 whose error runs over lines, with what copying does to such blocks.
#[test]
fn error_blocks_whole_and_mangled() {
    let block = |open: &str, indent: &str, close: &str| {
        format!(
            "I0306 10:00:00.000350       1 proxier.go:1199] \"Syncing nftables rules\" ipFamily=\"IPv6\" fullSync=true\n\
             I0306 10:00:00.004000       1 proxier.go:1840] \"Reloading service nftables data\" ipFamily=\"IPv6\" numServices=3 numEndpoints=4\n\
             E0306 10:00:00.008000       1 proxier.go:1874] \"nftables sync failed\" err={open}\n\
             {indent}/dev/stdin:1:1-2: Error: Could not process rule: No such file or directory\n\
             {indent}\"Syncing nftables rules\" is no message here, nor is elapsed=\"7s\"\n\
             {close}\
             I0306 10:00:00.008100       1 proxier.go:1205] \"Sync failed\" ipFamily=\"IPv6\" retryingTime=\"30s\"\n\
             I0306 10:00:00.008150       1 proxier.go:1193] \"SyncProxyRules complete\" ipFamily=\"IPv6\" elapsed=\"8.1ms\"\n"
        )
    };
    for (open, indent, close) in [
        ("<", "\t", " > ipFamily=\"IPv6\"\n"),
        ("<", "    ", " > ipFamily=\"IPv6\"\n"),
        ("<", "        ", " > ipFamily=\"IPv6\"\n"),
        ("", "\t", " > ipFamily=\"IPv6\"\n"),
        ("<", "\t", "> ipFamily=\"IPv6\"\n"),
        ("<", "\t", ""),
        ("<", "", ""),
        ("<", "   > ", "   >  > ipFamily=\"IPv6\"\n"),
    ] {
        let log = block(open, indent, close);
        let failed = log.lines().count();
        let reading = text(&log);
        assert_eq!(
            rows(&reading),
            [format!(
                "{failed} IPv6 failed 0.008 build 0.004 commit 0.004 of 3/4"
            )],
            "{log}"
        );
        // A file that begins inside the block.
        let inside = log.split_inclusive('\n').skip(3).collect::<String>();
        let reading = text(&inside);
        assert_eq!(
            rows(&reading),
            [format!("{} IPv6 failed 0.008", failed - 3)],
            "{inside}"
        );
    }
}

#[test]
fn a_failed_deletion_of_stale_chains_makes_a_sync_full() {
    let log = "I0306 10:00:00.000350       1 proxier.go:1199] \"Syncing nftables rules\" ipFamily=\"IPv4\" fullSync=false\n\
        I0306 10:00:00.000400       1 proxier.go:1212] \"Deleting stale nftables chains\" ipFamily=\"IPv4\" numChains=142642\n\
        E0306 10:00:00.000500       1 proxier.go:1220] \"Unable to delete stale chains; will retry later\" err=<\n\
        \tError: Could not process rule: Device or resource busy\n \
        > ipFamily=\"IPv4\"\n\
        I0306 10:00:09.000000       1 proxier.go:1193] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"9s\"\n";
    let sync = one(log);
    assert_eq!((sync.full, sync.stale_chains), (Some(true), Some(142_642)));
    let partial = log.replace("Unable to delete stale chains; will retry later", "Other");
    assert_eq!(one(&partial).full, Some(false));
}

#[test]
fn an_error_in_a_good_sync_does_not_fail_it() {
    let log = "I0306 10:00:00.000350       1 proxier.go:826] \"Syncing iptables rules\"\n\
        E0306 10:00:00.040000       1 cleanup.go:70] \"Failed to delete stale service connections\" err=\"conntrack failed\" IP=\"10.0.0.1\"\n\
        E0306 10:00:00.041000       1 proxier.go:1545] \"Failed to delete endpoint connections\" err=\"exit status 1\"\n\
        I0306 10:00:00.052150       1 proxier.go:791] \"SyncProxyRules complete\" elapsed=\"52.1ms\"\n";
    assert_eq!(rows(&text(log)), ["4 - ok 0.052"]);
}

#[test]
fn lines_that_look_alike_do_not_count() {
    let log = "I1129 08:37:39.988112       1 controller.go:313] \"Syncing nftables rules\" logger=\"nftables-sync\"\n\
        I1129 08:37:42.488112       1 controller.go:320] \"Syncing nftables rules\" logger=\"nftables-sync\" elapsed=\"2.5s\"\n\
        [pod/kindnet-x/kindnet-cni] 2025-11-29T08:37:43.1Z I1129 08:37:43.100000       1 controller.go:320] \"Syncing nftables rules\" logger=\"nftables-sync\" elapsed=\"2.5s\"\n\
        I1129 08:37:44.0000000      1 proxier.go:1500] \"Network programming\" endpoint=\"ns/name\" elapsed=12.345\n\
        I1129 08:37:44.000000       1 bounded_frequency_runner.go:296] sync-runner: ran, next possible in 1s, periodic in 1h0m0s\n\
        I1129 08:37:44.000000       1 proxier.go:1172] \"Not syncing nftables until Services and Endpoints have been received from master\"\n\
        I1129 08:37:44.000000       1 trace.go:236] Trace[1]: \"iptables ChainExists\" (29-Nov-2025 08:37:40.000) (total time: 4000ms):\n\
        Trace[1]: [4.0s] [4.0s] END\n";
    let reading = text(log);
    assert_eq!(rows(&reading), [""; 0], "{reading:?}");
    assert!(
        codes(&reading).contains(&"unread_lines"),
        "they are named: {:?}",
        codes(&reading)
    );
}
