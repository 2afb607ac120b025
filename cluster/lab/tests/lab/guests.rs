//! Kernels that are not this machine's.

use std::time::Duration;

use crate::cluster::{Needs, lab, sampled, wait_for};

/// Emulation on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(300);

#[test]
fn two_kernels_take_the_same_small_ramp() {
    let Some(lab) = lab("guests", Needs::Guests) else {
        return;
    };
    lab.run("up --node old=6.1 --node new=6.12 --guest-cpus 1 --controller-qps 500");
    let nodes = lab.kube().get("/api/v1/nodes").unwrap();
    let nodes: serde_json::Value = serde_json::from_str(&nodes).unwrap();
    for (node, series) in nodes["items"]
        .as_array()
        .unwrap()
        .iter()
        .zip(["6.12.", "6.1."])
    {
        let kernel = node["status"]["nodeInfo"]["kernelVersion"]
            .as_str()
            .unwrap();
        assert!(kernel.starts_with(series), "{kernel}");
    }
    lab.kube().load(20, 5);
    let line = "numServices=21 numEndpoints=100";
    for node in [0, 1] {
        wait_for(line, PATIENCE, || {
            let log = lab.log(node);
            let (_, after) = log.split_once(line)?;
            let complete = after.lines().find(|line| {
                line.contains("SyncProxyRules complete") && line.contains("ipFamily=\"IPv4\"")
            })?;
            println!("{complete}");
            Some(())
        });
    }
    // What a kernel says is served as a kubelet serves it.
    let messages = lab
        .kube()
        .get("/api/v1/nodes/old/proxy/logs/?query=kernel")
        .unwrap();
    assert!(messages.contains(" old kernel: ") && messages.contains("Linux version 6.1."));
}

#[test]
fn a_guest_balances_between_endpoints_with_iptables() {
    let Some(lab) = lab("xt", Needs::SampledGuests) else {
        return;
    };
    lab.run("up --node old=6.1 --mode iptables --profile --controller-qps 500");
    lab.kube().load(20, 5);
    let line = "numServices=21 numEndpoints=100";
    wait_for(line, PATIENCE, || {
        let log = lab.log(0);
        let (_, after) = log.split_once(line)?;
        after.contains("SyncProxyRules complete").then_some(())
    });
    let log = lab.log(0);
    assert!(!log.contains("Sync failed"), "{log}");
    // What perf saw meanwhile comes out of the guest.
    let (all, kernel) = sampled(&lab, "old", "iptables-restor;");
    assert!(
        all > 0 && kernel > 0,
        "{all} samples, {kernel} in the kernel"
    );
}
