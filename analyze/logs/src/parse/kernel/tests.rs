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
