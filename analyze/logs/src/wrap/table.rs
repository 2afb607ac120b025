//! Lines in the cells of a table: CSV by its own rules, with tabs, semicolons or bars too.
//!
//! ```text
//! timestamp,message
//! 2026-06-12T08:02:05.250Z,"I0612 08:02:05.250000 1 proxier.go:1190] ""SyncProxyRules complete"" elapsed=""2m3.25s"""
//! ```

use serde_json::Value as Json;

use super::around::Around;
use crate::parse::{header, moment};

/// The names of a table's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns {
    names: Vec<String>,
    delimiter: u8,
}

impl Columns {
    /// The heading of a table in a file's first lines, behind comments, rules and Excel's `sep=;`.
    pub(crate) fn begin(head: &[u8]) -> Option<Self> {
        const FIRST: usize = 6;
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let ends = memchr::memrchr(b'\n', head)?;
        let first = head[..ends].split(|byte| *byte == b'\n').take(FIRST);
        let mut lines = first.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let rule = |byte: &u8| matches!(byte, b'-' | b'+' | b'=' | b'|' | b' ');
        let heading = lines.find(|line| {
            !line.starts_with(b"#") && !line.starts_with(b"sep=") && !line.iter().all(rule)
        })?;
        Self::of(heading)
    }

    /// The heading of a table: names alone, one of which is a log line's or a time's.
    pub(crate) fn of(line: &[u8]) -> Option<Self> {
        const TEXTS: [&str; 18] = [
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
            "_value",
        ];
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        if line.len() > 4_000 || header::position(line).is_some() || line.first() == Some(&b'{') {
            return None;
        }
        [b',', b'\t', b';', b'|'].into_iter().find_map(|delimiter| {
            let names: Vec<String> = cells(line, delimiter, None)?
                .iter()
                .map(|name| name.trim().to_owned())
                .collect();
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

/// A row's cells and what they tell of each other, by each way of writing quotes that the row may
/// have; none if the text is no row.
pub(crate) fn rows(text: &[u8], columns: Option<&Columns>) -> Vec<(Vec<String>, Around)> {
    let delimiters = match columns {
        Some(columns) => vec![columns.delimiter],
        None if begins_cell_with_doubled(text) => vec![b',', b'\t', b';'],
        None => return Vec::new(),
    };
    let backslashed = memchr::memmem::find(text, b"\\\"").is_some();
    // The way that the row itself shows comes first.
    let styles = match (backslashed, has_doubled(text)) {
        (false, _) => vec![None],
        (true, true) => vec![None, Some(b'\\')],
        (true, false) => vec![Some(b'\\'), None],
    };
    let fits =
        |found: &Vec<String>| columns.is_some() || found.len() > 1 || text.first() == Some(&b'"');
    styles
        .into_iter()
        .filter_map(|escape| {
            let of = |delimiter: &u8| cells(text, *delimiter, escape).filter(fits);
            let cells = delimiters.iter().find_map(of)?;
            let around = around(&cells, columns);
            Some((cells, around))
        })
        .collect()
}

/// Whether quotes stand doubled in it, behind one that begins a cell.
fn begins_cell_with_doubled(text: &[u8]) -> bool {
    let begins = text.first() == Some(&b'"')
        || [&b",\""[..], b"\t\"", b";\""]
            .iter()
            .any(|begin| memchr::memmem::find(text, begin).is_some());
    begins && has_doubled(text)
}

fn has_doubled(text: &[u8]) -> bool {
    memchr::memmem::find_iter(text, b"\"\"").any(|at| at == 0 || text[at - 1] != b'\\')
}

/// What a row's cells tell of each other.
fn around(cells: &[String], columns: Option<&Columns>) -> Around {
    let mut around = Around::default();
    for (at, cell) in cells.iter().enumerate() {
        if let Some(name) = columns.and_then(|columns| columns.names.get(at)) {
            let (parent, name) = name.rsplit_once('.').unwrap_or(("", name));
            let parent = parent.rsplit('.').next().unwrap_or("");
            around.learn(parent, without_unit(name), cell.trim());
        }
        // Labels in a cell of their own.
        if cell.starts_with("{\"")
            && header::position(cell.as_bytes()).is_none()
            && let Ok(Json::Object(labels)) = serde_json::from_str(cell)
        {
            around.learn_object("", &labels, 2);
        }
    }
    for cell in cells {
        if let Some(at) = moment::whole(cell) {
            around.set_time(at);
        }
    }
    around
}

/// `TimeGenerated [UTC]` is `TimeGenerated`.
fn without_unit(name: &str) -> &str {
    name.split(" [").next().unwrap_or(name).trim()
}

fn cells(text: &[u8], delimiter: u8, escape: Option<u8>) -> Option<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .escape(escape)
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
