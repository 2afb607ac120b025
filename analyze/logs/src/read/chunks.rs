//! Files in chunks, in parallel, and streams block by block.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt as _;

use rayon::prelude::*;

use super::finder::Finder;
use super::scan::Scan;
use crate::error::Error;
use crate::request::{Progress, Source};

/// Bytes that a thread holds at a time: what is copied from the page cache is then searched
/// while it still lies in the processor's own.
const CHUNK: u64 = 256 * 1024;
/// Chunks that are scanned before what was found in them is put together: their memory then
/// serves the next ones.
const WINDOW: usize = 64;
/// A line longer than this is no log line; it is passed over so that memory stays bounded.
const LONGEST_LINE: usize = 64 * 1024 * 1024;

/// Bytes that a stream is read in.
const BLOCK: usize = 1024 * 1024;

/// Scans a plain file in parallel. Memory: a chunk a thread, and what is found.
pub(crate) fn parallel(
    source: &Source,
    file: &File,
    size: u64,
    finder: &Finder,
    progress: &dyn Progress,
) -> Result<Scan, Error> {
    let scan = |window: &[u64]| -> Vec<Result<Scan, Error>> {
        let scan = |chunk: &u64| {
            let scan = one(source, file, chunk * CHUNK, size, finder);
            progress.advance(CHUNK.min(size - chunk * CHUNK));
            scan
        };
        window.par_iter().map(scan).collect()
    };
    let chunks: Vec<u64> = (0..size.div_ceil(CHUNK)).collect();
    let (mut whole, mut scanned) = (Scan::default(), Vec::new());
    for window in chunks.chunks(WINDOW) {
        // One thread puts a window together while the others are at the next.
        let before = std::mem::take(&mut scanned);
        let (next, appended) = rayon::join(|| scan(window), || whole.append_all(before));
        appended?;
        scanned = next;
    }
    whole.append_all(scanned)?;
    Ok(whole)
}

thread_local! {
    static BUFFER: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// Scans the lines that begin in the chunk at `start`.
fn one(
    source: &Source,
    file: &File,
    start: u64,
    size: u64,
    finder: &Finder,
) -> Result<Scan, Error> {
    BUFFER.with_borrow_mut(|buffer| {
        // One byte more in front tells whether a line begins right here.
        let from = start.saturating_sub(1);
        let end = (start + CHUNK).min(size);
        let mut filled = fill(source, file, buffer, from, end)?;
        // A line that begins in the chunk may end behind it.
        while end < size && buffer[..filled].last() != Some(&b'\n') {
            let more = fill_tail(source, file, buffer, filled, from)?;
            if more == 0 || filled > LONGEST_LINE {
                break;
            }
            filled += more;
            if let Some(at) = memchr::memchr(b'\n', &buffer[filled - more..filled]) {
                filled = filled - more + at + 1;
            }
        }
        let mut scan = Scan::default();
        let skip = match start {
            0 => Some(0),
            _ => memchr::memchr(b'\n', &buffer[..filled]).map(|at| at + 1),
        };
        // A chunk in the middle of a long line begins no line of its own.
        if let Some(skip) = skip
            && from + (skip as u64) < end.max(1)
        {
            scan.block(&buffer[skip..filled], finder, source.hints.kube_proxy);
            scan.headings(&buffer[skip..filled], 1, 0);
        }
        Ok(scan)
    })
}

fn fill(
    source: &Source,
    file: &File,
    buffer: &mut Vec<u8>,
    from: u64,
    end: u64,
) -> Result<usize, Error> {
    let wanted = usize::try_from(end - from).unwrap_or(0);
    if buffer.len() < wanted {
        buffer.resize(wanted, 0);
    }
    let mut filled = 0;
    while filled < wanted {
        let count = file
            .read_at(&mut buffer[filled..wanted], from + filled as u64)
            .map_err(|error| Error::io(source, error))?;
        if count == 0 {
            break;
        }
        filled += count;
    }
    Ok(filled)
}

fn fill_tail(
    source: &Source,
    file: &File,
    buffer: &mut Vec<u8>,
    filled: usize,
    from: u64,
) -> Result<usize, Error> {
    const STEP: usize = 4 * 1024;
    if buffer.len() < filled + STEP {
        buffer.resize(filled + STEP, 0);
    }
    file.read_at(&mut buffer[filled..filled + STEP], from + filled as u64)
        .map_err(|error| Error::io(source, error))
}

/// Hands a stream over in blocks of whole lines; the last may lack its line end.
pub(crate) fn stream(
    source: &Source,
    bytes: &mut dyn Read,
    mut hand_over: impl FnMut(&[u8]),
) -> Result<(), Error> {
    // One buffer a thread, not one a file: thousands of small files would have it cleared for each.
    let mut buffer = BUFFER.take();
    if buffer.len() < BLOCK {
        buffer.resize(BLOCK, 0);
    }
    let mut filled = 0;
    loop {
        if filled == buffer.len() {
            if filled >= LONGEST_LINE {
                filled = 0;
                continue;
            }
            buffer.resize(filled * 2, 0);
        }
        let count = match bytes.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => {
                // What was read so far counts; the rest is named.
                hand_over(&buffer[..filled]);
                return Err(Error::io(source, error));
            }
        };
        let fresh = filled;
        filled += count;
        if let Some(last) = memchr::memrchr(b'\n', &buffer[fresh..filled]) {
            let end = fresh + last + 1;
            hand_over(&buffer[..end]);
            buffer.copy_within(end..filled, 0);
            filled -= end;
        }
    }
    if filled > 0 {
        hand_over(&buffer[..filled]);
    }
    buffer.truncate(2 * BLOCK);
    BUFFER.set(buffer);
    Ok(())
}
