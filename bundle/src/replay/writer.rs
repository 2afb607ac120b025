//! Writing a replay so that an interruption at any point loses nothing that was measured.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Measurement, Transaction};
use crate::error::Error;
use crate::layout;
use crate::manifest::Manifest;
use crate::writer::{open_rows, start, write_manifest};

/// A bundle of the kind `replay`, being written.
#[derive(Debug)]
pub struct ReplayWriter {
    directory: PathBuf,
    transactions: Rows,
    measurements: Rows,
}

/// A table that is appended to.
#[derive(Debug)]
struct Rows {
    path: PathBuf,
    csv: csv::Writer<File>,
}

impl ReplayWriter {
    /// Starts a bundle in `directory` (made if absent), or goes on with the one that is there:
    /// rows of an earlier call stay.
    ///
    /// # Errors
    /// [`Error::NotEmpty`] if the directory holds something that is no bundle; [`Error::Io`].
    pub fn create(directory: &Path, manifest: &Manifest) -> Result<Self, Error> {
        start(directory, manifest)?;
        Ok(Self {
            directory: directory.to_path_buf(),
            transactions: Rows::open(directory.join(layout::TRANSACTIONS))?,
            measurements: Rows::open(directory.join(layout::REPLAYS))?,
        })
    }

    /// Appends a row to `transactions.csv` and hands it to the operating system at once.
    ///
    /// # Errors
    /// [`Error::Io`], as when the disk is full.
    pub fn transaction(&mut self, row: &Transaction) -> Result<(), Error> {
        self.transactions.append(row)
    }

    /// Appends a row to `replays.csv` and hands it to the operating system at once.
    ///
    /// # Errors
    /// [`Error::Io`], as when the disk is full.
    pub fn measurement(&mut self, row: &Measurement) -> Result<(), Error> {
        self.measurements.append(row)
    }

    /// Replaces the manifest by an atomic rename.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn update(&self, manifest: &Manifest) -> Result<(), Error> {
        write_manifest(&self.directory, manifest)
    }
}

impl Rows {
    fn open(path: PathBuf) -> Result<Self, Error> {
        let csv = open_rows(&path, "opening the table")?;
        Ok(Self { path, csv })
    }

    fn append(&mut self, row: &impl Serialize) -> Result<(), Error> {
        let failed = || Error::io(&self.path, "writing the table");
        self.csv
            .serialize(row)
            .map_err(|error| failed()(std::io::Error::other(error)))?;
        self.csv.flush().map_err(failed())
    }
}
