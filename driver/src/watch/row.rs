//! A node in a line: for a table, for a log, for a program.

use std::cmp::Ordering;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::json;

use crate::show::sync::Sync;
use crate::span::Span;

/// How long a log cannot be read before that is said.
const WORTH_A_WORD: Duration = Duration::from_secs(4);

/// What a node's kube-proxy does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The node is not there, and why.
    Lost(String),
    /// Its log is not served, for so long, and why.
    Unread(Duration, String),
    /// A sync has been running for so long, by the node's clock.
    Syncing(TimeDelta),
    /// Nothing goes on.
    Quiet,
}

impl State {
    pub(super) fn of(stands: &Sync, running: Option<TimeDelta>) -> Self {
        if let Some(why) = &stands.lost {
            return Self::Lost(why.clone());
        }
        if let Some(unread) = &stands.unread
            && unread.since.elapsed() >= WORTH_A_WORD
        {
            return Self::Unread(unread.since.elapsed(), unread.problem.clone());
        }
        running.map_or(Self::Quiet, Self::Syncing)
    }

    fn words(&self) -> String {
        match self {
            Self::Lost(why) => format!("lost: {why}"),
            Self::Unread(time, why) => format!("not readable for {}: {why}", whole(*time)),
            Self::Syncing(time) => format!("syncing for {}", told(*time)),
            Self::Quiet => "quiet".to_owned(),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Lost(_) => "lost",
            Self::Unread(..) => "unreadable",
            Self::Syncing(_) => "syncing",
            Self::Quiet => "quiet",
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Lost(_) => 0,
            Self::Unread(..) => 1,
            Self::Syncing(_) | Self::Quiet => 2,
        }
    }
}

/// What is known of a node, over the window.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeRow {
    /// The node.
    pub node: String,
    /// What goes on.
    pub state: State,
    /// How long it has been looked at, at most the window.
    pub observed: TimeDelta,
    /// Share of that time in which a sync of any family went on, in percent; none if no sync was
    /// seen.
    pub in_sync_pct: Option<f64>,
    /// How long the oldest change of EndpointSlices has waited that no sync carries yet; zero if
    /// all are carried, none if that is not known.
    pub lag: Option<TimeDelta>,
    /// The longest such wait within the window.
    pub worst_lag: Option<TimeDelta>,
    /// Syncs that ended.
    pub syncs: usize,
    /// The longest of them, and whether it took longer than that: its begin was not seen.
    pub slowest: Option<(TimeDelta, bool)>,
    /// Syncs that failed.
    pub failed: usize,
    /// Lines since the watch began.
    pub lines: u64,
}

impl NodeRow {
    /// What is out of reach comes first, then what is furthest behind, fails, or works most.
    pub(super) fn worse_first(a: &Self, b: &Self) -> Ordering {
        let share = |row: &Self| row.in_sync_pct.unwrap_or_default();
        (a.state.rank().cmp(&b.state.rank()))
            .then_with(|| b.lag.cmp(&a.lag))
            .then_with(|| b.failed.cmp(&a.failed))
            .then_with(|| share(b).total_cmp(&share(a)))
            .then_with(|| a.node.cmp(&b.node))
    }
}

/// All rows as a table of at most `most` lines (no fewer than three), with a head that counts.
#[must_use]
pub fn table(rows: &[NodeRow], window: Duration, most: usize) -> Vec<String> {
    let room = most.max(3) - 2;
    let shown = if rows.len() <= room {
        rows.len()
    } else {
        room - 1
    };
    let width = rows.iter().take(shown).map(|row| row.node.len()).max();
    let width = width.unwrap_or_default().clamp(4, 40);
    let failed: usize = rows.iter().map(|row| row.failed).sum();
    let syncing = rows
        .iter()
        .filter(|row| matches!(row.state, State::Syncing(_)));
    let mut lines = vec![
        format!(
            "{} node{}, {} in a sync, {failed} failed syncs; figures of the last {}",
            rows.len(),
            if rows.len() == 1 { "" } else { "s" },
            syncing.count(),
            Span(window)
        ),
        format!(
            "{:<width$} {:>8} {:>8} {:>9} {:>6} {:>9} {:>6}  {}",
            "NODE", "IN SYNC", "LAG", "WORST", "SYNCS", "SLOWEST", "FAILED", "NOW"
        ),
    ];
    lines.extend(rows.iter().take(shown).map(|row| {
        let time = |of: Option<TimeDelta>| of.map_or_else(|| "-".to_owned(), told);
        format!(
            "{:<width$} {:>8} {:>8} {:>9} {:>6} {:>9} {:>6}  {}",
            row.node.chars().take(40).collect::<String>(),
            row.in_sync_pct
                .map_or_else(|| "-".to_owned(), |pct| format!("{pct:.1} %")),
            time(row.lag),
            time(row.worst_lag),
            row.syncs,
            slowest(row),
            row.failed,
            row.state.words()
        )
    }));
    if shown < rows.len() {
        lines.push(format!(
            "... and {} more nodes, in less need of a look",
            rows.len() - shown
        ));
    }
    lines
}

/// A row for a log: `2026-11-24T11:00:00Z node=a state=syncing in_sync_pct=83.2 over_s=600 ...`;
/// what is not known is left out.
#[must_use]
pub fn line(row: &NodeRow, now: DateTime<Utc>) -> String {
    let mut text = format!(
        "{} node={} state={}",
        now.to_rfc3339_opts(SecondsFormat::Secs, true),
        row.node,
        row.state.name()
    );
    for (key, value) in figures(row) {
        text.push_str(&format!(" {key}={value}"));
    }
    if row.state.rank() < 2 {
        text.push_str(&format!(" problem={:?}", row.state.words()));
    }
    text
}

/// A row for a program: one JSON object, what is not known left out.
#[must_use]
pub fn json(row: &NodeRow, now: DateTime<Utc>) -> String {
    let mut object = serde_json::Map::new();
    let time = now.to_rfc3339_opts(SecondsFormat::Secs, true);
    object.insert("time".to_owned(), json!(time));
    object.insert("node".to_owned(), json!(row.node));
    object.insert("state".to_owned(), json!(row.state.name()));
    for (key, value) in figures(row) {
        // Counts are written as counts.
        let whole = value.fract() == 0.0 && !key.ends_with("_s") && !key.ends_with("_pct");
        let value = if whole {
            json!(value as u64)
        } else {
            json!(value)
        };
        object.insert(key.to_owned(), value);
    }
    if row.state.rank() < 2 {
        object.insert("problem".to_owned(), json!(row.state.words()));
    }
    serde_json::Value::Object(object).to_string()
}

/// The figures of a row by name; times in seconds, a tenth is told.
fn figures(row: &NodeRow) -> Vec<(&'static str, f64)> {
    let tenth = |x: f64| (10.0 * x).round() / 10.0;
    let seconds = |time: TimeDelta| tenth(time.num_milliseconds() as f64 / 1000.0);
    let all = [
        ("in_sync_pct", row.in_sync_pct.map(tenth)),
        ("over_s", Some(seconds(row.observed).round())),
        ("lag_s", row.lag.map(seconds)),
        ("worst_lag_s", row.worst_lag.map(seconds)),
        ("syncs", Some(row.syncs as f64)),
        ("slowest_s", row.slowest.map(|(took, _)| seconds(took))),
        ("failed", Some(row.failed as f64)),
        ("lines", Some(row.lines as f64)),
    ];
    all.into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
}

fn slowest(row: &NodeRow) -> String {
    match row.slowest {
        None => "-".to_owned(),
        Some((took, false)) => told(took),
        Some((took, true)) => format!(">{}", told(took)),
    }
}

fn told(time: TimeDelta) -> String {
    Span(time.to_std().unwrap_or_default()).to_string()
}

fn whole(time: Duration) -> Span {
    Span::seconds(time.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(node: &str, lag: i64) -> NodeRow {
        NodeRow {
            node: node.to_owned(),
            state: State::Quiet,
            observed: TimeDelta::seconds(600),
            in_sync_pct: Some(83.24),
            lag: Some(TimeDelta::seconds(lag)),
            worst_lag: Some(TimeDelta::milliseconds(40_260)),
            syncs: 12,
            slowest: Some((TimeDelta::milliseconds(33_120), true)),
            failed: 1,
            lines: 345,
        }
    }

    #[test]
    fn a_line_has_what_is_known_and_nothing_else() {
        let now = "2026-11-24T11:00:00Z".parse().unwrap();
        assert_eq!(
            line(&row("a", 12), now),
            "2026-11-24T11:00:00Z node=a state=quiet in_sync_pct=83.2 over_s=600 lag_s=12 \
             worst_lag_s=40.3 syncs=12 slowest_s=33.1 failed=1 lines=345"
        );
        let lost = NodeRow {
            state: State::Lost("left".to_owned()),
            in_sync_pct: None,
            lag: None,
            worst_lag: None,
            slowest: None,
            ..row("a", 0)
        };
        assert_eq!(
            line(&lost, now),
            "2026-11-24T11:00:00Z node=a state=lost over_s=600 syncs=12 failed=1 lines=345 \
             problem=\"lost: left\""
        );
        let object: serde_json::Value = serde_json::from_str(&json(&lost, now)).unwrap();
        assert_eq!(object["problem"], "lost: left");
        assert!(object.get("lag_s").is_none());
        assert_eq!(object["syncs"].as_u64(), Some(12));
    }

    #[test]
    fn a_table_fits_and_the_furthest_behind_comes_first() {
        let mut rows: Vec<NodeRow> = (0..30).map(|n| row(&format!("node-{n:02}"), n)).collect();
        rows.sort_by(NodeRow::worse_first);
        let shown = table(&rows, Duration::from_secs(600), 10);
        assert_eq!(shown.len(), 10);
        assert_eq!(
            shown[0],
            "30 nodes, 0 in a sync, 30 failed syncs; figures of the last 10m"
        );
        assert!(
            shown[2]
                .starts_with("node-29   83.2 %      29s     40.3s     12    >33.1s      1  quiet"),
            "{}",
            shown[2]
        );
        assert_eq!(shown[9], "... and 23 more nodes, in less need of a look");
        assert_eq!(table(&rows[..3], Duration::from_secs(600), 10).len(), 5);
    }
}
