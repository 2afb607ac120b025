//! Following one instance's log to its end, through every cut.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::time::Instant;

use super::Scene;
use super::ending::{STATUS_LAG, farewell, last_reading};
use super::instance::{Fate, Instance};
use super::overlap::TAIL;
use super::pass::{End, Holes, ROTATED, known_present, pass};
use super::start::mark;
use super::stream::Wanted;
use super::whole::{Found, look_through};
use crate::api::patience::Backoff;
use crate::error::Error;

/// How long a pass must last for its end to be no sign of trouble.
const SOUND: Duration = Duration::from_secs(10);

/// Takes an instance's log until its container has ended or the capture is over.
///
/// # Errors
/// [`Error::CaptureStopped`] if lines cannot be written.
pub(super) async fn follow(scene: Arc<Scene>, instance: Arc<Instance>) -> Result<(), Error> {
    let mut backoff = Backoff::default();
    let mut holes = Holes::Refuse;
    let mut drained = false;
    let mut way = Way::Position;
    let mut just_caught_up = false;
    let mut fate = instance.fate.subscribe();
    if instance.from_here {
        mark(&scene, &instance).await;
    }
    while !scene.over.is_cancelled() {
        let now = *fate.borrow_and_update();
        match now {
            Fate::Current => {}
            Fate::Replaced => return last_reading(&scene, &instance, true, drained).await,
            Fate::Gone => {
                farewell(&instance, drained);
                return Ok(());
            }
        }
        // A stall that was noticed in the last pass is no stall of this one.
        instance.stalled.notified().now_or_never();
        let began = Instant::now();
        if instance.log().is_unknown() {
            way = Way::Unknown;
        }
        let mut wanted = way.wanted(&scene, &instance);
        // It grows by more than its last lines between two requests.
        wanted.follow |= just_caught_up && way == Way::Whole;
        let followed = wanted.follow;
        let end = pass(&scene, &instance, wanted, holes).await?;
        let caught_up = matches!(end, End::Eof) && !followed;
        let was_whole = way == Way::Whole;
        (way, holes) = next(&scene, &instance, way, &end).await;
        // Remembered until the reading by position that follows has come to its lines.
        just_caught_up = caught_up || just_caught_up && !was_whole && matches!(end, End::Hole);
        if caught_up {
            continue;
        }
        match end {
            End::Eof | End::Open => drained = true,
            End::Broken(_) | End::Cut => drained = false,
            // Nothing was served: what was known of the log's end stays.
            End::Absent(_) | End::NoPod | End::Successor | End::Predecessor | End::Outlived => {}
            End::Hole => continue,
        }
        if began.elapsed() > SOUND {
            backoff = Backoff::default();
        }
        tracing::debug!(instance = instance.name(), ?end, "the follow ended");
        tokio::select! {
            () = tokio::time::sleep(backoff.next(None)) => {}
            () = scene.over.cancelled() => {}
        }
    }
    last_reading(&scene, &instance, false, drained).await
}

/// How the next pass goes about it, and whether it may begin after a hole.
async fn next(scene: &Scene, instance: &Instance, way: Way, end: &End) -> (Way, Holes) {
    match (way, end) {
        (Way::Position, End::Hole | End::Cut) => (Way::Whole, Holes::Refuse),
        (Way::Whole | Way::Unknown, End::Hole) => match judge_hole(scene, instance).await {
            Holes::Refuse => (Way::Position, Holes::Refuse),
            accept if way == Way::Unknown => (Way::Unknown, accept),
            accept if look_through(scene, instance, false).await == Found::Nothing => {
                (Way::Start, accept)
            }
            Holes::Accept(_) => (Way::Position, Holes::Refuse),
        },
        _ => (Way::Position, Holes::Refuse),
    }
}

/// From where on a log is asked for: by its lines, as far as any is known. What they are stamped says
/// nothing, for a node's clock may be set to anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// From the last lines that were taken on, as far as these are among the log's last ones.
    Position,
    /// The same of all of it, for more lines were written since; up to its end, where it is known
    /// whether one that was taken is in it.
    Whole,
    /// From its start: no line that was taken is in it any more.
    Start,
    /// No line was taken yet: from when on it is wanted.
    Unknown,
}

impl Way {
    fn wanted(self, scene: &Scene, instance: &Instance) -> Wanted {
        let wanted = Wanted::of(scene, instance, true);
        match self {
            Self::Position => Wanted {
                tail: Some(TAIL),
                ..wanted
            },
            Self::Whole => Wanted {
                follow: false,
                ..wanted
            },
            Self::Start | Self::Unknown => wanted,
        }
    }
}

/// Whether the pod's previous log holds lines that were taken here: then the container was
/// replaced, whatever the API server says of it yet.
async fn is_previous(scene: &Scene, instance: &Instance) -> bool {
    let looked = tokio::time::timeout(STATUS_LAG, look_through(scene, instance, true)).await;
    looked == Ok(Found::Known)
}

/// After a hole: is the container another one, or were lines lost?
async fn judge_hole(scene: &Scene, instance: &Instance) -> Holes {
    tokio::select! {
        () = tokio::time::sleep(STATUS_LAG) => {}
        () = scene.over.cancelled() => {}
    }
    let present = *instance.fate.borrow() == Fate::Current;
    let replaced = is_previous(scene, instance).await;
    if present && !replaced && known_present(scene, instance).await {
        Holes::Accept(ROTATED)
    } else {
        Holes::Refuse
    }
}
