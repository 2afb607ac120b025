//! `nodes/<node>/transactions/`: what a node's kube-proxy handed to `nft` or `iptables-restore`.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::layout::{self, NODES, node_directory};
use crate::replay::Table;
use crate::writer::{make_directory, open_rows};

/// A row of a node's `transactions/index.csv`.
///
/// It is of the sync of the same family whose span holds its own: kube-proxy loads a transaction
/// between `Reloading` and `SyncProxyRules complete`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptTransaction {
    /// Its file beside the index, compressed by gzip. (The column's name is that of tables of
    /// transactions.)
    #[serde(rename = "transaction")]
    pub file: String,
    /// What it was handed to: `nft`, `iptables-restore`, `ip6tables-restore`.
    pub program: String,
    /// `ipv4` or `ipv6`.
    pub family: String,
    /// When the program was called.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub ended: DateTime<Utc>,
    /// Its exit status; 0: it was loaded.
    pub status: i32,
    /// Length before compression.
    pub bytes: u64,
}

/// A node's transactions, being written.
#[derive(Debug)]
pub struct KeptWriter {
    directory: PathBuf,
    path: PathBuf,
    index: csv::Writer<std::fs::File>,
}

impl KeptWriter {
    /// Opens a node's directory in a bundle, made if absent, for adding.
    ///
    /// # Errors
    /// [`Error::MissingManifest`] if there is no bundle; [`Error::Io`].
    pub fn open(bundle: &Path, node: &str) -> Result<Self, Error> {
        if !layout::is_bundle(bundle) {
            return Err(Error::MissingManifest(bundle.to_path_buf()));
        }
        let directory = kept_directory(bundle, node);
        let made = make_directory(&directory);
        made.map_err(Error::io(
            &directory,
            "making the directory of transactions",
        ))?;
        let path = directory.join(layout::KEPT_INDEX);
        let index = open_rows(&path, "opening the index of transactions")?;
        Ok(Self {
            directory,
            path,
            index,
        })
    }

    /// Where the files go.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Adds a row; its file is the caller's.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn add(&mut self, row: &KeptTransaction) -> Result<(), Error> {
        let failed = || Error::io(&self.path, "writing the index of transactions");
        self.index
            .serialize(row)
            .map_err(|error| failed()(std::io::Error::other(error)))?;
        self.index.flush().map_err(failed())
    }
}

/// The rows of a node's index; none if nothing was kept.
///
/// # Errors
/// [`Error::BadTable`], [`Error::Io`].
pub fn kept_transactions(bundle: &Path, node: &str) -> Result<Table<KeptTransaction>, Error> {
    let index = kept_directory(bundle, node).join(layout::KEPT_INDEX);
    Table::read(&index, "transaction")
}

/// Where a node's profile by the lab is in a bundle; its directory is made if absent.
///
/// # Errors
/// [`Error::MissingManifest`] if there is no bundle; [`Error::Io`].
pub fn node_profile(bundle: &Path, node: &str) -> Result<PathBuf, Error> {
    if !layout::is_bundle(bundle) {
        return Err(Error::MissingManifest(bundle.to_path_buf()));
    }
    let directory = bundle.join(NODES).join(node_directory(node));
    let made = make_directory(&directory);
    made.map_err(Error::io(&directory, "making the directory of a profile"))?;
    Ok(directory.join(layout::NODE_PROFILE))
}

fn kept_directory(bundle: &Path, node: &str) -> PathBuf {
    bundle
        .join(NODES)
        .join(node_directory(node))
        .join(layout::KEPT_DIRECTORY)
}
