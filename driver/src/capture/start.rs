//! Where a log stands when it begins to be wanted: by its lines, never by anybody's clock.

use std::time::Duration;

use tokio::time::Instant;

use super::instance::{Fate, Instance};
use super::overlap::hold;
use super::stream::Wanted;
use super::{Scene, entry};
use crate::api::patience::Backoff;

/// Lines that are looked at to know the log's end again: kube-proxy stamps a few a second.
const TAIL: i64 = 200;
/// Longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(4);
/// How long a log's end is looked for; a kubelet that answers later has its log taken from the
/// run's start on, by the API server's clock.
const LATE: Duration = Duration::from_secs(30);

/// Notes what the log holds by now: lines after that are wanted, those before are not.
pub(super) async fn mark(scene: &Scene, instance: &Instance) {
    let began = Instant::now();
    let mut backoff = Backoff::default();
    while began.elapsed() < LATE && !scene.over.is_cancelled() {
        if *instance.fate.borrow() != Fate::Current {
            break;
        }
        let wanted = Wanted {
            tail: Some(TAIL),
            ..Wanted::of(scene, instance, false)
        };
        let node = &instance.identity.node;
        scene.board.asks(node);
        let lines = tokio::time::timeout(ANSWER, hold(scene, &wanted)).await;
        match &lines {
            Ok(Ok(_)) => scene.board.reads(node),
            Ok(Err(problem)) => scene.board.fails(node, problem),
            Err(_) => {}
        }
        if let Ok(Ok(lines)) = lines
            && !instance.is_predecessors(lines.last().map_or(&[][..], Vec::as_slice))
        {
            let after = instance.log().begin_after(&lines);
            entry::note_start(&scene.record, instance, after);
            break;
        }
        tokio::select! {
            () = tokio::time::sleep(backoff.next(None)) => {}
            () = scene.over.cancelled() => {}
        }
    }
    instance.marked.send_replace(true);
}
