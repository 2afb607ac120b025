//! What a transaction carries, counted by reading it.
//!
//! `count` has what is counted and `tables` what the commands so far have made; the grammars `nft`,
//! `listing` and `iptables` put commands into tables, and `load` chooses between them.

mod count;
mod iptables;
mod listing;
mod load;
mod nft;
mod tables;

pub use count::{Error, Ledger, Mode};
pub use tables::Tables;
