//! Following one instance's log to its end, through every cut.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::time::Instant;

use super::Scene;
use super::ending::{STATUS_LAG, farewell, last_reading};
use super::instance::{Fate, Instance};
use super::overlap::{Held, READING, TAIL, catch_up, hold};
use super::pass::{End, Holes, ROTATED, known_present, pass};
use super::start::mark;
use super::stream::{Read, Wanted, next_line, open};
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
            way = Way::Time;
        }
        let mut wanted = way.wanted(&scene, &instance, holes);
        // It grows by more than its last lines between two requests.
        wanted.follow |= just_caught_up && way == Way::Time;
        let followed = wanted.follow;
        let end = pass(&scene, &instance, wanted, holes).await?;
        let caught_up = matches!(end, End::Eof) && !followed;
        let by_time = way == Way::Time;
        (way, holes) = next(&scene, &instance, way, &end).await?;
        // Remembered until the reading by position that follows has come to its lines.
        just_caught_up = caught_up || just_caught_up && !by_time && matches!(end, End::Hole);
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
async fn next(
    scene: &Scene,
    instance: &Instance,
    way: Way,
    end: &End,
) -> Result<(Way, Holes), Error> {
    let tail = Wanted::of(scene, instance, false);
    Ok(match (way, end) {
        (Way::Position, End::Hole | End::Cut) => (Way::Time, Holes::Refuse),
        (Way::Time, End::Hole) if catch_up(scene, instance, tail).await? => {
            (Way::Position, Holes::Refuse)
        }
        (Way::Time, End::Hole) => match judge_hole(scene, instance).await {
            Holes::Accept(_) if may_be_there(scene, instance).await => (Way::Time, Holes::Refuse),
            accept @ Holes::Accept(_) => (Way::Start, accept),
            Holes::Refuse => (Way::Time, Holes::Refuse),
        },
        _ => (Way::Position, Holes::Refuse),
    })
}

/// From where on a log is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// From the last lines that were taken on, as far as these are among the log's last ones. Kubelets
    /// leave nothing out of it, whatever the node's clock is set to.
    Position,
    /// From the time of the last line that was taken: more lines were written since. Of what is stamped
    /// before that time nothing is served, now or later: so only up to the log's end, unless there is
    /// no line to begin with.
    Time,
    /// From the log's start: no line of it was taken. It may be stamped before the last line that was.
    Start,
}

impl Way {
    fn wanted(self, scene: &Scene, instance: &Instance, holes: Holes) -> Wanted {
        let wanted = Wanted::of(scene, instance, true);
        match self {
            Self::Position => Wanted {
                tail: Some(TAIL),
                ..wanted
            },
            Self::Time => Wanted {
                follow: holes != Holes::Refuse || instance.log().is_unknown(),
                ..wanted
            },
            Self::Start => Wanted {
                whole: true,
                ..wanted
            },
        }
    }
}

/// After a hole by time: may a line that was taken be in the log all the same? A reading from a time on
/// brings lines from long ago if the node's clock was set ahead and back since, and leaves out what is
/// stamped before that time. So all of it is looked through, up to the line that is its last one now: a
/// stream may be ended early, and what was taken once is never taken again.
async fn may_be_there(scene: &Scene, instance: &Instance) -> bool {
    let last = Wanted {
        tail: Some(1),
        ..Wanted::of(scene, instance, false)
    };
    let whole = Wanted {
        whole: true,
        ..Wanted::of(scene, instance, false)
    };
    let looked = async {
        let last = hold(scene, &last).await.ok().filter(|held| held.whole)?;
        let mut stream = open(&scene.pods, &whole).await.ok()?;
        let (mut line, mut is_whole) = (Vec::new(), last.lines.is_empty());
        loop {
            match next_line(&mut stream, &mut line).await {
                Ok(Read::Line) if instance.log().knows(&line) => return None,
                Ok(Read::Line) => is_whole |= last.lines.last() == Some(&line),
                Ok(Read::TooLong) => {}
                Ok(Read::End) => return Some(is_whole),
                Err(_) => return None,
            }
            line.clear();
        }
    };
    let looked = tokio::time::timeout(READING, looked).await;
    looked.ok().flatten() != Some(true)
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
    let held = lines
        .unwrap_or_else(|_| Ok(Held::default()))
        .unwrap_or_default();
    held.lines.iter().any(|line| instance.log().knows(line))
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
