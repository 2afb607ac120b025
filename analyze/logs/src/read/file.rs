//! One source, read the fastest way that its content allows.

use std::fs::File;
use std::io::Read;
use std::time::UNIX_EPOCH;

use super::finder::Finder;
use super::lines::in_pieces;
use super::open::{self, Packing};
use super::stream::{FileScan, HEAD, SMALL, streamed};
use super::{archive, chunks, export, regular, verbose};
use crate::error::Error;
use crate::request::{Place, Progress, Source};

/// Reads a source: a log, or the logs of an archive, each a source of its own.
pub(crate) fn read(
    source: &Source,
    finder: &Finder,
    progress: &dyn Progress,
) -> Result<Vec<(Source, FileScan)>, Error> {
    let path = match &source.place {
        Place::File(path) => path,
        Place::Object(object) => {
            let modified_ns = object.0.modified_ns();
            return opened(source, None, finder, progress, modified_ns);
        }
        Place::Stdin => return opened(source, None, finder, progress, None),
    };
    let file = regular::open(path).map_err(|error| Error::io(source, error))?;
    let metadata = file.metadata().map_err(|error| Error::io(source, error))?;
    let modified_ns = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .and_then(|age| i64::try_from(age.as_nanos()).ok());
    if metadata.len() > SMALL && is_plain(&head(source, &file)?, finder) {
        let scan = chunks::parallel(source, &file, metadata.len(), finder, progress)?;
        if !scan.pieces {
            let scan = FileScan {
                scan,
                packing: Vec::new(),
                modified_ns,
                broken: shrunk(metadata.len(), &file),
            };
            return Ok(vec![(source.clone(), scan)]);
        }
    }
    let mut scans = opened(source, Some(&file), finder, progress, modified_ns)?;
    if let Some((_, first)) = scans.first_mut()
        && first.broken.is_none()
    {
        first.broken = shrunk(metadata.len(), &file);
    }
    Ok(scans)
}

/// Whether it may be searched in chunks, by its beginning: each line is one of a log, as it stands.
fn is_plain(head: &[u8], finder: &Finder) -> bool {
    Packing::of(head) == Packing::Plain
        && !in_pieces(head, finder)
        && !export::begins(head)
        && !verbose::begins(head)
}

/// What is wrong with a file that was longer before it was read: its lines were not all there.
fn shrunk(before: u64, file: &File) -> Option<String> {
    let after = file.metadata().ok()?.len();
    (after < before).then(|| {
        format!("it shrank from {before} to {after} bytes while it was read: lines are missing")
    })
}

/// Unpacks a source, and reads the log or the archive that comes to light.
fn opened(
    source: &Source,
    file: Option<&File>,
    finder: &Finder,
    progress: &dyn Progress,
    modified_ns: Option<i64>,
) -> Result<Vec<(Source, FileScan)>, Error> {
    let opened = open::open(source, file, progress)?;
    if opened.holds.is_archive() {
        return archive::members(source, opened, finder, modified_ns);
    }
    let scan = streamed(source, finder, opened, modified_ns)?;
    Ok(vec![(source.clone(), scan)])
}

/// The first bytes of a file, without moving on in it.
fn head(source: &Source, file: &File) -> Result<Vec<u8>, Error> {
    let mut head = Vec::new();
    let mut file = file.try_clone().map_err(|error| Error::io(source, error))?;
    file.by_ref()
        .take(HEAD)
        .read_to_end(&mut head)
        .map_err(|error| Error::io(source, error))?;
    std::io::Seek::rewind(&mut file).map_err(|error| Error::io(source, error))?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_shrinks_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        std::fs::write(&path, "0123456789").unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        assert_eq!(shrunk(10, &file), None);
        file.set_len(11).unwrap();
        assert_eq!(shrunk(10, &file), None);
        file.set_len(9).unwrap();
        assert!(shrunk(10, &file).unwrap().contains("from 10 to 9 bytes"));
    }
}
