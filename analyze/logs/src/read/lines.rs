//! Reading line by line, where a line of the log is not a line of the file: pieces, objects, rows
//! of tables, broken lines; and where words are not what the search looks for: colours, hard blanks.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::armour;
use super::assemble::{Assembler, Whole};
use super::cut;
use super::document::{self, Documents, Step};
use super::elements::{self, Elements};
use super::fields;
use super::finder::Finder;
use super::rewrap::{self, Rewrap};
use super::scan::Scan;
use super::yaml::{self, Records};
use crate::parse::line::Context;
use crate::reading::Fault;
use crate::wrap::table::{self, Columns};
use crate::wrap::{base64, colour, markup};

/// Blanks that a page put there lest a line be broken at them.
const HARD_BLANKS: [&[u8]; 4] = ["\u{a0}".as_bytes(), b"&nbsp;", b"&#160;", b"&#xa0;"];

fn hard_blank_in(text: &[u8]) -> bool {
    memchr::memchr2(b'&', 0xc2, text).is_some()
        && HARD_BLANKS
            .iter()
            .any(|blank| memchr::memmem::find(text, blank).is_some())
}

/// Whether lines may come in pieces or objects over several lines, so that each line must be
/// looked at.
pub(super) fn in_pieces(head: &[u8], finder: &Finder) -> bool {
    dockers_pieces(head)
        || document::begins(head)
        || Columns::begin(head).is_some()
        || colour::stands_in(head)
        || hard_blank_in(head)
        || yaml::begins(head)
        || elements::begins(head)
        || fields::begins(head)
        || Rewrap::of(head, finder).is_some()
        || cut::column(head).is_some()
        || base64::stands_in(head)
        || memchr::memmem::find(head, b" stderr P ").is_some()
        || memchr::memmem::find(head, b" stdout P ").is_some()
}

/// Whether docker wrote it: its lines end inside the text. What a collector calls `log` is whole.
fn dockers_pieces(head: &[u8]) -> bool {
    head.starts_with(b"{\"log\":") && memchr::memmem::find(head, b"\\n\"").is_some()
}

/// A line without colours and with plain blanks.
fn plain(text: &[u8]) -> Cow<'_, [u8]> {
    let plain = colour::stripped(text);
    if hard_blank_in(&plain) {
        return Cow::Owned(markup::plain(&plain));
    }
    plain
}

/// Reading line by line.
pub(super) struct Lines {
    assembler: Assembler,
    /// Objects over several lines, in a file that begins with one.
    documents: Option<Documents>,
    /// Records of YAML, in a file that begins with one.
    records: Option<Records>,
    /// Elements of XML, in a file that begins with one.
    elements: Option<Elements>,
    /// Records of a field a line, in a file that begins with one.
    fields: Option<fields::Records>,
    /// Names of the columns, in a file that begins with them.
    columns: Option<Columns>,
    /// A row whose quotes are open, and its first line.
    row: Option<(u64, Vec<u8>)>,
    /// Broken lines, in a file whose beginning shows such.
    rewrap: Option<Rewrap>,
    /// Where lines are cut, in a file whose beginning shows that they are.
    cut: Option<usize>,
    /// Texts in base64 stand in the lines.
    encoded: bool,
    /// Rows of it.
    rows: armour::Rows,
}

/// Reads an object that was put together.
fn object(object: &Json, line: u64, finder: &Finder, scan: &mut Scan, context: Context<'_>) {
    let text = object.to_string();
    if finder.is_relevant(text.as_bytes()) {
        scan.line(text.as_bytes(), line, context);
    }
}

/// Longest row of a table that is put together.
const LONGEST_ROW: usize = 1024 * 1024;

impl Lines {
    /// For a file that begins so, of which [`in_pieces`] tells whether lines are more than lines.
    pub(super) fn new(begin: &[u8], finder: &Finder, pieces: bool) -> Self {
        // Where it tells that they are not, none of these forms is there to be looked for again.
        let begin = if pieces { begin } else { b"" };
        Self {
            assembler: Assembler::of(dockers_pieces(begin)),
            documents: document::begins(begin).then(Documents::default),
            records: Records::of(begin),
            elements: elements::begins(begin).then(Elements::default),
            fields: fields::begins(begin).then(fields::Records::default),
            columns: Columns::begin(begin),
            row: None,
            // YAML folds by rules of its own.
            rewrap: Rewrap::of(begin, finder).filter(|_| !yaml::begins(begin)),
            cut: cut::column(begin),
            encoded: base64::stands_in(begin),
            rows: armour::Rows::default(),
        }
    }

    /// Whether what stands between lines of the log are a record's own fields, and no headings.
    pub(super) fn in_records(&self) -> bool {
        self.records.is_some() || self.fields.is_some() || self.elements.is_some()
    }

    /// A row of a table; it may go on over several lines.
    fn row(
        &mut self,
        text: &[u8],
        number: u64,
        finder: &Finder,
        scan: &mut Scan,
        context: Context<'_>,
    ) {
        let (first, mut row) = self.row.take().unwrap_or((number, Vec::new()));
        if !row.is_empty() {
            row.push(b'\n');
        }
        row.extend_from_slice(text);
        if table::open_quotes(&row) && row.len() < LONGEST_ROW && context.whole {
            self.row = Some((first, row));
            return;
        }
        if finder.is_relevant(&row) {
            let context = Context {
                columns: self.columns.as_ref(),
                ..context
            };
            scan.line(&row, first, context);
        }
    }

    pub(super) fn block(
        &mut self,
        block: &[u8],
        finder: &Finder,
        scan: &mut Scan,
        kube_proxy: bool,
    ) {
        scan.note_edge(block);
        scan.bytes += block.len() as u64;
        let mut rest = block;
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest);
            let (text, next) = match end {
                Some(end) => (&rest[..end], &rest[end + 1..]),
                None => (rest, &[][..]),
            };
            rest = next;
            scan.lines += 1;
            let context = Context {
                kube_proxy,
                // What is put together again is cut nowhere.
                whole: end.is_some()
                    && (self.rewrap.is_some()
                        || !cut::in_a_number(text, rest) && self.cut != Some(rewrap::width(text))),
                columns: None,
            };
            if self.encoded {
                self.decoded(text, finder, scan, context);
            } else {
                self.broken(text, finder, scan, context);
            }
        }
    }

    /// A line in which base64 may stand, or a row of it.
    fn decoded(&mut self, text: &[u8], finder: &Finder, scan: &mut Scan, context: Context<'_>) {
        let mut lines = Vec::new();
        if !self.rows.push(text, &mut lines) {
            if let Some(rest) = self.rows.close() {
                self.broken(&rest, finder, scan, context);
            }
            match base64::undone(text) {
                Some(text) => lines = text,
                None => return self.broken(text, finder, scan, context),
            }
        }
        for line in lines.split(|byte| *byte == b'\n') {
            self.broken(line, finder, scan, context);
        }
    }

    /// A line as it stands in the file, which may be a part of one.
    fn broken(&mut self, text: &[u8], finder: &Finder, scan: &mut Scan, context: Context<'_>) {
        let Some(rewrap) = &mut self.rewrap else {
            return self.line(text, scan.lines, finder, scan, context);
        };
        for whole in rewrap.push(scan.lines, text) {
            self.line(&whole.text, whole.line, finder, scan, context);
        }
    }

    /// A line of a record, which ends it or goes on.
    fn record(
        &mut self,
        text: &[u8],
        number: u64,
        finder: &Finder,
        scan: &mut Scan,
        context: Context<'_>,
    ) {
        if let Some(records) = &mut self.records {
            if let Some(record) = records.push(number, text) {
                record.scan(finder, scan, context);
            }
            return;
        }
        if let Some(fields) = &mut self.fields {
            // A line that the end of the file cuts is no whole value.
            let (record, alone) = match context.whole {
                true => fields.push(number, text),
                false => (None, true),
            };
            if let Some((line, record)) = record {
                object(&record, line, finder, scan, context);
            }
            if alone && finder.is_relevant(text) {
                scan.line(text, number, context);
            }
            return;
        }
        if let Some(elements) = &mut self.elements
            && let Some((line, record)) = elements.push(number, text)
            && finder.is_relevant(&record)
        {
            scan.line(&record, line, context);
        }
    }

    fn line(
        &mut self,
        text: &[u8],
        number: u64,
        finder: &Finder,
        scan: &mut Scan,
        context: Context<'_>,
    ) {
        if self.columns.is_some() {
            return self.row(text, number, finder, scan, context);
        }
        if self.in_records() {
            return self.record(text, number, finder, scan, context);
        }
        let step = match &mut self.documents {
            Some(documents) => documents.push(number, text),
            None => Step::Line,
        };
        match step {
            Step::Line => {
                let finish = |whole: &Whole<'_>, scan: &mut Scan| {
                    let plain = plain(&whole.text);
                    if finder.is_relevant(&plain) {
                        scan.line(&plain, whole.line, context);
                    }
                };
                for whole in self.assembler.push(number, text).into_iter().flatten() {
                    finish(&whole, scan);
                }
            }
            Step::Within => {}
            Step::Whole {
                line,
                object: found,
            } => {
                if !scan.cluster.learn(&found) {
                    object(&found, line, finder, scan, context);
                }
            }
            Step::Broken { line } => scan.fault(Fault::BadJson, line),
        }
    }

    /// What is still open as the file ends was cut.
    pub(super) fn finish(&mut self, finder: &Finder, scan: &mut Scan, kube_proxy: bool) {
        if let Some(rest) = self.rows.close() {
            let context = Context {
                kube_proxy,
                ..Context::default()
            };
            self.broken(&rest, finder, scan, context);
        }
        if let Some(last) = self.rewrap.as_mut().and_then(Rewrap::close) {
            let context = Context {
                kube_proxy,
                whole: true,
                columns: None,
            };
            self.line(&last.text, last.line, finder, scan, context);
        }
        if let Some(record) = self.records.as_mut().and_then(Records::close) {
            let context = Context {
                kube_proxy,
                whole: true,
                columns: None,
            };
            record.scan(finder, scan, context);
        }
        if let Some((line, record)) = self.elements.as_mut().and_then(Elements::close) {
            // Its end was cut, and perhaps its last number.
            let context = Context {
                kube_proxy,
                ..Context::default()
            };
            scan.line(&record, line, context);
        }
        if let Some((line, record)) = self.fields.as_mut().and_then(fields::Records::close) {
            let context = Context {
                kube_proxy,
                ..Context::default()
            };
            object(&record, line, finder, scan, context);
        }
        let cut = self.documents.as_ref().and_then(Documents::open_since);
        if let Some(line) = cut {
            scan.fault(Fault::Cut, line);
        }
        if let Some((line, row)) = self.row.take() {
            let context = Context {
                columns: self.columns.as_ref(),
                ..Context::default()
            };
            scan.line(&row, line, context);
        }
    }
}
