//! Studies before anything of them is computed, and their names.

use std::collections::HashSet;

/// A study before anything of it is computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudySeed {
    /// Identity, safe in a file name.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Its bundles: places in the corpus.
    pub bundles: Vec<usize>,
    /// Whether it was thrown together from several for want of anything to compare.
    pub pooled: bool,
}

/// A name for files and links: letters, digits, `.`, `_` and `-`; with a number behind it if
/// another study has taken it.
pub(super) fn safe(name: &str, taken: &mut HashSet<String>) -> String {
    let plain: String = name
        .chars()
        .take(80)
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    let plain = plain.trim_start_matches('.');
    free(if plain.is_empty() { "study" } else { plain }, taken)
}

/// The name, or the first of `name-2`, `name-3` ... that is not taken; takes it.
pub(super) fn free(name: &str, taken: &mut HashSet<String>) -> String {
    let numbered = (2..).map(|n| format!("{name}-{n}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    let found = names.find(|one| taken.insert(one.clone()));
    found.unwrap_or_default()
}
