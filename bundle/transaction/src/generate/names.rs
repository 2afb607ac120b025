//! How kube-proxy names chains.

use sha2::{Digest as _, Sha256};

/// RFC 4648's alphabet.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The first `characters` of the text's SHA-256 in base 32.
pub(super) fn hash(text: &str, characters: usize) -> String {
    base32(&Sha256::digest(text.as_bytes()).into(), characters)
}

/// The first `characters` of a digest in base 32; of the 51 that it has.
pub(crate) fn base32(digest: &[u8; 32], characters: usize) -> String {
    let bit = |at: usize| usize::from(digest[at / 8] >> (7 - at % 8) & 1);
    let digit = |at: usize| (0..5).fold(0, |digit, next| digit * 2 + bit(at * 5 + next));
    (0..characters.min(51))
        .map(|at| char::from(ALPHABET[digit(at)]))
        .collect()
}
