//! The lab on this machine's own kernel: up, used as any cluster, broken, down.

use std::process::Stdio;
use std::time::Duration;

use crate::cluster::{Lab, Needs, is_private, lab, sampled, wait_for};

/// Long enough for a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn up_and_down_twice_leaves_nothing() {
    let Some(lab) = lab("twice", Needs::Host) else {
        return;
    };
    for _ in 0..2 {
        lab.run("up --node node-a=host");
        let said = lab.refused("up", 2);
        assert!(
            said.contains("is up already") && said.contains("lab down"),
            "{said}"
        );
        let status = lab.status();
        let ready_after = status["status"]["ready_after_s"].as_f64().unwrap();
        println!(
            "ready after {ready_after:.1} s, {} KiB",
            status["memory_kib"]
        );
        secrets_are_private(&lab);
        lab.run("down");
        assert_eq!(lab.traces(), [""; 0]);
    }
    let said = lab.refused("status", 2);
    assert!(said.contains("is not up"), "{said}");
}

/// A node that is ready has synced; its words are on their way to the log at most.
fn has_synced(lab: &Lab) {
    wait_for("a sync in the log", Duration::from_secs(2), || {
        let log = lab.log(0);
        log.contains("SyncProxyRules complete").then_some(())
    });
}

fn secrets_are_private(lab: &Lab) {
    let status = lab.status();
    let root = std::path::Path::new(status["directory"].as_str().unwrap());
    for name in [
        "admin.kubeconfig",
        "pki/apiserver.key",
        "pki/service-accounts.key",
        "control.sock",
    ] {
        assert!(is_private(&root.join(name)), "{name}");
    }
}

#[test]
fn labs_that_start_at_once_have_each_a_port_of_their_own() {
    let Some(lab) = lab("ports", Needs::Host) else {
        return;
    };
    let beside = lab.beside("beside");
    let words = "up --node node-a=host";
    let starting = [lab.command(words), beside.command(words)].map(|mut command| {
        let command = command.stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().unwrap()
    });
    for started in starting {
        let output = started.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }
    let ports = [&lab, &beside].map(|lab| lab.status()["spec"]["port"].as_u64());
    assert!(ports[0].is_some() && ports[0] != ports[1], "{ports:?}");
    for lab in [&lab, &beside] {
        assert_eq!(lab.kube().get("/readyz").as_deref(), Ok("ok"));
    }
    let said = lab.refused("supervise", 2);
    assert!(said.contains("is for `lab up`"), "{said}");
    // A port that is asked for is had or refused at once.
    lab.run("down");
    let taken = format!("up --port {}", ports[1].unwrap());
    let said = lab.refused(&taken, 2);
    assert!(said.contains("is taken"), "{said}");
}

#[test]
fn a_load_reaches_kube_proxys_log_with_the_right_numbers() {
    let Some(lab) = lab("load", Needs::Host) else {
        return;
    };
    lab.run("up --node node-a=host --controller-qps 500");
    let kube = lab.kube();
    kube.load(200, 5);
    // The Service `kubernetes` is the 201st; nothing is behind it.
    let line = "numServices=201 numEndpoints=1000";
    wait_for(line, PATIENCE, || lab.log(0).contains(line).then_some(()));
    let pods = kube.get("/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-proxy");
    let pods: serde_json::Value = serde_json::from_str(&pods.unwrap()).unwrap();
    let pod = pods["items"][0]["metadata"]["name"].as_str().unwrap();
    let container = &pods["items"][0]["spec"]["containers"][0];
    assert_eq!(container["image"], "registry.k8s.io/kube-proxy:v1.32.6");
    let logs = format!("/api/v1/namespaces/kube-system/pods/{pod}/log");
    let served = kube.get(&format!("{logs}?timestamps=true")).unwrap();
    let own = lab.log(0).replace(" stderr F ", " ");
    assert!(
        own.starts_with(&served),
        "the log API serves the file itself"
    );
    assert!(served.contains(line), "{served}");
    let metrics = kube.get(&format!(
        "/api/v1/namespaces/kube-system/pods/{pod}:10249/proxy/metrics"
    ));
    assert!(
        metrics
            .unwrap()
            .contains("kubeproxy_sync_proxy_rules_duration_seconds_count")
    );
}

#[test]
fn a_restart_is_a_container_restart_and_an_outage_ends() {
    let Some(lab) = lab("restart", Needs::Host) else {
        return;
    };
    lab.run("up --node node-a=host");
    let kube = lab.kube();
    let node = |field: &str| lab.status()["status"]["nodes"][0][field].clone();
    let pod = node("pod").as_str().unwrap().to_owned();
    let path = format!("/api/v1/namespaces/kube-system/pods/{pod}/log");
    let error = kube.get(&format!("{path}?previous=true")).unwrap_err();
    assert!(!error.is_empty());
    let before = lab.log(0);
    lab.run("rotate node-a");
    lab.run("restart node-a");
    wait_for("the restarted kube-proxy", PATIENCE, || {
        (node("restarts") == 1 && node("ready") == true).then_some(())
    });
    wait_for("the restart in the pod's status", PATIENCE, || {
        let pod = kube
            .get(&format!("/api/v1/namespaces/kube-system/pods/{pod}"))
            .ok()?;
        pod.contains("\"restartCount\":1").then_some(())
    });
    // The log API serves one file: what was before the rotation is in another.
    let previous = kube.get(&format!("{path}?previous=true")).unwrap();
    let first_line = before.lines().next().unwrap();
    let (_, words) = first_line.split_once(" stderr F ").unwrap();
    assert!(!previous.contains(words), "{previous}");
    has_synced(&lab);
    lab.run("api stop");
    assert!(kube.get("/readyz").is_err());
    lab.run("api start");
    assert_eq!(kube.get("/readyz").as_deref(), Ok("ok"));
    let said = lab.refused("restart nobody", 1);
    assert!(
        said.contains("no node `nobody`") && said.contains("node-a"),
        "{said}"
    );
}

#[test]
fn a_deleted_pod_comes_back_with_a_fresh_kube_proxy() {
    let Some(lab) = lab("pod", Needs::Host) else {
        return;
    };
    lab.run("up --node node-a=host");
    let pod = || lab.status()["status"]["nodes"][0]["pod"].clone();
    let first = pod();
    lab.kube().with(async |client| {
        let pods: kube::Api<k8s_openapi::api::core::v1::Pod> =
            kube::Api::namespaced(client, "kube-system");
        let now = kube::api::DeleteParams::default();
        pods.delete(first.as_str().unwrap(), &now).await.unwrap();
    });
    wait_for("another pod", PATIENCE, || {
        let node = &lab.status()["status"]["nodes"][0];
        (node["pod"] != first && node["ready"] == true).then_some(())
    });
    assert_eq!(lab.status()["status"]["nodes"][0]["restarts"], 0);
    has_synced(&lab);
}

#[test]
fn down_clears_away_what_a_kill_left() {
    let Some(lab) = lab("kill", Needs::Host) else {
        return;
    };
    lab.run("up --node node-a=host --mode iptables");
    lab.kill_supervisor();
    let said = lab.refused("up", 2);
    assert!(said.contains("lab down"), "{said}");
    assert!(!lab.traces().is_empty());
    lab.run("down");
    assert_eq!(lab.traces(), [""; 0]);
    // And once more, with nothing there.
    lab.run("down");
}

#[test]
fn a_node_is_sampled_if_that_is_asked_for_and_kube_proxy_goes_on() {
    let Some(lab) = lab("perf", Needs::SampledHost) else {
        return;
    };
    lab.run("up --node node-a=host --profile --controller-qps 500");
    lab.kube().load(100, 5);
    let line = "numServices=101 numEndpoints=500";
    wait_for(line, PATIENCE, || lab.log(0).contains(line).then_some(()));
    has_synced(&lab);
    let (all, kernel) = sampled(&lab, "node-a", "nft;");
    assert!(
        all > 0 && kernel > 0,
        "{all} samples, {kernel} in the kernel"
    );
    // Its container was restarted for that.
    wait_for("another container", PATIENCE, || {
        let status = lab.status();
        let node = &status["status"]["nodes"][0];
        let ready = node["ready"].as_bool() == Some(true);
        (ready && node["restarts"].as_u64() == Some(1)).then_some(())
    });
    lab.run("down");
    lab.run("up --node node-a=host");
    let said = lab.refused("profile .", 2);
    assert!(said.contains("--profile"), "{said}");
}
