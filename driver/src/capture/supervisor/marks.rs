//! The beginning of a capture: how long it is waited for where each log stands.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Supervisor;
use crate::capture::instance::Instance;
use crate::health::some_of;

/// How long kubelets that have been silent for some time already are waited for, when nothing more
/// comes of the others.
pub(super) const LATE_AND_SILENT: Duration = Duration::from_secs(2);
/// Time between two looks whether it is known where all logs stand.
const MARKING: Duration = Duration::from_millis(20);

impl Supervisor {
    /// Waits until it is known of every log where it stands, or for so long, or until nothing more
    /// is heard of those that are late.
    pub(in crate::capture) async fn wait_for_marks(&self, longest: Duration) {
        let until = Instant::now() + longest;
        let mut hope = Hope::of(self.unmarked().len());
        while !self.unmarked().is_empty() && !self.scene.broken.is_cancelled() {
            tokio::time::sleep(MARKING).await;
            let late = self.unmarked();
            if hope.is_lost(late.len(), self.all.len()) || Instant::now() >= until {
                let late: Vec<&str> = late.iter().map(|i| i.identity.node.as_str()).collect();
                tracing::warn!("no answer yet from the logs of {}", some_of(&late));
                return;
            }
        }
    }

    /// Instances of which it is not known where their log stands.
    fn unmarked(&self) -> Vec<&Arc<Instance>> {
        let all = self.all.iter();
        all.filter(|instance| !*instance.marked.borrow()).collect()
    }
}

/// How many are late, and since when no more have answered.
struct Hope {
    late: usize,
    since: Instant,
}

impl Hope {
    fn of(late: usize) -> Self {
        let since = Instant::now();
        Self { late, since }
    }

    /// Whether those that are `late` of `all` are dead, as the others have long answered. While nobody
    /// has, it is the server that is slow.
    fn is_lost(&mut self, late: usize, all: usize) -> bool {
        if late < self.late || late == all {
            self.since = Instant::now();
        }
        self.late = late;
        late > 0 && self.since.elapsed() >= LATE_AND_SILENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_is_late_is_waited_for_while_others_answer() {
        let mut hope = Hope::of(10);
        let wait = |ms| tokio::time::advance(Duration::from_millis(ms));
        // Nobody has answered yet.
        wait(60_000).await;
        assert!(!hope.is_lost(10, 10));
        wait(1999).await;
        assert!(!hope.is_lost(9, 10));
        wait(1999).await;
        assert!(!hope.is_lost(9, 10));
        wait(1).await;
        assert!(hope.is_lost(9, 10));
        // One more does.
        assert!(!hope.is_lost(8, 10));
        wait(2000).await;
        assert!(!hope.is_lost(0, 10));
    }
}
