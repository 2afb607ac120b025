//! The Jobs of `cluster/fleet`, as the server takes them and its controller runs them. Their pods'
//! containers are played here: the driver, with the words and variables that the pod names.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use bundle::{Bundle, Verdict};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

use super::shards::{assert_whole, make_the_real_node_speak};
use crate::account::{apply, kubeconfig_with, taken_by_the_server, token_of};
use crate::driver::{Running, driver};
use crate::lab::Lab;

const NAMESPACE: &str = "kube-proxy-fleet";
/// How long the Job of the test is: long enough for a pod to be lost in its middle.
const SECONDS: u64 = 30;
const RBAC: &str = include_str!("../../../../cluster/fleet/rbac.yaml");
const CAPTURE: &str = include_str!("../../../../cluster/fleet/capture.yaml");

/// By the server's own validation.
pub fn the_jobs_are_taken_by_the_server(lab: &Lab) {
    // What is asked for a namespace that is not there is refused.
    apply(lab, RBAC);
    let Some(taken) = taken_by_the_server(lab, "cluster/fleet") else {
        return;
    };
    assert_eq!(taken.lines().count(), 11, "{taken}");
    for name in ["capture", "ingest", "report"] {
        assert!(taken.contains(&format!("job.batch/{name}")), "{taken}");
    }
}

pub fn a_pod_that_is_lost_is_replaced_and_goes_on_with_the_rights_it_has(lab: &Lab) {
    apply(lab, RBAC);
    let place = tempfile::tempdir().unwrap();
    let token = token_of(lab, NAMESPACE, "capture");
    let fleet = Played {
        lab,
        account: &kubeconfig_with(lab, place.path(), &token),
        place: place.path(),
        pods: Api::namespaced(lab.client(), NAMESPACE),
    };
    let jobs: Api<Job> = Api::namespaced(lab.client(), NAMESPACE);
    lab.wait(jobs.create(&PostParams::default(), &smaller(CAPTURE)))
        .unwrap();
    let mut running: Vec<Running> = (0..2).map(|index| fleet.run(index, "")).collect();
    for driver in &mut running {
        driver.wait_for("collect: taking logs");
    }
    let lost = fleet.pod(0, "");
    let lost = lost.metadata.name.unwrap();
    lab.wait(fleet.pods.delete(&lost, &DeleteParams::default()))
        .unwrap();
    running.remove(0).kill();
    running.insert(0, fleet.run(0, &lost));
    make_the_real_node_speak(lab, 8);
    for (index, driver) in running.into_iter().enumerate() {
        let (status, said) = driver.end();
        assert_eq!(status, 0, "{said}");
        fleet.succeed(index);
    }
    assert_done(lab, &jobs);
    // The Job's name is the series of all shards.
    let bundles = place.path().join("bundles");
    let whole = |index: u32| Bundle::open(&bundles.join(format!("shard-{index}"))).unwrap();
    for index in 0..2 {
        let manifest = whole(index).manifest;
        assert_eq!(manifest.verdict, Verdict::Complete);
        assert_eq!(manifest.series.as_deref(), Some("fleet"));
    }
    assert_whole(lab, &bundles, 2, SECONDS);
    let namespaces: Api<Namespace> = Api::all(lab.client());
    lab.wait(namespaces.delete(NAMESPACE, &DeleteParams::default()))
        .unwrap();
}

/// The capture with two shards, half a minute long.
fn smaller(text: &str) -> Job {
    let text = text
        .replace("name: capture\n  namespace", "name: fleet\n  namespace")
        .replace("completions: 4", "completions: 2")
        .replace("parallelism: 4", "parallelism: 2")
        .replace("value: \"4\"", "value: \"2\"")
        .replace("--for=1h", &format!("--for={SECONDS}s"));
    serde_saphyr::from_str(&text).unwrap()
}

/// Waits until the Job's controller says that all indexes have succeeded.
fn assert_done(lab: &Lab, jobs: &Api<Job>) {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let job = lab.wait(jobs.get("fleet")).unwrap();
        let status = job.status.unwrap_or_default();
        let mut conditions = status.conditions.iter().flatten();
        let complete =
            conditions.any(|condition| condition.type_ == "Complete" && condition.status == "True");
        if complete {
            assert_eq!(status.completed_indexes.as_deref(), Some("0,1"));
            return;
        }
        assert!(Instant::now() < until, "{status:?}");
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// A Job's pods, whose containers are processes of this machine.
struct Played<'a> {
    lab: &'a Lab,
    account: &'a Path,
    place: &'a Path,
    pods: Api<Pod>,
}

impl Played<'_> {
    /// The pod of an index, as soon as the controller has made it, but for the one of that name.
    fn pod(&self, index: usize, but: &str) -> Pod {
        let of_it = ListParams::default().labels(&format!(
            "batch.kubernetes.io/job-name=fleet,batch.kubernetes.io/job-completion-index={index}"
        ));
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            let pods = self.lab.wait(self.pods.list(&of_it)).unwrap().items;
            let other = pods
                .into_iter()
                .find(|pod| pod.metadata.name.as_deref() != Some(but));
            if let Some(pod) = other {
                return pod;
            }
            assert!(Instant::now() < until, "no pod of index {index}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Starts what the pod's container names.
    fn run(&self, index: usize, but: &str) -> Running {
        let pod = serde_json::to_value(self.pod(index, but)).unwrap();
        let container = &pod["spec"]["containers"][0];
        let variables = variables(&pod);
        let mut words = Vec::new();
        for word in container["args"].as_array().unwrap() {
            let mut word = word.as_str().unwrap().to_owned();
            for (name, value) in &variables {
                word = word.replace(&format!("$({name})"), value);
            }
            // Where the volume is mounted.
            words.push(word.replace("=/fleet", &format!("={}", self.place.display())));
        }
        let mut command = driver(self.account, &words.join(" "));
        command.envs(variables);
        Running::of(command, &self.place.join(format!("said-{index}-{but}")))
    }

    /// Says that the pod of an index has ended well.
    fn succeed(&self, index: usize) {
        let pods = self.pod(index, "").metadata.name.unwrap();
        let status = Patch::Merge(json!({"status": {"phase": "Succeeded"}}));
        let parameters = PatchParams::default();
        let said = self.pods.patch_status(&pods, &parameters, &status);
        self.lab.wait(said).unwrap();
    }
}

/// The container's variables, those of the pod's own fields too.
fn variables(pod: &Value) -> BTreeMap<String, String> {
    let variables = pod["spec"]["containers"][0]["env"].as_array().unwrap();
    let value = |variable: &Value| match variable["value"].as_str() {
        Some(value) => value.to_owned(),
        None => {
            let path = variable["valueFrom"]["fieldRef"]["fieldPath"]
                .as_str()
                .unwrap();
            // metadata.labels['batch.kubernetes.io/job-name']
            let (what, key) = path.trim_end_matches("']").split_once("['").unwrap();
            let map = &pod["metadata"][what.trim_start_matches("metadata.")];
            map[key].as_str().unwrap().to_owned()
        }
    };
    let named = variables.iter();
    named
        .map(|variable| {
            (
                variable["name"].as_str().unwrap().to_owned(),
                value(variable),
            )
        })
        .collect()
}
