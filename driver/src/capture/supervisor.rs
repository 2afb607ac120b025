//! Which container instances there are, and what becomes of each.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::follow::follow;
use super::instance::{Fate, Identity, Instance};
use super::listing::{first_listing, identities, list};
use super::log::Log;
use super::overlap::watch_over;
use super::{Scene, entry};
use crate::error::Error;
use crate::survey;

/// Who told the driver to stop waits for last lines only while something comes.
const HURRIED: Duration = Duration::from_secs(2);
/// Time between two listings of the pods.
const LISTING: Duration = Duration::from_secs(2);
/// Longest wait for a listing.
const ANSWER: Duration = Duration::from_secs(30);
/// Listings without a pod before it counts as gone: one may come from a stale cache.
const ABSENT_LISTINGS: u32 = 2;

/// An instance under way, by its pod's UID.
struct Known {
    instance: Arc<Instance>,
    absent: u32,
}

/// Lists pods and starts, tells and describes instances.
pub(super) struct Supervisor {
    scene: Arc<Scene>,
    current: BTreeMap<String, Known>,
    all: Vec<Arc<Instance>>,
    tasks: JoinSet<()>,
    lost: Vec<String>,
}

impl Supervisor {
    /// Finds the pods that are there and starts following them.
    pub(super) async fn begin(scene: Arc<Scene>) -> Result<Self, Error> {
        let mut supervisor = Self {
            scene: scene.clone(),
            current: BTreeMap::new(),
            all: Vec::new(),
            tasks: JoinSet::new(),
            lost: Vec::new(),
        };
        let present = first_listing(&scene).await?;
        supervisor.go_on_with_earlier(&present)?;
        for identity in present {
            if !supervisor.current.contains_key(&identity.uid) {
                let from_here = !scene.sources.history;
                supervisor.start(identity, from_here, Fate::Current)?;
            }
        }
        Ok(supervisor)
    }

    /// Waits until it is known of every log where it stands, or for so long.
    pub(super) async fn wait_for_marks(&self, longest: Duration) {
        let marked = self.all.iter().map(|instance| async {
            // It lives as long as this does.
            instance
                .marked
                .subscribe()
                .wait_for(|marked| *marked)
                .await
                .is_ok()
        });
        let all = tokio::time::timeout(longest, futures::future::join_all(marked));
        if all.await.is_err() {
            let late = self
                .all
                .iter()
                .filter(|instance| !*instance.marked.borrow());
            let late: Vec<&str> = late.map(|i| i.identity.node.as_str()).collect();
            tracing::warn!("no answer yet from the logs of {}", late.join(", "));
        }
    }

    /// Runs until the capture is over; returns what is missing.
    pub(super) async fn run(mut self) -> Vec<String> {
        let scene = self.scene.clone();
        loop {
            tokio::select! {
                () = tokio::time::sleep(LISTING) => {}
                () = scene.over.cancelled() => break,
            }
            let listing = tokio::select! {
                listing = tokio::time::timeout(ANSWER, list(&scene)) => listing,
                () = scene.broken.cancelled() => break,
            };
            match listing {
                Ok(Ok(pods)) => {
                    if let Err(error) = self.compare(&pods) {
                        scene.fail(error);
                        break;
                    }
                }
                Ok(Err(error)) => tracing::debug!("listing kube-proxy pods: {error}"),
                Err(_) => tracing::debug!("listing kube-proxy pods: no answer"),
            }
        }
        scene.over.cancel();
        let cut_off = !self.last_lines().await;
        let mut missing = self.describe();
        if cut_off {
            missing.push(format!(
                "told to stop, and nothing came for {HURRIED:?}: the last lines were not taken"
            ));
        }
        missing
    }

    /// Waits until every task has taken its last lines. Once told to stop at once, it gives up
    /// when nothing has come for a while, as from a frozen server, and returns false.
    async fn last_lines(&mut self) -> bool {
        let lines = |scene: &Scene| -> u64 { scene.board.nodes().values().map(|n| n.lines).sum() };
        let (mut known, mut since) = (lines(&self.scene), Instant::now());
        loop {
            match tokio::time::timeout(HURRIED / 4, self.tasks.join_next()).await {
                Ok(None) => return true,
                Ok(Some(_)) => since = Instant::now(),
                Err(_) => {}
            }
            let now = lines(&self.scene);
            if now != known || !self.scene.broken.is_cancelled() {
                (known, since) = (now, Instant::now());
            }
            if since.elapsed() >= HURRIED {
                self.tasks.shutdown().await;
                return false;
            }
        }
    }

    /// Compares a listing with what is known.
    fn compare(&mut self, pods: &[Pod]) -> Result<(), Error> {
        for known in self.current.values_mut() {
            let uid = Some(&known.instance.identity.uid);
            let there = pods.iter().any(|pod| pod.metadata.uid.as_ref() == uid);
            known.absent = if there { 0 } else { known.absent + 1 };
        }
        for identity in identities(&self.scene, pods) {
            match self.current.get(&identity.uid) {
                None => self.appeared(identity)?,
                Some(known) if known.instance.identity.restart < identity.restart => {
                    self.restarted(identity)?;
                }
                Some(_) => {}
            }
        }
        self.current.retain(|_, known| {
            let gone = known.absent >= ABSENT_LISTINGS;
            if gone {
                known.instance.fate.send_replace(Fate::Gone);
            }
            !gone
        });
        Ok(())
    }

    /// A pod that was not there before: its log is wanted from its start.
    fn appeared(&mut self, identity: Identity) -> Result<(), Error> {
        if identity.restart > 0 {
            self.predecessor(&identity, 0)?;
        }
        self.start(identity, false, Fate::Current)
    }

    fn restarted(&mut self, identity: Identity) -> Result<(), Error> {
        let Some(known) = self.current.remove(&identity.uid) else {
            return Ok(());
        };
        let old = known.instance;
        if old.identity.restart + 1 == identity.restart {
            old.fate.send_replace(Fate::Replaced);
        } else {
            // Only the last predecessor's log is served.
            old.fate.send_replace(Fate::Gone);
            self.predecessor(&identity, old.identity.restart + 1)?;
        }
        self.start(identity, false, Fate::Current)
    }

    /// The instance before `identity`, and the loss of those from `first` on before that.
    fn predecessor(&mut self, identity: &Identity, first: u32) -> Result<(), Error> {
        let restart = identity.restart - 1;
        if first < restart {
            self.lost.push(format!(
                "{} {}: the logs of restarts {first} to {} were gone before they could be read",
                identity.node,
                identity.pod,
                restart - 1
            ));
        }
        let predecessor = Identity {
            restart,
            container_id: None,
            started: None,
            ..identity.clone()
        };
        self.start(predecessor, false, Fate::Replaced)
    }

    /// Instances that an interrupted run has begun: those still there are gone on with.
    fn go_on_with_earlier(&mut self, present: &[Identity]) -> Result<(), Error> {
        let Some(manifest) = self.scene.record.manifest() else {
            return Ok(());
        };
        for entry in manifest.capture {
            let (Some(uid), Some(restart)) = (entry.pod_uid.clone(), entry.restart) else {
                continue;
            };
            if entry::has_ended(&entry) {
                self.lost.extend(entry::missing(&entry));
                continue;
            }
            let now = present.iter().find(|identity| identity.uid == uid);
            let fate = match now {
                Some(now) if now.restart == restart => Fate::Current,
                Some(now) if now.restart == restart + 1 => Fate::Replaced,
                _ => Fate::Gone,
            };
            let identity = Identity {
                node: entry.node.clone(),
                pod: now.map_or_else(|| entry::pod(&entry).to_owned(), |n| n.pod.clone()),
                uid,
                restart,
                container_id: None,
                started: None,
            };
            let path = self.scene.record.log_path(&entry.node, entry.instance)?;
            let after = entry::begins_after(&entry);
            // Whether the end is still there shows itself when it is read again.
            let gaps = entry
                .gaps
                .into_iter()
                .filter(|gap| gap.to.is_some() || fate == Fate::Gone);
            let mut log = Log::open(&path, gaps.collect())?;
            log.begin_at(self.scene.start);
            if let Some(after) = after {
                log.begin_after_time(after);
            }
            // Where nothing was noted of its log the load had not begun either.
            let unmarked = log.is_unknown() && after.is_none();
            let from_here = unmarked && fate == Fate::Current && self.scene.start.is_some();
            self.launch(Instance::new(
                identity,
                entry.instance,
                from_here,
                fate,
                log,
            ));
        }
        Ok(())
    }

    /// Starts an instance with a file and a manifest entry of its own.
    fn start(&mut self, identity: Identity, from_here: bool, fate: Fate) -> Result<(), Error> {
        let scene = self.scene.clone();
        let node = identity.node.clone();
        let taken = scene
            .record
            .manifest()
            .map(|m| m.capture)
            .unwrap_or_default();
        let numbers = taken.iter().filter(|entry| entry.node == node);
        let number = numbers.map(|entry| entry.instance + 1).max().unwrap_or(0);
        let path = scene.record.log_path(&node, number)?;
        let mut log = Log::open(&path, Vec::new())?;
        log.begin_at(self.scene.start.filter(|_| from_here));
        let entry = entry::new(&identity, number);
        scene.record.edit(|manifest| {
            survey::merge(&mut manifest.nodes, &[survey::unknown(&node)]);
            manifest.capture.push(entry);
        })?;
        self.launch(Instance::new(identity, number, from_here, fate, log));
        Ok(())
    }

    fn launch(&mut self, instance: Instance) {
        let instance = Arc::new(instance);
        let fate = *instance.fate.borrow();
        tracing::info!(instance = instance.name(), ?fate, "taking the log");
        self.all.push(instance.clone());
        let scene = self.scene.clone();
        if fate == Fate::Current {
            self.scene.board.instance(&instance.identity.node);
            let known = Known {
                instance: instance.clone(),
                absent: 0,
            };
            self.current.insert(instance.identity.uid.clone(), known);
            let (scene, instance) = (scene.clone(), instance.clone());
            self.tasks.spawn(async move {
                if let Err(error) = watch_over(scene.clone(), instance).await {
                    scene.fail(error);
                }
            });
        }
        self.tasks.spawn(async move {
            let followed = follow(scene.clone(), instance.clone()).await;
            let ended = !scene.over.is_cancelled();
            let noted = followed.and_then(|()| {
                if ended {
                    entry::note_end(&scene.record, &instance)
                } else {
                    Ok(())
                }
            });
            if let Err(error) = noted {
                scene.fail(error);
            }
        });
    }

    /// Puts counts and gaps into the manifest; returns what is missing.
    fn describe(self) -> Vec<String> {
        if self.scene.has_failed() {
            for instance in &self.all {
                let reason = "lines could no longer be written";
                instance.log().note_lost_end(instance.seen, reason);
            }
        }
        let mut reasons = self.lost;
        match entry::note_all(&self.scene.record, &self.all) {
            Ok(missing) => reasons.extend(missing),
            Err(error) => self.scene.fail(error),
        }
        reasons
    }
}
