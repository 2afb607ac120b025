//! Files in chunks, in parallel, and streams block by block.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};

use rayon::prelude::*;
use rustix::fs::{SeekFrom, seek};
use rustix::io::Errno;

use super::buffer::Buffer;
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
/// A line longer than this is no log line; it is counted and passed over, so that memory and time
/// stay bounded.
pub(super) const LONGEST_LINE: usize = 16 * 1024 * 1024;

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
    let chunks = written(file, size);
    let (mut whole, mut scanned) = (Scan::default(), Vec::new());
    let mut kept = 0;
    for window in chunks.chunks(WINDOW) {
        // One thread puts a window together while the others are at the next.
        let before = std::mem::take(&mut scanned);
        let (next, appended) = rayon::join(|| scan(window), || whole.append_all(before));
        appended?;
        finder.memory.take(whole.found.len() - kept, source)?;
        kept = whole.found.len();
        scanned = next;
    }
    whole.append_all(scanned)?;
    finder.memory.take(whole.found.len() - kept, source)?;
    // What was passed over was read all the same.
    whole.bytes = size;
    Ok(whole)
}

/// The chunks of a file that hold anything. Nothing was ever written to the holes of a sparse file,
/// so that no line begins or ends there.
fn written(file: &File, size: u64) -> Vec<u64> {
    let all = || (0..size.div_ceil(CHUNK)).collect();
    let sparse = file
        .metadata()
        .is_ok_and(|known| known.blocks().saturating_mul(512) < size / 2);
    if !sparse {
        return all();
    }
    let mut chunks: Vec<u64> = vec![0];
    let mut from = 0;
    while from < size {
        match seek(file, SeekFrom::Data(from)) {
            Ok(data) => {
                let Ok(hole) = seek(file, SeekFrom::Hole(data)) else {
                    return all();
                };
                let next = chunks.last().map_or(0, |last| last + 1);
                chunks.extend(next.max(data / CHUNK)..hole.min(size).div_ceil(CHUNK));
                from = hole;
            }
            // Behind the last of it.
            Err(Errno::NXIO) => break,
            Err(_) => return all(),
        }
    }
    chunks
}

thread_local! {
    static BUFFER: RefCell<Buffer> = RefCell::default();
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
        let mut scan = Scan::default();
        scan.inside = start > 0;
        let skip = match start {
            0 => Some(0),
            _ => memchr::memchr(b'\n', &buffer[..filled]).map(|at| at + 1),
        };
        // A chunk in the middle of a long line begins no line of its own.
        let Some(skip) = skip.filter(|skip| from + (*skip as u64) < end.max(1)) else {
            return Ok(scan);
        };
        // A line that begins in the chunk may end behind it.
        let last = memchr::memrchr(b'\n', &buffer[skip..filled]).map_or(skip, |at| skip + at + 1);
        let mut step = STEP;
        let mut too_long = false;
        while end < size && buffer[..filled].last() != Some(&b'\n') {
            too_long = filled - last > LONGEST_LINE;
            let more = match too_long {
                false => fill_tail(source, file, buffer, filled, (from, step))?,
                true => 0,
            };
            if more == 0 {
                break;
            }
            step = (step * 2).min(BLOCK);
            filled += more;
            if let Some(at) = memchr::memchr(b'\n', &buffer[filled - more..filled]) {
                filled = filled - more + at + 1;
            }
        }
        let whole = if too_long { last } else { filled };
        scan.block(&buffer[skip..whole], finder, source.hints.kube_proxy);
        scan.headings(&buffer[skip..whole], 1, 0);
        if too_long {
            scan.too_long();
            buffer.shrink(2 * BLOCK);
        }
        Ok(scan)
    })
}

/// Bytes behind a chunk that are read at first for the end of its last line.
const STEP: usize = 4 * 1024;

fn fill(
    source: &Source,
    file: &File,
    buffer: &mut Buffer,
    from: u64,
    end: u64,
) -> Result<usize, Error> {
    let wanted = usize::try_from(end - from).unwrap_or(0);
    buffer.grow(wanted);
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
    buffer: &mut Buffer,
    filled: usize,
    (from, step): (u64, usize),
) -> Result<usize, Error> {
    buffer.grow(filled + step);
    file.read_at(&mut buffer[filled..filled + step], from + filled as u64)
        .map_err(|error| Error::io(source, error))
}

/// Reads one line with its end, and how many bytes that were; passes over the rest of one that is
/// too long, of which it tells.
pub(super) fn one_line(bytes: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<(u64, bool)> {
    let most = LONGEST_LINE as u64;
    let read = bytes.take(most).read_until(b'\n', line)? as u64;
    if read < most || line.last() == Some(&b'\n') {
        return Ok((read, false));
    }
    Ok((read + bytes.skip_until(b'\n')? as u64, true))
}

/// A part of a stream.
pub(crate) enum Part<'b> {
    /// Whole lines; the last of the stream may lack its end.
    Lines(&'b [u8]),
    /// A line that was passed over, and its length.
    TooLong(u64),
}

/// Hands a stream over in blocks of whole lines; the last may lack its line end.
pub(crate) fn stream(
    source: &Source,
    bytes: &mut dyn Read,
    mut hand_over: impl FnMut(Part<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    // One buffer a thread, not one a file: thousands of small files would have it cleared for each.
    let mut buffer = BUFFER.take();
    buffer.grow(BLOCK);
    let mut filled = 0;
    // Bytes of a line that are passed over.
    let mut passed: Option<u64> = None;
    loop {
        if filled == buffer.len() {
            if filled >= LONGEST_LINE {
                passed = Some(passed.unwrap_or(0) + filled as u64);
                filled = 0;
                continue;
            }
            buffer.grow((filled * 2).min(LONGEST_LINE));
        }
        let count = match bytes.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => {
                // What was read so far counts; the rest is named.
                hand_over(Part::Lines(&buffer[..filled]))?;
                return Err(Error::io(source, error));
            }
        };
        let mut fresh = filled;
        filled += count;
        if let Some(before) = passed {
            let end = memchr::memchr(b'\n', &buffer[..filled]).map(|at| at + 1);
            let of_line = end.unwrap_or(filled);
            passed = end.is_none().then_some(before + of_line as u64);
            if end.is_some() {
                hand_over(Part::TooLong(before + of_line as u64))?;
            }
            buffer.copy_within(of_line..filled, 0);
            filled -= of_line;
            fresh = 0;
        }
        if let Some(last) = memchr::memrchr(b'\n', &buffer[fresh..filled]) {
            let end = fresh + last + 1;
            hand_over(Part::Lines(&buffer[..end]))?;
            buffer.copy_within(end..filled, 0);
            filled -= end;
        }
    }
    if let Some(before) = passed {
        hand_over(Part::TooLong(before + filled as u64))?;
    } else if filled > 0 {
        hand_over(Part::Lines(&buffer[..filled]))?;
    }
    buffer.shrink(2 * BLOCK);
    BUFFER.set(buffer);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With its end it may be as long as the longest; the last line may lack its end.
    #[test]
    fn a_line_is_passed_over_that_is_longer_than_the_longest() {
        for (length, end, too_long) in [
            (3, "", false),
            (3, "\n", false),
            (LONGEST_LINE - 1, "", false),
            (LONGEST_LINE - 1, "\n", false),
            (LONGEST_LINE, "\n", true),
            (LONGEST_LINE + 7, "\nnext", true),
        ] {
            let text = "x".repeat(length) + end;
            let mut line = Vec::new();
            let read = one_line(&mut text.as_bytes(), &mut line).unwrap();
            let whole = length + usize::from(!end.is_empty());
            assert_eq!(read, (whole as u64, too_long), "{length} {end:?}");
            assert_eq!(line.len(), whole.min(LONGEST_LINE));
        }
    }
}
