//! What `lab` and the lab's supervisor say to each other: one line of JSON each, over a Unix
//! socket that root alone may open.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;

use crate::error::Error;
use crate::state::Place;

/// A request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// What is going on.
    Status,
    /// Restart a node's kube-proxy.
    Restart(String),
    /// Restart a node's kube-proxy and wait until what was sampled of it is written.
    Profile(String),
    /// Rotate a node's kube-proxy log.
    Rotate(String),
    /// Set a node's clock.
    Clock(String, Clock),
    /// A node's kubelet answers no more, or again.
    Kubelet {
        /// The node.
        node: String,
        /// Whether it answers.
        answers: bool,
    },
    /// Stop the API server.
    StopApi,
    /// Start the API server.
    StartApi,
}

/// How a node's clock, by which its kubelet stamps what kube-proxy says, differs from this machine's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// Seconds that it is ahead.
    pub ahead_s: f64,
    /// Percent by which it runs fast, from when it is set on.
    pub drift_pct: f64,
}

/// An answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is done.
    Done,
    /// What is going on.
    Status(Status),
    /// It cannot be done, and why.
    No(String),
}

/// How far a lab is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// On its way; what it is waiting for.
    Starting(String),
    /// Every node's kube-proxy has synced.
    Ready,
    /// It will not come up.
    Failed(String),
}

/// What is going on in a lab.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Status {
    /// How far it is.
    pub phase: Phase,
    /// Seconds from start to ready, once it is.
    pub ready_after_s: Option<f64>,
    /// The processes of the control plane.
    pub processes: Vec<Process>,
    /// The nodes.
    pub nodes: Vec<NodeStatus>,
}

/// A process of the control plane.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Process {
    /// `etcd`, `kube-apiserver` ...
    pub name: String,
    /// Its id while it runs.
    pub pid: Option<u32>,
    /// How it ended, if it has.
    pub ended: Option<String>,
    /// Its log.
    pub log: PathBuf,
}

/// A node.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct NodeStatus {
    /// Its name.
    pub name: String,
    /// `uname -r`.
    pub kernel: String,
    /// The kernel's package or image (guests): `6.1.192-2`, `own image PATH`.
    #[serde(default)]
    pub kernel_version: Option<String>,
    /// `host` or `guest`.
    pub kind: String,
    /// Its address in the lab's namespace.
    pub address: String,
    /// Its network namespace, for a node on this machine's kernel.
    pub namespace: Option<String>,
    /// The kube-proxy pod.
    pub pod: Option<String>,
    /// Its UID.
    pub pod_uid: Option<String>,
    /// Its container's restarts.
    pub restarts: u32,
    /// Whether kube-proxy has synced.
    pub ready: bool,
    /// When the container started.
    pub started: Option<DateTime<Utc>>,
    /// kube-proxy's log in CRI form, as a kubelet keeps it.
    pub log: Option<PathBuf>,
    /// The log before the last restart.
    pub previous_log: Option<PathBuf>,
    /// The kernel's messages (guests).
    pub kernel_log: Option<PathBuf>,
    /// Its kubelet takes requests and answers none.
    #[serde(default)]
    pub silent: bool,
    /// The last thing that went wrong.
    pub problem: Option<String>,
}

/// Asks a lab's supervisor.
///
/// # Errors
/// [`Error::NotUp`] if there is none; [`Error::Refused`] with its reason.
pub async fn ask(place: &Place, request: &Request) -> Result<Answer, Error> {
    let socket = place.socket();
    let not_up = |_| Error::NotUp {
        name: place.name.clone(),
    };
    let mut stream = UnixStream::connect(&socket).await.map_err(not_up)?;
    let failed = || Error::io(&socket, "talking to the lab");
    let mut line = serde_json::to_string(request).map_err(|error| failed()(error.into()))?;
    line.push('\n');
    stream.write_all(line.as_bytes()).await.map_err(failed())?;
    let mut answer = String::new();
    let mut reader = BufReader::new(stream);
    reader.read_line(&mut answer).await.map_err(failed())?;
    match serde_json::from_str(&answer).map_err(|error| failed()(error.into()))? {
        Answer::No(reason) => Err(Error::Refused(reason)),
        answer => Ok(answer),
    }
}

/// Asks for the status.
///
/// # Errors
/// As [`ask`].
pub async fn status(place: &Place) -> Result<Status, Error> {
    match ask(place, &Request::Status).await? {
        Answer::Status(status) => Ok(status),
        other => Err(Error::Refused(format!("an unexpected answer: {other:?}"))),
    }
}
