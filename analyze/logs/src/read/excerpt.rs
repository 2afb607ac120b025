//! Lines of a log as they stand there, by number: what a report shows around a sync.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use super::open::{Packing, open};
use crate::error::Error;
use crate::request::{Silent, Source};

/// Bytes kept of one line; what follows is no reader's.
const LONGEST: usize = 2_000;

/// The wanted lines of a file, from 1, without their ends. A line that is not there is left out,
/// bytes that are no UTF-8 become U+FFFD, and of a line of more than 2,000 bytes the first are
/// kept. Reads no further than the last line wanted.
///
/// # Errors
/// [`Error`] if the file cannot be opened, unpacked or read.
pub fn lines_at(path: &Path, wanted: &BTreeSet<u64>) -> Result<BTreeMap<u64, String>, Error> {
    let mut found = BTreeMap::new();
    let Some(last) = wanted.last() else {
        return Ok(found);
    };
    let source = Source::file(path);
    let opened = open(&source, &Silent)?;
    // An archive's lines are those of its members.
    if opened.holds == Packing::Tar {
        return Ok(found);
    }
    let mut bytes = BufReader::with_capacity(1 << 18, opened.bytes);
    let mut kept = Vec::new();
    for number in 1..=*last {
        let failed = |error| Error::io(&source, error);
        if wanted.contains(&number) {
            kept.clear();
            let mut head = bytes.by_ref().take(LONGEST as u64);
            head.read_until(b'\n', &mut kept).map_err(failed)?;
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
        if bytes.skip_until(b'\n').map_err(failed)? == 0 {
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
        let found = lines_at(&file, &wanted).unwrap();
        std::fs::remove_file(&file).unwrap();
        let kept: Vec<(u64, usize)> = found.iter().map(|(n, text)| (*n, text.len())).collect();
        assert_eq!(kept, [(1, 3), (3, LONGEST), (4, 4), (5, 4)]);
        assert_eq!(found[&1], "one");
        assert_eq!(found[&5], "five");
        assert!(lines_at(Path::new("nowhere.log"), &wanted).is_err());
        assert!(
            lines_at(Path::new("nowhere.log"), &BTreeSet::new())
                .unwrap()
                .is_empty()
        );
    }
}
