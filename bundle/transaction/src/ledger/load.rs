//! A whole transaction, by the grammar of its language.

use super::count::Ledger;
use super::tables::Tables;
use super::{iptables, listing, nft};
use crate::dump::is_listing;
use crate::error::Error;
use crate::mode::Mode;

impl Tables {
    /// Loads a transaction and returns its ledger. What `nft list table` prints is read as the
    /// transaction that would make it.
    ///
    /// # Errors
    /// [`Error`] with the line that is not understood; the tables are then as far as that line.
    pub fn load(&mut self, text: &str) -> Result<Ledger, Error> {
        let mut ledger = Ledger {
            bytes: text.len() as u64,
            ..Ledger::default()
        };
        match Mode::of(text) {
            Mode::Nftables if is_listing(text) => listing::load(self, text, &mut ledger)?,
            Mode::Nftables => nft::load(self, text, &mut ledger)?,
            Mode::Iptables => iptables::load(self, text, &mut ledger)?,
        }
        self.count(&mut ledger);
        Ok(ledger)
    }
}
