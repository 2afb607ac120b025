//! Where a node's kube-proxy stands, as far as its messages tell.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::capture::message::{Family, Message};

/// A log that cannot be read now.
#[derive(Debug, Clone)]
pub struct Unread {
    /// Since when.
    pub since: Instant,
    /// Why, as far as is known.
    pub problem: String,
}

/// A node's kube-proxy, as far as its messages tell.
#[derive(Debug, Clone)]
pub struct Sync {
    /// Syncs under way, and since when.
    running: BTreeMap<Family, Vec<Began>>,
    /// When the last sync ended.
    pub last_end: Option<Instant>,
    /// How long it took, by its lines' time stamps; none if its begin was not seen.
    pub last_took: Option<Duration>,
    /// When the last of the two messages came, or the node was first seen.
    pub last_message: Instant,
    /// Container instances seen.
    pub instances: u64,
    /// Syncs of the present instance that have ended.
    pub syncs: u64,
    /// Lines captured.
    pub lines: u64,
    /// Its log cannot be read.
    pub unread: Option<Unread>,
    /// Why it counts as lost.
    pub lost: Option<String>,
}

/// When a sync began.
#[derive(Debug, Clone, Copy)]
struct Began {
    /// By our clock, as it was heard of.
    heard: Instant,
    /// By the node's clock: lines that were kept back by an outage come all at once.
    stamped: DateTime<Utc>,
}

impl Sync {
    pub(crate) fn new() -> Self {
        Self {
            running: BTreeMap::new(),
            last_end: None,
            last_took: None,
            last_message: Instant::now(),
            instances: 0,
            syncs: 0,
            lines: 0,
            unread: None,
            lost: None,
        }
    }

    /// Since when the oldest sync under way has been running.
    #[must_use]
    pub fn running_since(&self) -> Option<Instant> {
        let running = self.running.values().flatten();
        running.map(|began| began.heard).min()
    }

    /// How long nothing has been going on; none inside a sync.
    #[must_use]
    pub fn quiet_for(&self) -> Option<Duration> {
        match self.running_since() {
            Some(_) => None,
            None => Some(self.last_message.elapsed()),
        }
    }

    pub(super) fn note(&mut self, message: Message, stamped: DateTime<Utc>) {
        let heard = Instant::now();
        self.last_message = heard;
        let began = Began { heard, stamped };
        match message {
            Message::Begins(Family::Unnamed) => {
                self.running.entry(Family::Unnamed).or_default().push(began);
            }
            // A family has one sync at a time; a start without an end was cut off.
            Message::Begins(family) => {
                self.running.insert(family, vec![began]);
            }
            // It is not over yet.
            Message::Fails(_) => {}
            Message::Ends(family) => {
                let began = self.running.get_mut(&family).and_then(Vec::pop);
                self.last_took = began.and_then(|began| (stamped - began.stamped).to_std().ok());
                self.last_end = Some(heard);
                self.syncs += 1;
            }
        }
    }

    /// A container instance starts: no sync of its predecessor goes on.
    pub(super) fn begin_instance(&mut self) {
        self.running.clear();
        self.instances += 1;
        self.syncs = 0;
        self.last_message = Instant::now();
    }
}
