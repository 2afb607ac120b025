//! Which container instances there are, and what becomes of each.

mod earlier;
mod last_lines;
mod marks;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::capture::follow::follow;
use crate::capture::instance::{Fate, Identity, Instance};
use crate::capture::listing::{first_listing, identities, watched};
use crate::capture::log::Log;
use crate::capture::overlap::watch_over;
use crate::capture::{Scene, entry};
use crate::descriptors;
use crate::error::Error;
use crate::survey;

/// How long a pod is absent before it counts as gone: a follow that was cut gets the time to come
/// back for the last words.
const ABSENCE: Duration = Duration::from_secs(4);

/// An instance under way, by its pod's UID.
struct Known {
    instance: Arc<Instance>,
    absent: Option<Instant>,
}

/// A task of an instance that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    Follow,
    Look,
}

/// Lists pods and starts, tells and describes instances.
pub(super) struct Supervisor {
    scene: Arc<Scene>,
    current: BTreeMap<String, Known>,
    all: Vec<Arc<Instance>>,
    tasks: JoinSet<Task>,
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
        descriptors::suffice(present.len())?;
        supervisor.go_on_with_earlier(&present)?;
        let begun = scene
            .record
            .look(|manifest| !manifest.capture.is_empty())
            .unwrap_or(false);
        for identity in present {
            if supervisor.current.contains_key(&identity.uid) {
                continue;
            }
            if begun {
                supervisor.came_meanwhile(identity)?;
            } else {
                let from_here = !scene.sources.history;
                supervisor.start(identity, from_here, false, Fate::Current)?;
            }
            // Others go on while a thousand files are made.
            tokio::task::yield_now().await;
        }
        scene.record.flush()?;
        Ok(supervisor)
    }

    /// Runs until the capture is over; returns what is missing.
    pub(super) async fn run(mut self) -> Vec<String> {
        let scene = self.scene.clone();
        let mut pods = watched(&scene);
        let mut known = false;
        loop {
            let changed = tokio::select! {
                changed = pods.changed() => changed,
                () = tokio::time::sleep(ABSENCE / 4), if known => Ok(()),
                () = scene.over.cancelled() => break,
                () = scene.broken.cancelled() => break,
            };
            if let Err(problem) = changed {
                tracing::debug!("watching kube-proxy pods: {problem}");
                continue;
            }
            known = true;
            let compared = self.compare(pods.objects());
            if let Err(error) = compared.and_then(|()| scene.record.flush()) {
                scene.fail(error);
                break;
            }
        }
        scene.over.cancel();
        self.last_lines().await;
        self.describe()
    }

    /// Compares the pods that there are with what is known.
    fn compare<'a>(&mut self, pods: impl Iterator<Item = &'a Pod> + Clone) -> Result<(), Error> {
        let uids: BTreeSet<&String> = pods
            .clone()
            .filter_map(|pod| pod.metadata.uid.as_ref())
            .collect();
        for (uid, known) in &mut self.current {
            let there = uids.contains(uid);
            known.absent = (!there).then(|| known.absent.unwrap_or_else(Instant::now));
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
            let gone = known.absent.is_some_and(|since| since.elapsed() >= ABSENCE);
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
        self.born(identity, Fate::Current)
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
        self.born(identity, Fate::Current)
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
            started: identity.before_started,
            before_started: None,
            ..identity.clone()
        };
        self.born(predecessor, Fate::Replaced)
    }

    /// Starts an instance that came into being meanwhile, or was out of sight for a while.
    fn born(&mut self, identity: Identity, fate: Fate) -> Result<(), Error> {
        let mut known = self.all.iter();
        let born = !known.any(|instance| instance.identity.same(&identity));
        self.start(identity, false, born, fate)
    }

    /// Starts an instance with a file and a manifest entry of its own.
    fn start(
        &mut self,
        identity: Identity,
        from_here: bool,
        from_birth: bool,
        fate: Fate,
    ) -> Result<(), Error> {
        let scene = self.scene.clone();
        let node = identity.node.clone();
        let number = scene.record.look(|manifest| {
            let taken = manifest.capture.iter();
            let numbers = taken.filter(|entry| entry.node == node);
            numbers.map(|entry| entry.instance + 1).max()
        });
        let number = number.flatten().unwrap_or(0);
        let places = scene.record.log_places(&node, number)?;
        let mut log = Log::open(places.as_ref(), Vec::new())?;
        log.begin_at(self.scene.start.filter(|_| from_here));
        let entry = entry::new(&identity, number);
        scene.record.amend(|manifest| {
            survey::merge(&mut manifest.nodes, &[survey::unknown(&node)]);
            manifest.capture.push(entry);
        });
        let mut instance = Instance::new(identity, number, from_here, fate, log);
        instance.from_birth = from_birth;
        self.launch(instance);
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
                absent: None,
            };
            self.current.insert(instance.identity.uid.clone(), known);
            let (scene, instance) = (scene.clone(), instance.clone());
            self.tasks.spawn(async move {
                if let Err(error) = watch_over(scene.clone(), instance).await {
                    scene.fail(error);
                }
                Task::Look
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
            instance.done.store(true, Ordering::Relaxed);
            Task::Follow
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
