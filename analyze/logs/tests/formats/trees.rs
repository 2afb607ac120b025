//! Directories: rotations, dumps of a cluster, lists of nodes.

use std::fs;
use std::path::Path;

use kube_proxy_logs::{Hints, KernelFrom, Request, Silent, Source, discover, gather};
use serde_json::json;

use crate::reading::{of, rows};

const SYNCING: &str =
    r#"I1129 08:24:24.646123       1 proxier.go:1199] "Syncing nftables rules" ipFamily="IPv4""#;
const RELOADING: &str = r#"I1129 08:24:33.333333       1 proxier.go:1840] "Reloading service nftables data" ipFamily="IPv4" numServices=5006 numEndpoints=44012"#;
const COMPLETE: &str = r#"I1129 08:37:39.988112       1 proxier.go:1193] "SyncProxyRules complete" ipFamily="IPv4" elapsed="13m15.34210662s""#;
const SYNC: &str = "1 IPv4 ok 795.342 build 8.687 commit 786.655 of 5006/44012";

fn put(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// `text` as `kubectl get nodes -o json` and `kubectl get pods -o json` print it.
fn lists() -> (String, String) {
    let node = |name: &str, kernel: &str| json!({"metadata": {"name": name}, "status": {"nodeInfo": {"kernelVersion": kernel}}});
    let nodes =
        json!({"kind": "NodeList", "items": [node("n-old", "6.1.144"), node("n-new", "6.12.46")]});
    let pods = json!({"kind": "PodList", "items": [
        {"metadata": {"name": "kube-proxy-a", "namespace": "kube-system"}, "spec": {"nodeName": "n-old"}},
        {"metadata": {"name": "kube-proxy-b", "namespace": "kube-system"}, "spec": {"nodeName": "n-new"}},
    ]});
    let pretty = |json| serde_json::to_string_pretty(json).unwrap();
    (pretty(&nodes), pretty(&pods))
}

#[test]
fn a_sync_across_a_rotation_is_one() {
    let root = tempfile::tempdir().unwrap();
    let cri = |line: &str| format!("2025-11-29T{}Z stderr F {line}\n", &line[6..21]);
    let pod = "kube-system_kube-proxy-x_0a1b/kube-proxy";
    put(
        root.path(),
        &format!("{pod}/0.log.20251129-082500"),
        &(cri(SYNCING) + &cri(RELOADING)),
    );
    put(root.path(), &format!("{pod}/0.log"), &cri(COMPLETE));
    put(
        root.path(),
        "kube-system_coredns-y_0a/coredns/0.log",
        "noise\n",
    );
    let reading = of(discover(root.path()).unwrap(), None);
    assert_eq!(rows(&reading), [SYNC]);
    assert_eq!(reading.inputs.len(), 2, "coredns does not count");
    assert!(reading.warnings.is_empty(), "{:?}", reading.warnings);
}

#[test]
fn dockers_rotations_are_one_log_from_the_oldest_on() {
    let root = tempfile::tempdir().unwrap();
    let docker = |line: &str| {
        let time = format!("2025-11-29T{}Z", &line[6..21]);
        format!(
            "{}\n",
            json!({"log": format!("{line}\n"), "stream": "stderr", "time": time})
        )
    };
    put(root.path(), "c/c-json.log.2", &docker(SYNCING));
    put(root.path(), "c/c-json.log.1", &docker(RELOADING));
    put(root.path(), "c/c-json.log", &docker(COMPLETE));
    let reading = of(discover(root.path()).unwrap(), None);
    assert_eq!(rows(&reading), [SYNC]);
    let order: Vec<bool> = reading
        .inputs
        .iter()
        .map(|input| input.path.ends_with(".2"))
        .collect();
    assert_eq!(order, [true, false, false]);
}

#[test]
fn a_dump_of_the_cluster_names_the_kernels() {
    let (nodes, pods) = lists();
    let root = tempfile::tempdir().unwrap();
    put(root.path(), "nodes.json", &nodes);
    put(root.path(), "kube-system/pods.json", &pods);
    put(root.path(), "kube-system/events.json", "{}");
    put(root.path(), "kube-system/coredns-x/logs.txt", "noise\n");
    for pod in ["kube-proxy-a", "kube-proxy-b"] {
        let text = format!(
            "==== START logs for container kube-proxy of pod kube-system/{pod} ====\n{COMPLETE}\n\
             ==== END logs for container kube-proxy of pod kube-system/{pod} ====\n"
        );
        put(root.path(), &format!("kube-system/{pod}/logs.txt"), &text);
    }
    let reading = of(discover(root.path()).unwrap(), Some(2025));
    let kernels: Vec<_> = reading
        .inputs
        .iter()
        .map(|input| input.kernel.clone())
        .collect();
    let from = |kernel: &str| Some((kernel.to_owned(), KernelFrom::Metadata));
    assert_eq!(kernels, [from("6.1.144"), from("6.12.46")]);
    let found: Vec<_> = reading
        .inputs
        .iter()
        .map(|input| input.node.as_deref())
        .collect();
    assert_eq!(found, [Some("n-old"), Some("n-new")]);
}

#[test]
fn a_dump_as_one_stream_names_them_too() {
    let (nodes, pods) = lists();
    let log = |pod: &str, line: &str| {
        format!(
            "==== START logs for container kube-proxy of pod kube-system/{pod} ====\n{line}\n\
             ==== END logs for container kube-proxy of pod kube-system/{pod} ====\n"
        )
    };
    let other = COMPLETE.replace("13m15", "4m10");
    let text = format!(
        "{nodes}\n{pods}\n{}{}",
        log("kube-proxy-a", COMPLETE),
        log("kube-proxy-b", &other)
    );
    let reading = crate::reading::files(&[("dump.txt", text.as_bytes())]);
    let kernels: Vec<_> = reading
        .syncs
        .iter()
        .map(|sync| {
            reading.inputs[sync.input as usize]
                .kernel
                .clone()
                .unwrap()
                .0
        })
        .collect();
    assert_eq!(kernels, ["6.1.144", "6.12.46"]);
    let lines: Vec<&str> = text.lines().collect();
    for sync in &reading.syncs {
        assert!(lines[sync.line as usize - 1].contains("SyncProxyRules complete"));
    }
    assert!(reading.warnings.is_empty(), "{:?}", reading.warnings);
}

#[test]
fn a_kernel_is_taken_from_a_heading_or_a_path() {
    let text = format!(
        "# kernel-6.1.144, m6i.8xlarge\n# two nodes of one cluster\n{COMPLETE}\n\n\
         kernel-6.12.55, m6i.8xlarge\n{}\n",
        COMPLETE.replace("13m15", "4m10")
    );
    let reading = crate::reading::text(&text);
    let kernels: Vec<_> = reading
        .syncs
        .iter()
        .map(|sync| reading.inputs[sync.input as usize].kernel.clone())
        .collect();
    let from = |kernel: &str, from| Some((kernel.to_owned(), from));
    assert_eq!(
        kernels,
        [
            from("6.1.144", KernelFrom::Heading),
            from("6.12.55", KernelFrom::Heading)
        ]
    );
    let reading = crate::reading::files(&[("6.6.87/a.log", COMPLETE.as_bytes())]);
    assert_eq!(reading.inputs[0].kernel, from("6.6.87", KernelFrom::Path));
}

/// A file may hold several logs: each tells the place of its file among the sources, and has what was
/// known of that.
#[test]
fn each_log_knows_the_source_that_it_is_from() {
    let folder = tempfile::tempdir().unwrap();
    let of_pod = |pod: &str| format!("[pod/kube-proxy-{pod}/kube-proxy] {COMPLETE}\n");
    put(folder.path(), "a.log", &format!("{COMPLETE}\n"));
    put(folder.path(), "b.log", &(of_pod("x") + &of_pod("y")));
    put(folder.path(), "c.log", &format!("{COMPLETE}\n"));
    let hints = Hints {
        verbosity: Some(3),
        ..Hints::default()
    };
    let sources = ["a.log", "b.log", "c.log"];
    let request = Request {
        sources: sources
            .map(|name| Source::file(folder.path().join(name)).with(hints.clone()))
            .to_vec(),
        year: Some(2025),
        ..Request::default()
    };
    let gathered = gather(&request, &Silent).unwrap();
    let found: Vec<Option<u32>> = (0..5).map(|log| gathered.source(log)).collect();
    assert_eq!(found, [Some(0), Some(1), Some(1), Some(2), None]);
    assert!(gathered.logs().all(|log| log.verbosity == Some(3)));
}
