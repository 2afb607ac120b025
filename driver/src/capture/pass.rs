//! One reading of an instance's log, following or not.

use std::time::Duration;

use futures::AsyncBufRead;
use tokio::time::Instant;

use super::Scene;
use super::dedupe::Pass;
use super::instance::{Fate, Identity, Instance};
use super::log::Taken;
use super::sink::time_of;
use super::stream::{Read, Wanted, next_line, open};
use crate::api::answer::{Kind, chain, kind, words};
use crate::error::Error;

/// How long a follow goes on after its container was replaced: it may still be delivering.
const FAREWELL: Duration = Duration::from_secs(5);

/// How a pass ended.
#[derive(Debug)]
pub(super) enum End {
    /// The server ended the stream.
    Eof,
    /// Nobody ended it: it was open and had delivered what there was.
    Open,
    /// The connection broke, or the request failed.
    Broken(String),
    /// The log API refuses this log.
    Absent(String),
    /// The pod is not there.
    NoPod,
    /// Its first line is not in the captured log's reach.
    Hole,
    /// The pod's container is another one by now.
    Successor,
    /// What is served is the log of the container before this one.
    Predecessor,
    /// What is served as the previous log is another container's: this one's successor was replaced
    /// too.
    Outlived,
    /// It had stalled.
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

/// What a gap at the beginning of a log says.
const UNSEEN: &str = "its container had been running for longer than 5 s before the first line that \
    is in the log: rotated before it could be read";

/// One reading: from where the log is known to, among its last lines or in all of it, as `wanted`, or
/// from when on it is wanted, if no line of it is known; to the end of the stream.
pub(super) async fn pass(
    scene: &Scene,
    instance: &Instance,
    mut wanted: Wanted,
    holes: Holes,
) -> Result<End, Error> {
    let mut marks;
    (marks, wanted.since) = instance.log().begin();
    let node = &instance.identity.node;
    if !wanted.previous {
        scene.board.asks(node);
    }
    // At the end of a thousand logs nobody is asked whose this one is if lines that were taken
    // before will tell.
    let by_its_lines = wanted.hurried && holes == Holes::Refuse && !instance.log().is_unknown();
    let end = match open(&scene.pods, &wanted).await {
        Err(error) => match kind(&error) {
            Kind::NotFound => End::NoPod,
            Kind::Final(_) => End::Absent(words(&error)),
            _ => End::Broken(words(&error)),
        },
        // The request names a pod, not a container's restart: make sure that the answer is
        // still this instance's.
        Ok(_) if !by_its_lines && !wanted.previous && !still_present(scene, instance).await => {
            End::Successor
        }
        Ok(_) if wanted.previous && !is_the_one_before(scene, instance).await => End::Outlived,
        Ok(stream) => {
            if !wanted.previous {
                scene.board.reads(node);
            }
            read(scene, instance, stream, &mut marks, holes, &wanted).await?
        }
    };
    match &end {
        End::Broken(problem) | End::Absent(problem) if !wanted.previous => {
            scene.board.fails(node, problem);
        }
        End::NoPod => scene.board.fails(node, "its pod is gone"),
        _ => {}
    }
    instance.log().end(&marks);
    Ok(match marks.joined() {
        true => end,
        false => strange(instance, end, &wanted, holes),
    })
}

/// How a pass has ended that met no line that was taken.
fn strange(instance: &Instance, end: End, wanted: &Wanted, holes: Holes) -> End {
    match (end, holes) {
        // Whether all there was has come nobody can tell.
        (End::Eof | End::Open, _) if wanted.follow => End::Cut,
        // The last line taken was rotated away, and with it perhaps lines after it.
        (End::Eof, Holes::Refuse) => End::Hole,
        (End::Eof, Holes::Accept(reason)) => {
            instance.log().note_lost_end(instance.seen, reason);
            End::Eof
        }
        (end, _) => end,
    }
}

async fn read<R: AsyncBufRead + Unpin>(
    scene: &Scene,
    instance: &Instance,
    mut stream: R,
    marks: &mut Pass,
    holes: Holes,
    wanted: &Wanted,
) -> Result<End, Error> {
    let mut line = Vec::new();
    // The first line of a log that none is known of tells whose it is.
    let mut identified = !instance.log().is_unknown();
    // Lines before the first known one of a reading by position: they were taken long ago.
    let mut skipped = 0;
    loop {
        let began = Instant::now();
        let step = tokio::select! {
            step = next_line(&mut stream, &mut line) => step,
            end = interrupted(scene, instance), if wanted.follow => return Ok(end),
        };
        match step {
            Ok(Read::Line) => {}
            Ok(Read::TooLong) => {
                instance
                    .log()
                    .note_lost_end(instance.seen, "a line longer than 32 MiB was left out");
                continue;
            }
            Ok(Read::End) => return Ok(End::Eof),
            Err(error) => return Ok(End::Broken(chain(&error))),
        }
        // The kubelet's own words before it tell nothing.
        if !identified && time_of(&line).is_some() {
            identified = true;
            if let Some(end) = identify(instance, &line, holes) {
                return Ok(end);
            }
        }
        let by_position = wanted.tail.is_some() || holes == Holes::Refuse;
        if by_position && !marks.joined() && !instance.log().knows(&line) {
            skipped += 1;
            line.clear();
            match wanted.tail.is_some_and(|tail| skipped >= tail) {
                true => return Ok(End::Hole),
                false => continue,
            }
        }
        let Some((taken, after_a_hole)) = take(instance, marks, &line, holes)? else {
            return Ok(End::Hole);
        };
        if let Taken::Written(time, message) = taken {
            if wanted.follow {
                instance.log().note_clock(time, began.elapsed());
            }
            scene.board.line(&instance.identity.node, time, message);
        }
        line.clear();
        // There is a line to begin with again.
        if after_a_hole && wanted.follow {
            return Ok(End::Cut);
        }
    }
}

/// Whose log it is that begins with this line, when none is known: an end if it is another one's, or
/// may be.
fn identify(instance: &Instance, line: &[u8], holes: Holes) -> Option<End> {
    if instance.is_predecessors(line) {
        return Some(End::Predecessor);
    }
    let (from, to) = instance.missed_before(line)?;
    // It may as well be the first line of the container after this one.
    if holes == Holes::Refuse {
        return Some(End::Hole);
    }
    instance.log().note_lost_start(from, to, UNSEEN);
    None
}

/// Takes a line, and says whether it came after a hole; none: it would, and holes are refused.
fn take(
    instance: &Instance,
    marks: &mut Pass,
    line: &[u8],
    holes: Holes,
) -> Result<Option<(Taken, bool)>, Error> {
    let taken = instance.log().take(marks, line)?;
    match (taken, holes) {
        (Taken::Hole, Holes::Refuse) => Ok(None),
        (Taken::Hole, Holes::Accept(reason)) => {
            let taken = instance.log().take_after_hole(marks, line, reason)?;
            Ok(Some((taken, true)))
        }
        (taken, _) => Ok(Some((taken, false))),
    }
}

/// Returns when the follow has to stop, and how that leaves it.
async fn interrupted(scene: &Scene, instance: &Instance) -> End {
    let mut fate = instance.fate.subscribe();
    let replaced = async {
        if fate.wait_for(|fate| *fate != Fate::Current).await.is_ok() {
            tokio::time::sleep(FAREWELL).await;
        }
    };
    tokio::select! {
        () = scene.over.cancelled() => End::Open,
        () = replaced => End::Open,
        () = instance.stalled.notified() => End::Cut,
    }
}

/// Whether the pod's present container is the next one after this instance's, as far as can be known
/// now: of earlier ones no log is served.
pub(super) async fn is_the_one_before(scene: &Scene, instance: &Instance) -> bool {
    let next = |present: Identity| present.restart == instance.identity.restart + 1;
    match scene.pods.get(&instance.identity.pod).await {
        Ok(pod) => Identity::of(&pod, &scene.sources.container).is_none_or(next),
        // Not known now; the hole test stands guard.
        Err(_) => true,
    }
}

/// Whether the pod's present container is this instance's, as far as can be known now.
async fn still_present(scene: &Scene, instance: &Instance) -> bool {
    // Not known now: the hole test stands guard.
    is_present(scene, instance).await.unwrap_or(true)
}

/// Whether the pod's present container is this instance's, and that is known.
pub(super) async fn known_present(scene: &Scene, instance: &Instance) -> bool {
    is_present(scene, instance).await.unwrap_or(false)
}

async fn is_present(scene: &Scene, instance: &Instance) -> Option<bool> {
    let pod = scene.pods.get(&instance.identity.pod).await.ok()?;
    let present = Identity::of(&pod, &scene.sources.container);
    Some(present.is_none_or(|present| present.same(&instance.identity)))
}
