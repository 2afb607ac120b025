//! `digests.txt`: what a report's directory lists as the report's own, by digest.
//!
//! ```text
//! # Files of a report by analyze, which replaces and deletes no others. Check: sha256sum -c digests.txt
//! 0b1f...  charts/small-ramp-trials.svg
//! ```
//!
//! The format is that of `sha256sum`, the order that of the paths, and there is no time in it: the
//! same input gives the same bytes. A file that is not listed, or whose digest is another one, is
//! the user's: nothing here deletes it, and a search for logs does not take it for a report's.
//! Whoever leaves some of a report's files out of a repository still has their digests here.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// The list's file name.
pub const NAME: &str = "digests.txt";

/// The first line. A list without it is somebody else's.
const HEAD: &str = "# Files of a report by analyze, which replaces and deletes no others. \
                    Check: sha256sum -c digests.txt\n";

/// A list that is longer is none of ours.
const LONGEST: u64 = 64 << 20;

/// Endings of what a report consists of: no list makes another file one of ours.
const ENDINGS: [&str; 9] = [
    "svg", "png", "html", "md", "json", "csv", "parquet", "xml", "css",
];

/// The report's files: path below its directory, with `/`, and SHA-256 in hexadecimal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums(BTreeMap<String, String>);

impl Sums {
    /// The list in a directory; empty if there is none, or if it is not ours.
    #[must_use]
    pub fn of(directory: &Path) -> Self {
        let path = directory.join(NAME);
        let regular = path.symlink_metadata().is_ok_and(|what| what.is_file());
        if !regular {
            return Self::default();
        }
        let mut text = String::new();
        let read = File::open(&path).and_then(|file| file.take(LONGEST).read_to_string(&mut text));
        match read {
            Ok(_) => Self::parse(&text),
            Err(_) => Self::default(),
        }
    }

    fn parse(text: &str) -> Self {
        let Some(lines) = text.strip_prefix(HEAD) else {
            return Self::default();
        };
        let listed = lines.lines().filter_map(|line| {
            let (digest, path) = line.split_once("  ")?;
            let is_digest = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
            (is_digest && may_be_ours(path)).then(|| (path.to_owned(), digest.to_owned()))
        });
        Self(listed.collect())
    }

    /// The list as it is written.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        for (path, digest) in &self.0 {
            // Writing to a String cannot fail.
            writeln!(text, "{digest}  {path}").unwrap_or_default();
        }
        text
    }

    /// Notes a file.
    pub fn add(&mut self, path: &str, digest: String) {
        self.0.insert(path.to_owned(), digest);
    }

    /// A listed file's digest.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Paths and digests, in the order of the paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(path, digest)| (path.as_str(), digest.as_str()))
    }

    /// Whether a directory below holds listed files.
    #[must_use]
    pub fn has_folder(&self, folder: &str) -> bool {
        let inside = format!("{folder}/");
        let next = self.0.range(inside.clone()..).next();
        next.is_some_and(|(path, _)| path.starts_with(&inside))
    }

    /// Whether the file at `path` below `directory` is listed and still what was written.
    #[must_use]
    pub fn owns(&self, directory: &Path, path: &str) -> bool {
        let file = directory.join(path);
        let regular = || file.symlink_metadata().is_ok_and(|what| what.is_file());
        match self.get(path) {
            Some(digest) => regular() && digest_of(&file).is_ok_and(|found| found == digest),
            None if path == NAME => regular() && *self != Self::default(),
            None => false,
        }
    }
}

/// Below the directory, not hidden, and of a kind that a report has.
fn may_be_ours(path: &str) -> bool {
    let parts = || path.split('/');
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    parts().count() <= 3
        && parts().all(|part| !part.is_empty() && !part.starts_with('.'))
        && ENDINGS.contains(&ending)
}

/// A file's SHA-256 in hexadecimal.
///
/// # Errors
/// What the operating system says.
pub fn digest_of(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hex(hasher)),
            Ok(count) => hasher.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The digest of what was hashed, in hexadecimal.
#[must_use]
pub fn hex(hasher: Sha256) -> String {
    hasher
        .finalize()
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap_or_default();
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_back_and_others_are_not_ours() {
        let mut sums = Sums::default();
        sums.add("index.html", "a".repeat(64));
        sums.add("charts/x.svg", "b".repeat(64));
        assert_eq!(Sums::parse(&sums.text()), sums);
        assert!(sums.has_folder("charts") && !sums.has_folder("chart") && !sums.has_folder("x"));
        let others = sums.text().replacen("# Files", "# My files", 1);
        assert_eq!(Sums::parse(&others), Sums::default());
    }

    #[test]
    fn no_list_reaches_out_or_takes_a_log() {
        for (path, ours) in [
            ("runs/a.html", true),
            ("../index.html", false),
            ("/index.html", false),
            ("a//b.html", false),
            ("./index.html", false),
            (".git/x.json", false),
            ("a/b/c/d.html", false),
            ("node.log", false),
            ("digests.txt", false),
        ] {
            assert_eq!(may_be_ours(path), ours, "{path}");
        }
    }
}
