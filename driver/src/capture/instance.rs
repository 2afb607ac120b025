//! One kube-proxy container instance whose log is taken: (pod UID, container, restart).

use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use tokio::sync::{Notify, watch};

use super::log::Log;
use super::sink::time_of;

/// How long after its container's start, which is told in whole seconds, a log's first line may be.
const SILENT_START: TimeDelta = TimeDelta::seconds(5);

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
    /// When the container started, by its node's clock, to the second; if known.
    pub started: Option<DateTime<Utc>>,
    /// When the container before it did, as far as that is told.
    pub before_started: Option<DateTime<Utc>>,
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
    /// Whether its log is wanted from where it stands now, not whole.
    pub from_here: bool,
    /// Whether it came into being under our eyes: its log is wanted from its first line.
    pub from_birth: bool,
    /// Told once it is known where the log stands.
    pub marked: watch::Sender<bool>,
    /// When it was first seen.
    pub seen: DateTime<Utc>,
    /// Told by the supervisor.
    pub fate: watch::Sender<Fate>,
    /// Its log was read to the end, or its end noted as lost.
    pub done: AtomicBool,
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
        from_here: bool,
        fate: Fate,
        log: Log,
    ) -> Self {
        Self {
            identity,
            number,
            from_here,
            from_birth: false,
            marked: watch::Sender::new(!from_here),
            seen: Utc::now(),
            fate: watch::Sender::new(fate),
            done: AtomicBool::new(false),
            stalled: Notify::new(),
            log: Mutex::new(log),
        }
    }

    /// The log; never held across an await.
    pub(super) fn log(&self) -> MutexGuard<'_, Log> {
        // What is written stays good after a panic elsewhere.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a line was stamped before the container started: then it is its predecessor's.
    /// Both times are the node's own; the start has whole seconds.
    pub(super) fn is_predecessors(&self, line: &[u8]) -> bool {
        let (Some(started), Some(time)) = (self.identity.started, time_of(line)) else {
            return false;
        };
        time < started
    }

    /// Since when lines are missing if this is the first one that is served of a log that is wanted
    /// from its beginning: kube-proxy speaks as it starts, so that a first line long after that was
    /// not the first.
    pub(super) fn missed_before(&self, line: &[u8]) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let (started, first) = (self.identity.started?, time_of(line)?);
        (self.from_birth && first - started > SILENT_START).then_some((started, first))
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
            started: started(status),
            before_started: before_started(status),
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

fn started(status: &ContainerStatus) -> Option<DateTime<Utc>> {
    let running = status.state.as_ref()?.running.as_ref()?;
    DateTime::from_timestamp(running.started_at.as_ref()?.0.as_second(), 0)
}

fn before_started(status: &ContainerStatus) -> Option<DateTime<Utc>> {
    let before = status.last_state.as_ref()?.terminated.as_ref()?;
    DateTime::from_timestamp(before.started_at.as_ref()?.0.as_second(), 0)
}

fn status_of<'a>(pod: &'a Pod, container: &str) -> Option<&'a ContainerStatus> {
    let statuses = pod.status.as_ref()?.container_statuses.as_ref()?;
    statuses.iter().find(|status| status.name == container)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::copies::Places;

    #[test]
    fn a_first_line_long_after_the_start_was_not_the_first() {
        let directory = tempfile::tempdir().unwrap();
        let born = |from_birth: bool, started: Option<&str>| {
            let identity = Identity {
                node: "a".to_owned(),
                pod: "p".to_owned(),
                uid: "u".to_owned(),
                restart: 1,
                container_id: None,
                started: started.map(|time| time.parse().unwrap()),
                before_started: None,
            };
            let places = Places::alone(&directory.path().join("log"));
            let log = Log::open(Some(&places), Vec::new()).unwrap();
            let mut instance = Instance::new(identity, 0, false, Fate::Current, log);
            instance.from_birth = from_birth;
            instance
        };
        let start = Some("2026-11-24T11:00:00Z");
        for (from_birth, started, line, missed) in [
            (true, start, "2026-11-24T11:00:05Z x", false),
            (true, start, "2026-11-24T11:00:05.001Z x", true),
            (false, start, "2026-11-24T11:09:00Z x", false),
            (true, None, "2026-11-24T11:09:00Z x", false),
            (true, start, "the kubelet's own words", false),
        ] {
            let found = born(from_birth, started).missed_before(line.as_bytes());
            assert_eq!(found.is_some(), missed, "{from_birth} {started:?} {line}");
        }
    }
}
