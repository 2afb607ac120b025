//! Following one instance's log to its end, through every cut.

use std::sync::Arc;
use std::time::Duration;

use futures::{AsyncBufRead, FutureExt as _};
use tokio::time::Instant;

use super::Scene;
use super::instance::{Fate, Identity, Instance};
use super::log::Taken;
use super::stream::{Step, Wanted, next_line, open};
use crate::error::Error;
use crate::patience::{Backoff, Kind, chain, kind, words};

/// How long a pass must last for its end to be no sign of trouble.
const SOUND: Duration = Duration::from_secs(10);
/// After a hole, how long the API server gets to hear that the container is another one now.
const STATUS_LAG: Duration = Duration::from_secs(12);
/// How long the log of an ended container is asked for before its end counts as lost.
const LAST_READING: Duration = Duration::from_secs(60);
/// How long a follow goes on after its container was replaced: it may still be delivering.
const FAREWELL: Duration = Duration::from_secs(5);

/// How long a log cannot be read before that is said.
const WORTH_A_WARNING: Duration = Duration::from_secs(20);

/// Says once an outage that the log cannot be read.
#[derive(Debug, Default)]
struct Complaint {
    since: Option<Instant>,
    said: bool,
}

impl Complaint {
    fn note(&mut self, instance: &Instance, end: &End) {
        let (End::Broken(problem) | End::Absent(problem)) = end else {
            *self = Self::default();
            return;
        };
        let since = *self.since.get_or_insert_with(Instant::now);
        if !self.said && since.elapsed() > WORTH_A_WARNING {
            self.said = true;
            tracing::warn!(
                instance = instance.name(),
                problem,
                "the log cannot be read; trying on"
            );
        }
    }
}

/// How a pass ended.
#[derive(Debug)]
pub(super) enum End {
    /// The server ended the stream.
    Eof,
    /// The connection broke, or the request was refused.
    Broken(String),
    /// The log API knows no such log.
    Absent(String),
    /// Its first line is not in the captured log's reach.
    Hole,
    /// The capture is over, or a look beside the follow found it stalled.
    Cut,
}

/// Which lines of a pass may come after a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holes {
    /// None: the stream may belong to the container's successor.
    Refuse,
    /// Lines were lost; the reason goes into the gap.
    Accept(&'static str),
}

/// What a gap after a lost rotation says.
pub(super) const ROTATED: &str = "the last line taken was no longer in the log when it was read \
    again: rotated while the follow was cut";

/// Takes an instance's log until its container has ended or the capture is over.
///
/// # Errors
/// [`Error::CaptureStopped`] if lines cannot be written.
pub(super) async fn follow(scene: Arc<Scene>, instance: Arc<Instance>) -> Result<(), Error> {
    let mut backoff = Backoff::default();
    let mut holes = Holes::Refuse;
    let mut drained = false;
    let mut complaint = Complaint::default();
    let mut fate = instance.fate.subscribe();
    while !scene.over.is_cancelled() {
        let now = *fate.borrow_and_update();
        match now {
            Fate::Current => {}
            Fate::Replaced => return last_reading(&scene, &instance, true).await,
            Fate::Gone => return farewell(&instance, drained),
        }
        // A stall that was noticed in the last pass is no stall of this one.
        instance.stalled.notified().now_or_never();
        let began = Instant::now();
        let end = pass(&scene, &instance, wanted(&scene, &instance, true), holes).await?;
        complaint.note(&instance, &end);
        holes = match end {
            End::Hole => judge_hole(&scene, &instance).await,
            _ => Holes::Refuse,
        };
        match end {
            End::Eof => drained = true,
            End::Broken(_) => drained = false,
            // Nothing was served: what was known of the log's end stays.
            End::Absent(_) | End::Cut => {}
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
    last_reading(&scene, &instance, false).await
}

fn wanted(scene: &Scene, instance: &Instance, follow: bool) -> Wanted {
    Wanted {
        pod: instance.identity.pod.clone(),
        container: scene.sources.container.clone(),
        since: None,
        follow,
        previous: false,
    }
}

/// One reading: from where the log is known to, to the end of the stream.
pub(super) async fn pass(
    scene: &Scene,
    instance: &Instance,
    mut wanted: Wanted,
    holes: Holes,
) -> Result<End, Error> {
    let (mut marks, since) = instance.log().begin(instance.start);
    wanted.since = since;
    let end = match open(&scene.pods, &wanted).await {
        Err(error) => match kind(&error) {
            Kind::NotFound | Kind::Final(_) => End::Absent(words(&error)),
            _ => End::Broken(words(&error)),
        },
        // The request names a pod, not a container's restart: make sure that the answer is
        // still this instance's.
        Ok(_) if !wanted.previous && !still_present(scene, instance).await => End::Cut,
        Ok(stream) => read(scene, instance, stream, &mut marks, holes, wanted.follow).await?,
    };
    let mut log = instance.log();
    if let (End::Eof, Holes::Accept(reason)) = (&end, holes)
        && !wanted.follow
        && !marks.joined()
    {
        // A last reading that no longer holds the last line taken: it was rotated away, and
        // with it perhaps lines after it.
        log.note_lost_end(instance.seen, reason);
    }
    log.end(&marks);
    drop(log);
    Ok(end)
}

async fn read<R: AsyncBufRead + Unpin>(
    scene: &Scene,
    instance: &Instance,
    mut stream: R,
    marks: &mut super::dedupe::Pass,
    holes: Holes,
    following: bool,
) -> Result<End, Error> {
    let mut line = Vec::new();
    loop {
        let step = tokio::select! {
            step = next_line(&mut stream, &mut line) => step,
            () = interrupted(scene, instance), if following => return Ok(End::Cut),
        };
        match step {
            Ok(Step::Line) => {}
            Ok(Step::TooLong) => {
                instance
                    .log()
                    .note_lost_end(instance.seen, "a line longer than 32 MiB was left out");
                continue;
            }
            Ok(Step::End) => return Ok(End::Eof),
            Err(error) => return Ok(End::Broken(chain(&error))),
        }
        let mut taken = instance.log().take(marks, &line)?;
        if taken == Taken::Hole {
            let Holes::Accept(reason) = holes else {
                return Ok(End::Hole);
            };
            taken = instance.log().take_after_hole(marks, &line, reason)?;
        }
        if let Taken::Written(message) = taken {
            scene.board.line(&instance.identity.node, message);
        }
        line.clear();
    }
}

/// Returns when the follow has to stop.
async fn interrupted(scene: &Scene, instance: &Instance) {
    let mut fate = instance.fate.subscribe();
    let replaced = async {
        if fate.wait_for(|fate| *fate != Fate::Current).await.is_ok() {
            tokio::time::sleep(FAREWELL).await;
        }
    };
    tokio::select! {
        () = scene.over.cancelled() => {}
        () = instance.stalled.notified() => {}
        () = replaced => {}
    }
}

async fn still_present(scene: &Scene, instance: &Instance) -> bool {
    match scene.pods.get(&instance.identity.pod).await {
        Ok(pod) => Identity::of(&pod, &scene.sources.container)
            .is_none_or(|present| present.same(&instance.identity)),
        // Not known now; the hole test stands guard.
        Err(_) => true,
    }
}

/// After a hole: is the container another one, or were lines lost?
async fn judge_hole(scene: &Scene, instance: &Instance) -> Holes {
    tokio::select! {
        () = tokio::time::sleep(STATUS_LAG) => {}
        () = scene.over.cancelled() => {}
    }
    let present = *instance.fate.borrow() == Fate::Current;
    if present && still_present(scene, instance).await {
        Holes::Accept(ROTATED)
    } else {
        Holes::Refuse
    }
}

/// Reads what is left of a log once more: of a container that was replaced, or at the capture's
/// end. Whatever keeps it from that is a gap.
async fn last_reading(scene: &Scene, instance: &Instance, previous: bool) -> Result<(), Error> {
    let began = Instant::now();
    let mut backoff = Backoff::default();
    loop {
        let mut wanted = wanted(scene, instance, false);
        wanted.previous = previous;
        let problem = match pass(scene, instance, wanted, Holes::Accept(ROTATED)).await? {
            End::Eof => return Ok(()),
            End::Broken(problem) | End::Absent(problem) => problem,
            End::Cut | End::Hole => "the container was replaced meanwhile".to_owned(),
        };
        if began.elapsed() > LAST_READING {
            let reason = format!("the log's end could not be read: {problem}");
            instance.log().note_lost_end(instance.seen, &reason);
            return Ok(());
        }
        tokio::time::sleep(backoff.next(None)).await;
    }
}

/// The pod is gone. A kubelet ends a follow cleanly once everything is read, and only then.
fn farewell(instance: &Instance, drained: bool) -> Result<(), Error> {
    if !drained {
        let reason = "the pod was gone before its log was read to the end";
        instance.log().note_lost_end(instance.seen, reason);
    }
    Ok(())
}
