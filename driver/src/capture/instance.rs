//! One kube-proxy container instance whose log is taken: (pod UID, container, restart).

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use tokio::sync::{Notify, watch};

use super::log::Log;

/// What identifies an instance in the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// The node.
    pub node: String,
    /// The pod's name.
    pub pod: String,
    /// The pod's UID.
    pub uid: String,
    /// The container's `restartCount`.
    pub restart: u32,
    /// The container runtime's id, if known.
    pub container_id: Option<String>,
}

/// What has become of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Its container is the pod's present one.
    Current,
    /// Its successor is the present one: the log is served as `previous`.
    Replaced,
    /// Its log is served no more.
    Gone,
}

/// An instance and its log.
#[derive(Debug)]
pub(super) struct Instance {
    /// Who it is.
    pub identity: Identity,
    /// Its number on the node, part of the file's name.
    pub number: u32,
    /// From when on its log is wanted; none: from its start.
    pub start: Option<DateTime<Utc>>,
    /// When it was first seen.
    pub seen: DateTime<Utc>,
    /// Told by the supervisor.
    pub fate: watch::Sender<Fate>,
    /// Told by the look beside the follow: the follow has stalled.
    pub stalled: Notify,
    log: Mutex<Log>,
}

impl Instance {
    /// An instance whose log goes to `log`.
    #[must_use]
    pub(super) fn new(
        identity: Identity,
        number: u32,
        start: Option<DateTime<Utc>>,
        fate: Fate,
        log: Log,
    ) -> Self {
        Self {
            identity,
            number,
            start,
            seen: Utc::now(),
            fate: watch::Sender::new(fate),
            stalled: Notify::new(),
            log: Mutex::new(log),
        }
    }

    /// The log; never held across an await.
    pub(super) fn log(&self) -> MutexGuard<'_, Log> {
        // What is written stays good after a panic elsewhere.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For messages: `node-a kube-proxy-x7 restart 1`.
    #[must_use]
    pub(super) fn name(&self) -> String {
        let Identity {
            node, pod, restart, ..
        } = &self.identity;
        format!("{node} {pod} restart {restart}")
    }
}

impl Identity {
    /// The present instance of `container` in `pod`, if it has begun to run.
    #[must_use]
    pub(super) fn of(pod: &Pod, container: &str) -> Option<Self> {
        let status = status_of(pod, container)?;
        let begun = status.state.as_ref().is_some_and(|s| s.waiting.is_none())
            || status
                .last_state
                .as_ref()
                .is_some_and(|s| s.terminated.is_some());
        begun.then_some(())?;
        Some(Self {
            node: pod.spec.as_ref()?.node_name.clone()?,
            pod: pod.metadata.name.clone()?,
            uid: pod.metadata.uid.clone()?,
            restart: u32::try_from(status.restart_count).ok()?,
            container_id: status.container_id.clone(),
        })
    }

    /// Whether both name one container instance.
    #[must_use]
    pub(super) fn same(&self, other: &Self) -> bool {
        let ids = (&self.container_id, &other.container_id);
        let differ = matches!(ids, (Some(a), Some(b)) if a != b);
        self.uid == other.uid && self.restart == other.restart && !differ
    }
}

fn status_of<'a>(pod: &'a Pod, container: &str) -> Option<&'a ContainerStatus> {
    let statuses = pod.status.as_ref()?.container_statuses.as_ref()?;
    statuses.iter().find(|status| status.name == container)
}
