//! Lines inside JSON, however deep.
//!
//! ```text
//! {"log":"I0612 ... \"SyncProxyRules complete\"\n","stream":"stderr","time":"2026-06-12T08:02:05.25Z"}
//! {"MESSAGE":"I0612 ...","__REALTIME_TIMESTAMP":"1781251325250000","_HOSTNAME":"n1"}
//! {"stream":{"pod":"kube-proxy-x"},"values":[["1781251325250000000","I0612 ..."]]}
//! {"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1781251325250000000","body":{"stringValue":"I0612 ..."}}]}]}]}
//! {"ts":1764405459986.065,"caller":"nftables/proxier.go:1193","msg":"SyncProxyRules complete","elapsed":"13m15.3s"}
//! ```

use serde_json::{Map, Value as Json};

use super::around::{Around, number_time, pair};
use crate::parse::moment;

/// What a value holds.
pub(crate) enum Leaf<'a> {
    /// A text that may be a log line, or several.
    Text(&'a str),
    /// The bytes of one, as journald writes a message with control characters.
    Bytes(Vec<u8>),
    /// An object whose own pairs are a message's.
    Message(&'a str, &'a Map<String, Json>),
}

/// Hears of what a value holds.
pub(crate) trait Hears {
    fn leaf(&mut self, leaf: Leaf<'_>, around: &Around);
    /// How many lines have been heard so far.
    fn heard(&self) -> usize;
    /// Forgets the lines from `since` on if those before it, from `from` on, say the same.
    fn forget_repeated(&mut self, ranges: &[(usize, usize)], since: usize);
}

/// Deepest nesting that is followed.
const DEEPEST: u8 = 24;

/// Goes through a value.
pub(crate) fn walk(value: &Json, around: &Around, hears: &mut dyn Hears) {
    step(value, around, DEEPEST, hears);
}

fn step(value: &Json, around: &Around, depth: u8, hears: &mut dyn Hears) {
    if depth == 0 {
        return;
    }
    match value {
        Json::String(text) => hears.leaf(Leaf::Text(text), around),
        Json::Array(items) => array(items, around, depth - 1, hears),
        Json::Object(map) => object(map, around, depth - 1, hears),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn object(map: &Map<String, Json>, around: &Around, depth: u8, hears: &mut dyn Hears) {
    let mut own = Around::default();
    own.learn_object("", map, 4);
    let around = around.within(own);
    if let Some(rows) = table(map) {
        for row in &rows {
            object(row, &around, depth, hears);
        }
        return;
    }
    let first = hears.heard();
    let mut said_below = None;
    for key in MESSAGES {
        if let Some(Json::String(text)) = map.get(key) {
            if said_inside(map, text) {
                said_below = Some(key);
                continue;
            }
            hears.leaf(Leaf::Message(text, map), &around);
            if hears.heard() > first {
                return;
            }
        }
    }
    if let Some((text, own)) = dotted(map) {
        let mut told = Around::default();
        told.learn_object("", &own, 0);
        hears.leaf(Leaf::Message(&text, &own), &around.within(told));
        if hears.heard() > first {
            return;
        }
    }
    let mut ranges = Vec::new();
    for (name, child) in map {
        if said_below == Some(name.as_str()) {
            continue;
        }
        let since = hears.heard();
        if name.starts_with("kube-proxy-") {
            let mut of_pod = around.clone();
            of_pod.pod = Some(name.clone());
            step(child, &of_pod, depth, hears);
        } else {
            step(child, &around, depth, hears);
        }
        if hears.heard() > since {
            // `message` and `event.original`, `stdout` and `stdout_lines`.
            hears.forget_repeated(&ranges, since);
            ranges.push((since, hears.heard()));
        }
    }
}

/// What collectors call a message.
const MESSAGES: [&str; 4] = ["msg", "message", "body", "event"];

/// Whether an object inside has the same message, with its own pairs beside it.
fn said_inside(map: &Map<String, Json>, text: &str) -> bool {
    map.values().filter_map(Json::as_object).any(|inner| {
        MESSAGES
            .iter()
            .any(|key| inner.get(*key).and_then(Json::as_str) == Some(text))
    })
}

/// `{"json.msg": "SyncProxyRules complete", "json.elapsed": "2m3.25s"}`: a message and its pairs.
fn dotted(map: &Map<String, Json>) -> Option<(String, Map<String, Json>)> {
    let (stem, text) = map.iter().find_map(|(name, value)| {
        let (stem, last) = name.rsplit_once('.')?;
        let message = matches!(last, "msg" | "message");
        Some((stem, value.as_str()?)).filter(|_| message)
    })?;
    let own = map.iter().filter_map(|(name, value)| {
        let name = name.strip_prefix(stem)?.strip_prefix('.')?;
        Some((name.to_owned(), value.clone()))
    });
    Some((text.to_owned(), own.collect()))
}

fn array(items: &[Json], around: &Around, depth: u8, hears: &mut dyn Hears) {
    if let Some(bytes) = bytes(items) {
        return hears.leaf(Leaf::Bytes(bytes), around);
    }
    let pairs: Option<Map<String, Json>> = items
        .iter()
        .map(|item| {
            let (name, value) = pair(item.as_object()?)?;
            Some((name.to_owned(), value.clone()))
        })
        .collect();
    if let Some(pairs) = pairs.filter(|pairs| pairs.len() > 1) {
        return object(&pairs, around, depth, hears);
    }
    let mut own = Around::default();
    // `["1781251325250000000", "I0612 ...", {...}]`
    let scalars = items.iter().filter(|item| !item.is_array()).count();
    if scalars == items.len() && items.len() <= 6 {
        for item in items {
            match item {
                Json::String(text) => {
                    if let Some(at) = moment::whole(text) {
                        own.set_time(at);
                    }
                }
                Json::Number(number) => {
                    if let Some(at) = number_time(number) {
                        own.set_time(at);
                    }
                }
                _ => {}
            }
        }
    }
    let around = around.within(own);
    for item in items {
        step(item, &around, depth, hears);
    }
}

/// A list of numbers that is a text's bytes.
fn bytes(items: &[Json]) -> Option<Vec<u8>> {
    if items.len() < 16 {
        return None;
    }
    items
        .iter()
        .map(|item| item.as_u64().and_then(|byte| u8::try_from(byte).ok()))
        .collect()
}

/// Rows under named columns, as Azure, Elasticsearch's SQL, InfluxDB and BigQuery answer.
///
/// ```text
/// {"columns":[{"name":"time"},{"name":"message"}],"rows":[["2026-06-12T08:02:05Z","I0612 ..."]]}
/// {"schema":{"fields":[{"name":"message"}]},"rows":[{"f":[{"v":"I0612 ..."}]}]}
/// ```
fn table(map: &Map<String, Json>) -> Option<Vec<Map<String, Json>>> {
    let schema = map.get("schema").and_then(Json::as_object).unwrap_or(map);
    let columns = ["columns", "fields", "meta"]
        .iter()
        .find_map(|key| schema.get(*key)?.as_array())?;
    let rows = ["rows", "values", "data"]
        .iter()
        .find_map(|key| map.get(*key)?.as_array())?;
    rows.iter().map(|row| named(columns, row)).collect()
}

/// A row's cells by the names of their columns.
fn named(columns: &[Json], row: &Json) -> Option<Map<String, Json>> {
    let of_fields = row.get("f").and_then(Json::as_array);
    let cells = of_fields.or_else(|| row.as_array())?;
    let pair = |(column, cell): (&Json, &Json)| {
        let name = match column {
            Json::String(name) => name.as_str(),
            other => ["name", "ColumnName", "text"]
                .iter()
                .find_map(|key| other.get(*key)?.as_str())?,
        };
        let value = of_fields.and_then(|_| cell.get("v")).unwrap_or(cell);
        // A record in a cell has columns of its own.
        let inner = column.get("fields").and_then(Json::as_array);
        let inner = inner.and_then(|columns| named(columns, value));
        let value = inner.map_or_else(|| value.clone(), Json::Object);
        Some((name.to_owned(), value))
    };
    (cells.len() == columns.len())
        .then(|| columns.iter().zip(cells).map(pair).collect())
        .flatten()
}
