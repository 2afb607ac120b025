//! Members of a tar archive, in the order in which they stand in it.
//!
//! Names are put together here and not by the crate, which keeps records of any length.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use tar::EntryType;

use super::{Visit, Walk, inner};
use crate::read::open::{self, Opened};

/// Longest name that is kept, and longest record that may hold one.
const LONGEST_NAME: u64 = 64 * 1024;

pub(super) fn walk<V: Visit>(
    walk: &mut Walk<'_, V>,
    path: &Path,
    opened: Opened<'_>,
) -> io::Result<()> {
    let (raw, layers) = (opened.raw, opened.layers);
    let mut archive = tar::Archive::new(opened.bytes);
    let mut long_name: Option<PathBuf> = None;
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        match entry.header().entry_type() {
            EntryType::GNULongName => long_name = Some(name(&mut entry)?),
            EntryType::XHeader => long_name = pax_name(&mut entry)?.or(long_name),
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                let name = match long_name.take() {
                    Some(name) => name,
                    None => entry.path()?.into_owned(),
                };
                let modified = entry.header().mtime().ok();
                walk.count()?;
                let (raw, layers) = (&raw, layers.clone());
                let whole = Whole {
                    left: entry.size(),
                    inner: &mut entry,
                };
                walk.member(&path.join(inner(&name)), modified, || {
                    open::unpack(Box::new(whole), raw, layers)
                });
            }
            _ => {}
        }
    }
    Ok(())
}

/// A member's bytes; where the archive ends within them, that is an error and no end.
struct Whole<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if count == 0 && self.left > 0 && !buffer.is_empty() {
            self.left = 0;
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the archive ends within it",
            ));
        }
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}

fn record(entry: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    entry.take(LONGEST_NAME).read_to_end(&mut text)?;
    Ok(text)
}

/// A GNU record that holds the next member's name.
fn name(entry: &mut impl Read) -> io::Result<PathBuf> {
    let text = record(entry)?;
    let end = memchr::memchr(0, &text).unwrap_or(text.len());
    Ok(String::from_utf8_lossy(&text[..end]).into_owned().into())
}

/// The next member's name, if a POSIX record holds it.
fn pax_name(entry: &mut impl Read) -> io::Result<Option<PathBuf>> {
    let text = record(entry)?;
    let mut extensions = tar::PaxExtensions::new(&text).filter_map(Result::ok);
    let path = extensions.find(|extension| extension.key_bytes() == b"path");
    Ok(path.map(|path| {
        String::from_utf8_lossy(path.value_bytes())
            .into_owned()
            .into()
    }))
}
