//! A cluster that runs anyway, looked at: how much of its time each node's kube-proxy is in a sync,
//! how far its rules are behind the API, and what fails. No load is made and nothing is kept.

mod changes;
mod node;
mod row;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use kube::Client;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use self::changes::{Change, Changes};
use self::node::Node;
pub use self::row::{NodeRow, State, json, line, table};
use crate::show::board::{Board, Heard};

/// What is known of all nodes, by what their logs and the EndpointSlices said so far.
pub struct Watch {
    window: TimeDelta,
    began: DateTime<Utc>,
    board: Arc<Board>,
    heard: mpsc::UnboundedReceiver<Heard>,
    changed: mpsc::UnboundedReceiver<Change>,
    changes: Changes,
    nodes: BTreeMap<String, Node>,
    _slices: AbortOnDropHandle<()>,
}

impl Watch {
    /// Begins to listen to `board` and to the EndpointSlices of all namespaces; figures are of the
    /// last `window`.
    #[must_use]
    pub fn begin(client: &Client, board: &Arc<Board>, window: Duration) -> Self {
        let (tell, changed) = mpsc::unbounded_channel();
        let slices = tokio::spawn(changes::watch(client.clone(), tell));
        Self::of(board, window, changed, slices)
    }

    fn of(
        board: &Arc<Board>,
        window: Duration,
        changed: mpsc::UnboundedReceiver<Change>,
        slices: tokio::task::JoinHandle<()>,
    ) -> Self {
        Self {
            window: TimeDelta::from_std(window).unwrap_or(TimeDelta::MAX),
            began: Utc::now(),
            board: board.clone(),
            heard: board.listen(),
            changed,
            changes: Changes::default(),
            nodes: BTreeMap::new(),
            _slices: AbortOnDropHandle::new(slices),
        }
    }

    /// Takes in what was told since the last call; returns a row a node, the worst first.
    pub fn rows(&mut self) -> Vec<NodeRow> {
        self.take_in();
        let now = Utc::now();
        let stood = self.board.nodes();
        let mut rows: Vec<NodeRow> = stood
            .iter()
            .map(|(name, stands)| {
                let began = self.began;
                let node = self.nodes.entry(name.clone());
                let node = node.or_insert_with(|| Node::new(began));
                node.row(name, stands, &self.changes, (now, self.window))
            })
            .collect();
        let needed = self.nodes.values().filter_map(Node::covered).min();
        self.changes.forget(needed, now - self.window);
        rows.sort_by(NodeRow::worse_first);
        rows
    }

    fn take_in(&mut self) {
        // Changes first: a sync that is heard of now may carry them.
        while let Ok(change) = self.changed.try_recv() {
            self.changes.note(change);
        }
        while let Ok(Heard { node, at, what }) = self.heard.try_recv() {
            let began = self.began;
            let known = self.nodes.entry(node).or_insert_with(|| Node::new(began));
            known.hear(at, what, &self.changes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::message::{Family, Message};

    fn watch(board: &Arc<Board>) -> (Watch, mpsc::UnboundedSender<Change>) {
        let (tell, changed) = mpsc::unbounded_channel();
        let nothing = tokio::spawn(async {});
        let watch = Watch::of(board, Duration::from_secs(600), changed, nothing);
        (watch, tell)
    }

    #[tokio::test]
    async fn a_change_that_no_sync_carries_yet_is_lag() {
        let board = Arc::new(Board::default());
        let (mut watch, tell) = watch(&board);
        board.instance("a");
        board.line("a", Utc::now(), Some(Message::Begins(Family::V4)));
        board.line("a", Utc::now(), Some(Message::Ends(Family::V4)));
        assert_eq!(watch.rows()[0].lag, Some(TimeDelta::zero()));
        tell.send(Change::At(Utc::now(), Family::V4)).unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(watch.rows()[0].lag > Some(TimeDelta::milliseconds(10)));
        board.line("a", Utc::now(), Some(Message::Begins(Family::V4)));
        board.line("a", Utc::now(), Some(Message::Ends(Family::V4)));
        let row = watch.rows().remove(0);
        assert_eq!((row.lag, row.syncs), (Some(TimeDelta::zero()), 2));
        assert!(row.worst_lag > Some(TimeDelta::milliseconds(10)));
    }

    #[tokio::test]
    async fn without_slices_to_watch_nothing_is_said_of_lag() {
        let board = Arc::new(Board::default());
        let (mut watch, tell) = watch(&board);
        board.instance("a");
        board.line("a", Utc::now(), Some(Message::Ends(Family::V4)));
        tell.send(Change::Unknown).unwrap();
        assert_eq!(watch.rows()[0].lag, None);
    }
}
