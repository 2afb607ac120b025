//! Opening a log, whatever packed it: layer by layer, to the bytes of a log or of an archive.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

pub(crate) use super::encoding::Bytes;
use super::encoding::{self, Encoding};
use super::regular;
use super::{armour, cast};
use crate::error::Error;
use crate::request::{Place, Progress, Source};

/// Bytes that tell how something is packed: tar's mark stands at byte 257.
const HEAD: usize = 512;
/// Layers that are peeled off, one inside the other.
const DEEPEST: usize = 4;
/// Memory that an xz stream may ask for, KiB: `xz -9` needs 65 MiB.
const XZ_MEMORY_KIB: u32 = 256 * 1024;
/// So many bytes are unpacked whatever they were packed in.
const ALWAYS: u64 = 1 << 30;
/// Behind them, a file that becomes this many times as large is no log: gzip alone cannot pass
/// 1,032, and logs, which count time, are far below.
const LARGEST_RATIO: u64 = 2_000;

/// How bytes are packed, by the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zlib,
    Zstd,
    Xz,
    Bzip2,
    /// UTF-16 or UTF-32, or UTF-8 that begins with a byte order mark.
    Encoded,
    /// Lines that end with a carriage return alone.
    Returns,
    /// Base64 from beginning to end.
    Base64,
    /// A terminal's recording by asciinema.
    Cast,
    /// A mainframe's text, which is not read.
    Ebcdic,
    Tar,
    Zip,
}

impl Packing {
    pub(crate) fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x78, 0x01 | 0x9c | 0xda, ..] => Self::Zlib,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', ..] => Self::Bzip2,
            _ if Encoding::of(head).is_some() => Self::Encoded,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            _ if head.get(257..262) == Some(b"ustar") => Self::Tar,
            _ if returns(head) => Self::Returns,
            _ if armour::begins(head) => Self::Base64,
            _ if cast::begins(head) => Self::Cast,
            _ if encoding::is_ebcdic(head) => Self::Ebcdic,
            _ => Self::Plain,
        }
    }

    /// Whether members stand in it.
    pub(crate) fn is_archive(self) -> bool {
        matches!(self, Self::Tar | Self::Zip)
    }

    fn name(self, head: &[u8]) -> Option<&'static str> {
        match self {
            Self::Encoded => Encoding::of(head)?.name(),
            Self::Plain | Self::Returns => None,
            Self::Gzip => Some("gz"),
            Self::Zlib => Some("zlib"),
            Self::Zstd => Some("zst"),
            Self::Xz => Some("xz"),
            Self::Bzip2 => Some("bz2"),
            Self::Tar => Some("tar"),
            Self::Zip => Some("zip"),
            Self::Base64 => Some("base64"),
            Self::Cast => Some("asciicast"),
            Self::Ebcdic => Some("ebcdic"),
        }
    }
}

/// Whether lines end with a carriage return alone.
fn returns(head: &[u8]) -> bool {
    let begin = &head[..head.len().min(HEAD)];
    let alone = memchr::memchr(b'\n', begin).is_none() && begin.last() != Some(&b'\r');
    let whole = head.len() < HEAD && memchr::memchr(b'\n', begin).is_none();
    (alone || whole) && memchr::memchr(b'\r', begin).is_some()
}

/// Carriage returns as line ends.
struct LineEnds<'a>(Bytes<'a>);

impl Read for LineEnds<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        for byte in &mut buffer[..count] {
            if *byte == b'\r' {
                *byte = b'\n';
            }
        }
        Ok(count)
    }
}

/// A log's or an archive's bytes, unpacked, and how they were packed.
pub(crate) struct Opened<'a> {
    pub(crate) bytes: Bytes<'a>,
    /// The layers that were peeled off, the outermost first.
    pub(crate) layers: Vec<&'static str>,
    /// What the bytes are now: an archive or else a log.
    pub(crate) holds: Packing,
    /// Bytes read from the disk so far.
    pub(crate) raw: Arc<AtomicU64>,
}

/// Opens a source for reading from its first byte on: its file, where there is none its object, or
/// standard input.
pub(crate) fn open<'a>(
    source: &Source,
    file: Option<&'a File>,
    progress: &'a dyn Progress,
) -> Result<Opened<'a>, Error> {
    let inner: Bytes<'a> = match (file, &source.place) {
        (Some(file), _) => Box::new(file),
        (None, Place::Object(object)) => {
            Box::new(object.0.open().map_err(|error| Error::io(source, error))?)
        }
        (None, _) => Box::new(io::stdin()),
    };
    let raw = Arc::new(AtomicU64::new(0));
    let counted = Counted {
        inner,
        progress,
        raw: Arc::clone(&raw),
    };
    unpack(Box::new(counted), &raw, Vec::new()).map_err(|error| Error::io(source, error))
}

/// A file's bytes, unpacked like a log's, as far as a limit.
///
/// # Errors
/// Those of the file system; one that says so where there are more bytes.
pub fn unpacked(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file: Bytes<'_> = Box::new(regular::open(path)?);
    let opened = unpack(file, &Arc::new(AtomicU64::new(0)), Vec::new())?;
    let mut bytes = Vec::new();
    opened.bytes.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let words = format!("more than {limit} bytes");
        return Err(io::Error::other(words));
    }
    Ok(bytes)
}

/// Peels layers off until a log or an archive is bare. `raw` counts what is read below.
pub(crate) fn unpack<'a>(
    bytes: Bytes<'a>,
    raw: &Arc<AtomicU64>,
    mut layers: Vec<&'static str>,
) -> io::Result<Opened<'a>> {
    const READ_AHEAD: usize = 256 * 1024;
    let mut bytes = bytes;
    let mut holds = Packing::Plain;
    for depth in 0..=DEEPEST {
        let (head, whole) = peek(bytes);
        holds = Packing::of(&head);
        layers.extend(holds.name(&head));
        let ahead = |whole| BufReader::with_capacity(READ_AHEAD, whole);
        let inner: Bytes<'a> = match holds {
            Packing::Plain | Packing::Tar | Packing::Zip | Packing::Ebcdic => {
                bytes = whole;
                break;
            }
            _ if depth == DEEPEST => return Err(io::Error::other("packed too often")),
            Packing::Gzip => Box::new(MultiGzDecoder::new(ahead(whole))),
            Packing::Zlib => Box::new(flate2::bufread::ZlibDecoder::new(ahead(whole))),
            Packing::Zstd => Box::new(zstd::Decoder::new(whole)?),
            Packing::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(
                ahead(whole),
                true,
                XZ_MEMORY_KIB,
            )),
            Packing::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(whole)),
            Packing::Encoded => encoding::utf8(&head, whole)?,
            Packing::Returns => Box::new(LineEnds(whole)),
            Packing::Base64 => Box::new(armour::Decoded::new(whole)),
            Packing::Cast => Box::new(cast::Printed::new(whole)),
        };
        bytes = match holds {
            Packing::Encoded | Packing::Returns | Packing::Base64 | Packing::Cast => inner,
            _ => bounded(inner, raw),
        };
    }
    Ok(Opened {
        bytes,
        layers,
        holds,
        raw: Arc::clone(raw),
    })
}

/// The first bytes, and all of them again. An error comes behind what could be read before it.
fn peek(mut bytes: Bytes<'_>) -> (Vec<u8>, Bytes<'_>) {
    let mut head = Vec::with_capacity(HEAD);
    let rest: Bytes<'_> = match bytes.by_ref().take(HEAD as u64).read_to_end(&mut head) {
        Ok(_) => bytes,
        Err(error) => Box::new(Failing(Some(error))),
    };
    let whole = Cursor::new(head.clone()).chain(rest);
    (head, Box::new(whole))
}

/// Gives an error that was met before, once.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Bytes that end with an error where they grow beyond all measure of `raw`.
pub(crate) fn bounded<'a>(inner: Bytes<'a>, raw: &Arc<AtomicU64>) -> Bytes<'a> {
    Box::new(Bounded {
        inner,
        unpacked: 0,
        raw: Arc::clone(raw),
    })
}

/// Ends what grows beyond all measure.
struct Bounded<'a> {
    inner: Bytes<'a>,
    unpacked: u64,
    raw: Arc<AtomicU64>,
}

impl Read for Bounded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.unpacked += count as u64;
        let raw = self.raw.load(Ordering::Relaxed).max(1);
        if self.unpacked > ALWAYS && self.unpacked / raw > LARGEST_RATIO {
            return Err(io::Error::other(format!(
                "it unpacks to more than {LARGEST_RATIO} times its size: the rest is left out"
            )));
        }
        Ok(count)
    }
}

/// Tells the progress of what is read from disk, and counts it.
struct Counted<'a> {
    inner: Bytes<'a>,
    progress: &'a dyn Progress,
    raw: Arc<AtomicU64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.progress.advance(count as u64);
        self.raw.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
