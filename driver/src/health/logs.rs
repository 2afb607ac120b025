//! Can every log be read?

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::{Teller, some_of};
use crate::span::Span;

/// Time between two looks at the board.
const LOOKING: Duration = Duration::from_secs(1);
/// How long a log cannot be read before that is said.
const WORTH_A_WORD: Duration = Duration::from_secs(4);
/// How long after an outage of the API server nothing is said: all logs are just being asked for.
const AFTER_AN_OUTAGE: Duration = Duration::from_secs(12);

/// Looks for ever.
pub(super) async fn watch(teller: Teller) {
    let mut told: BTreeMap<String, Instant> = BTreeMap::new();
    loop {
        tokio::time::sleep(LOOKING).await;
        if !teller.board.server_answers_for(AFTER_AN_OUTAGE) {
            continue;
        }
        let unread = teller.board.unread();
        let back: Vec<(String, Instant)> = told
            .iter()
            .filter(|(node, _)| !unread.contains_key(*node))
            .map(|(node, since)| (node.clone(), *since))
            .collect();
        if let Some(longest) = back.iter().map(|(_, since)| since.elapsed()).max() {
            let names: Vec<&str> = back.iter().map(|(node, _)| node.as_str()).collect();
            let time = Span(Duration::from_secs(longest.as_secs()));
            let names = some_of(&names);
            let text = format!("can be read again after {time}: the log of {names}");
            teller.tell("log_readable", &text, Some(longest.as_secs_f64()));
            told.retain(|node, _| unread.contains_key(node));
        }
        // In one line a problem, however many nodes have it.
        let mut new: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (node, unread) in &unread {
            if unread.since.elapsed() >= WORTH_A_WORD && !told.contains_key(node) {
                new.entry(&unread.problem).or_default().push(node);
                told.insert(node.clone(), unread.since);
            }
        }
        for (problem, nodes) in new {
            let nodes = some_of(&nodes);
            let text = format!("cannot be read, trying on: the log of {nodes}: {problem}");
            teller.tell("log_unreadable", &text, None);
        }
    }
}
