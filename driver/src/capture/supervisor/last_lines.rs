//! The end of a capture: how long the last lines of each log are waited for.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::marks::LATE_AND_SILENT;
use super::{Supervisor, Task};
use crate::capture::instance::Instance;

/// Who told the driver to stop waits for last lines only while something comes.
const HURRIED: Duration = Duration::from_secs(2);
/// How long the last lines of some nodes are waited for, while others' came, when nothing more
/// comes: those kubelets are dead.
const LATE: Duration = Duration::from_secs(5);

impl Supervisor {
    /// Waits until every task has taken its last lines. Gives up those that nothing comes of: at
    /// once when told to stop, as from a frozen server, and else when others' have come.
    pub(super) async fn last_lines(&mut self) {
        let (mut known, mut since) = (self.scene.board.lines(), Instant::now());
        let mut others = false;
        loop {
            match tokio::time::timeout(HURRIED / 4, self.tasks.join_next()).await {
                Ok(None) => return,
                Ok(Some(task)) => {
                    others |= matches!(task, Ok(Task::Follow));
                    since = Instant::now();
                }
                Err(_) => {}
            }
            let now = self.scene.board.lines();
            let hurried = self.scene.broken.is_cancelled();
            let waiting = !hurried && (!others || self.scene.board.server_away().is_some());
            if now != known || waiting {
                (known, since) = (now, Instant::now());
            }
            let (patience, reason) = if hurried {
                let reason =
                    "told to stop, and nothing came for 2 s: the last lines were not taken";
                (HURRIED, reason)
            } else {
                let reason = "its kubelet did not answer at the end: the last lines were not taken";
                (
                    if self.are_silent() {
                        LATE_AND_SILENT
                    } else {
                        LATE
                    },
                    reason,
                )
            };
            if since.elapsed() >= patience {
                self.tasks.shutdown().await;
                self.late()
                    .for_each(|instance| instance.log().note_lost_end(instance.seen, reason));
                return;
            }
        }
    }

    /// Instances whose last lines are not taken yet.
    fn late(&self) -> impl Iterator<Item = &Arc<Instance>> {
        let all = self.all.iter();
        all.filter(|instance| !instance.done.load(Ordering::Relaxed))
    }

    /// Whether all that is late has been asked for in vain for some time, by a server that answers.
    fn are_silent(&self) -> bool {
        let board = &self.scene.board;
        let unread = board.unread();
        let is_silent = |instance: &Arc<Instance>| {
            let unread = unread.get(&instance.identity.node);
            unread.is_some_and(|unread| unread.since.elapsed() >= LATE)
        };
        board.server_answers_for(LATE) && self.late().all(is_silent)
    }
}
