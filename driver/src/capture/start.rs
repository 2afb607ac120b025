//! Where a log stands when it begins to be wanted: by its lines, never by anybody's clock.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::instance::{Fate, Instance};
use super::overlap::{Held, hold};
use super::stream::Wanted;
use super::{Scene, entry};
use crate::api::patience::Backoff;

/// Lines that are looked at to know the log's end again: kube-proxy stamps a few a second.
const TAIL: i64 = 200;
/// Longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(4);
/// Notes what the log holds by now: lines after that are wanted, those before are not. Once the
/// capture has begun that would leave out what the load made the node say: a kubelet that answers
/// later has its log taken from the run's start on, by the API server's clock.
pub(super) async fn mark(scene: &Scene, instance: &Instance) {
    let mut backoff = Backoff::default();
    while !scene.begun.load(Ordering::Relaxed) && !scene.over.is_cancelled() {
        if *instance.fate.borrow() != Fate::Current {
            break;
        }
        let wanted = Wanted {
            tail: Some(TAIL),
            ..Wanted::of(scene, instance, false)
        };
        let node = &instance.identity.node;
        scene.board.asks(node);
        // In turn, so that connections are used again.
        let turn = scene.turns.acquire().await;
        let held = tokio::time::timeout(ANSWER, hold(scene, &wanted)).await;
        drop(turn);
        match &held {
            Ok(Ok(_)) => scene.board.reads(node),
            Ok(Err(problem)) => scene.board.fails(node, problem),
            Err(_) => {}
        }
        if let Ok(Ok(Held { lines, .. })) = held
            && !scene.begun.load(Ordering::Relaxed)
            && !instance.is_predecessors(lines.last().map_or(&[][..], Vec::as_slice))
        {
            let after = instance.log().begin_after(&lines);
            entry::note_start(&scene.record, instance, after);
            instance.marked.send_replace(true);
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(backoff.next(None)) => {}
            () = scene.over.cancelled() => {}
        }
    }
    instance.log().begin_at_the_start();
    instance.marked.send_replace(true);
}
