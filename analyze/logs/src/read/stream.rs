//! A stream, read from its first byte to its last, in one thread.

use std::io::{BufReader, Read};

use super::chunks::Part;
use super::finder::Finder;
use super::lines::{Lines, in_pieces};
use super::open::{Opened, Packing};
use super::scan::Scan;
use super::{chunks, export, verbose};
use crate::error::Error;
use crate::request::Source;

/// Files up to this size are read in one thread: nothing is gained by more.
pub(super) const SMALL: u64 = 2 * 1024 * 1024;

/// Bytes at the beginning that tell how a file must be read.
pub(super) const HEAD: u64 = 64 * 1024;

/// What is said of a mainframe's text. Its brackets differ from one alphabet to the next, and klog's
/// header has one.
const EBCDIC: &str = "a text in EBCDIC, as mainframes write it: convert it first, for example \
    with `iconv -f IBM1047 -t UTF-8`";

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

/// Reads a stream from its first byte to its last, in one thread.
pub(super) fn streamed(
    source: &Source,
    finder: &Finder,
    mut opened: Opened<'_>,
    modified_ns: Option<i64>,
) -> Result<FileScan, Error> {
    if opened.holds == Packing::Ebcdic {
        return Ok(FileScan {
            scan: Scan::default(),
            packing: opened.layers,
            modified_ns,
            broken: Some(EBCDIC.to_owned()),
        });
    }
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
    } else if verbose::begins(&begin) {
        verbose::read(source, &mut bytes, finder, &mut scan)
    } else {
        blocks(source, &mut bytes, finder, &mut scan, &begin)
    };
    let result = read.and(begun.map(|_| ()).map_err(|error| Error::io(source, error)));
    let broken = match result {
        Ok(()) => None,
        Err(error @ Error::Memory { .. }) => return Err(error),
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
    let mut pieces = in_pieces(begin, finder);
    let mut lines = Lines::new(begin, finder, pieces);
    let mut kept = scan.found.len();
    chunks::stream(source, bytes, |part| {
        let block = match part {
            Part::Lines(block) => block,
            Part::TooLong(bytes) => {
                scan.bytes += bytes;
                scan.too_long();
                return Ok(());
            }
        };
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
        if !lines.in_records() {
            scan.headings(block, first, since);
        }
        let more = scan.found.len() - kept;
        kept = scan.found.len();
        finder.memory.take(more, source)
    })?;
    lines.finish(finder, scan, kube_proxy);
    Ok(())
}
