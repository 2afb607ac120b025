//! What is known at this moment: what the live lines show and what settling waits for.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::capture::message::Message;
use crate::show::sync::{Sync, Unread};
use crate::span::Span;

/// The state of a run, written by its tasks and read by whoever shows or waits.
#[derive(Debug, Default)]
pub struct Board {
    /// Services that exist.
    pub made: AtomicU64,
    /// Services that are asked for.
    pub services: AtomicU64,
    /// Endpoints that EndpointSlices carry.
    pub endpoints: AtomicU64,
    /// Endpoints that the step asks for.
    pub target: AtomicU64,
    /// Replicas that the step asks for.
    pub replicas: AtomicU64,
    phase: Mutex<String>,
    nodes: Mutex<BTreeMap<String, Sync>>,
    server: Mutex<Server>,
    estimate: Mutex<Option<[Span; 2]>>,
    /// Who wants to hear of every line.
    listener: Mutex<Option<mpsc::UnboundedSender<Heard>>>,
}

/// Something that a node told.
#[derive(Debug, Clone)]
pub struct Heard {
    /// The node.
    pub node: String,
    /// When it was heard, by our clock.
    pub at: DateTime<Utc>,
    /// What it was.
    pub what: What,
}

/// What a node told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A container instance starts.
    Instance,
    /// A line, as its kubelet stamped it, and the message if it is one that is known.
    Line(DateTime<Utc>, Option<Message>),
}

/// Whether the API server answers.
#[derive(Debug, Default)]
struct Server {
    away: Option<Instant>,
    returned: Option<Instant>,
}

impl Board {
    /// The phase that is going on.
    #[must_use]
    pub fn phase(&self) -> String {
        lock(&self.phase).clone()
    }

    /// Enters a phase.
    pub fn enter(&self, phase: &str) {
        tracing::info!("{phase}");
        phase.clone_into(&mut lock(&self.phase));
    }

    /// The nodes, by name.
    #[must_use]
    pub fn nodes(&self) -> BTreeMap<String, Sync> {
        lock(&self.nodes).clone()
    }

    /// A container instance starts on `node`: no sync of its predecessor goes on.
    pub fn instance(&self, node: &str) {
        let mut nodes = lock(&self.nodes);
        let sync = nodes.entry(node.to_owned()).or_insert_with(Sync::new);
        sync.begin_instance();
        drop(nodes);
        self.tell(node, What::Instance);
    }

    /// Everything that nodes tell from now on; of two listeners the later one hears it.
    pub fn listen(&self) -> mpsc::UnboundedReceiver<Heard> {
        let (teller, listener) = mpsc::unbounded_channel();
        *lock(&self.listener) = Some(teller);
        listener
    }

    fn tell(&self, node: &str, what: What) {
        if let Some(listener) = &*lock(&self.listener) {
            let heard = Heard {
                node: node.to_owned(),
                at: Utc::now(),
                what,
            };
            // Who has left need not be told.
            drop(listener.send(heard));
        }
    }

    /// A line of `node` was captured that its kubelet stamped with `stamped`.
    pub fn line(&self, node: &str, stamped: DateTime<Utc>, message: Option<Message>) {
        let mut nodes = lock(&self.nodes);
        let sync = nodes.entry(node.to_owned()).or_insert_with(Sync::new);
        sync.lines += 1;
        sync.unread = None;
        if let Some(message) = message {
            sync.note(message, stamped);
        }
        drop(nodes);
        self.tell(node, What::Line(stamped, message));
    }

    /// Notes the shortest and the longest time that the plan gives, in seconds.
    pub fn expect(&self, seconds: [f64; 2]) {
        let whole = seconds.map(|s| Span(Duration::from_secs(s.max(0.0) as u64)));
        *lock(&self.estimate) = Some(whole);
    }

    /// The shortest and the longest time that the plan gives.
    #[must_use]
    pub fn estimate(&self) -> Option<[Span; 2]> {
        *lock(&self.estimate)
    }

    /// Names of the nodes.
    #[must_use]
    pub fn node_names(&self) -> Vec<String> {
        lock(&self.nodes).keys().cloned().collect()
    }

    /// How many nodes there are.
    #[must_use]
    pub fn node_count(&self) -> usize {
        lock(&self.nodes).len()
    }

    /// Lines captured of all nodes.
    #[must_use]
    pub fn lines(&self) -> u64 {
        lock(&self.nodes).values().map(|node| node.lines).sum()
    }

    /// A log of `node` is asked for; until it is served it cannot be read.
    pub fn asks(&self, node: &str) {
        if let Some(sync) = lock(&self.nodes).get_mut(node) {
            sync.unread.get_or_insert_with(|| Unread {
                since: Instant::now(),
                problem: "its kubelet does not answer".to_owned(),
            });
        }
    }

    /// A log of `node` is not served.
    pub fn fails(&self, node: &str, problem: &str) {
        if let Some(sync) = lock(&self.nodes).get_mut(node) {
            let since = sync.unread.as_ref().map_or_else(Instant::now, |u| u.since);
            let problem = problem.to_owned();
            sync.unread = Some(Unread { since, problem });
        }
    }

    /// A log of `node` is served.
    pub fn reads(&self, node: &str) {
        if let Some(sync) = lock(&self.nodes).get_mut(node) {
            sync.unread = None;
        }
    }

    /// The logs that cannot be read now, by node.
    #[must_use]
    pub fn unread(&self) -> BTreeMap<String, Unread> {
        let nodes = lock(&self.nodes);
        let unread = nodes
            .iter()
            .filter_map(|(name, node)| Some((name.clone(), node.unread.clone()?)));
        unread.collect()
    }

    /// A node is lost.
    pub fn node_leaves(&self, node: &str, why: String) {
        if let Some(sync) = lock(&self.nodes).get_mut(node) {
            sync.lost = Some(why);
        }
    }

    /// It is there again.
    pub fn node_returns(&self, node: &str) {
        if let Some(sync) = lock(&self.nodes).get_mut(node) {
            sync.lost = None;
        }
    }

    /// The API server does not answer.
    pub fn server_leaves(&self, since: Instant) {
        lock(&self.server).away = Some(since);
    }

    /// It answers again.
    pub fn server_returns(&self) {
        let mut server = lock(&self.server);
        server.away = None;
        server.returned = Some(Instant::now());
    }

    /// Since when it does not answer.
    #[must_use]
    pub fn server_away(&self) -> Option<Instant> {
        lock(&self.server).away
    }

    /// Whether it answers, and has done so for `time` if it ever did not.
    #[must_use]
    pub fn server_answers_for(&self, time: Duration) -> bool {
        let server = lock(&self.server);
        server.away.is_none() && server.returned.is_none_or(|at| at.elapsed() >= time)
    }

    /// Endpoints in the API now, and how many are asked for.
    #[must_use]
    pub fn endpoints(&self) -> (u64, u64) {
        (
            self.endpoints.load(Ordering::Relaxed),
            self.target.load(Ordering::Relaxed),
        )
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is shown may be stale after a panic elsewhere; that is no reason for a second one.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::message::Family;

    /// A line of node `a`, stamped so many seconds into some minute.
    fn line(board: &Board, second: i64, message: Option<Message>) {
        let stamped = DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap();
        board.line("a", stamped, message);
    }

    #[test]
    fn the_last_sync_is_timed_by_its_own_lines() {
        let board = Board::default();
        let took = || board.nodes()["a"].last_took;
        line(&board, 0, Some(Message::Ends(Family::V4)));
        assert_eq!(took(), None);
        line(&board, 1, Some(Message::Begins(Family::V4)));
        line(&board, 2, Some(Message::Begins(Family::V6)));
        line(&board, 3, Some(Message::Ends(Family::V6)));
        assert_eq!(took(), Some(Duration::from_secs(1)));
        line(&board, 908, Some(Message::Ends(Family::V4)));
        assert_eq!(took(), Some(Duration::from_secs(907)));
    }

    #[tokio::test(start_paused = true)]
    async fn quiet_means_no_sync_under_way_in_any_family() {
        let board = Board::default();
        board.instance("a");
        let quiet = |board: &Board| board.nodes()["a"].quiet_for();
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(quiet(&board), Some(Duration::from_secs(5)));
        line(&board, 0, Some(Message::Begins(Family::V4)));
        line(&board, 0, Some(Message::Begins(Family::V6)));
        tokio::time::advance(Duration::from_secs(900)).await;
        line(&board, 0, Some(Message::Ends(Family::V6)));
        assert_eq!(quiet(&board), None);
        line(&board, 0, Some(Message::Ends(Family::V4)));
        tokio::time::advance(Duration::from_secs(7)).await;
        line(&board, 0, None);
        assert_eq!(quiet(&board), Some(Duration::from_secs(7)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_restart_ends_what_was_under_way() {
        let board = Board::default();
        line(&board, 0, Some(Message::Begins(Family::Unnamed)));
        line(&board, 0, Some(Message::Begins(Family::Unnamed)));
        line(&board, 0, Some(Message::Ends(Family::Unnamed)));
        assert!(board.nodes()["a"].running_since().is_some());
        board.instance("a");
        assert!(board.nodes()["a"].running_since().is_none());
    }
}
