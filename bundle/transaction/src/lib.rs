//! Transactions of kube-proxy, without a kernel: the batch for `nft -f`, the input of
//! `iptables-restore`.
//!
//! [`Tables`] reads one after another and counts what each carries (its [`Ledger`]);
//! [`generate`] writes those of a kube-proxy of a given version, and [`cold`] the one that would
//! make the rules of a node as `nft list` or `iptables-save` print them.
//!
//! ```
//! use transaction::{Mode, Request, Shape, Tables, generate};
//!
//! # fn main() -> Result<(), transaction::Error> {
//! let batch = generate(&Request {
//!     mode: Mode::Nftables,
//!     shape: Shape::KubeProxy1_32,
//!     services: 100,
//!     endpoints: 30,
//!     from_replicas: None,
//!     local: 0,
//!     has_api_endpoint: true,
//! });
//! let ledger = Tables::default().load(&batch)?;
//! // One anonymous map for each Service of several endpoints, and one for the API server's.
//! assert_eq!(ledger.anonymous, 101);
//! # Ok(())
//! # }
//! ```

mod dump;
mod error;
mod family;
mod generate;
mod ledger;
mod mode;
mod scale;
mod scrub;
mod split;
mod words;

pub use dump::{Cold, LeftOut, Own, cold, is_dump, own, text};
pub use error::Error;
pub use family::Family;
pub use generate::{Request, Shape, generate};
pub use ledger::{Ledger, Tables};
pub use mode::Mode;
pub use scale::Scale;
pub use scrub::scrub;
pub use split::split;

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
