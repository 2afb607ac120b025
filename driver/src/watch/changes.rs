//! When EndpointSlices changed in a way that concerns kube-proxy, by our clock.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt as _;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::runtime::watcher::{Config, Event, watcher};
use kube::{Api, Client, ResourceExt as _};
use tokio::sync::mpsc::UnboundedSender;

use crate::api::answer::chain;
use crate::capture::message::Family;

/// Slices that kube-proxy leaves to others; its own watch selects so too.
const SELECTOR: &str = "!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name";
/// Pause after an error.
const PAUSE: Duration = Duration::from_secs(5);
/// Changes so near to each other count as the first of them.
const NEAR: TimeDelta = TimeDelta::milliseconds(10);
/// Most changes that are kept.
const MOST: usize = 100_000;

/// What the watch of EndpointSlices tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// One changed that IPv4's or IPv6's kube-proxy has to carry.
    At(DateTime<Utc>, Family),
    /// They cannot be watched now: changes may be missed.
    Unknown,
    /// They can.
    Known,
}

/// The changes that some node may not carry yet, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Changes {
    at: VecDeque<(DateTime<Utc>, Family)>,
    unknown: bool,
}

impl Changes {
    pub(super) fn note(&mut self, change: Change) {
        match change {
            Change::Unknown => self.unknown = true,
            Change::Known => self.unknown = false,
            Change::At(at, family) => {
                let mut same = self.at.iter().rev().filter(|(_, other)| *other == family);
                if same.next().is_some_and(|(last, _)| at - *last < NEAR) {
                    return;
                }
                self.at.push_back((at, family));
                if self.at.len() > MOST {
                    self.at.pop_front();
                }
            }
        }
    }

    /// Whether changes can be told at all.
    pub(super) fn known(&self) -> bool {
        !self.unknown
    }

    /// The first change after `after` that a sync of `family` has to carry.
    pub(super) fn first_after(
        &self,
        after: DateTime<Utc>,
        family: Family,
    ) -> Option<DateTime<Utc>> {
        let start = self.at.partition_point(|(at, _)| *at <= after);
        let later = self.at.range(start..);
        let mine = |of: Family| family == Family::Unnamed || of == family;
        later.filter(|(_, of)| mine(*of)).map(|(at, _)| *at).next()
    }

    /// Forgets what every node carries and nobody looks at any more.
    pub(super) fn forget(&mut self, carried: Option<DateTime<Utc>>, window: DateTime<Utc>) {
        let until = carried.map_or(window, |carried| carried.min(window));
        self.at
            .drain(..self.at.partition_point(|(at, _)| *at <= until));
    }
}

/// Tells of every change until nobody listens.
pub(super) async fn watch(client: Client, tell: UnboundedSender<Change>) {
    let slices: Api<EndpointSlice> = Api::all(client);
    let config = Config::default().labels(SELECTOR).page_size(250);
    let mut seen = Seen::default();
    let mut said = false;
    loop {
        let mut events = watcher(slices.clone(), config.clone()).boxed();
        seen.arriving.clear();
        while let Some(event) = events.next().await {
            let change = match event {
                Ok(event) => seen.note(event),
                Err(error) => {
                    if !std::mem::replace(&mut said, true) {
                        tracing::warn!(
                            "EndpointSlices cannot be watched, so lag is not known: {}",
                            chain(&error)
                        );
                    }
                    if tell.send(Change::Unknown).is_err() {
                        return;
                    }
                    break;
                }
            };
            said &= change != Some(Change::Known);
            if change.is_some_and(|change| tell.send(change).is_err()) {
                return;
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The slices as they were last seen, by UID: what of each kube-proxy acts upon.
#[derive(Default)]
struct Seen {
    known: HashMap<String, u64>,
    /// A listing that is under way.
    arriving: HashMap<String, u64>,
    /// Whether one was ever whole.
    listed: bool,
}

impl Seen {
    /// Takes in an event; returns what it tells.
    fn note(&mut self, event: Event<EndpointSlice>) -> Option<Change> {
        match event {
            Event::Init => {
                self.arriving.clear();
                None
            }
            Event::InitApply(slice) => {
                let (uid, now) = (slice.uid().unwrap_or_default(), concern(&slice));
                // What changed while nobody watched is told as of now.
                let changed = self.listed && self.known.get(&uid) != Some(&now);
                self.arriving.insert(uid, now);
                changed.then(|| changed_now(&slice)).flatten()
            }
            Event::InitDone => {
                self.known = std::mem::take(&mut self.arriving);
                self.listed = true;
                Some(Change::Known)
            }
            Event::Apply(slice) => {
                let now = concern(&slice);
                let before = self.known.insert(slice.uid().unwrap_or_default(), now);
                (before != Some(now)).then(|| changed_now(&slice)).flatten()
            }
            Event::Delete(slice) => {
                self.known.remove(&slice.uid().unwrap_or_default());
                changed_now(&slice)
            }
        }
    }
}

fn changed_now(slice: &EndpointSlice) -> Option<Change> {
    match slice.address_type.as_str() {
        "IPv4" => Some(Change::At(Utc::now(), Family::V4)),
        "IPv6" => Some(Change::At(Utc::now(), Family::V6)),
        // Names are nothing that kube-proxy programs.
        _ => None,
    }
}

/// What of a slice kube-proxy acts upon, in one number: not its annotations, nor who wrote it.
fn concern(slice: &EndpointSlice) -> u64 {
    let mut hash = DefaultHasher::new();
    slice
        .labels()
        .get("kubernetes.io/service-name")
        .hash(&mut hash);
    for port in slice.ports.iter().flatten() {
        (&port.name, port.port, &port.protocol).hash(&mut hash);
    }
    for endpoint in &slice.endpoints {
        endpoint.addresses.hash(&mut hash);
        (&endpoint.node_name, &endpoint.zone).hash(&mut hash);
        if let Some(conditions) = &endpoint.conditions {
            (conditions.ready, conditions.serving, conditions.terminating).hash(&mut hash);
        }
    }
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(json: &str) -> EndpointSlice {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn only_what_kube_proxy_acts_upon_is_a_change() {
        let of = |annotation: &str, ready: bool| {
            concern(&slice(&format!(
                r#"{{"addressType":"IPv4","metadata":{{"name":"a","annotations":{{"x":"{annotation}"}}}},
                "endpoints":[{{"addresses":["10.0.0.1"],"conditions":{{"ready":{ready}}}}}]}}"#
            )))
        };
        assert_eq!(of("1", true), of("2", true));
        assert_ne!(of("1", true), of("1", false));
    }

    #[test]
    fn what_changed_while_nobody_watched_is_told_and_what_did_not_is_not() {
        let named = |uid: &str, ready: bool| {
            slice(&format!(
                r#"{{"addressType":"IPv4","metadata":{{"uid":"{uid}"}},
                "endpoints":[{{"addresses":["10.0.0.1"],"conditions":{{"ready":{ready}}}}}]}}"#
            ))
        };
        let told = |change: Option<Change>| matches!(change, Some(Change::At(_, Family::V4)));
        let mut seen = Seen::default();
        // The first listing tells of nothing but that it is whole.
        assert_eq!(seen.note(Event::Init), None);
        assert_eq!(seen.note(Event::InitApply(named("a", true))), None);
        assert_eq!(seen.note(Event::InitApply(named("b", true))), None);
        assert_eq!(seen.note(Event::InitDone), Some(Change::Known));
        assert_eq!(seen.note(Event::Apply(named("a", true))), None);
        assert!(told(seen.note(Event::Apply(named("a", false)))));
        // A later one tells of what is other than it was.
        assert_eq!(seen.note(Event::Init), None);
        assert_eq!(seen.note(Event::InitApply(named("a", false))), None);
        assert!(told(seen.note(Event::InitApply(named("b", false)))));
        assert!(told(seen.note(Event::InitApply(named("c", true)))));
        assert_eq!(seen.note(Event::InitDone), Some(Change::Known));
        assert!(told(seen.note(Event::Delete(named("c", true)))));
    }

    #[test]
    fn the_first_change_after_a_time_is_found_by_family() {
        let at = |s: i64| DateTime::from_timestamp(1_700_000_000 + s, 0).unwrap();
        let mut changes = Changes::default();
        for (second, family) in [(1, Family::V4), (2, Family::V6), (3, Family::V4)] {
            changes.note(Change::At(at(second), family));
        }
        assert_eq!(changes.first_after(at(0), Family::V4), Some(at(1)));
        assert_eq!(changes.first_after(at(1), Family::V4), Some(at(3)));
        assert_eq!(changes.first_after(at(1), Family::Unnamed), Some(at(2)));
        assert_eq!(changes.first_after(at(3), Family::V4), None);
        // What one node does not carry yet is kept however old it is.
        changes.forget(Some(at(1)), at(9));
        assert_eq!(changes.first_after(at(0), Family::V6), Some(at(2)));
        changes.forget(Some(at(9)), at(2));
        assert_eq!(changes.first_after(at(0), Family::Unnamed), Some(at(3)));
        // Two within 10 ms are one, of one family.
        changes.note(Change::At(at(3) + NEAR / 2, Family::V4));
        changes.note(Change::At(at(3) + NEAR / 2, Family::V6));
        assert_eq!(changes.at.len(), 2);
    }
}
