//! Other names for names.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use crate::generate::base32;

/// Those of the Service that every cluster has.
const KEPT: [&str; 2] = ["default", "kubernetes"];
/// Tries before a name gets a letter more.
const TRIES: u32 = 40;

pub(super) struct Names {
    key: [u8; 32],
    /// What must not come out.
    taken: BTreeSet<String>,
    known: BTreeMap<String, String>,
}

impl Names {
    pub(super) const fn new(key: [u8; 32], originals: BTreeSet<String>) -> Self {
        Self {
            key,
            taken: originals,
            known: BTreeMap::new(),
        }
    }

    /// Another name of the same length, in letters.
    pub(super) fn of(&mut self, name: &str) -> String {
        if KEPT.contains(&name) {
            return name.to_owned();
        }
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let mut attempt = 0;
        let made = loop {
            // One that is short may have all others of its length taken.
            let letters = name.len() + (attempt / TRIES) as usize;
            let made = self.letters(name, attempt, letters);
            if self.taken.insert(made.clone()) {
                break made;
            }
            attempt += 1;
        };
        self.known.insert(name.to_owned(), made.clone());
        made
    }

    /// Another hash for that in kube-proxy's name of something.
    pub(super) fn digest(&self, of: &str, characters: usize) -> String {
        base32(&self.hash(&["hash", of]), characters)
    }

    fn letters(&self, name: &str, attempt: u32, count: usize) -> String {
        let mut letters = String::with_capacity(count);
        let mut block = 0_u32;
        while letters.len() < count {
            let words = ["name", name, &attempt.to_string(), &block.to_string()];
            let bytes = self.hash(&words);
            let missing = count - letters.len();
            letters.extend(
                bytes
                    .iter()
                    .take(missing)
                    .map(|byte| char::from(b'a' + byte % 26)),
            );
            block += 1;
        }
        letters
    }

    fn hash(&self, words: &[&str]) -> [u8; 32] {
        let mut hasher = Sha256::new_with_prefix(self.key);
        for word in words {
            hasher.update(word.as_bytes());
            hasher.update([0]);
        }
        hasher.finalize().into()
    }
}
