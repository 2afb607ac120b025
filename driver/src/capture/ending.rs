//! The end of an instance's log: read it once more, or say that it is lost.

use std::time::Duration;

use tokio::time::Instant;

use super::Scene;
use super::instance::Instance;
use super::overlap::catch_up;
use super::pass::{End, Holes, ROTATED, is_the_one_before, pass};
use super::stream::Wanted;
use super::whole::{Found, look_through};
use crate::api::patience::Backoff;
use crate::error::Error;

/// How long the log of an ended container is asked for before its end counts as lost.
const LAST_READING: Duration = Duration::from_secs(60);
/// After a hole, how long the API server gets to hear that the container is another one now.
pub(super) const STATUS_LAG: Duration = Duration::from_secs(12);
/// What a gap says of a container whose successor was replaced as well.
const OUTLIVED: &str =
    "its container's successor was replaced too before the log was read to its end";

/// Reads what is left of a log once more: of a container that was replaced (`previous`), or at
/// the capture's end. Whatever keeps it from that is a gap.
pub(super) async fn last_reading(
    scene: &Scene,
    instance: &Instance,
    mut previous: bool,
    drained: bool,
) -> Result<(), Error> {
    let began = Instant::now();
    let mut backoff = Backoff::default();
    let mut holes = Holes::Refuse;
    loop {
        let mut wanted = Wanted::of(scene, instance, false);
        wanted.previous = previous;
        wanted.hurried = scene.over.is_cancelled();
        // Given back before the next attempt, so that kubelets that do not answer hold up nobody.
        let turn = scene.turns.acquire().await;
        if holes == Holes::Refuse && catch_up(scene, instance, wanted.clone()).await? {
            return Ok(());
        }
        let end = pass(scene, instance, wanted, holes).await?;
        drop(turn);
        let problem = match end {
            // Lost lines, or another container's log: now it is asked which.
            End::Hole if holes == Holes::Refuse => {
                if previous && !is_still_the_one_before(scene, instance).await {
                    instance.log().note_lost_end(instance.seen, OUTLIVED);
                    return Ok(());
                }
                let unknown = instance.log().is_unknown();
                if unknown || look_through(scene, instance, previous).await == Found::Nothing {
                    holes = Holes::Accept(ROTATED);
                    continue;
                }
                "it was not served to its end".to_owned()
            }
            End::Outlived => {
                instance.log().note_lost_end(instance.seen, OUTLIVED);
                return Ok(());
            }
            End::Eof => return Ok(()),
            End::NoPod => {
                farewell(instance, drained);
                return Ok(());
            }
            End::Broken(problem) | End::Absent(problem) => problem,
            End::Predecessor => "the log that was served is its predecessor's".to_owned(),
            End::Successor | End::Cut | End::Hole | End::Open => {
                (previous, holes) = (true, Holes::Refuse);
                "the container was replaced meanwhile".to_owned()
            }
        };
        if began.elapsed() > LAST_READING {
            let reason = format!("the log's end could not be read: {problem}");
            instance.log().note_lost_end(instance.seen, &reason);
            return Ok(());
        }
        tokio::time::sleep(backoff.next(None)).await;
    }
}

/// Whether the previous log is this instance's although none of its lines is known: asked once the
/// API server has had the time to hear of yet another container.
async fn is_still_the_one_before(scene: &Scene, instance: &Instance) -> bool {
    tokio::time::sleep(STATUS_LAG).await;
    is_the_one_before(scene, instance).await
}

/// The pod is gone, and its log with it. Nothing is lost if the follow had come to the log's end:
/// a kubelet ends it cleanly after the container's last line, and a pod is removed after that.
pub(super) fn farewell(instance: &Instance, drained: bool) {
    if !drained {
        let reason = "the pod was gone before its log was read to the end";
        instance.log().note_lost_end(instance.seen, reason);
    }
}
