//! Tells the API server what has become of a kube-proxy pod, and kwok where its log is.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{DeleteParams, DynamicObject, Patch, PatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::{Api, Client};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::pods::NAMESPACE;
use crate::addresses;
use crate::board::Board;
use crate::error::Error;
use crate::state::{Kernel, Node};

/// Leads to the log of the container that runs, or ran last.
const LATEST: &str = "latest.log";
/// Leads to the log of the one before it.
const PREVIOUS: &str = "previous.log";

/// Time between two attempts while the API server is away.
const AGAIN: Duration = Duration::from_secs(1);

/// How a container ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Termination {
    code: i32,
    started: DateTime<Utc>,
    finished: DateTime<Utc>,
    container: String,
}

impl Termination {
    /// Exit code of a process that SIGKILL ended.
    pub(super) const KILLED: i32 = 137;
    /// Exit code of a process that SIGTERM ended.
    pub(super) const TERMINATED: i32 = 143;
}

/// What is known of a pod and its container.
#[derive(Debug, Clone)]
pub(super) struct PodState {
    /// The pod's name.
    pub(super) pod: String,
    /// Its UID.
    pub(super) uid: String,
    /// kube-proxy's arguments, after its name.
    pub(super) arguments: Vec<String>,
    /// Restarts of the container.
    pub(super) restarts: u32,
    /// Whether it has synced.
    pub(super) ready: bool,
    image: String,
    address: String,
    began: DateTime<Utc>,
    /// Identity and start of the container that runs.
    running: Option<(String, DateTime<Utc>)>,
    last: Option<Termination>,
    log: Option<PathBuf>,
    previous_log: Option<PathBuf>,
    /// Whether kwok serves its log.
    by_kwok: bool,
}

impl PodState {
    /// A pod whose container has not started.
    pub(super) fn new(pod: &Pod, node: &Node) -> Self {
        let container = pod.spec.as_ref().and_then(|spec| spec.containers.first());
        let command = container.map(|c| c.command.iter().chain(&c.args).flatten());
        let words = command.into_iter().flatten().skip(1);
        Self {
            pod: pod.metadata.name.clone().unwrap_or_default(),
            uid: pod.metadata.uid.clone().unwrap_or_default(),
            arguments: words
                .map(|word| word.replace("$(NODE_NAME)", &node.name))
                .collect(),
            restarts: 0,
            ready: false,
            image: container.and_then(|c| c.image.clone()).unwrap_or_default(),
            address: addresses::node(node.number).to_string(),
            began: Utc::now(),
            running: None,
            last: None,
            log: None,
            previous_log: None,
            by_kwok: !matches!(node.kernel, Kernel::Played),
        }
    }

    /// The container has started, with its words going to `log`. From now on whoever asks for the
    /// pod's log gets this one, whether or not the API server can be told.
    ///
    /// # Errors
    /// Those of the file system.
    pub(super) fn started(&mut self, log: PathBuf, at: DateTime<Utc>) -> Result<(), Error> {
        if let Some(previous) = &self.previous_log {
            point(&log.with_file_name(PREVIOUS), previous)?;
        }
        point(&log.with_file_name(LATEST), &log)?;
        let id = crate::preflight::random_id().replace('-', "");
        self.running = Some((format!("lab://{id}"), at));
        self.log = Some(log);
        self.ready = false;
        Ok(())
    }

    /// The container has ended.
    pub(super) fn ended(&mut self, code: i32, at: DateTime<Utc>) {
        let (container, started) = self.running.take().unwrap_or((String::new(), at));
        self.ready = false;
        self.last = Some(Termination {
            code,
            started,
            finished: at,
            container,
        });
    }

    /// The next container of the same pod is about to start.
    pub(super) fn next_container(&mut self) {
        self.restarts += 1;
        self.previous_log = self.log.take();
    }

    fn status(&self) -> Value {
        let seconds = |time: &DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
        let terminated = self.last.as_ref().map(|last| {
            json!({"terminated": {
                "exitCode": last.code,
                "reason": if last.code == 0 { "Completed" } else { "Error" },
                "startedAt": seconds(&last.started),
                "finishedAt": seconds(&last.finished),
                "containerID": last.container,
            }})
        });
        let (state, last, id) = match &self.running {
            Some((id, started)) => (
                json!({"running": {"startedAt": seconds(started)}}),
                terminated,
                id.clone(),
            ),
            None => {
                let id = self.last.as_ref().map(|last| last.container.clone());
                let waiting = json!({"waiting": {"reason": "CrashLoopBackOff"}});
                (waiting, terminated, id.unwrap_or_default())
            }
        };
        let truth = |yes: bool| if yes { "True" } else { "False" };
        let condition = |kind: &str, yes: bool| json!({"type": kind, "status": truth(yes)});
        json!({
            // Of this pod, not of one that has taken its name since.
            "metadata": {"uid": self.uid},
            "status": {
                "phase": "Running",
                "startTime": seconds(&self.began),
                "hostIP": self.address,
                "hostIPs": [{"ip": self.address}],
                "podIP": self.address,
                "podIPs": [{"ip": self.address}],
                "conditions": [
                    condition("PodReadyToStartContainers", true),
                    condition("Initialized", true),
                    condition("ContainersReady", self.ready),
                    condition("Ready", self.ready),
                ],
                "containerStatuses": [{
                    "name": "kube-proxy",
                    "image": self.image,
                    "imageID": self.image,
                    "containerID": id,
                    "restartCount": self.restarts,
                    "ready": self.ready,
                    "started": self.running.is_some(),
                    "state": state,
                    "lastState": last.unwrap_or_else(|| json!({})),
                }],
            },
        })
    }

    /// Where kwok finds the log: by names that stay, so that a restart while the API server is away
    /// leaves nobody with the predecessor's log.
    fn logs(&self) -> Value {
        let any = self.log.as_ref().or(self.previous_log.as_ref());
        let path = |name: &str| {
            let path = any.map(|log| log.with_file_name(name).display().to_string());
            path.unwrap_or_default()
        };
        json!({
            "apiVersion": "kwok.x-k8s.io/v1alpha1",
            "kind": "Logs",
            "metadata": {"name": self.pod, "namespace": NAMESPACE},
            "spec": {"logs": [{
                "containers": ["kube-proxy"],
                "logsFile": path(LATEST),
                "previousLogsFile": path(PREVIOUS),
                "follow": true,
            }]},
        })
    }
}

/// Makes `link` lead to `file`, at once for whoever opens it.
fn point(link: &Path, file: &Path) -> Result<(), Error> {
    let beside = link.with_extension("new");
    let pointed = std::os::unix::fs::symlink(file.file_name().unwrap_or_default(), &beside)
        .and_then(|()| std::fs::rename(&beside, link));
    pointed.map_err(Error::io(link, "pointing to the log"))
}

/// Publishes the latest state of a node's pod, for as long as it takes.
pub(super) struct Publisher {
    client: Client,
    node: String,
    board: Arc<Board>,
    latest: watch::Sender<Option<PodState>>,
}

impl Publisher {
    /// Starts its task.
    pub(super) fn new(client: Client, node: &Node, board: Arc<Board>) -> Self {
        let (latest, receiver) = watch::channel(None);
        tokio::spawn(keep_publishing(client.clone(), receiver));
        Self {
            client,
            node: node.name.clone(),
            board,
            latest,
        }
    }

    /// This is the state now.
    pub(super) fn publish(&self, state: &PodState) {
        self.board.node(&self.node, |node| {
            node.pod = Some(state.pod.clone());
            node.pod_uid = Some(state.uid.clone());
            node.restarts = state.restarts;
            node.started = state.running.as_ref().map(|(_, started)| *started);
            node.log.clone_from(&state.log);
            node.previous_log.clone_from(&state.previous_log);
        });
        self.latest.send_replace(Some(state.clone()));
    }

    /// The container is gone: the pod's deletion may complete.
    pub(super) async fn finish(&self, state: &PodState) {
        self.latest.send_replace(None);
        let pods: Api<Pod> = Api::namespaced(self.client.clone(), NAMESPACE);
        let now = DeleteParams::default().grace_period(0);
        let preconditions = kube::api::Preconditions {
            uid: Some(state.uid.clone()),
            ..kube::api::Preconditions::default()
        };
        let now = now.preconditions(preconditions);
        loop {
            match pods.delete(&state.pod, &now).await {
                Ok(_) => break,
                // Gone, or another pod of that name.
                Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => break,
                Err(_) => tokio::time::sleep(AGAIN).await,
            }
        }
        if !state.by_kwok {
            return;
        }
        let logs = logs_api(&self.client);
        // Should it stay, it names the log of a pod that nobody can ask for.
        logs.delete(&state.pod, &DeleteParams::default()).await.ok();
    }
}

async fn keep_publishing(client: Client, mut latest: watch::Receiver<Option<PodState>>) {
    while latest.changed().await.is_ok() {
        loop {
            let state = latest.borrow_and_update().clone();
            let Some(state) = state else { break };
            match publish_once(&client, &state).await {
                Ok(()) => break,
                // The pod is gone, or another one has its name.
                Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => break,
                Err(error) => {
                    eprintln!("publishing the state of {}: {error}", state.pod);
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }
}

async fn publish_once(client: &Client, state: &PodState) -> Result<(), kube::Error> {
    // First where the log is: who sees the restart may ask for it at once.
    let logs = Patch::Apply(state.logs());
    let apply = PatchParams::apply("lab").force();
    if state.by_kwok {
        logs_api(client).patch(&state.pod, &apply, &logs).await?;
    }
    let pods: Api<Pod> = Api::namespaced(client.clone(), NAMESPACE);
    let status = Patch::Strategic(state.status());
    let patch = PatchParams::default();
    pods.patch_status(&state.pod, &patch, &status)
        .await
        .map(|_| ())
}

fn logs_api(client: &Client) -> Api<DynamicObject> {
    let kind = GroupVersionKind::gvk("kwok.x-k8s.io", "v1alpha1", "Logs");
    let resource = ApiResource::from_gvk_with_plural(&kind, "logs");
    Api::namespaced_with(client.clone(), NAMESPACE, &resource)
}
