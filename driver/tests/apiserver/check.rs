//! `check`: each thing that would make a run fail is named before anything is changed.

use bundle::Scenario;
use driver::api::cluster::Cluster;
use driver::check::{Level, Report, check};
use driver::settings::Settings;
use driver::settings::choices::Choices;
use http::Method;
use serde_json::{Value, json};

use crate::server::{Asked, Server};

const REVIEWS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const PODS: &str = "/api/v1/namespaces/kube-system/pods";

/// A cluster in which everything is as it should be.
fn sound() -> Server {
    let server = Server::new();
    server.hold(
        "/api/v1/nodes/node-a",
        json!({
            "metadata": {"name": "node-a", "labels": {"node.kubernetes.io/instance-type": "m5.4xlarge"}},
            "status": {"nodeInfo": node_info("v1.34.1")}
        }),
    );
    server.hold(
        &format!("{PODS}/kube-proxy-x"),
        kube_proxy(&["kube-proxy", "--v=2"]),
    );
    server.hold(
        "/api/v1/namespaces/kube-system/configmaps/kube-proxy",
        json!({"metadata": {"name": "kube-proxy"}, "data": {"config.conf":
            "kind: KubeProxyConfiguration\nmode: nftables\nnftables:\n  minSyncPeriod: 1s\n"}}),
    );
    server.hold(
        "/apis/networking.k8s.io/v1/servicecidrs/kubernetes",
        json!({"metadata": {"name": "kubernetes"}, "spec": {"cidrs": ["172.20.0.0/16"]}}),
    );
    server.with_answers(allow_all_but(|_| false))
}

fn node_info(kubelet: &str) -> Value {
    json!({
        "kernelVersion": "6.12.46", "osImage": "Bottlerocket OS 1.49.0", "kubeletVersion": kubelet,
        "architecture": "amd64", "containerRuntimeVersion": "containerd://2.0.6", "bootID": "",
        "kubeProxyVersion": "", "machineID": "", "operatingSystem": "linux", "systemUUID": ""
    })
}

fn kube_proxy(command: &[&str]) -> Value {
    json!({
        "metadata": {"name": "kube-proxy-x", "namespace": "kube-system", "uid": "u",
                     "labels": {"k8s-app": "kube-proxy"}},
        "spec": {
            "nodeName": "node-a",
            "containers": [{"name": "kube-proxy", "image": "eks/kube-proxy:v1.32.6", "command": command}],
            "volumes": [{"name": "config", "configMap": {"name": "kube-proxy"}}]
        }
    })
}

/// Answers access reviews, and a pod's log.
fn allow_all_but(
    denied: impl Fn(&Value) -> bool + Send + Sync + 'static,
) -> impl Fn(&Asked) -> Option<Value> + Send + Sync {
    move |asked| match asked.path.as_str() {
        REVIEWS => {
            let attributes = &asked.body["spec"]["resourceAttributes"];
            Some(json!({"metadata": {}, "spec": {}, "status": {"allowed": !denied(attributes)}}))
        }
        path if path.ends_with("/log") => Some(json!("a line")),
        _ => None,
    }
}

async fn checked(server: &Server, choices: Choices) -> Report {
    let cluster = Cluster {
        client: server.client(),
        server: "https://127.0.0.1:6443".to_owned(),
        version: "v1.34.1".to_owned(),
    };
    check(&cluster, &Settings::from_choices(choices).unwrap()).await
}

/// Asserts that the screen has a line of this level with these words.
fn assert_says(report: &Report, level: Level, words: &str) {
    let mut findings = report.findings.iter();
    let found = findings
        .any(|f| f.level == level && format!("{}: {}", f.subject, f.detail).contains(words));
    assert!(found, "no {level:?} with `{words}`:\n{}", report.screen());
}

#[tokio::test(start_paused = true)]
async fn a_sound_cluster_passes_and_is_described() {
    let server = sound();
    let report = checked(&server, Choices::default()).await;
    for finding in &report.findings {
        assert_eq!(finding.level, Level::Pass, "{finding:?}");
    }
    for words in [
        "server: v1.34.1 at https://127.0.0.1:6443",
        "node-a: kernel 6.12.46, Bottlerocket OS 1.49.0, m5.4xlarge",
        "node-a kube-proxy: v1.32.6, nftables, minSyncPeriod 1s, --v=2",
        "service range: 172.20.0.0/16: 65534 of 65534 free",
        "quota: none in debug",
        "earlier runs: nothing left in debug",
    ] {
        assert_says(&report, Level::Pass, words);
    }
    let state = server.state();
    let changes = state
        .asked
        .iter()
        .filter(|a| a.method != Method::GET && a.path != REVIEWS);
    assert_eq!(changes.count(), 0, "a check changes nothing");
}

#[tokio::test(start_paused = true)]
async fn each_missing_verb_is_named() {
    for scenario in [Scenario::Ramp, Scenario::Churn, Scenario::ColdStart] {
        let choices = Choices {
            scenario: Some(scenario),
            ..Choices::default()
        };
        let server = sound();
        checked(&server, choices.clone()).await;
        let asked = server.state().asked.clone();
        let reviews: Vec<Value> = asked
            .into_iter()
            .filter(|a| a.path == REVIEWS)
            .map(|a| a.body["spec"]["resourceAttributes"].clone())
            .collect();
        assert!(reviews.len() > 20);
        for review in reviews {
            let denied = review.clone();
            let server = sound().with_answers(allow_all_but(move |asked| *asked == denied));
            let report = checked(&server, choices.clone()).await;
            let missing: Vec<_> = report
                .findings
                .iter()
                .filter(|f| f.subject == "permission")
                .collect();
            assert_eq!(missing.len(), 1, "{review}:\n{}", report.screen());
            for part in ["verb", "resource", "subresource", "namespace", "name"] {
                let word = review[part].as_str().unwrap_or_default();
                assert!(
                    missing[0].detail.contains(word),
                    "{review}: {:?}",
                    missing[0]
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn rbac_yaml_grants_every_verb_that_a_run_cannot_do_without() {
    let server = sound().with_answers(allow_all_but(|_| true));
    let report = checked(&server, Choices::default()).await;
    let asked = server.state().asked.clone();
    let text = include_str!("../../../cluster/rbac.yaml");
    let roles: Vec<Value> = text
        .split("\n---\n")
        .map(|document| serde_saphyr::from_str(document).unwrap())
        .filter(|object: &Value| object["rules"].is_array())
        .collect();
    assert_eq!(roles.len(), 3);
    let needed = report
        .findings
        .iter()
        .filter(|f| f.subject == "permission" && f.level == Level::Fail)
        .count();
    let granted = asked.iter().filter(|a| a.path == REVIEWS).filter(|a| {
        let attributes = &a.body["spec"]["resourceAttributes"];
        roles.iter().any(|role| grants(role, attributes))
    });
    let refused = ["create namespaces", "delete namespaces", "get nodes/proxy"];
    let total = asked.iter().filter(|a| a.path == REVIEWS).count();
    assert_eq!(granted.count(), total - refused.len());
    assert!(needed > 10 && needed < total);
    for verb in refused {
        assert_says(&report, Level::Warn, verb);
    }
}

#[test]
fn the_jobs_driver_is_process_one_so_that_signals_reach_it() {
    let text = include_str!("../../../cluster/job.yaml");
    let job: Value = serde_saphyr::from_str(text).unwrap();
    let pod = &job["spec"]["template"]["spec"];
    let containers = pod["containers"].as_array().unwrap();
    let driver = containers.iter().find(|c| c["name"] == "driver").unwrap();
    // The image's own: no shell stands between.
    assert_eq!(driver["command"], Value::Null);
    let image = include_str!("../../../cluster/Dockerfile");
    let entry = image
        .lines()
        .find_map(|line| line.strip_prefix("ENTRYPOINT "));
    let entry: Vec<String> = serde_json::from_str(entry.unwrap()).unwrap();
    assert_eq!(entry, ["/bin/driver"]);
    let args = driver["args"].as_array().unwrap();
    let words = args.iter().map(|word| word.as_str().unwrap());
    let line: Vec<&str> = std::iter::once("driver").chain(words).collect();
    <driver::cli::Cli as clap::Parser>::try_parse_from(line).unwrap();
    assert!(pod["terminationGracePeriodSeconds"].as_u64().unwrap() >= 30);
}

/// Whether a Role or ClusterRole grants what a review asks.
fn grants(role: &Value, attributes: &Value) -> bool {
    let text = |name: &str| attributes[name].as_str().unwrap_or_default();
    let resource = match text("subresource") {
        "" => text("resource").to_owned(),
        sub => format!("{}/{sub}", text("resource")),
    };
    let has = |list: &Value, word: &str| list.as_array().is_some_and(|l| l.contains(&json!(word)));
    let everywhere = role["kind"] == "ClusterRole";
    (everywhere || role["metadata"]["namespace"] == text("namespace"))
        && role["rules"].as_array().unwrap().iter().any(|rule| {
            let named =
                rule["resourceNames"].is_null() || has(&rule["resourceNames"], text("name"));
            has(&rule["apiGroups"], text("group"))
                && has(&rule["resources"], &resource)
                && has(&rule["verbs"], text("verb"))
                && named
        })
}

#[tokio::test(start_paused = true)]
async fn a_cluster_without_kube_proxy_pods_is_told_from_others() {
    let without = || {
        let server = sound();
        server
            .state()
            .objects
            .remove(&format!("{PODS}/kube-proxy-x"));
        server
    };
    let plain = without();
    let report = checked(&plain, Choices::default()).await;
    assert_says(
        &report,
        Level::Fail,
        "no pod in kube-system with k8s-app=kube-proxy",
    );
    assert_says(&report, Level::Fail, "--kube-proxy-selector");

    let k3s = without();
    k3s.hold(
        "/api/v1/nodes/node-b",
        json!({"metadata": {"name": "node-b"}, "status": {"nodeInfo": node_info("v1.34.1+k3s1")}}),
    );
    let report = checked(&k3s, Choices::default()).await;
    assert_says(
        &report,
        Level::Fail,
        "k3s and rke2 run kube-proxy in their own process",
    );

    let cilium = without();
    cilium.hold(
        &format!("{PODS}/cilium-x"),
        json!({"metadata": {"name": "cilium-x", "labels": {"k8s-app": "cilium"}}}),
    );
    let report = checked(&cilium, Choices::default()).await;
    assert_says(&report, Level::Fail, "Cilium replaces kube-proxy here");
}

#[tokio::test(start_paused = true)]
async fn kubeadms_verbosity_is_refused_before_the_run() {
    let server = sound();
    server.hold(&format!("{PODS}/kube-proxy-x"), kube_proxy(&["kube-proxy"]));
    let report = checked(&server, Choices::default()).await;
    assert_says(&report, Level::Fail, "--v=0: prints no end of a sync");
}

#[tokio::test(start_paused = true)]
async fn a_service_range_that_is_too_small_or_full_is_refused() {
    let small = sound();
    small.hold(
        "/apis/networking.k8s.io/v1/servicecidrs/kubernetes",
        json!({"metadata": {"name": "kubernetes"}, "spec": {"cidrs": ["10.100.0.0/20"]}}),
    );
    small.hold(
        "/apis/networking.k8s.io/v1/ipaddresses/a",
        json!({"metadata": {"name": "a"}}),
    );
    let report = checked(&small, Choices::default()).await;
    assert_says(
        &report,
        Level::Fail,
        "10.100.0.0/20: 4093 of 4094 free, 1 taken",
    );
    assert_says(&report, Level::Fail, "8000 more Services do not fit");
}

/// Before Kubernetes 1.33 there is no ServiceCIDR to list.
#[tokio::test(start_paused = true)]
async fn an_older_servers_range_is_found_by_dry_runs() {
    for (last, level, words) in [
        (
            None,
            Level::Pass,
            "65534 in all, how many are taken is not known",
        ),
        (
            Some("Internal error occurred: failed to allocate a serviceIP: range is full"),
            Level::Fail,
            "0 of 65534 free",
        ),
    ] {
        let reviews = allow_all_but(|_| false);
        let server = sound().with_answers(move |asked| {
            let refused =
                |code: u16, message: &str| Some(json!({"code": code, "message": message}));
            if asked.path.starts_with("/apis/networking.k8s.io") {
                return refused(404, "the server could not find the requested resource");
            }
            if asked.method != Method::POST || asked.path == REVIEWS {
                return reviews(asked);
            }
            assert!(asked.query.contains("dryRun=All"), "{asked:?}");
            match asked.body["spec"]["clusterIP"].as_str() {
                Some(_) => refused(
                    422,
                    "failed to allocate IP 192.0.2.1: the provided IP (192.0.2.1) is not in the \
                     valid range. The range of valid IPs is 172.20.0.0/16",
                ),
                None => match last {
                    Some(message) => refused(500, message),
                    None => Some(asked.body.clone()),
                },
            }
        });
        let report = checked(&server, Choices::default()).await;
        assert_says(&report, level, words);
    }
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_is_too_small_is_refused() {
    let server = sound();
    server.hold(
        "/api/v1/namespaces/debug/resourcequotas/few",
        json!({"metadata": {"name": "few"}, "spec": {"hard": {"services": "500"}},
               "status": {"hard": {"services": "500"}, "used": {"services": "20"}}}),
    );
    let report = checked(&server, Choices::default()).await;
    assert_says(
        &report,
        Level::Fail,
        "quota: few leaves 480 services, 8000 more are needed",
    );
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_run_left_is_counted_and_needs_no_room_again() {
    let server = sound();
    for number in 1..=5 {
        let name = format!("nginx-service-{number:05}");
        server.hold(
            &format!("/api/v1/namespaces/debug/services/{name}"),
            json!({"metadata": {"name": name, "labels": {"kube-proxy-bench/owner": "driver"}}}),
        );
    }
    let report = checked(&server, Choices::default()).await;
    assert_says(
        &report,
        Level::Warn,
        "5 Services, 0 Deployments, 0 pods are there in debug",
    );
    let other = Choices {
        owner: Some("alice".to_owned()),
        ..Choices::default()
    };
    let report = checked(&server, other).await;
    assert_says(&report, Level::Pass, "nothing left in debug");
}
