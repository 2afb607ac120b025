//! Nodes in few lines: a count of all, then the ones that a person has to look at.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::show::sync::Sync;
use crate::span::Span;

/// How a node is sorted: what is out of reach, then what works longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Lost,
    Unread(Reverse<Duration>),
    Syncing(Reverse<Duration>),
    Quiet(Reverse<Duration>),
}

impl Rank {
    fn of(node: &Sync) -> Self {
        if node.lost.is_some() {
            return Self::Lost;
        }
        if let Some(unread) = &node.unread {
            let time = unread.since.elapsed();
            // A log is asked for again and again; only what takes long is worth a word.
            if time >= WORTH_A_WORD {
                return Self::Unread(Reverse(time));
            }
        }
        match node.running_since() {
            Some(since) => Self::Syncing(Reverse(since.elapsed())),
            None => Self::Quiet(Reverse(node.last_took.unwrap_or_default())),
        }
    }
}

/// How long a log cannot be read before that is shown.
const WORTH_A_WORD: Duration = Duration::from_secs(4);

/// All nodes in at most `most` lines, and no fewer than one.
#[must_use]
pub fn lines(nodes: &BTreeMap<String, Sync>, most: usize) -> Vec<String> {
    let mut ranked: Vec<(Rank, &String, &Sync)> = nodes
        .iter()
        .map(|(name, node)| (Rank::of(node), name, node))
        .collect();
    ranked.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    let mut lines = vec![count(&ranked)];
    let room = most.saturating_sub(1);
    let (shown, rest) = if ranked.len() <= room {
        (ranked.len(), 0)
    } else {
        let shown = room.saturating_sub(1);
        (shown, ranked.len() - shown)
    };
    let first = ranked.iter().take(shown);
    lines.extend(first.map(|(_, name, node)| line(name, node)));
    if rest > 0 && room > 0 {
        lines.push(format!("... and {rest} more nodes, in less need of a look"));
    }
    lines
}

/// `60 nodes: 1 lost, 2 logs not readable, 16 inside a sync, 41 quiet; 120345 lines`
fn count(ranked: &[(Rank, &String, &Sync)]) -> String {
    let mut counts = [0_usize; 4];
    for (rank, _, _) in ranked {
        counts[match rank {
            Rank::Lost => 0,
            Rank::Unread(_) => 1,
            Rank::Syncing(_) => 2,
            Rank::Quiet(_) => 3,
        }] += 1;
    }
    let words = ["lost", "logs not readable", "inside a sync", "quiet"];
    let parts: Vec<String> = counts
        .iter()
        .zip(words)
        .filter(|(count, _)| **count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let lines: u64 = ranked.iter().map(|(_, _, node)| node.lines).sum();
    let plural = if ranked.len() == 1 { "" } else { "s" };
    let nodes = ranked.len();
    format!("{nodes} node{plural}: {}; {lines} lines", parts.join(", "))
}

/// `node-a: syncing for 4m10s; 12 syncs, the last took 5m2s and ended 8s ago; 1234 lines`
fn line(name: &str, node: &Sync) -> String {
    let ago = |at: Instant| Span(Duration::from_secs(at.elapsed().as_secs()));
    let unread = node.unread.as_ref();
    let unread = unread.filter(|unread| unread.since.elapsed() >= WORTH_A_WORD);
    let now = match (&node.lost, unread, node.running_since()) {
        (Some(why), _, _) => why.clone(),
        (None, Some(unread), _) => {
            format!("not readable for {}: {}", ago(unread.since), unread.problem)
        }
        (None, None, Some(since)) => format!("syncing for {}", ago(since)),
        (None, None, None) => "quiet".to_owned(),
    };
    let last = match (node.last_end, node.last_took) {
        (Some(end), Some(took)) => {
            let (syncs, took) = (node.syncs, Span(took));
            format!(
                "{syncs} syncs, the last took {took} and ended {} ago",
                ago(end)
            )
        }
        (Some(end), None) => format!("{} syncs, the last ended {} ago", node.syncs, ago(end)),
        (None, _) => "no sync seen yet".to_owned(),
    };
    format!("{name}: {now}; {last}; {} lines", node.lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::message::{Family, Message};
    use crate::show::board::Board;

    fn board(nodes: usize) -> Board {
        let board = Board::default();
        for number in 0..nodes {
            board.instance(&format!("node-{number:04}"));
        }
        board
    }

    #[tokio::test(start_paused = true)]
    async fn any_number_of_nodes_fits_and_the_worst_come_first() {
        let board = board(1000);
        let stamped = chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        board.line("node-0500", stamped, Some(Message::Begins(Family::V4)));
        tokio::time::advance(Duration::from_secs(60)).await;
        board.line("node-0600", stamped, Some(Message::Begins(Family::V4)));
        board.asks("node-0700");
        board.node_leaves("node-0900", "left".to_owned());
        tokio::time::advance(Duration::from_secs(10)).await;
        let shown = lines(&board.nodes(), 10);
        assert_eq!(shown.len(), 10);
        let starts = [
            "1000 nodes: 1 lost, 1 logs not readable, 2 inside a sync, 996 quiet; 2 lines",
            "node-0900: left;",
            "node-0700: not readable for 10s: its kubelet does not answer;",
            "node-0500: syncing for 1m10s;",
            "node-0600: syncing for 10s;",
            "node-0000: quiet;",
        ];
        for (line, start) in shown.iter().zip(starts) {
            assert!(line.starts_with(start), "{line}");
        }
        assert_eq!(shown[9], "... and 992 more nodes, in less need of a look");
        for most in 0..5 {
            assert_eq!(lines(&board.nodes(), most).len(), most.max(1));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn few_nodes_are_all_shown() {
        let shown = lines(&board(3).nodes(), 4);
        assert_eq!(shown.len(), 4);
        assert!(shown[3].starts_with("node-0002"), "{shown:?}");
        let shown = lines(&board(4).nodes(), 4);
        assert_eq!(shown[3], "... and 2 more nodes, in less need of a look");
    }
}
