//! Following one instance's log to its end, through every cut.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::time::Instant;

use super::Scene;
use super::ending::{farewell, last_reading};
use super::instance::{Fate, Instance};
use super::overlap::hold;
use super::pass::{End, Holes, ROTATED, pass, still_present};
use super::start::mark;
use super::stream::Wanted;
use crate::api::patience::Backoff;
use crate::error::Error;

/// How long a pass must last for its end to be no sign of trouble.
const SOUND: Duration = Duration::from_secs(10);
/// After a hole, how long the API server gets to hear that the container is another one now.
const STATUS_LAG: Duration = Duration::from_secs(12);

/// Takes an instance's log until its container has ended or the capture is over.
///
/// # Errors
/// [`Error::CaptureStopped`] if lines cannot be written.
pub(super) async fn follow(scene: Arc<Scene>, instance: Arc<Instance>) -> Result<(), Error> {
    let mut backoff = Backoff::default();
    let mut holes = Holes::Refuse;
    let mut drained = false;
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
        let end = pass(
            &scene,
            &instance,
            Wanted::of(&scene, &instance, true),
            holes,
        )
        .await?;
        holes = match end {
            End::Hole => judge_hole(&scene, &instance).await,
            _ => Holes::Refuse,
        };
        match end {
            End::Eof | End::Open => drained = true,
            End::Broken(_) | End::Cut => drained = false,
            // Nothing was served: what was known of the log's end stays.
            End::Absent(_) | End::NoPod | End::Successor | End::Predecessor => {}
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

/// Whether the pod's previous log holds lines that were taken here: then the container was
/// replaced, whatever the API server says of it yet.
async fn is_previous(scene: &Scene, instance: &Instance) -> bool {
    let (marks, since) = instance.log().begin();
    instance.log().end(&marks);
    let wanted = Wanted {
        previous: true,
        since,
        ..Wanted::of(scene, instance, false)
    };
    let lines = tokio::time::timeout(STATUS_LAG, hold(scene, &wanted)).await;
    let lines = lines.unwrap_or_else(|_| Ok(Vec::new())).unwrap_or_default();
    lines.iter().any(|line| instance.log().knows(line))
}

/// After a hole: is the container another one, or were lines lost?
async fn judge_hole(scene: &Scene, instance: &Instance) -> Holes {
    tokio::select! {
        () = tokio::time::sleep(STATUS_LAG) => {}
        () = scene.over.cancelled() => {}
    }
    let present = *instance.fate.borrow() == Fate::Current;
    let replaced = is_previous(scene, instance).await;
    if present && !replaced && still_present(scene, instance).await {
        Holes::Accept(ROTATED)
    } else {
        Holes::Refuse
    }
}
