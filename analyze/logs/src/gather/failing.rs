//! What keeps failing: syncs that fail one after another, processes that start again and again.

use std::collections::BTreeMap;

use super::inputs::Part;
use crate::reading::Visibility;
use crate::sync::{Family, Outcome};
use crate::syncs::Syncs;

/// A warning about one input: its code, what is the matter, and the line.
pub(super) type Told = (&'static str, String, Option<u64>);

/// So many syncs of a family that fail in a row are a storm.
const STORM: u64 = 5;
/// So many starts in one log, at least.
const STARTS: u32 = 3;
/// A process that lives no longer than this, on average, does not live.
const SHORT_NS: i64 = 300_000_000_000;

/// Failed syncs of one family, one after the other.
#[derive(Debug, Clone, Copy)]
struct Row {
    count: u64,
    line: u64,
    first: Option<i64>,
    last: Option<i64>,
}

/// The longest row of failures of each input, by its place.
pub(super) fn storms(syncs: &Syncs) -> BTreeMap<u32, Told> {
    let mut open: BTreeMap<(u32, Family), Row> = BTreeMap::new();
    let mut longest: BTreeMap<u32, (Family, Row)> = BTreeMap::new();
    for sync in syncs {
        let key = (sync.input, sync.family);
        match sync.outcome {
            Outcome::Ok => {
                open.remove(&key);
            }
            Outcome::Unfinished => {}
            Outcome::Failed => {
                let time = sync.end_ns.or(sync.start_ns);
                let row = open.entry(key).or_insert(Row {
                    count: 0,
                    line: sync.line,
                    first: time,
                    last: time,
                });
                (row.count, row.last) = (row.count + 1, time.or(row.last));
                let most = longest.entry(sync.input).or_insert((sync.family, *row));
                if row.count > most.1.count {
                    *most = (sync.family, *row);
                }
            }
        }
    }
    let storms = longest
        .into_iter()
        .filter(|(_, (_, row))| row.count >= STORM);
    storms
        .map(|(input, (family, row))| (input, storm(family, row)))
        .collect()
}

fn storm(family: Family, row: Row) -> Told {
    let family = match family {
        Family::Ipv4 => " of IPv4",
        Family::Ipv6 => " of IPv6",
        Family::Unknown => "",
    };
    let span = match row.first.zip(row.last) {
        Some((first, last)) => format!(", within {}", lasted(last.saturating_sub(first))),
        None => String::new(),
    };
    let message = format!(
        "{} syncs{family} failed one after the other{span}: rules did not reach the kernel meanwhile",
        row.count
    );
    ("retry_storm", message, Some(row.line))
}

/// Processes of a log that start again and again, and what they say as they go.
pub(super) fn crashes(part: &Part) -> Vec<Told> {
    let starts = part.input.starts;
    let lived = part.lived_ns;
    let gave_up = part.gave_up();
    let exits = gave_up.map_or(0, |(count, ..)| count);
    let short = lived > 0 && lived / i64::from(starts.max(1)) < SHORT_NS;
    let mut told = Vec::new();
    if starts >= STARTS && (exits > 1 || short) {
        let span = match lived {
            0 => String::new(),
            lived => format!(" within {}", lasted(lived)),
        };
        let message = format!("kube-proxy started {starts} times{span}: it does not stay up");
        told.push(("crash_loop", message, None));
    }
    // Where no sync was completed, that it gave up is said as the reason.
    if let Some((count, line, words)) = gave_up
        && part.visibility() == Visibility::Seen
    {
        let times = if count == 1 {
            "once".to_owned()
        } else {
            format!("{count} times")
        };
        let message = format!("kube-proxy gave up {times}: {}", shown(words));
        told.push(("gave_up", message, Some(line)));
    }
    told
}

/// Last words on one line, cut where they are long.
pub(super) fn shown(words: &str) -> String {
    if words.is_empty() {
        return "its own last words say why".to_owned();
    }
    let line: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(240).collect()
}

fn lasted(ns: i64) -> String {
    match ns / 1_000_000_000 {
        s @ ..120 => format!("{s} s"),
        s @ ..7_200 => format!("{} minutes", s / 60),
        s => format!("{} hours", s / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_in_words() {
        for (s, words) in [
            (119, "119 s"),
            (120, "2 minutes"),
            (7_199, "119 minutes"),
            (7_200, "2 hours"),
        ] {
            assert_eq!(lasted(s * 1_000_000_000), words);
        }
    }
}
