//! A run that was interrupted and is gone on with: what it had begun, and what came meanwhile.

use super::Supervisor;
use crate::capture::entry;
use crate::capture::instance::{Fate, Identity, Instance};
use crate::capture::log::Log;
use crate::error::Error;

impl Supervisor {
    /// Instances that an interrupted run has begun: those still there are gone on with.
    pub(super) fn go_on_with_earlier(&mut self, present: &[Identity]) -> Result<(), Error> {
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
                before_started: None,
            };
            let record = &self.scene.record;
            let places = record.log_places(&entry.node, entry.instance)?;
            let after = entry::begins_after(&entry);
            // Whether the end is still there shows itself when it is read again.
            let gaps = entry
                .gaps
                .into_iter()
                .filter(|gap| gap.to.is_some() || fate == Fate::Gone);
            let mut log = Log::open(places.as_ref(), gaps.collect())?;
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

    /// A container that is new to a run which is gone on with: its log is wanted from its start, for
    /// nobody followed it while no process was there.
    pub(super) fn came_meanwhile(&mut self, identity: Identity) -> Result<(), Error> {
        let last = self.scene.record.look(|manifest| {
            let entries = manifest.capture.iter();
            let of_the_pod = entries.filter(|entry| entry.pod_uid.as_ref() == Some(&identity.uid));
            of_the_pod.filter_map(|entry| entry.restart).max()
        });
        match last.flatten() {
            Some(last) if last + 1 < identity.restart => self.predecessor(&identity, last + 1)?,
            None if identity.restart > 0 && self.is_of_the_run(&identity) => {
                self.predecessor(&identity, 0)?;
            }
            _ => {}
        }
        match self.is_of_the_run(&identity) {
            true => self.born(identity, Fate::Current),
            false => self.start(identity, false, false, Fate::Current),
        }
    }

    /// Whether a container started within the run, by its node's clock.
    fn is_of_the_run(&self, identity: &Identity) -> bool {
        let times = identity.started.zip(self.scene.start);
        times.is_some_and(|(started, start)| started >= start)
    }
}
