//! One source, read the fastest way that its content allows.

use std::fs::File;
use std::io::{BufReader, Read};
use std::time::UNIX_EPOCH;

use super::assemble::Assembler;
use super::scan::{Entry, Finder, Scan, Section};
use super::{chunks, export, heading, open};
use crate::error::Error;
use crate::parse::line::Context;
use crate::request::{Place, Progress, Source};

/// Files up to this size are read line by line: headings and pieces are then seen, and nothing
/// is gained by more.
const SMALL: u64 = 2 * 1024 * 1024;

/// A source, read.
#[derive(Debug)]
pub(crate) struct FileScan {
    pub(crate) scan: Scan,
    /// `gz`, `zst` or nothing.
    pub(crate) packing: &'static str,
    /// When the file was last written, nanoseconds since the epoch.
    pub(crate) modified_ns: Option<i64>,
    /// Why reading stopped before the end.
    pub(crate) broken: Option<String>,
}

/// Reads a source.
pub(crate) fn read(
    source: &Source,
    finder: &Finder,
    progress: &dyn Progress,
) -> Result<FileScan, Error> {
    let Place::File(path) = &source.place else {
        return streamed(source, finder, progress, None);
    };
    let file = File::open(path).map_err(|error| Error::io(source, error))?;
    let metadata = file.metadata().map_err(|error| Error::io(source, error))?;
    let modified_ns = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .and_then(|age| i64::try_from(age.as_nanos()).ok());
    let head = head(source, &file)?;
    let plain = open::Packing::of(&head) == open::Packing::Plain;
    if metadata.is_file()
        && plain
        && metadata.len() > SMALL
        && !in_pieces(&head)
        && !export::begins(&head)
    {
        let scan = chunks::parallel(source, &file, metadata.len(), finder, progress)?;
        if !scan.pieces {
            return Ok(FileScan {
                scan,
                packing: "",
                modified_ns,
                broken: None,
            });
        }
    }
    streamed(source, finder, progress, modified_ns)
}

/// The first bytes of a file, without moving on in it.
fn head(source: &Source, file: &File) -> Result<Vec<u8>, Error> {
    const HEAD: u64 = 64 * 1024;
    let mut head = Vec::new();
    let mut file = file.try_clone().map_err(|error| Error::io(source, error))?;
    if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        file.by_ref()
            .take(HEAD)
            .read_to_end(&mut head)
            .map_err(|error| Error::io(source, error))?;
        std::io::Seek::rewind(&mut file).map_err(|error| Error::io(source, error))?;
    }
    Ok(head)
}

/// Whether lines may come in pieces, so that each must be looked at.
fn in_pieces(head: &[u8]) -> bool {
    head.starts_with(b"{\"log\":")
        || memchr::memmem::find(head, b" stderr P ").is_some()
        || memchr::memmem::find(head, b" stdout P ").is_some()
}

/// Reads a stream from its first byte to its last, in one thread.
fn streamed(
    source: &Source,
    finder: &Finder,
    progress: &dyn Progress,
    modified_ns: Option<i64>,
) -> Result<FileScan, Error> {
    let opened = open::open(source, progress)?;
    let mut bytes = BufReader::with_capacity(64 * 1024, opened.bytes);
    let mut scan = Scan::default();
    let begin = std::io::BufRead::fill_buf(&mut bytes).map(<[u8]>::to_vec);
    let result = match begin {
        Ok(begin) if export::begins(&begin) => export::read(source, &mut bytes, finder, &mut scan),
        Ok(begin) => blocks(source, &mut bytes, finder, &mut scan, in_pieces(&begin)),
        Err(error) => Err(Error::io(source, error)),
    };
    let broken = match result {
        Ok(()) => None,
        // A truncated .gz still holds all that stands before the cut.
        Err(error) if scan.lines > 0 => Some(error.to_string()),
        Err(error) => return Err(error),
    };
    Ok(FileScan {
        scan,
        packing: opened.packing.suffix(),
        modified_ns,
        broken,
    })
}

fn blocks(
    source: &Source,
    bytes: &mut dyn Read,
    finder: &Finder,
    scan: &mut Scan,
    pieces: bool,
) -> Result<(), Error> {
    let mut lines = Lines {
        assembler: Assembler::default(),
        headings: true,
    };
    let mut by_line = true;
    chunks::stream(source, bytes, |block| {
        // A large stream is searched in blocks once it is clear that it is one of plain lines.
        by_line = by_line && (pieces || scan.bytes < SMALL);
        if by_line {
            lines.block(block, finder, scan, source.hints.kube_proxy);
        } else {
            scan.block(block, finder, source.hints.kube_proxy);
            if scan.pieces {
                by_line = true;
            }
        }
    })
}

/// Reading line by line.
struct Lines {
    assembler: Assembler,
    headings: bool,
}

impl Lines {
    fn block(&mut self, block: &[u8], finder: &Finder, scan: &mut Scan, kube_proxy: bool) {
        scan.bytes += block.len() as u64;
        scan.note_edges(block);
        let mut rest = block;
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest);
            let (text, next) = match end {
                Some(end) => (&rest[..end], &rest[end + 1..]),
                None => (rest, &[][..]),
            };
            rest = next;
            scan.lines += 1;
            let Some(whole) = self.assembler.push(scan.lines, text) else {
                continue;
            };
            if finder.is_relevant(&whole.text) {
                let context = Context {
                    kube_proxy,
                    whole: end.is_some(),
                };
                scan.line(&whole.text, whole.line, context);
            } else if self.headings {
                heading_at(&whole.text, whole.line, scan);
            }
        }
    }
}

fn heading_at(text: &[u8], line: u64, scan: &mut Scan) {
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    if let Some(kernel) = heading::kernel_of_heading(text) {
        let name = text.trim().to_owned();
        let section = Section {
            name,
            kernel: Some(kernel),
        };
        scan.add(
            line,
            crate::parse::clock::At::Never,
            0,
            Entry::Section(Box::new(section)),
        );
    }
}
