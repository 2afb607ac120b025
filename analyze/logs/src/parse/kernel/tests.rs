//! Lines that the grammar reads, and what it makes of them.

use super::*;

fn event(line: &str) -> Complaint {
    match read(line.as_bytes(), At::Never) {
        Some(KernelSaid::Event(complaint)) => complaint,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn lockups_in_all_printed_forms() {
    for (line, cpu, comm, pid, reported, uptime_s) in [
        (
            "[13823.963595] watchdog: BUG: soft lockup - CPU#22 stuck for 335s! [nft:257620]",
            22,
            "nft",
            257_620,
            335,
            Some(13_823.963_595),
        ),
        (
            "[ 3267.7][ T96465] watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [kworker/0:3:370]",
            1,
            "kworker/0:3",
            370,
            26,
            Some(3267.7),
        ),
        (
            "[Sat Nov 29 10:00:26 2025] watchdog: BUG: soft lockup - CPU#2 stuck for 22s! [cpuhp/5:40]",
            2,
            "cpuhp/5",
            40,
            22,
            None,
        ),
        (
            "kernel:NMI watchdog: BUG: soft lockup - CPU#0 stuck for 23s! [nft:1]",
            0,
            "nft",
            1,
            23,
            None,
        ),
        (
            "ip-10-0-0-1 login: [ 100.000000] watchdog: BUG: soft lockup - CPU#0 stuck for 23s! [nft:1]",
            0,
            "nft",
            1,
            23,
            Some(100.0),
        ),
        (
            "Nov 29 10:00:26 host kernel: BUG: soft lockup - CPU#0 stuck for 23s! [nft:1]",
            0,
            "nft",
            1,
            23,
            None,
        ),
    ] {
        let found = event(line);
        assert_eq!(
            (
                found.cpu,
                found.comm.as_deref(),
                found.pid,
                found.reported,
                found.uptime_s
            ),
            (Some(cpu), Some(comm), Some(pid), Some(reported), uptime_s),
            "{line}"
        );
    }
    assert!(matches!(
        event("[Sat Nov 29 10:00:26 2025] watchdog: BUG: soft lockup - CPU#2 stuck for 22s! [a:4]")
            .at,
        At::Known(_)
    ));
    assert!(matches!(
        event("Nov 29 10:00:26 h kernel: BUG: soft lockup - CPU#2 stuck for 22s! [a:4]").at,
        At::Yearless(_)
    ));
}

#[test]
fn stalls_and_hung_tasks() {
    for line in [
        "[ 3267.743574] rcu: INFO: rcu_preempt self-detected stall on CPU",
        "rcu: INFO: rcu_sched detected stalls on CPUs/tasks:",
        "INFO: rcu_sched self-detected stall on CPU",
        "INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-...D }",
    ] {
        assert_eq!(event(line).kind, KernelKind::RcuStall, "{line}");
    }
    let hung = event("[ 4000.0] INFO: task kube-proxy:1234 blocked for more than 122 seconds.");
    assert_eq!(
        (hung.kind, hung.pid, hung.reported),
        (KernelKind::HungTask, Some(1234), Some(122))
    );
}

#[test]
fn functions_and_releases() {
    for (line, said) in [
        (
            "[1.0] RIP: 0010:__nft_set_trans_bind.isra.0+0x64/0x90 [nf_tables]",
            Some(KernelSaid::Function("__nft_set_trans_bind".into())),
        ),
        (
            "pc : nf_tables_newset+0xa94/0xdb8 [nf_tables]",
            Some(KernelSaid::Function("nf_tables_newset".into())),
        ),
        ("RIP: 0033:0x7f1c2a", None),
        (
            "CPU: 22 PID: 257620 Comm: nft Tainted: G             L     6.1.144 #1",
            Some(KernelSaid::Release("6.1.144".into())),
        ),
        (
            "CPU: 2 UID: 0 PID: 9 Comm: nft Not tainted 6.12.55 #1",
            Some(KernelSaid::Release("6.12.55".into())),
        ),
        (
            "[    0.000000] Linux version 6.1.0-54-cloud-amd64 (debian-kernel@lists)",
            Some(KernelSaid::Release("6.1.0-54-cloud-amd64".into())),
        ),
        (
            "[ 3267.7] rcu: \t10-....: (1 GPs behind) idle=f3b/1/0x4 softirq=1/2 fqs=3",
            Some(KernelSaid::StalledCpu(10)),
        ),
        (
            "\t3-...!: (59923 ticks this GP) idle=f3b/1/0x4",
            Some(KernelSaid::StalledCpu(3)),
        ),
        ("nothing", None),
    ] {
        assert_eq!(read(line.as_bytes(), At::Never), said, "{line}");
    }
}

#[test]
fn other_lockups() {
    use KernelKind::{HardLockup, WorkqueueLockup};
    for (line, kind, cpu, reported) in [
        (
            "BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 331s!",
            WorkqueueLockup,
            Some(1),
            Some(331),
        ),
        (
            "[ 9.5] BUG: workqueue lockup - pool cpus=0-3 flags=0x4 nice=-20 stuck for 31s!",
            WorkqueueLockup,
            None,
            Some(31),
        ),
        (
            "[ 9.5] watchdog: Watchdog detected hard LOCKUP on cpu 3",
            HardLockup,
            Some(3),
            None,
        ),
        (
            "NMI watchdog: Watchdog detected hard LOCKUP on cpu 12",
            HardLockup,
            Some(12),
            None,
        ),
        (
            "host kernel: watchdog: CPU0: Watchdog detected hard LOCKUP on cpu 4",
            HardLockup,
            Some(4),
            None,
        ),
        (
            "[ 9.5] Watchdog detected hard LOCKUP on cpu 5Modules linked in: nf_tables",
            HardLockup,
            Some(5),
            None,
        ),
    ] {
        let found = event(line);
        assert_eq!(
            (found.kind, found.cpu, found.reported),
            (kind, cpu, reported),
            "{line}"
        );
    }
}

#[test]
fn names_with_brackets_and_colons() {
    for (line, comm, pid) in [
        (
            "BUG: soft lockup - CPU#34 stuck for 22s! [runc:[1:CHILD]:185318]",
            "runc:[1:CHILD]",
            185_318,
        ),
        (
            "BUG: soft lockup - CPU#34 stuck for 22s! [a b]:7]",
            "a b]",
            7,
        ),
        (
            "INFO: task runc:[2:INIT]:99 blocked for more than 120 seconds.",
            "runc:[2:INIT]",
            99,
        ),
    ] {
        let found = event(line);
        assert_eq!((found.comm.as_deref(), found.pid), (Some(comm), Some(pid)));
    }
}

#[test]
fn prose_that_quotes_a_report_is_none() {
    for line in [
        "We saw a soft lockup - CPU#3 stuck for 715s! [kubelet:15343] yesterday.",
        "We saw BUG: soft lockup - CPU#3 stuck for 715s! [kubelet:15343]",
        "watchdog: BUG: soft lockup - CPU#3 stuck for 715s! [kubelet:15343] yesterday.",
        "The kernel said \"BUG: soft lockup - CPU#3 stuck for 715s! [kubelet:15343]\"",
        "we had BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 331s!",
        "BUG: workqueue lockup - pool cpus=1 nice=0 stuck for 331s! says the log",
        "it printed Watchdog detected hard LOCKUP on cpu 3",
        "Watchdog detected hard LOCKUP on cpu 3, and then nothing",
        "then INFO: task nft:7 blocked for more than 120 seconds.",
        "INFO: task nft:7 blocked for more than 120 seconds. What now?",
        "he read INFO: rcu_sched self-detected stall on CPU",
    ] {
        assert_eq!(read(line.as_bytes(), At::Never), None, "{line}");
    }
}

#[test]
fn what_logs_put_before_a_report() {
    for before in [
        "",
        "<0>",
        "<0>[ 100.5] ",
        "[ 100.5] ",
        "[ 100.5][ T96465] ",
        "[Sat Nov 29 10:00:26 2025] ",
        "2025-11-29T10:00:26,123456+00:00 ",
        "2025-11-29T10:00:26Z ",
        "Nov 29 10:00:26 host kernel: ",
        "Nov 29 10:00:26 host kernel: [ 100.5] ",
        " kernel:",
        "node/dmesg.log:",
    ] {
        let line = format!("{before}watchdog: BUG: soft lockup - CPU#3 stuck for 23s! [nft:1]");
        assert_eq!(event(&line).cpu, Some(3), "{line}");
    }
}

/// Before the kernel's words stands what a log puts there, and no sentence.
#[test]
fn what_a_log_puts_before_a_report_is_told_from_a_sentence() {
    for (before, is_printed) in [
        ("", true),
        ("[12.345678] ", true),
        ("[12.345678] watchdog: ", true),
        ("<4>[12.3] NMI watchdog: ", true),
        ("Nov 29 10:00:26 host kernel: ", true),
        ("klogd: ", true),
        ("host login: ", true),
        ("10:00:26 ", true),
        ("2025-11-29T10:00:26+01:00 ", true),
        ("<4>", true),
        ("/var/log/kern.log:", true),
        ("kern.log:", true),
        ("it says ", false),
        ("it says: ", false),
        ("[note] ", false),
        ("12 apples ", false),
        ("1026 ", false),
        ("10:00pm ", false),
        ("a: ", false),
        ("see kern.log: ", false),
        ("<b> ", false),
    ] {
        assert_eq!(printed(before).is_some(), is_printed, "{before:?}");
    }
}
