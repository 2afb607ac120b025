//! What a transaction carries, counted by reading it.
//!
//! `count` has what is counted and `tables` what the commands so far have made; the grammars `nft`
//! and `iptables` put commands into tables, `listing` puts tables that stand, and `load` chooses
//! between them.

mod count;
mod iptables;
mod listing;
mod load;
mod nft;
mod tables;

pub use count::Ledger;
pub use tables::Tables;
