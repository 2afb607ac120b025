//! A kubelet behind an API server, played in memory: pods and their logs, with every fault that
//! real ones have. It serves what `pods/log` serves, so the capture under test is the real one.

#![allow(unreachable_pub)] // a module of a test: nothing is reachable

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use futures::StreamExt as _;
use http::{Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::StreamBody;
use kube::client::Body;
use serde_json::{Value, json};
use tokio::sync::Notify;

type Chunk = Result<Frame<Bytes>, std::io::Error>;
type Stream = std::pin::Pin<Box<dyn futures::Stream<Item = Chunk> + Send>>;

/// One container instance and all it ever wrote.
#[derive(Default, Clone)]
pub struct Container {
    pub lines: Vec<(DateTime<Utc>, String)>,
    /// The log API serves lines from here on: what is before was rotated away.
    pub file_start: usize,
    pub ended: bool,
    /// When it began to run; the first one long ago.
    pub started: DateTime<Utc>,
}

impl Container {
    /// The log as its node has it, whole.
    pub fn truth(&self) -> String {
        self.lines
            .iter()
            .map(|(_, line)| format!("{line}\n"))
            .collect()
    }
}

pub struct State {
    pub uid: String,
    /// Requests are taken and never answered.
    pub frozen: bool,
    /// The same for logs alone: the kubelet is silent, the API server is not.
    pub silent: bool,
    /// By restart count.
    pub containers: Vec<Container>,
    /// What the API server says of the restart count; it lags behind the kubelet.
    pub status_restart: usize,
    pub down: bool,
    /// The credentials are good no more.
    pub unauthorized: bool,
    /// Follows deliver nothing new.
    pub stalled: bool,
    /// Follows begun before this number are cut; clean or not.
    cut: u64,
    clean: bool,
    pub follows: u64,
    /// A reading of all of a log ends, cleanly, after so many lines.
    pub short: Option<usize>,
    /// What logs were asked for, in order.
    pub asked: Vec<String>,
    pub previous_is_served: bool,
    /// The predecessor's log is served for the present container's.
    pub serves_old: bool,
    /// The API server knows nothing of the pod.
    pub pod_absent: bool,
    /// The API server knows nothing of the node.
    pub node_gone: bool,
    /// Pods as last told: a watch that is begun again goes on from there.
    told: Vec<Value>,
    clock: DateTime<Utc>,
}

/// The kubelet.
#[derive(Clone)]
pub struct Kubelet {
    state: Arc<Mutex<State>>,
    changed: Arc<Notify>,
}

impl Kubelet {
    pub fn new() -> Self {
        let state = State {
            uid: "uid-0".to_owned(),
            frozen: false,
            silent: false,
            containers: vec![Container::default()],
            status_restart: 0,
            down: false,
            unauthorized: false,
            stalled: false,
            cut: 0,
            clean: true,
            follows: 0,
            short: None,
            asked: Vec::new(),
            previous_is_served: true,
            serves_old: false,
            pod_absent: false,
            node_gone: false,
            told: Vec::new(),
            clock: Utc::now(),
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            changed: Arc::new(Notify::new()),
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// A client whose requests are answered here.
    pub fn client(&self) -> kube::Client {
        let kubelet = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let kubelet = kubelet.clone();
            async move {
                let of_the_kubelet = request.uri().path().ends_with("/log");
                if kubelet.state().frozen || of_the_kubelet && kubelet.state().silent {
                    std::future::pending::<()>().await;
                }
                kubelet.answer(&request)
            }
        });
        kube::Client::new(service, "default")
    }

    /// Sets the node's clock so many seconds on, or back.
    pub fn set_clock(&self, seconds: i64) {
        self.set_clock_by(chrono::Duration::seconds(seconds));
    }

    /// The same, finer.
    pub fn set_clock_by(&self, time: chrono::Duration) {
        self.state().clock += time;
    }

    /// The container writes `count` lines, `every` apart by its own clock.
    pub fn write(&self, count: usize, every: Duration) {
        let mut state = self.state();
        for _ in 0..count {
            state.clock += chrono::Duration::from_std(every).unwrap();
            let time = state.clock;
            let stamp = time.to_rfc3339_opts(SecondsFormat::Nanos, true);
            let container = state.containers.last_mut().unwrap();
            let number = container.lines.len() / 2;
            // Every line comes twice with one time stamp where the clock stands still.
            container
                .lines
                .push((time, format!("{stamp} line {number}")));
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// The log is rotated: what was written so far is served no more. The clock goes on: two
    /// equal lines of one nanosecond on both sides of a rotation could not be told apart.
    pub fn rotate(&self) {
        let mut state = self.state();
        state.clock += chrono::Duration::nanoseconds(1);
        let container = state.containers.last_mut().unwrap();
        container.file_start = container.lines.len();
    }

    /// Cuts every follow.
    pub fn cut(&self, clean: bool) {
        let mut state = self.state();
        state.cut = state.follows;
        state.clean = clean;
        drop(state);
        self.changed.notify_waiters();
    }

    /// The API server goes away: follows break, requests fail.
    pub fn go_down(&self) {
        self.state().down = true;
        self.cut(false);
    }

    pub fn come_back(&self) {
        self.state().down = false;
    }

    pub fn stall(&self, stalled: bool) {
        self.state().stalled = stalled;
        self.changed.notify_waiters();
    }

    /// The container ends and its successor starts.
    pub fn restart(&self, status_knows: bool) {
        let mut state = self.state();
        state.containers.last_mut().unwrap().ended = true;
        // A second after whatever the one before wrote.
        let next = state.clock.timestamp() + 1;
        let started = DateTime::from_timestamp(next, 0).unwrap();
        state.containers.push(Container {
            started,
            ..Container::default()
        });
        state.clock = started;
        if status_knows {
            state.status_restart = state.containers.len() - 1;
        }
        drop(state);
        self.changed.notify_waiters();
    }

    pub fn status_catches_up(&self) {
        let mut state = self.state();
        state.status_restart = state.containers.len() - 1;
        drop(state);
        self.changed.notify_waiters();
    }

    /// The API server loses the pod out of sight, or finds it again.
    pub fn hide_pod(&self, absent: bool) {
        self.state().pod_absent = absent;
        self.changed.notify_waiters();
    }

    fn answer(&self, request: &Request<Body>) -> Result<Response<StreamBody<Stream>>, Infallible> {
        if self.state().down {
            return Ok(failure(503, "etcd is away"));
        }
        if self.state().unauthorized {
            return Ok(failure(401, "Unauthorized"));
        }
        let uri = request.uri();
        Ok(match uri.path() {
            "/api/v1/namespaces/kube-system/pods" if is_watch(uri) => {
                respond(futures::stream::unfold(Watch::new(self), Watch::next).boxed())
            }
            "/api/v1/namespaces/kube-system/pods" => {
                let pods = self.pods();
                self.state().told.clone_from(&pods);
                whole(&json!({
                    "kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"},
                    "items": pods
                }))
            }
            "/api/v1/nodes" => whole(&json!({
                "kind": "NodeList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"},
                "items": if self.state().node_gone { json!([]) } else { json!([
                    {"metadata": {"name": "node-a", "uid": "n"}}
                ]) }
            })),
            "/readyz" => whole(&json!("ok")),
            "/api/v1/namespaces/kube-system/pods/kube-proxy-x" => whole(&self.pod()),
            "/api/v1/namespaces/kube-system/pods/kube-proxy-x/log" => {
                self.log(uri.query().unwrap_or_default())
            }
            other => failure(404, other),
        })
    }

    fn pods(&self) -> Vec<Value> {
        let absent = self.state().pod_absent;
        if absent { Vec::new() } else { vec![self.pod()] }
    }

    fn pod(&self) -> Value {
        let state = self.state();
        let restart = state.status_restart;
        let started = |restart: usize| {
            let container = &state.containers[restart];
            container.started.to_rfc3339_opts(SecondsFormat::Secs, true)
        };
        let before = match restart.checked_sub(1) {
            Some(before) => {
                json!({ "terminated": { "exitCode": 0, "startedAt": started(before) } })
            }
            None => json!({}),
        };
        let started = started(restart);
        json!({
            "kind": "Pod", "apiVersion": "v1",
            "metadata": {
                "name": "kube-proxy-x", "namespace": "kube-system", "uid": state.uid,
                "resourceVersion": "1"
            },
            "spec": { "nodeName": "node-a", "containers": [{ "name": "kube-proxy" }] },
            "status": { "containerStatuses": [{
                "name": "kube-proxy", "ready": true, "restartCount": restart, "image": "", "imageID": "",
                "containerID": format!("containerd://{}-{restart}", state.uid),
                "state": { "running": { "startedAt": started } },
                "lastState": before
            }]}
        })
    }

    fn log(&self, query: &str) -> Response<StreamBody<Stream>> {
        let has = |flag: &str| query.split('&').any(|part| part == flag);
        // A pod may hold others; without time stamps nobody could tell two equal lines apart.
        if !has("container=kube-proxy") || !has("timestamps=true") {
            return failure(400, "a container must be named, and time stamps asked for");
        }
        let since = query
            .split('&')
            .find_map(|part| part.strip_prefix("sinceTime="));
        let since = since.map(|t| t.replace("%3A", ":").parse::<DateTime<Utc>>().unwrap());
        let mut state = self.state();
        state.asked.push(query.to_owned());
        // The kubelet answers for the container that it runs, whatever the status says.
        let mut which = state.containers.len() - 1;
        if has("previous=true") {
            if which == 0 || !state.previous_is_served {
                return failure(400, "previous terminated container not found");
            }
            which -= 1;
        }
        if state.serves_old && !has("previous=true") {
            which -= 1;
        }
        let container = &state.containers[which];
        let tail = query
            .split('&')
            .find_map(|part| part.strip_prefix("tailLines="));
        let tail = tail.map_or(usize::MAX, |lines| lines.parse().unwrap());
        let at = container
            .file_start
            .max(container.lines.len().saturating_sub(tail));
        let snapshot: Vec<String> = container.lines[at..]
            .iter()
            .filter(|(time, _)| since.is_none_or(|since| *time >= since))
            .map(|(_, line)| format!("{line}\n"))
            .collect();
        let end = container.lines.len();
        let served = match state.short {
            Some(short) if tail == usize::MAX && !has("follow=true") => short,
            _ => usize::MAX,
        };
        let first = futures::stream::iter(snapshot.into_iter().take(served).map(data));
        if !has("follow=true") {
            return respond(first.boxed());
        }
        state.follows += 1;
        let follow = Follow {
            kubelet: self.clone(),
            number: state.follows,
            which,
            at: end,
            since,
        };
        drop(state);
        respond(
            first
                .chain(futures::stream::unfold(follow, Follow::next))
                .boxed(),
        )
    }
}

fn is_watch(uri: &http::Uri) -> bool {
    let query = uri.query().unwrap_or_default();
    query
        .split('&')
        .any(|part| matches!(part, "watch=1" | "watch=true" | "&watch"))
}

/// A watch of the pods: tells of each change, and breaks when follows break.
struct Watch {
    kubelet: Kubelet,
    cut: u64,
}

impl Watch {
    fn new(kubelet: &Kubelet) -> Self {
        let cut = kubelet.state().cut;
        Self {
            kubelet: kubelet.clone(),
            cut,
        }
    }

    async fn next(self) -> Option<(Chunk, Self)> {
        loop {
            let kubelet = self.kubelet.clone();
            let changed = kubelet.changed.notified();
            if kubelet.state().is_cut(self.cut) {
                return None;
            }
            let now = kubelet.pods();
            if let Some(event) = kubelet.state().news(now) {
                return Some((data(format!("{event}\n")), self));
            }
            changed.await;
        }
    }
}

impl State {
    fn is_cut(&self, since: u64) -> bool {
        self.down || self.cut != since
    }

    /// What a watch has to tell, if anything.
    fn news(&mut self, now: Vec<Value>) -> Option<Value> {
        if self.frozen || now == self.told {
            return None;
        }
        let uid = |pods: &[Value]| pods.first().map(|pod| pod["metadata"]["uid"].clone());
        let before = uid(&self.told);
        if before.is_some() && before != uid(&now) {
            // The old one first, the new one with the next look.
            return Some(json!({"type": "DELETED", "object": self.told.remove(0)}));
        }
        self.told = now;
        Some(json!({"type": "MODIFIED", "object": self.told[0]}))
    }
}

struct Follow {
    kubelet: Kubelet,
    number: u64,
    which: usize,
    at: usize,
    /// What is stamped before it is left out, also of what comes later: so do kubelets.
    since: Option<DateTime<Utc>>,
}

impl Follow {
    async fn next(mut self) -> Option<(Chunk, Self)> {
        loop {
            let kubelet = self.kubelet.clone();
            let changed = kubelet.changed.notified();
            {
                let state = kubelet.state();
                if self.number <= state.cut {
                    let broken = std::io::Error::other("connection reset");
                    return if state.clean {
                        None
                    } else {
                        Some((Err(broken), self))
                    };
                }
                let container = &state.containers[self.which];
                if !state.stalled {
                    if let Some((time, line)) = container.lines.get(self.at) {
                        let left_out = self.since.is_some_and(|since| *time < since);
                        let chunk = data(format!("{line}\n"));
                        drop(state);
                        self.at += 1;
                        if left_out {
                            continue;
                        }
                        return Some((chunk, self));
                    }
                    if container.ended {
                        return None;
                    }
                }
            }
            changed.await;
        }
    }
}

fn data(text: String) -> Chunk {
    Ok(Frame::data(Bytes::from(text)))
}

fn respond(stream: Stream) -> Response<StreamBody<Stream>> {
    Response::new(StreamBody::new(stream))
}

fn whole(value: &Value) -> Response<StreamBody<Stream>> {
    respond(futures::stream::iter([data(value.to_string())]).boxed())
}

fn failure(code: u16, message: &str) -> Response<StreamBody<Stream>> {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
        "message": message, "reason": ""
    });
    let mut response = whole(&status);
    *response.status_mut() = StatusCode::from_u16(code).unwrap();
    response
}
