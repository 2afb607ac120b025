//! A data set: what was read of many runs, as Parquet, in a directory or an object store.
//!
//! ```text
//! dataset.json                             its schema version
//! runs/ID.json                             a run: a bundle, a replay, or logs; which parts it has
//! files/run=ID.tar.zst                     what a run has beside its logs; logs stand in it empty
//! parts/run=ID/NNN.json                     a part that is whole, and the tables that it is in
//! syncs/run=ID/NNN-HASH.parquet             tables, for any engine that reads Parquet
//! kernel_events/run=ID/NNN-HASH.parquet
//! logs/run=ID/NNN-HASH.parquet
//! lines/run=ID/NNN-HASH.parquet             lines in which reasons of failures stand
//! steps/run=ID/HASH.parquet                what the driver did
//! ```
//!
//! A part is the logs of those of a run's nodes whose names fall into one of [`PARTS`] bins
//! ([`bin`]). Its tables are written first, under names that their bytes give them, and its JSON
//! last: whoever reads by the JSON sees a part as it was or as it is, and a part that is written
//! twice is one.

mod fetched;
mod files;
mod names;
mod restored;
mod run;
mod schema;
mod set;
mod tables;

pub use fetched::{FETCHED, Fetched};
pub use files::{FileOf, Held, pack, unpack};
pub use restored::{KeptLines, gathered};
pub use run::{Kind, Made, Packed, Part, ReadFile, Run, Tables};
pub use schema::schema;
pub use set::{DataSet, is_at};
pub use tables::{kernel_events, lines, logs, steps, syncs};

use sha2::{Digest as _, Sha256};

/// The layout. A data set of another is refused.
pub const SCHEMA: u32 = 1;

/// Parts that a run may have at most; so many machines can share one.
pub const PARTS: u32 = 256;

/// The bin of a node or of a log without one, by its name: the first eight bytes of its SHA-256,
/// largest first, modulo [`PARTS`]. It is the same on every machine and in every version.
#[must_use]
pub fn bin(name: &str) -> u32 {
    let hash = Sha256::digest(name.as_bytes());
    let number = hash[..8]
        .iter()
        .fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    u32::try_from(number % u64::from(PARTS)).unwrap_or_default()
}

/// Whether a shard of several has a bin: every so many-th is its.
#[must_use]
pub fn has(shard: u32, shards: u32, bin: u32) -> bool {
    bin % shards.max(1) == shard
}

/// The first digits of a hash, as they stand in names.
fn digits(bytes: &[u8], count: usize) -> String {
    let hash = Sha256::digest(bytes);
    let hex = hash.iter().map(|byte| format!("{byte:02x}"));
    hex.take(count.div_ceil(2)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bin_is_by_the_name_alone() {
        // As FIPS 180 and its examples have them.
        let known = [
            ("a", 0xca97_8112_ca1b_bdca_u64),
            ("", 0xe3b0_c442_98fc_1c14),
        ];
        for (name, first) in known {
            assert_eq!(u64::from(bin(name)), first % u64::from(PARTS), "{name:?}");
        }
    }

    #[test]
    fn every_bin_is_some_shard_s_and_no_other_s() {
        for shards in [1, 2, 3, 7, PARTS] {
            for bin in 0..PARTS {
                let owners = (0..shards).filter(|shard| has(*shard, shards, bin));
                assert_eq!(owners.count(), 1, "bin {bin} of {shards} shards");
            }
        }
    }

    /// 5,000 nodes fall onto shards within a tenth of even.
    #[test]
    fn nodes_fall_evenly() {
        for shards in [2u32, 4] {
            let mut shares = vec![0u32; shards as usize];
            for node in 0..5_000 {
                let bin = bin(&format!(
                    "ip-10-0-{}-{}.ec2.internal",
                    node / 250,
                    node % 250
                ));
                let owner = (0..shards).find(|shard| has(*shard, shards, bin)).unwrap();
                shares[owner as usize] += 1;
            }
            let even = 5_000 / shards;
            for share in &shares {
                assert!(share.abs_diff(even) * 10 <= even, "{shares:?}");
            }
        }
    }
}
