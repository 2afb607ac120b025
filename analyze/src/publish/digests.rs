//! Digests of what can be made again from the same input: pages, PNGs, tables. A repository that
//! keeps the digests and not the files still notices when they would change.
//!
//! `digests.txt` is what `sha256sum` writes and `sha256sum -c` checks: a line a file, relative to
//! the report's directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// Its name in the report's directory.
pub(super) const FILE: &str = "digests.txt";

/// Whether a file of the report is one that stays where it was made: what a repository's reader
/// sees without running anything. All others can be made again.
fn kept(relative: &str) -> bool {
    matches!(relative, "report.md" | "results.json")
        || relative.starts_with("charts/") && relative.ends_with(".svg")
}

/// The document of digests of all files below the output that are not kept.
pub(super) fn document(output: &Path, made: &[(PathBuf, Vec<u8>)]) -> Vec<u8> {
    let mut lines = BTreeMap::new();
    for (path, bytes) in made {
        let relative = path.strip_prefix(output).map(|path| path.to_string_lossy());
        if let Ok(relative) = relative
            && !kept(&relative)
        {
            lines.insert(relative.into_owned(), digest(bytes));
        }
    }
    let lines = lines
        .into_iter()
        .map(|(path, digest)| format!("{digest}  {path}\n"));
    lines.collect::<String>().into_bytes()
}

/// Digests as a document has them, by the path relative to it.
pub(super) struct Known(BTreeMap<String, String>);

impl Known {
    /// Of the document in a directory; none where there is no document.
    pub(super) fn of(output: &Path) -> Self {
        let text = std::fs::read_to_string(output.join(FILE)).unwrap_or_default();
        let pairs = text.lines().filter_map(|line| line.split_once("  "));
        Self(
            pairs
                .map(|(digest, path)| (path.to_owned(), digest.to_owned()))
                .collect(),
        )
    }

    /// Whether a file that is not there is as it would be made.
    pub(super) fn vouches(&self, output: &Path, path: &Path, bytes: &[u8]) -> bool {
        let Ok(relative) = path.strip_prefix(output) else {
            return false;
        };
        let known = self.0.get(&*relative.to_string_lossy());
        !path.exists() && known.is_some_and(|known| *known == digest(bytes))
    }
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_made_again_has_a_digest() {
        let output = Path::new("out");
        let file = |name: &str| (output.join(name), name.as_bytes().to_vec());
        let made = ["report.md", "charts/a.svg", "charts/a.png", "index.html"].map(file);
        let text = String::from_utf8(document(output, &made)).unwrap();
        let paths: Vec<&str> = text
            .lines()
            .filter_map(|line| Some(line.split_once("  ")?.1))
            .collect();
        assert_eq!(paths, ["charts/a.png", "index.html"]);
        assert!(text.starts_with(&digest(b"charts/a.png")));
        assert_eq!(digest(b"").len(), 64);
    }
}
