//! The kernel's own log, beside kube-proxy's.

use kube_proxy_logs::{KernelKind, Reading};

use crate::reading::{codes, files, ns, text};

/// Two dumps of one node, kube-proxy's log between them: the figures of a real incident.
fn joined() -> Reading {
    let console = "t_writev+0x5/0x10\n\
        [ 8107.850000] watchdog: BUG: soft lockup - CPU#22 stuck for 23s! [nft:137341]\n\
        [ 8107.850100] Modules linked in: nf_tables\n\
        [ 8107.850200] CPU: 22 PID: 137341 Comm: nft Not tainted 6.1.144 #1\n\
        [ 8107.850300] RIP: 0010:__nft_set_trans_bind.isra.0+0x64/0x90 [nf_tables]\n\
        [ 8107.850400] RIP: 0033:0x7f0000000000\n\
        [ 8835.870000] watchdog: BUG: soft lockup - CPU#22 stuck for 701s! [nft:137341]\n\
        [13487.960000] watchdog: BUG: soft lockup - CPU#22 stuck for 22s! [nft:257620]\n\
        [13823.963595] watchdog: BUG: soft lockup - CPU#22 stuck for 335s! [nft:257620]\n\
        [14131.970000] watchdog: BUG: soft lockup - CPU#22 stuck for 622s! [nft:257620]\n";
    let dmesg = "[Sat Nov 29 10:00:26 2025] watchdog: BUG: soft lockup - CPU#22 stuck for 335s! [nft:257620]\n";
    let proxy = "# kernel-6.1.144, m6i.8xlarge\n\
        I1129 08:24:24.646500       1 proxier.go:1199] \"Syncing nftables rules\" ipFamily=\"IPv4\"\n\
        I1129 08:24:33.333333       1 proxier.go:1840] \"Reloading service nftables data\" ipFamily=\"IPv4\" numServices=5006 numEndpoints=44012\n\
        I1129 08:37:39.988112       1 proxier.go:1193] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"13m15.34210662s\"\n\
        I1129 09:53:54.200000       1 proxier.go:1840] \"Reloading service nftables data\" ipFamily=\"IPv4\" numServices=5006 numEndpoints=44013\n\
        I1129 10:05:51.736856       1 proxier.go:1193] \"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"11m57.6s\"\n";
    files(&[
        ("node/console.log", console.as_bytes()),
        ("node/dmesg.log", dmesg.as_bytes()),
        ("node/kube-proxy.log", proxy.as_bytes()),
    ])
}

#[test]
fn lockups_are_joined_with_their_syncs_by_the_boot_time() {
    let reading = joined();
    let first = &reading.kernel_events[0];
    assert_eq!(
        (
            first.kind,
            first.cpu,
            first.comm.as_deref(),
            first.pid,
            first.reported
        ),
        (
            KernelKind::SoftLockup,
            Some(22),
            Some("nft"),
            Some(137_341),
            Some(23)
        )
    );
    assert_eq!(first.function.as_deref(), Some("__nft_set_trans_bind"));
    assert_eq!(first.release.as_deref(), Some("6.1.144"));
    // The unit is 2^30 ns: 701 are 752.7 s.
    let longest = &reading.kernel_events[1];
    assert!(
        (longest.seconds.unwrap() - 752.69).abs() < 0.01,
        "{longest:?}"
    );
    // Booted 06:10:02, a second more or less.
    let booted = first.time_ns.unwrap() - (first.uptime_s.unwrap() * 1e9) as i64;
    assert!((booted - ns("2025-11-29T06:10:02Z")).abs() < 1_000_000_000);
    let during: Vec<Option<u64>> = reading
        .kernel_events
        .iter()
        .map(|event| event.during_sync.map(|place| reading.syncs.at(place).line))
        .collect();
    assert_eq!(during[..2], [Some(4), Some(4)]);
    assert_eq!(during[2..5], [Some(6); 3]);
    let episodes: Vec<u32> = reading
        .kernel_events
        .iter()
        .map(|event| event.episode)
        .collect();
    assert_eq!(episodes[..2], [0, 0]);
    assert_eq!(episodes[2..5], [1, 1, 1]);
    assert!(
        !codes(&reading).contains(&"nothing_found"),
        "{:?}",
        reading.warnings
    );
}

#[test]
fn every_printed_form_is_read() {
    for (line, kind, cpu, pid) in [
        (
            "watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [kworker/0:3:370]",
            KernelKind::SoftLockup,
            Some(0),
            Some(370),
        ),
        (
            "NMI watchdog: BUG: soft lockup - CPU#5 stuck for 22s! [cpuhp/5:40]",
            KernelKind::SoftLockup,
            Some(5),
            Some(40),
        ),
        (
            "BUG: soft lockup - CPU#5 stuck for 67s! [nft:1]",
            KernelKind::SoftLockup,
            Some(5),
            Some(1),
        ),
        (
            "ip-10-0-0-1 login: [ 3267.743574] watchdog: BUG: soft lockup - CPU#22 stuck for 26s! [nft:96465]",
            KernelKind::SoftLockup,
            Some(22),
            Some(96_465),
        ),
        (
            "[ 3267.743574][ T96465] watchdog: BUG: soft lockup - CPU#22 stuck for 26s! [nft:96465]",
            KernelKind::SoftLockup,
            Some(22),
            Some(96_465),
        ),
        (
            "2025-11-29T10:00:26,123456+00:00 watchdog: BUG: soft lockup - CPU#2 stuck for 26s! [nft:9]",
            KernelKind::SoftLockup,
            Some(2),
            Some(9),
        ),
        (
            "Nov 29 10:00:26 host kernel: watchdog: BUG: soft lockup - CPU#2 stuck for 26s! [nft:9]",
            KernelKind::SoftLockup,
            Some(2),
            Some(9),
        ),
        (
            "2025-11-29T10:00:26+0000 host kernel: watchdog: BUG: soft lockup - CPU#2 stuck for 26s! [nft:9]",
            KernelKind::SoftLockup,
            Some(2),
            Some(9),
        ),
        (
            "{\"MESSAGE\":\"watchdog: BUG: soft lockup - CPU#2 stuck for 26s! [nft:9]\",\"__REALTIME_TIMESTAMP\":\"1764410426123456\",\"_HOSTNAME\":\"host\"}",
            KernelKind::SoftLockup,
            Some(2),
            Some(9),
        ),
        (
            "[ 1.0] rcu: INFO: rcu_preempt self-detected stall on CPU\n[ 1.0] rcu: \t10-....: (1 GPs behind) idle=f3b/1/0x4 softirq=1/2 fqs=3",
            KernelKind::RcuStall,
            Some(10),
            None,
        ),
        (
            "INFO: rcu_sched detected stalls on CPUs/tasks:",
            KernelKind::RcuStall,
            None,
            None,
        ),
        (
            "[ 9.0] INFO: task kube-proxy:1234 blocked for more than 122 seconds.\n[ 9.0]       Tainted: G             L     6.1.144 #1",
            KernelKind::HungTask,
            None,
            Some(1234),
        ),
    ] {
        let reading = text(line);
        assert_eq!(reading.kernel_events.len(), 1, "{line}");
        let event = &reading.kernel_events[0];
        assert_eq!(
            (event.kind, event.cpu, event.pid),
            (kind, cpu, pid),
            "{line}"
        );
        assert!(!codes(&reading).contains(&"nothing_found"), "{line}");
    }
}

#[test]
fn hot_functions_of_both_architectures_and_new_kernels() {
    let report = |registers: &str| {
        let log = format!(
            "[ 1.0] watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [nft:1]\n\
             [ 1.0] CPU#0 Utilization every 4s during lockup:\n\
             [ 1.0] CPU: 22 UID: 0 PID: 96465 Comm: nft Tainted: G             L     6.12.55 #1\n\
             [ 1.0] Tainted: [L]=SOFTLOCKUP\n{registers}\n"
        );
        let reading = text(&log);
        let event = reading.kernel_events[0].clone();
        assert_eq!(event.release.as_deref(), Some("6.12.55"));
        assert_eq!(reading.inputs[0].kernel.as_ref().unwrap().0, "6.12.55");
        event.function
    };
    for (registers, function) in [
        (
            "[ 1.0] RIP: 0010:nft_set_lookup_global+0x64/0x90 [nf_tables]",
            Some("nft_set_lookup_global"),
        ),
        (
            "[ 1.0] pc : nf_tables_newset+0xa94/0xdb8 [nf_tables]\n[ 1.0] lr : other+0x1/0x2",
            Some("nf_tables_newset"),
        ),
        ("[ 1.0] RIP: 0010:f.constprop.0.isra.3+0x1/0x2", Some("f")),
        ("[ 1.0] RIP: 0033:0x7f0000000000", None),
    ] {
        assert_eq!(report(registers).as_deref(), function, "{registers}");
    }
}

/// An emergency message goes to the console and, without a time, to every terminal.
#[test]
fn what_wall_repeats_counts_once() {
    let log = "[ 3267.743574] watchdog: BUG: soft lockup - CPU#22 stuck for 26s! [nft:96465]\n\
        Message from syslogd@ip-10-0-0-1 at Nov 29 10:00:26 ...\n \
        kernel:watchdog: BUG: soft lockup - CPU#22 stuck for 26s! [nft:96465]\n\
        [ 3295.743574] watchdog: BUG: soft lockup - CPU#22 stuck for 52s! [nft:96465]\n\
        [ 3500.743574] watchdog: BUG: soft lockup - CPU#22 stuck for 26s! [nft:96465]\n";
    let events = text(log).kernel_events;
    let found: Vec<_> = events
        .iter()
        .map(|event| (event.reported.unwrap(), event.episode))
        .collect();
    assert_eq!(found, [(26, 0), (52, 0), (26, 1)]);
}

#[test]
fn a_report_is_whole_under_every_clock_that_dmesg_and_journals_print() {
    for clock in [
        "[13823.963595] ",
        "[13823.963595][ T96465] ",
        "[Sat Nov 29 10:00:26 2025] ",
        "2025-11-29T10:00:26,123456+00:00 ",
        "Nov 29 10:00:26 node-7 kernel: ",
        "2025-11-29T10:00:26+0000 node-7 kernel: ",
    ] {
        let body = [
            "watchdog: BUG: soft lockup - CPU#22 stuck for 335s! [nft:257620]",
            "CPU: 22 PID: 257620 Comm: nft Tainted: G             L     6.1.144 #1",
            "RIP: 0010:__nft_set_trans_bind.isra.0+0x64/0x90 [nf_tables]",
        ];
        let log: String = body.map(|line| format!("{clock}{line}\n")).concat();
        let reading = text(&log);
        let event = &reading.kernel_events[0];
        assert_eq!(
            event.function.as_deref(),
            Some("__nft_set_trans_bind"),
            "{clock}"
        );
        assert_eq!(event.release.as_deref(), Some("6.1.144"), "{clock}");
        let node = clock.contains("node-7").then_some("node-7");
        assert_eq!(reading.inputs[0].node.as_deref(), node, "{clock}");
    }
}

/// Same task and CPU, again within the watchdog's period: one episode, whatever the counter says.
#[test]
fn reports_that_follow_one_another_are_one_episode() {
    for (reports, episodes) in [
        // The counter began anew each time.
        (vec![(100.0, 22), (128.0, 22), (156.0, 23)], vec![0, 0, 0]),
        (vec![(100.0, 22), (135.0, 22)], vec![0, 0]),
        (vec![(100.0, 22), (135.2, 22)], vec![0, 1]),
        // It grew as the clock did.
        (vec![(100.0, 22), (437.0, 335)], vec![0, 0]),
        // It is greater, but long after.
        (vec![(100.0, 22), (5_000.0, 23)], vec![0, 1]),
    ] {
        let log: String = reports
            .iter()
            .map(|(at, counter)| {
                format!(
                    "[{at:.1}] watchdog: BUG: soft lockup - CPU#2 stuck for {counter}s! [nft:9]\n"
                )
            })
            .collect();
        let events = text(&log).kernel_events;
        let found: Vec<u32> = events.iter().map(|event| event.episode).collect();
        assert_eq!(found, episodes, "{log}");
    }
}

/// A hung task's number is a threshold; a workqueue's is a time.
#[test]
fn only_times_are_times() {
    for (line, seconds) in [
        (
            "[ 9.0] INFO: task rustc:1774 blocked for more than 120 seconds.",
            None,
        ),
        (
            "[ 9.0] BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 331s!",
            Some(331.0),
        ),
    ] {
        assert_eq!(text(line).kernel_events[0].seconds, seconds, "{line}");
    }
}
