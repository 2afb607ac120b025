//! Transactions of kube-proxy, without a kernel: the batch for `nft -f`, the input of
//! `iptables-restore`.
//!
//! [`Tables`] reads one after another and counts what each carries (its [`Ledger`]);
//! [`generate`] writes those of a kube-proxy of a given version.

mod generate;
mod ledger;

pub use generate::{Request, Shape, generate};
pub use ledger::{Error, Ledger, Mode, Tables};

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// SHA-256 of a file's text, in hex.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a String cannot fail.
        write!(hex, "{byte:02x}").unwrap_or_default();
        hex
    })
}
