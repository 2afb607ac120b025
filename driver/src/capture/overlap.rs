//! A look beside the follow, again and again: does the log hold lines that it did not deliver?

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;

use super::Scene;
use super::instance::{Fate, Instance};
use super::log::Taken;
use super::stream::{Read, Wanted, next_line, open};
use crate::api::answer::words;
use crate::error::Error;

/// Time between two looks at a log, unless there are many.
const USUAL: Duration = Duration::from_secs(10);
/// What a look at one log adds to that, where there are.
const A_LOOK: Duration = Duration::from_millis(40);
/// Lines that one look reads; if more were missed, the follow that starts again reads them.
pub(super) const TAIL: i64 = 200;
/// How long the follow gets to deliver what a look has seen.
const GRACE: Duration = Duration::from_secs(3);
/// Most that one look holds while it waits; the next one sees the rest.
const HELD_BYTES: usize = 4 << 20;
/// Longest that reading may take.
const READING: Duration = Duration::from_secs(60);

/// Looks at the log every `poll` until its container has ended or the capture is over.
///
/// # Errors
/// [`Error::CaptureStopped`] if lines cannot be written.
pub(super) async fn watch_over(scene: Arc<Scene>, instance: Arc<Instance>) -> Result<(), Error> {
    let mut fate = instance.fate.subscribe();
    let mut marked = instance.marked.subscribe();
    tokio::select! {
        _ = marked.wait_for(|marked| *marked) => {}
        () = scene.over.cancelled() => return Ok(()),
    }
    // Looks at many nodes are spread over the time between two.
    let mut pause = first_pause(&instance.identity.uid, between_looks(&scene));
    loop {
        tokio::select! {
            () = tokio::time::sleep(std::mem::replace(&mut pause, between_looks(&scene))) => {}
            () = scene.over.cancelled() => return Ok(()),
            // An error means that nobody can tell any more: the capture is over as well.
            _ = fate.wait_for(|fate| *fate != Fate::Current) => return Ok(()),
        }
        tokio::select! {
            looked = look(&scene, &instance) => looked?,
            // The whole log is read once more now, without waiting for what a look has seen.
            () = scene.over.cancelled() => return Ok(()),
        }
    }
}

/// Time between two looks at a log: as asked, or so that an API server serves 25 a second at most.
fn between_looks(scene: &Scene) -> Duration {
    match scene.sources.poll {
        Some(asked) => asked.0,
        None => usual(scene.board.node_count()),
    }
}

fn usual(nodes: usize) -> Duration {
    USUAL.max(A_LOOK * u32::try_from(nodes).unwrap_or(u32::MAX))
}

/// Time before the first look at a log: a share of `poll` that is told by the pod, never none.
fn first_pause(uid: &str, poll: Duration) -> Duration {
    let mut hasher = DefaultHasher::new();
    uid.hash(&mut hasher);
    let share = u32::try_from(hasher.finish() % 16).unwrap_or(0) + 1;
    poll * share / 16
}

/// One look. The follow is told to start again if it has stalled.
async fn look(scene: &Scene, instance: &Instance) -> Result<(), Error> {
    let (mut marks, _) = instance.log().begin();
    let was_unknown = instance.log().is_unknown();
    // From the log's end, not by time: whatever the node's clock was set to.
    let wanted = Wanted {
        tail: Some(TAIL),
        ..Wanted::of(scene, instance, false)
    };
    let node = &instance.identity.node;
    scene.board.asks(node);
    let lines = match tokio::time::timeout(READING, hold(scene, &wanted)).await {
        Ok(Ok(held)) => {
            scene.board.reads(node);
            held.lines
        }
        Ok(Err(problem)) => {
            scene.board.fails(node, &problem);
            tracing::debug!(
                instance = instance.name(),
                problem,
                "could not look at the log"
            );
            Vec::new()
        }
        Err(_) => Vec::new(),
    };
    let current = |instance: &Instance| *instance.fate.borrow() == Fate::Current;
    if !lines.is_empty() {
        tokio::time::sleep(GRACE).await;
    }
    // A look that began before the first line was taken does not know whose log it has read.
    let told_apart = !was_unknown || instance.log().is_unknown();
    if told_apart && current(instance) && !scene.over.is_cancelled() {
        let missed = take(scene, instance, &mut marks, &lines)?;
        if missed > 0 {
            tracing::warn!(
                instance = instance.name(),
                missed,
                "the follow has stalled; starting it again"
            );
            instance.stalled.notify_one();
        }
    }
    instance.log().end(&marks);
    Ok(())
}

/// Lines of a reading that are held in memory.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// The lines, without their ends.
    pub(super) lines: Vec<Vec<u8>>,
    /// Whether the stream was read to its end.
    pub(super) whole: bool,
}

/// Reads what is wanted into memory, 4 MiB at most; what came before a cut is the log's all the same.
///
/// # Errors
/// Why it could not be opened.
pub(super) async fn hold(scene: &Scene, wanted: &Wanted) -> Result<Held, String> {
    let mut stream = open(&scene.pods, wanted).await.map_err(|e| words(&e))?;
    let (mut held, mut line, mut bytes) = (Held::default(), Vec::new(), 0);
    while bytes < HELD_BYTES {
        match next_line(&mut stream, &mut line).await {
            Ok(Read::Line) => {
                bytes += line.len();
                held.lines.push(std::mem::take(&mut line));
            }
            Ok(Read::End) => {
                held.whole = true;
                break;
            }
            Ok(Read::TooLong) | Err(_) => break,
        }
    }
    Ok(held)
}

/// Takes a log's last lines. Says whether that was all there is: a line that was taken before is among
/// them, so that nothing lies between.
///
/// # Errors
/// [`Error::CaptureStopped`] if lines cannot be written.
pub(super) async fn catch_up(
    scene: &Scene,
    instance: &Instance,
    wanted: Wanted,
) -> Result<bool, Error> {
    let wanted = Wanted {
        tail: Some(TAIL),
        ..wanted
    };
    let held = match tokio::time::timeout(READING, hold(scene, &wanted)).await {
        Ok(Ok(held)) => held,
        // The reading that follows says what is wrong.
        Ok(Err(_)) | Err(_) => return Ok(false),
    };
    let known = held.lines.iter().any(|line| instance.log().knows(line));
    if !known || !held.whole {
        return Ok(false);
    }
    let (mut marks, _) = instance.log().begin();
    let taken = take(scene, instance, &mut marks, &held.lines);
    instance.log().end(&marks);
    taken.map(|_| true)
}

/// Offers the lines that were held; returns how many the follow has missed.
fn take(
    scene: &Scene,
    instance: &Instance,
    marks: &mut super::dedupe::Pass,
    lines: &[Vec<u8>],
) -> Result<u64, Error> {
    let mut missed = 0;
    let first = lines.first().map_or(&[][..], Vec::as_slice);
    // Whose log it is, and whether its beginning is there, is the follow's to find.
    let doubtful = instance.is_predecessors(first) || instance.missed_before(first).is_some();
    if instance.log().is_unknown() && doubtful {
        return Ok(0);
    }
    // What comes before the first line that is remembered was taken long ago.
    let known = lines.iter().position(|line| instance.log().knows(line));
    for line in lines.iter().skip(known.unwrap_or(0)) {
        match instance.log().take(marks, line)? {
            Taken::Known | Taken::Stranger => {}
            Taken::Written(time, message) => {
                scene.board.line(&instance.identity.node, time, message);
                missed += 1;
            }
            // Whether lines were lost or the container is another one is the follow's to find.
            Taken::Hole => return Ok(missed + 1),
        }
    }
    Ok(missed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_at_many_logs_are_further_apart() {
        for (nodes, seconds) in [(0, 10), (1, 10), (250, 10), (500, 20), (1000, 40)] {
            assert_eq!(usual(nodes), Duration::from_secs(seconds), "{nodes} nodes");
        }
    }

    #[test]
    fn first_looks_are_spread_over_the_time_between_two() {
        let poll = Duration::from_secs(16);
        let pauses: Vec<u64> = (0..200)
            .map(|pod| first_pause(&format!("uid-{pod}"), poll).as_secs())
            .collect();
        for second in 1..=16 {
            let at_once = pauses.iter().filter(|pause| **pause == second).count();
            assert!((1..40).contains(&at_once), "{second} s: {at_once} looks");
        }
        assert!(pauses.iter().all(|pause| (1..=16).contains(pause)));
    }
}
