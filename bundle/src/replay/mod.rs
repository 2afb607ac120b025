//! A bundle of the kind `replay`: transactions of kube-proxy, loaded on kernels without a cluster.

mod build;
mod measurement;
mod profile;
mod table;
mod transaction;
mod writer;

use std::path::Path;

pub use build::Build;
pub use measurement::{Clock, Measurement, Outcome};
pub use profile::Profile;
pub use table::Table;
pub use transaction::Transaction;
pub use writer::ReplayWriter;

use crate::error::Error;
use crate::layout;

/// The tables of a replay.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Replay {
    /// `transactions.csv`.
    pub transactions: Table<Transaction>,
    /// `replays.csv`.
    pub measurements: Table<Measurement>,
    /// `builds.csv`.
    pub builds: Table<Build>,
    /// `profiles.csv`.
    pub profiles: Table<Profile>,
}

impl Replay {
    /// Reads the tables of the bundle in `directory`; one that is absent or empty has no rows,
    /// as after an interruption. Rows that cannot be read are noted in the table's `faults`.
    ///
    /// # Errors
    /// [`Error::BadTable`] if a column is missing; [`Error::Io`].
    pub fn read(directory: &Path) -> Result<Self, Error> {
        Ok(Self {
            transactions: Table::read(&directory.join(layout::TRANSACTIONS), "transaction")?,
            measurements: Table::read(&directory.join(layout::REPLAYS), "transaction")?,
            builds: Table::read(&directory.join(layout::BUILDS), "build")?,
            profiles: Table::read(&directory.join(layout::PROFILES), "transaction")?,
        })
    }
}
