//! Lines of a log as they stand there, by number: what a report shows around a sync.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

use super::archive::{Visit, Walk};
use super::open::{Bytes, Opened, open};
use super::regular;
use crate::error::Error;
use crate::request::{Place, Silent, Source};

/// Bytes kept of one line; what follows is no reader's.
const LONGEST: usize = 2_000;

/// Lines wanted, from 1, by the path of their log.
type Wanted<'w> = BTreeMap<&'w str, BTreeSet<u64>>;
/// Lines found, without their ends, by path and number.
type Lines<'w> = BTreeMap<&'w str, BTreeMap<u64, String>>;

/// The file on the disk that a log's path leads to: the file itself, or the archive whose member
/// the log is. None where there is none, or no regular one.
#[must_use]
pub fn file_behind(path: &Path) -> Option<&Path> {
    let there = path.ancestors().find_map(|path| {
        let known = path.metadata().ok()?;
        Some((path, known.is_file()))
    });
    // A directory holds no lines.
    there.filter(|(_, is_file)| *is_file).map(|(path, _)| path)
}

/// The wanted lines of a file, or of the members of an archive. A line that is not there is left
/// out, bytes that are no UTF-8 become U+FFFD, and of a line of more than 2,000 bytes the first
/// are kept. Reads no further in a log than the last line wanted.
///
/// # Errors
/// [`Error`] if the file cannot be opened, unpacked or read.
pub fn lines_at<'w>(file: &Path, wanted: &Wanted<'w>) -> Result<Lines<'w>, Error> {
    lines_in(&Source::file(file), wanted)
}

/// The same of a source: a file, or an object.
///
/// # Errors
/// As [`lines_at`].
pub fn lines_in<'w>(source: &Source, wanted: &Wanted<'w>) -> Result<Lines<'w>, Error> {
    let failed = |error| Error::io(source, error);
    let mut found = Lines::new();
    if wanted.values().all(BTreeSet::is_empty) {
        return Ok(found);
    }
    let bytes = match &source.place {
        Place::File(file) => Some(regular::open(file).map_err(failed)?),
        Place::Object(_) => None,
        // What came from there is gone.
        Place::Stdin => return Ok(found),
    };
    let file = Path::new(&source.display);
    let opened = open(source, bytes.as_ref(), &Silent)?;
    if opened.holds.is_archive() {
        let mut members = Members { wanted, found };
        Walk::over(&mut members, file, &source.place, opened).map_err(failed)?;
        return Ok(members.found);
    }
    for (path, lines) in wanted {
        if Path::new(path) == file {
            found.insert(path, lines_of(opened.bytes, lines).map_err(failed)?);
            break;
        }
    }
    Ok(found)
}

/// Looks the wanted lines up in the members of an archive.
struct Members<'a, 'w> {
    wanted: &'a Wanted<'w>,
    found: Lines<'w>,
}

impl Visit for Members<'_, '_> {
    fn counts(&self, path: &Path) -> bool {
        // An archive in the archive holds those below its path.
        let below = |wanted: &&str| Path::new(wanted).starts_with(path);
        self.wanted.keys().any(below)
    }

    fn content(&mut self, path: &Path, opened: Opened<'_>, _: Option<u64>) -> io::Result<()> {
        if let Some((name, lines)) = path
            .to_str()
            .and_then(|path| self.wanted.get_key_value(path))
        {
            self.found.insert(name, lines_of(opened.bytes, lines)?);
        }
        Ok(())
    }

    // Who read the log before told what could not be read.
    fn broken(&mut self, _: &Path, _: &io::Error) {}

    fn encrypted(&mut self, _: &Path) {}
}

fn lines_of(bytes: Bytes<'_>, wanted: &BTreeSet<u64>) -> io::Result<BTreeMap<u64, String>> {
    let mut found = BTreeMap::new();
    let last = wanted.last().copied().unwrap_or(0);
    let mut bytes = BufReader::with_capacity(1 << 18, bytes);
    let mut kept = Vec::new();
    for number in 1..=last {
        if wanted.contains(&number) {
            kept.clear();
            let mut head = bytes.by_ref().take(LONGEST as u64);
            head.read_until(b'\n', &mut kept)?;
            if kept.is_empty() {
                break;
            }
            let whole = kept.ends_with(b"\n");
            let text = String::from_utf8_lossy(&kept);
            found.insert(number, text.trim_end_matches(['\n', '\r']).to_owned());
            if whole {
                continue;
            }
        }
        if bytes.skip_until(b'\n')? == 0 {
            break;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_by_their_number_and_cut_where_they_are_long() {
        let file = std::env::temp_dir().join(format!("lines-at-{}.log", std::process::id()));
        let long = "x".repeat(LONGEST + 7);
        std::fs::write(&file, format!("one\r\ntwo\n{long}\nfour\nfive")).unwrap();
        let wanted: BTreeSet<u64> = [1, 3, 4, 5, 6, 90].into();
        let name = file.to_str().unwrap();
        let one = |name| BTreeMap::from([(name, wanted.clone())]);
        let found = lines_at(&file, &one(name)).unwrap()[name].clone();
        assert_eq!(
            file_behind(&file.join("member/0.log")),
            Some(file.as_path())
        );
        assert_eq!(file_behind(&std::env::temp_dir().join("no.log")), None);
        std::fs::remove_file(&file).unwrap();
        let kept: Vec<(u64, usize)> = found.iter().map(|(n, text)| (*n, text.len())).collect();
        assert_eq!(kept, [(1, 3), (3, LONGEST), (4, 4), (5, 4)]);
        assert_eq!(found[&1], "one");
        assert_eq!(found[&5], "five");
        let nowhere = Path::new("nowhere.log");
        assert!(lines_at(nowhere, &one("nowhere.log")).is_err());
        assert!(lines_at(nowhere, &BTreeMap::new()).unwrap().is_empty());
    }
}
