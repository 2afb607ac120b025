//! A stream, read from its first byte to its last, in one thread.

use std::io::{BufReader, Read};

use super::assemble::{Assembler, Whole};
use super::document::{self, Documents, Step};
use super::finder::Finder;
use super::open::Opened;
use super::scan::Scan;
use super::{chunks, export};
use crate::error::Error;
use crate::parse::line::Context;
use crate::reading::Fault;
use crate::request::Source;
use crate::wrap::colour;
use crate::wrap::table::{self, Columns};

/// Files up to this size, and the beginnings of streams, are searched for headings too; nothing
/// is gained by reading them in parallel.
pub(super) const SMALL: u64 = 2 * 1024 * 1024;

/// Bytes at the beginning that tell how a file must be read.
pub(super) const HEAD: u64 = 64 * 1024;

/// A source, read.
#[derive(Debug)]
pub(crate) struct FileScan {
    pub(crate) scan: Scan,
    /// What it was packed in, the outermost first: `gz`, `tar` ...
    pub(crate) packing: Vec<&'static str>,
    /// When the file was last written, nanoseconds since the epoch.
    pub(crate) modified_ns: Option<i64>,
    /// Why reading stopped before the end.
    pub(crate) broken: Option<String>,
}

/// Whether lines may come in pieces or objects over several lines, so that each line must be
/// looked at.
pub(super) fn in_pieces(head: &[u8]) -> bool {
    dockers_pieces(head)
        || document::begins(head)
        || columns(head).is_some()
        || colour::stands_in(head)
        || memchr::memmem::find(head, b" stderr P ").is_some()
        || memchr::memmem::find(head, b" stdout P ").is_some()
}

/// Whether docker wrote it: its lines end inside the text. What a collector calls `log` is whole.
fn dockers_pieces(head: &[u8]) -> bool {
    head.starts_with(b"{\"log\":") && memchr::memmem::find(head, b"\\n\"").is_some()
}

/// The heading of a table, if the file begins with one.
fn columns(head: &[u8]) -> Option<Columns> {
    let end = memchr::memchr(b'\n', head)?;
    Columns::of(head[..end].strip_suffix(b"\r").unwrap_or(&head[..end]))
}

/// Reads a stream from its first byte to its last, in one thread.
pub(super) fn streamed(
    source: &Source,
    finder: &Finder,
    mut opened: Opened<'_>,
    modified_ns: Option<i64>,
) -> Result<FileScan, Error> {
    let mut scan = Scan::default();
    let mut begin = Vec::new();
    let begun = opened.bytes.by_ref().take(HEAD).read_to_end(&mut begin);
    // What could be read before an error counts.
    let rest: Box<dyn Read> = match &begun {
        Ok(_) => Box::new(opened.bytes),
        Err(_) => Box::new(std::io::empty()),
    };
    let mut bytes = BufReader::with_capacity(64 * 1024, begin.as_slice().chain(rest));
    let read = if export::begins(&begin) {
        export::read(source, &mut bytes, finder, &mut scan)
    } else {
        blocks(source, &mut bytes, finder, &mut scan, &begin)
    };
    let result = read.and(begun.map(|_| ()).map_err(|error| Error::io(source, error)));
    let broken = match result {
        Ok(()) => None,
        // A truncated .gz still holds all that stands before the cut.
        Err(error) if scan.lines > 0 => Some(error.to_string()),
        Err(error) => return Err(error),
    };
    Ok(FileScan {
        scan,
        packing: opened.layers,
        modified_ns,
        broken,
    })
}

/// Searches block by block; line by line from where pieces turn up.
fn blocks(
    source: &Source,
    bytes: &mut dyn Read,
    finder: &Finder,
    scan: &mut Scan,
    begin: &[u8],
) -> Result<(), Error> {
    let kube_proxy = source.hints.kube_proxy;
    let mut pieces = in_pieces(begin);
    let mut lines = Lines::new(begin);
    chunks::stream(source, bytes, |block| {
        let (first, since) = (scan.lines + 1, scan.found.len());
        if !pieces {
            let mut of_block = Scan::default();
            of_block.block(block, finder, kube_proxy);
            pieces = of_block.pieces;
            if !pieces {
                scan.append(of_block);
            }
        }
        if pieces {
            lines.block(block, finder, scan, kube_proxy);
        }
        if scan.bytes <= SMALL {
            scan.headings(block, first, since);
        }
    })?;
    lines.finish(scan);
    Ok(())
}

/// Reading line by line.
struct Lines {
    assembler: Assembler,
    /// Objects over several lines, in a file that begins with one.
    documents: Option<Documents>,
    /// Names of the columns, in a file that begins with them.
    columns: Option<Columns>,
    /// A row whose quotes are open, and its first line.
    row: Option<(u64, Vec<u8>)>,
}

/// Longest row of a table that is put together.
const LONGEST_ROW: usize = 1024 * 1024;

impl Lines {
    fn new(begin: &[u8]) -> Self {
        Self {
            assembler: Assembler::of(dockers_pieces(begin)),
            documents: document::begins(begin).then(Documents::default),
            columns: columns(begin),
            row: None,
        }
    }

    /// A row of a table; it may go on over several lines.
    fn row(&mut self, text: &[u8], finder: &Finder, scan: &mut Scan, context: Context<'_>) {
        let (first, mut row) = self.row.take().unwrap_or((scan.lines, Vec::new()));
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

    fn block(&mut self, block: &[u8], finder: &Finder, scan: &mut Scan, kube_proxy: bool) {
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
                whole: end.is_some(),
                columns: None,
            };
            self.line(text, finder, scan, context);
        }
    }

    fn line(&mut self, text: &[u8], finder: &Finder, scan: &mut Scan, context: Context<'_>) {
        if self.columns.is_some() {
            return self.row(text, finder, scan, context);
        }
        let step = match &mut self.documents {
            Some(documents) => documents.push(scan.lines, text),
            None => Step::Line,
        };
        match step {
            Step::Line => {
                let finish = |whole: &Whole<'_>, scan: &mut Scan| {
                    let plain = colour::stripped(&whole.text);
                    if finder.is_relevant(&plain) {
                        scan.line(&plain, whole.line, context);
                    }
                };
                for whole in self.assembler.push(scan.lines, text).into_iter().flatten() {
                    finish(&whole, scan);
                }
            }
            Step::Within => {}
            Step::Whole { line, object } => {
                if !scan.cluster.learn(&object) {
                    let text = object.to_string();
                    if finder.is_relevant(text.as_bytes()) {
                        scan.line(text.as_bytes(), line, context);
                    }
                }
            }
            Step::Broken { line } => scan.fault(Fault::BadJson, line),
        }
    }

    /// What is still open as the file ends was cut.
    fn finish(&mut self, scan: &mut Scan) {
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
