//! Lines in the cells of a table: CSV by its own rules, with tabs, semicolons or bars too.
//!
//! ```text
//! timestamp,message
//! 2026-06-12T08:02:05.250Z,"I0612 08:02:05.250000 1 proxier.go:1190] ""SyncProxyRules complete"" elapsed=""2m3.25s"""
//! ```

use super::around::Around;
use crate::parse::{header, moment};

/// The names of a table's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns {
    names: Vec<String>,
    delimiter: u8,
}

impl Columns {
    /// The heading of a table: names alone, one of which is a log line's or a time's.
    pub(crate) fn of(line: &[u8]) -> Option<Self> {
        const TEXTS: [&str; 17] = [
            "message",
            "@message",
            "msg",
            "log",
            "_raw",
            "line",
            "body",
            "event",
            "logmessage",
            "logentry",
            "textpayload",
            "content",
            "text",
            "log line",
            "record",
            "_source",
            "payload",
        ];
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        if line.len() > 4_000 || header::position(line).is_some() || line.first() == Some(&b'{') {
            return None;
        }
        [b',', b'\t', b';', b'|'].into_iter().find_map(|delimiter| {
            let names = cells(line, delimiter)?;
            let named = names.iter().any(|name| {
                let name = name.to_ascii_lowercase();
                let last = name.rsplit('.').next().unwrap_or(&name).to_owned();
                TEXTS.contains(&name.as_str()) || TEXTS.contains(&last.as_str())
            });
            let few = names
                .iter()
                .all(|name| name.len() < 80 && !name.contains("] "));
            let alone = names.len() > 1
                || line.trim_ascii().starts_with(b"@")
                || line.trim_ascii().len() < 12;
            (named && few && alone).then_some(Self { names, delimiter })
        })
    }
}

/// A row's cells and what they tell of each other; none if the text is no row.
pub(crate) fn row(text: &[u8], columns: Option<&Columns>) -> Option<(Vec<String>, Around)> {
    let delimiters = match columns {
        Some(columns) => vec![columns.delimiter],
        None => vec![b',', b'\t', b';'],
    };
    let doubled = memchr::memmem::find(text, b"\"\"").is_some();
    if columns.is_none() && !doubled {
        return None;
    }
    let cells = delimiters.into_iter().find_map(|delimiter| {
        let found = cells(text, delimiter)?;
        (columns.is_some() || found.len() > 1 || text.first() == Some(&b'"')).then_some(found)
    })?;
    let mut around = Around::default();
    for (at, cell) in cells.iter().enumerate() {
        if let Some(name) = columns.and_then(|columns| columns.names.get(at)) {
            let (parent, name) = name.rsplit_once('.').unwrap_or(("", name));
            around.learn(
                parent.rsplit('.').next().unwrap_or(""),
                without_unit(name),
                cell,
            );
        }
    }
    for cell in &cells {
        if let Some(at) = moment::whole(cell) {
            around.set_time(at);
        }
    }
    Some((cells, around))
}

/// `TimeGenerated [UTC]` is `TimeGenerated`.
fn without_unit(name: &str) -> &str {
    name.split(" [").next().unwrap_or(name).trim()
}

fn cells(text: &[u8], delimiter: u8) -> Option<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text);
    let mut record = csv::ByteRecord::new();
    if !reader.read_byte_record(&mut record).ok()? {
        return None;
    }
    let cells: Vec<String> = record
        .iter()
        .map(|cell| String::from_utf8_lossy(cell).into_owned())
        .collect();
    Some(cells)
}

/// Quotes that are open at the end of a text: its record goes on in the next line.
pub(crate) fn open_quotes(text: &[u8]) -> bool {
    memchr::memchr_iter(b'"', text).count() % 2 == 1
}
