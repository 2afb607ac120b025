//! Opening a log, whatever compressed it.

use std::fs::File;
use std::io::{self, BufReader, Chain, Cursor, Read};

use flate2::read::MultiGzDecoder;

use crate::error::Error;
use crate::request::{Place, Progress, Source};

/// How a file is packed, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstd,
}

impl Packing {
    pub(crate) fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ => Self::Plain,
        }
    }

    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Gzip => "gz",
            Self::Zstd => "zst",
        }
    }
}

/// A log's bytes, decompressed, and how they were packed.
pub(crate) struct Opened<'a> {
    pub(crate) bytes: Box<dyn Read + Send + 'a>,
    pub(crate) packing: Packing,
}

/// Opens a source for reading from its first byte on.
pub(crate) fn open<'a>(source: &Source, progress: &'a dyn Progress) -> Result<Opened<'a>, Error> {
    match &source.place {
        Place::Stdin => {
            let inner = io::stdin();
            unpack(source, Counted { inner, progress })
        }
        Place::File(path) => {
            let file = File::open(path).map_err(|error| Error::io(source, error))?;
            unpack(
                source,
                Counted {
                    inner: file,
                    progress,
                },
            )
        }
    }
}

fn unpack<'a>(source: &Source, mut raw: impl Read + Send + 'a) -> Result<Opened<'a>, Error> {
    const READ_AHEAD: usize = 256 * 1024;
    let mut head = Vec::with_capacity(4);
    raw.by_ref()
        .take(4)
        .read_to_end(&mut head)
        .map_err(|error| Error::io(source, error))?;
    let packing = Packing::of(&head);
    let whole: Chain<Cursor<Vec<u8>>, _> = Cursor::new(head).chain(raw);
    let bytes: Box<dyn Read + Send + 'a> = match packing {
        Packing::Plain => Box::new(whole),
        Packing::Gzip => Box::new(MultiGzDecoder::new(BufReader::with_capacity(
            READ_AHEAD, whole,
        ))),
        Packing::Zstd => {
            Box::new(zstd::Decoder::new(whole).map_err(|error| Error::io(source, error))?)
        }
    };
    Ok(Opened { bytes, packing })
}

/// Tells the progress of what is read from disk.
struct Counted<'a, R> {
    inner: R,
    progress: &'a dyn Progress,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.progress.advance(count as u64);
        Ok(count)
    }
}
