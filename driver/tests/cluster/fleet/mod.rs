//! Several drivers that share the nodes of one cluster: nothing is lost, whichever of them dies.
//!
//! `FLEET_NODES` (default 40) are played, for `FLEET_SECONDS` (20), by so many drivers one after the
//! other as `FLEET_SHARDS` (1,2) says. The full size, with figures:
//!
//! ```text
//! FLEET_NODES=1000 FLEET_SHARDS=1,2,4 FLEET_SECONDS=120 cargo test --release -p driver --test cluster -- however_many --nocapture
//! ```

mod figures;
pub mod jobs;
pub mod shards;
