//! The driver against a real API server: outages, kills, permissions, full disks.
//!
//! Needs a lab, described by the environment (see `lab/mod.rs`), and root for a small disk.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise

mod lab;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bundle::{Action, Bundle, Verdict};
use k8s_openapi::api::core::v1::{Namespace, ResourceQuota, Service, ServiceAccount};
use kube::api::{Api, DeleteParams, ListParams, PostParams};
use lab::{Lab, lab};
use serde_json::json;

/// How long the API server is away.
const OUTAGE: Duration = Duration::from_secs(30);

fn log_of(bundle: &Path) -> String {
    let bundle = Bundle::open(bundle).unwrap();
    let file = &bundle.manifest.capture[0].file;
    std::fs::read_to_string(bundle.directory.join(file)).unwrap()
}

fn assert_complete(lab: &Lab, path: &Path) {
    let bundle = Bundle::open(path).unwrap();
    assert_eq!(bundle.manifest.verdict, Verdict::Complete);
    assert_eq!(bundle.timeline.faults, []);
    let log = log_of(path);
    assert!(!log.is_empty());
    assert_eq!(
        log,
        lab.own_log_like(&log),
        "the captured log is not the node's"
    );
}

async fn make<K>(api: &Api<K>, object: serde_json::Value)
where
    K: serde::de::DeserializeOwned + serde::Serialize + Clone + std::fmt::Debug,
{
    let object: K = serde_json::from_value(object).unwrap();
    let made = api.create(&PostParams::default(), &object).await;
    assert!(matches!(made, Ok(_) | Err(kube::Error::Api(_))), "{made:?}");
}

#[test]
fn an_api_server_that_is_killed_in_every_phase_costs_nothing_but_time() {
    let Some(lab) = lab() else { return };
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("bundle");
    let words = format!(
        "run -n t-outage --owner t-outage --services 600 --replicas 1,3 --qps 60 --step-pause 10s \
         --stabilise 5s --quiet-for 10s -o {}",
        path.display()
    );
    let mut driver = lab.start(&words, &place.path().join("said"));
    for phase in ["generate:", "scaled replicas=1", "settle:"] {
        driver.wait_for(phase);
        std::thread::sleep(Duration::from_secs(2));
        lab.outage(OUTAGE);
    }
    let (status, said) = driver.end();
    assert_eq!(status, 0, "{said}");
    assert_complete(&lab, &path);
    let timeline = Bundle::open(&path).unwrap().timeline;
    let settled = timeline
        .rows
        .iter()
        .find(|(_, row)| row.action == Action::Settled)
        .unwrap();
    assert_eq!(settled.1.achieved, Some(1800.0));
    assert!(said.contains("removed 600 Services"), "{said}");
}

#[tokio::test]
async fn a_run_that_is_killed_in_each_phase_resumes_and_leaves_nothing() {
    let Some(lab) = lab() else { return };
    let client = lab.client().await;
    let namespaces: Api<Namespace> = Api::all(client.clone());
    make(&namespaces, json!({"metadata": {"name": "t-kill"}})).await;
    let services: Api<Service> = Api::namespaced(client.clone(), "t-kill");
    make(
        &services,
        json!({"metadata": {"name": "foreign"}, "spec": {"ports": [{"port": 80}]}}),
    )
    .await;

    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("bundle");
    let words = format!(
        "run -n t-kill --owner t-kill --services 300 --replicas 1,2 --step-pause 5s --stabilise 4s \
         --quiet-for 4s -o {}",
        path.display()
    );
    for phase in [
        "generate:",
        "stabilise",
        "scaled replicas=2",
        "settle:",
        "removing 300",
    ] {
        let mut driver = lab.start(&words, &place.path().join("said"));
        driver.wait_for(phase);
        std::thread::sleep(Duration::from_millis(300));
        driver.kill();
        if phase == "settle:" {
            // Killed in cleanup next: the bundle is finished by then, so that is a run of its own.
            let (status, said) = lab.start(&words, &place.path().join("said")).end();
            assert_eq!(status, 0, "{said}");
            assert_complete(&lab, &path);
            std::fs::rename(&path, place.path().join("first")).unwrap();
        }
    }
    for _ in 0..2 {
        let done = lab.run("cleanup -n t-kill --owner t-kill");
        assert_eq!(done.status, 0, "{done:?}");
    }
    let left = services.list(&ListParams::default()).await.unwrap().items;
    let names: Vec<_> = left
        .iter()
        .filter_map(|s| s.metadata.name.as_deref())
        .collect();
    assert_eq!(names, ["foreign"]);
    assert!(
        namespaces.get_opt("t-kill").await.unwrap().is_some(),
        "the namespace was there before"
    );
    namespaces
        .delete("t-kill", &DeleteParams::default())
        .await
        .unwrap();
}

#[test]
fn ctrl_c_finalises_and_says_what_remains() {
    let Some(lab) = lab() else { return };
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("bundle");
    let words = format!(
        "run -n t-int --owner t-int --services 50 --replicas 1 --step-pause 60s --stabilise 0 -o {}",
        path.display()
    );
    let mut driver = lab.start(&words, &place.path().join("said"));
    driver.wait_for("scaled replicas=1");
    driver.interrupt();
    let (status, said) = driver.end();
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("driver cleanup -n t-int"), "{said}");
    let verdict = Bundle::open(&path).unwrap().manifest.verdict;
    assert_eq!(
        verdict,
        Verdict::Incomplete {
            reasons: vec!["interrupted".to_owned()]
        }
    );
    assert_eq!(lab.run("cleanup -n t-int --owner t-int").status, 0);
}

#[test]
fn what_cannot_work_is_said_with_an_exit_status() {
    let Some(lab) = lab() else { return };
    let place = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = place.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let good = std::fs::read_to_string(&lab.kubeconfig).unwrap();
    let broken = file("broken", "clusters: [");
    let elsewhere = file("elsewhere", &regex_port(&good));
    let occupied = place.path().join("occupied");
    std::fs::create_dir(&occupied).unwrap();
    std::fs::write(occupied.join("x"), "x").unwrap();
    let typo = file("typo.yaml", "servises: 5\n");
    for (words, status, message) in [
        (format!("--kubeconfig {broken} check"), 2, "broken"),
        ("--kubeconfig /nowhere check".to_owned(), 2, "/nowhere"),
        (
            format!("--kubeconfig {elsewhere} check"),
            2,
            "not reachable",
        ),
        ("--context nobody check".to_owned(), 2, "nobody"),
        (
            "--kube-proxy-selector app=none check".to_owned(),
            1,
            "no pod in kube-system",
        ),
        ("--nodes nowhere check".to_owned(), 1, "no such node"),
        ("--services 70000 check".to_owned(), 1, "do not fit"),
        (
            "run --services 5 -o /proc/nowhere".to_owned(),
            2,
            "/proc/nowhere",
        ),
        (
            format!("run --services 5 -o {}", occupied.display()),
            2,
            "not empty",
        ),
        (format!("-w {typo} plan"), 2, "typo.yaml"),
        ("--services 0 plan".to_owned(), 2, "at least 1"),
        ("generate -o /tmp".to_owned(), 2, "no bundle.json here"),
    ] {
        // The later --kubeconfig wins only if there is one: clap refuses two.
        let done = if words.starts_with("--kubeconfig") {
            let output = Command::new(env!("CARGO_BIN_EXE_driver"))
                .args(words.split(' '))
                .output();
            lab::Done::from(output.unwrap())
        } else {
            lab.run(&words)
        };
        assert_eq!(done.status, status, "{words}: {done:?}");
        let said = format!("{}{}", done.out, done.err);
        assert!(said.contains(message), "{words}: {said}");
    }
}

/// The same kubeconfig with a port at which nobody listens.
fn regex_port(kubeconfig: &str) -> String {
    let start = kubeconfig.find("https://").unwrap();
    let colon = start + 8 + kubeconfig[start + 8..].find(':').unwrap();
    let digits = kubeconfig[colon + 1..]
        .find(|c: char| !c.is_ascii_digit())
        .unwrap();
    format!(
        "{}:9{}",
        &kubeconfig[..colon],
        &kubeconfig[colon + 1 + digits..]
    )
}

#[tokio::test]
async fn a_quota_stops_the_fan_out_and_names_itself() {
    let Some(lab) = lab() else { return };
    let client = lab.client().await;
    let namespaces: Api<Namespace> = Api::all(client.clone());
    make(&namespaces, json!({"metadata": {"name": "t-quota"}})).await;
    let quotas: Api<ResourceQuota> = Api::namespaced(client, "t-quota");
    make(
        &quotas,
        json!({"metadata": {"name": "few"}, "spec": {"hard": {"services": "20"}}}),
    )
    .await;
    std::thread::sleep(Duration::from_secs(2));
    let done = lab.run("generate -n t-quota --owner t-quota --services 40");
    assert_eq!(done.status, 1, "{done:?}");
    assert!(done.err.contains("exceeded quota: few"), "{done:?}");
    assert_eq!(lab.run("cleanup -n t-quota --owner t-quota").status, 0);
    namespaces
        .delete("t-quota", &DeleteParams::default())
        .await
        .unwrap();
}

#[test]
fn a_disk_that_fills_up_loses_nothing_that_was_recorded() {
    let Some(lab) = lab() else { return };
    let place = tempfile::tempdir().unwrap();
    let disk = place.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=400k", "tmpfs"])
        .arg(&disk)
        .status();
    if !mounted.is_ok_and(|status| status.success()) {
        assert!(
            std::env::var("CI").is_err(),
            "mounting a small disk needs root"
        );
        lab::skipped("mounting a small disk needs root");
        return;
    }
    let path = disk.join("bundle");
    let words = format!(
        "run -n t-disk --owner t-disk --services 200 --replicas 1,2,3,4,5,6,7,8,9,10,11,12 \
         --step-pause 2s --stabilise 4s --quiet-for 4s --poll 1s -o {}",
        path.display()
    );
    let mut driver = lab.start(&words, &place.path().join("said"));
    driver.wait_for("stabilise");
    // What a file's last page still takes is written even so: the steps write more than that.
    let filled = std::fs::write(disk.join("fill"), vec![0; 1 << 20]);
    let (status, said) = driver.end();
    assert!(filled.is_err());
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("No space left on device"), "{said}");
    let Verdict::Incomplete { reasons } = Bundle::open(&path).unwrap().manifest.verdict else {
        panic!("a full disk is no complete bundle");
    };
    assert!(reasons[0].contains("No space left"), "{reasons:?}");
    let log = log_of(&path);
    assert_eq!(log, lab.own_log_like(&log));

    std::fs::remove_file(disk.join("fill")).unwrap();
    let (status, said) = lab.start(&words, &place.path().join("said")).end();
    assert_eq!(status, 0, "{said}");
    assert_complete(&lab, &path);
    assert!(
        Command::new("umount")
            .arg(&disk)
            .status()
            .unwrap()
            .success()
    );
}

#[tokio::test]
async fn rbac_yaml_is_enough_and_each_missing_verb_is_named() {
    let Some(lab) = lab() else { return };
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../cluster/rbac.yaml");
    let text = std::fs::read_to_string(manifest).unwrap();
    let client = lab.client().await;
    apply(&client, &text).await;
    let place = tempfile::tempdir().unwrap();
    let kubeconfig = as_service_account(&lab, &client, place.path(), "driver").await;
    let run = |words: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_driver"))
            .arg("--kubeconfig")
            .arg(&kubeconfig)
            .args(words.split_whitespace())
            .output();
        lab::Done::from(output.unwrap())
    };
    let done = run("check");
    assert_eq!(done.status, 0, "{done:?}");
    assert!(!done.out.contains("FAIL"), "{}", done.out);
    let path = place.path().join("bundle");
    let done = run(&format!(
        "run --services 30 --replicas 1 --step-pause 2s --stabilise 0 --quiet-for 3s -o {}",
        path.display()
    ));
    assert_eq!(done.status, 0, "{done:?}");
    assert_complete(&lab, &path);

    // Nobody in particular: every verb is missing, and named.
    let kubeconfig = as_service_account(&lab, &client, place.path(), "default").await;
    let output = Command::new(env!("CARGO_BIN_EXE_driver"))
        .arg("--kubeconfig")
        .arg(&kubeconfig)
        .args(["check", "--scenario", "churn"])
        .output();
    let done = lab::Done::from(output.unwrap());
    assert_eq!(done.status, 1);
    for verb in [
        "list nodes",
        "get namespaces debug",
        "create services in debug",
        "delete services in debug",
        "create deployments.apps in debug",
        "patch deployments/scale.apps in debug",
        "list endpointslices.discovery.k8s.io in debug",
        "delete pods in debug",
        "get pods/log in kube-system",
        "get configmaps kube-proxy in kube-system",
        "get nodes/proxy",
        "list ipaddresses.networking.k8s.io",
    ] {
        assert!(
            done.out.contains(&format!("missing: {verb}")),
            "{verb}:\n{}",
            done.out
        );
    }
    let namespaces: Api<Namespace> = Api::all(client);
    namespaces
        .delete("debug", &DeleteParams::default())
        .await
        .unwrap();
}

/// What `kubectl apply` does with objects that are not there yet.
async fn apply(client: &kube::Client, text: &str) {
    for document in text.split("\n---\n") {
        let object: kube::api::DynamicObject = serde_saphyr::from_str(document).unwrap();
        let types = object.types.clone().unwrap();
        let kind = kube::core::GroupVersionKind::try_from(&types).unwrap();
        let resource = kube::core::ApiResource::from_gvk(&kind);
        let api: Api<kube::api::DynamicObject> = match &object.metadata.namespace {
            Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
            None => Api::all_with(client.clone(), &resource),
        };
        // A namespace that is still going away comes back in a moment.
        for attempt in 0.. {
            match api.create(&PostParams::default(), &object).await {
                Ok(_) => break,
                Err(kube::Error::Api(status)) if status.is_already_exists() => break,
                Err(error) => assert!(attempt < 30, "{error}"),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

/// A kubeconfig with a token of a ServiceAccount in `kube-proxy-bench`.
async fn as_service_account(
    lab: &Lab,
    client: &kube::Client,
    place: &Path,
    name: &str,
) -> std::path::PathBuf {
    let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), "kube-proxy-bench");
    let request = serde_json::from_value(json!({"spec": {"audiences": []}})).unwrap();
    let token = loop {
        match accounts
            .create_token_request(name, &PostParams::default(), &request)
            .await
        {
            Ok(answer) => break answer.status.unwrap().token,
            // The default account is made by a controller in a moment.
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    };
    let mut file: serde_json::Value =
        serde_saphyr::from_str(&std::fs::read_to_string(&lab.kubeconfig).unwrap()).unwrap();
    let current = file["current-context"].clone();
    file["users"] = json!([{"name": "account", "user": {"token": token}}]);
    let contexts = file["contexts"].as_array_mut().unwrap();
    contexts.retain(|context| context["name"] == current);
    contexts[0]["context"]["user"] = json!("account");
    let path = place.join(format!("{name}.kubeconfig"));
    std::fs::write(&path, file.to_string()).unwrap();
    path
}
