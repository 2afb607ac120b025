//! What there is of a kind of object, as it changes: listed once, then watched.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::BoxStream;
use kube::runtime::watcher::{self, Config, Event, watcher};
use kube::{Api, Resource, ResourceExt as _};
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::api::answer::chain;

/// After so long everything is listed anew: a connection that died silently tells nothing.
const ANEW: Duration = Duration::from_secs(300);
/// Longest wait for a listing.
const LISTING: Duration = Duration::from_secs(30);

/// The objects of a kind, by UID.
pub(crate) struct Watched<K> {
    api: Api<K>,
    config: Config,
    /// Pause after an error; without the right to watch it is the time between two listings.
    pause: Duration,
    /// Drops of an object what nobody looks at, and says whether anybody looks at it.
    keep: Keep<K>,
    events: Option<BoxStream<'static, Result<Event<K>, watcher::Error>>>,
    /// When the events began to be waited for.
    began: Instant,
    not_before: Instant,
    objects: BTreeMap<String, K>,
    /// Whether the last listing held anything, kept or not.
    any: bool,
    /// A listing that is not whole yet.
    arriving: Option<Arriving<K>>,
}

/// What of an object is kept, and whether it is.
pub(crate) type Keep<K> = Box<dyn Fn(&mut K) -> bool + Send + Sync>;

/// A listing that is not whole yet.
struct Arriving<K> {
    objects: BTreeMap<String, K>,
    any: bool,
}

impl<K> Default for Arriving<K> {
    fn default() -> Self {
        Self {
            objects: BTreeMap::new(),
            any: false,
        }
    }
}

impl<K> Watched<K>
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + 'static,
{
    /// Nothing is known yet, and nothing asked.
    pub(crate) fn new(api: Api<K>, config: Config, pause: Duration, keep: Keep<K>) -> Self {
        Self {
            api,
            config,
            pause,
            keep,
            events: None,
            began: Instant::now(),
            not_before: Instant::now(),
            objects: BTreeMap::new(),
            any: false,
            arriving: None,
        }
    }

    /// What there is, as of the last change.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &K> + Clone {
        self.objects.values()
    }

    /// Waits for a change, or for the end of the first listing. Safe to cancel.
    ///
    /// # Errors
    /// Why nothing can be told now; the next call begins anew after a pause.
    pub(crate) async fn changed(&mut self) -> Result<(), String> {
        loop {
            tokio::time::sleep_until(self.not_before).await;
            if self.events.is_none() {
                self.began = Instant::now();
            }
            let (api, config) = (&self.api, &self.config);
            let events = self
                .events
                .get_or_insert_with(|| watcher(api.clone(), config.clone()).boxed());
            let listed = self.any && self.arriving.is_none();
            let longest = if listed { ANEW } else { LISTING };
            match tokio::time::timeout_at(self.began + longest, events.next()).await {
                Ok(Some(Ok(event))) => {
                    if self.apply(event) {
                        return Ok(());
                    }
                }
                Ok(Some(Err(error))) => {
                    self.begin_anew(self.pause);
                    return Err(chain(&error));
                }
                Ok(None) | Err(_) => self.begin_anew(Duration::ZERO),
            }
        }
    }

    fn begin_anew(&mut self, after: Duration) {
        self.events = None;
        self.arriving = None;
        self.not_before = Instant::now() + after;
    }

    /// Whether what there is may have changed.
    fn apply(&mut self, event: Event<K>) -> bool {
        let uid = |object: &K| object.uid().unwrap_or_default();
        match event {
            Event::Init => {
                self.arriving = Some(Arriving::default());
                false
            }
            Event::InitApply(mut object) => {
                let arriving = self.arriving.get_or_insert_default();
                arriving.any = true;
                if (self.keep)(&mut object) {
                    arriving.objects.insert(uid(&object), object);
                }
                false
            }
            Event::InitDone => {
                let arrived = self.arriving.take().unwrap_or_default();
                (self.objects, self.any) = (arrived.objects, arrived.any);
                true
            }
            Event::Apply(mut object) => {
                self.any = true;
                match (self.keep)(&mut object) {
                    true => {
                        self.objects.insert(uid(&object), object);
                        true
                    }
                    false => self.objects.remove(&uid(&object)).is_some(),
                }
            }
            Event::Delete(object) => self.objects.remove(&uid(&object)).is_some(),
        }
    }
}
