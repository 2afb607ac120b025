//! What is out of reach during a capture: the API server, a node, a log. Each is said once when it
//! begins and once when it is over, on the screen, in the log lines and in the timeline.

mod logs;
mod nodes;
mod server;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bundle::Action;
use kube::Client;
use tokio_util::task::AbortOnDropHandle;

use crate::record::Record;
use crate::settings::Sources;
use crate::show::board::Board;

/// What is told goes here.
#[derive(Clone)]
struct Teller {
    record: Arc<Record>,
    board: Arc<Board>,
}

impl Teller {
    /// A line on the screen and a row of the timeline.
    fn tell(&self, action: &str, text: &str, seconds: Option<f64>) {
        tracing::warn!("{text}");
        let action = Action::Other(action.to_owned());
        // What cannot be written stops the capture, which says so itself.
        if let Err(error) = self.record.row(action, text, None, seconds) {
            tracing::debug!("{error}");
        }
    }
}

/// Nodes that are lost, and since when.
type Lost = Arc<Mutex<BTreeMap<String, String>>>;

/// Watches until it is dropped or finished.
pub struct Health {
    lost: Lost,
    logs: Option<AbortOnDropHandle<()>>,
    _tasks: Vec<AbortOnDropHandle<()>>,
}

impl Health {
    /// Begins to watch the server, and the nodes and logs that the board knows of; of the nodes only
    /// those whose logs are taken.
    #[must_use]
    pub fn begin(
        (client, sources): (&Client, &Sources),
        record: &Arc<Record>,
        board: &Arc<Board>,
    ) -> Self {
        let teller = Teller {
            record: record.clone(),
            board: board.clone(),
        };
        let lost = Lost::default();
        let tasks = [
            tokio::spawn(server::watch(client.clone(), teller.clone())),
            tokio::spawn(nodes::watch(
                (client.clone(), sources.clone()),
                teller.clone(),
                lost.clone(),
            )),
        ];
        Self {
            lost,
            logs: Some(AbortOnDropHandle::new(tokio::spawn(logs::watch(teller)))),
            _tasks: tasks.map(AbortOnDropHandle::new).into(),
        }
    }

    /// The capture ends: all logs are read once more, and what that leaves is said by the verdict.
    pub fn leave_logs(&mut self) {
        self.logs = None;
    }

    /// The nodes that left and have not come back, one sentence each.
    #[must_use]
    pub fn finish(self) -> Vec<String> {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.values().cloned().collect()
    }
}

/// The first few names, and how many more there are.
#[must_use]
pub fn some_of(names: &[&str]) -> String {
    const NAMED: usize = 5;
    let first = names.iter().take(NAMED).copied();
    let first = first.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_names_are_named() {
        let names = ["a", "b", "c", "d", "e", "f", "g"];
        assert_eq!(some_of(&names[..0]), "");
        assert_eq!(some_of(&names[..5]), "a, b, c, d, e");
        assert_eq!(some_of(&names[..6]), "a, b, c, d, e and 1 more");
        assert_eq!(some_of(&names), "a, b, c, d, e and 2 more");
    }
}
