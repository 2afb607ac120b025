//! Writing a replay so that an interruption at any point loses nothing that was measured.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Build, Measurement, Profile, Transaction};
use crate::error::Error;
use crate::layout;
use crate::manifest::Manifest;
use crate::writer::{make_directory, open_rows, start, write_manifest, write_private};

/// A bundle of the kind `replay`, being written.
#[derive(Debug)]
pub struct ReplayWriter {
    directory: PathBuf,
    transactions: Rows,
    measurements: Rows,
    /// Opened with its first row.
    builds: Option<Rows>,
    /// Likewise.
    profiles: Option<Rows>,
}

/// A table that is appended to.
#[derive(Debug)]
struct Rows {
    path: PathBuf,
    csv: csv::Writer<File>,
    /// Whether its first line is known to name the columns of the rows.
    is_headed: bool,
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
            builds: None,
            profiles: None,
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

    /// Appends a row to `builds.csv` and hands it to the operating system at once.
    ///
    /// # Errors
    /// [`Error::Io`], as when the disk is full.
    pub fn build(&mut self, row: &Build) -> Result<(), Error> {
        let rows = match self.builds.take() {
            Some(rows) => rows,
            None => Rows::open(self.directory.join(layout::BUILDS))?,
        };
        self.builds.insert(rows).append(row)
    }

    /// Keeps the stacks of a profile, then appends its row to `profiles.csv`.
    ///
    /// # Errors
    /// [`Error::Io`], as when the disk is full.
    pub fn profile(&mut self, row: &Profile, stacks: &str) -> Result<(), Error> {
        let directory = self.directory.join(layout::PROFILE_DIRECTORY);
        let made = make_directory(&directory);
        made.map_err(Error::io(&directory, "making the directory of profiles"))?;
        let path = directory.join(&row.file);
        write_private(&path, stacks).map_err(Error::io(&path, "writing the stacks"))?;
        let rows = match self.profiles.take() {
            Some(rows) => rows,
            None => Rows::open(self.directory.join(layout::PROFILES))?,
        };
        self.profiles.insert(rows).append(row)
    }

    /// Keeps the file of an edit beside the tables.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn edit(&self, name: &str, text: &str) -> Result<(), Error> {
        let directory = self.directory.join(layout::EDITS);
        let made = make_directory(&directory);
        made.map_err(Error::io(&directory, "making the directory of edits"))?;
        let path = directory.join(name);
        write_private(&path, text).map_err(Error::io(&path, "writing the edit"))
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
        Ok(Self {
            path,
            csv,
            is_headed: false,
        })
    }

    fn append(&mut self, row: &impl Serialize) -> Result<(), Error> {
        if !self.is_headed {
            self.add_columns(row)?;
            self.is_headed = true;
        }
        let failed = || Error::io(&self.path, "writing the table");
        self.csv
            .serialize(row)
            .map_err(|error| failed()(std::io::Error::other(error)))?;
        self.csv.flush().map_err(failed())
    }

    /// A table that an earlier version began lacks the last columns: it gets them, and its whole
    /// rows an empty field for each. A row that was left half-written stays as it is.
    fn add_columns(&mut self, row: &impl Serialize) -> Result<(), Error> {
        let failed = || Error::io(&self.path, "adding columns to the table");
        let other = |error: csv::Error| failed()(std::io::Error::other(error));
        let mut made = csv::Writer::from_writer(Vec::new());
        made.serialize(row).map_err(other)?;
        let made = made
            .into_inner()
            .map_err(|error| failed()(std::io::Error::other(error.to_string())))?;
        let wanted = rows(&made[..]).headers().map_err(other)?.clone();
        let before = std::fs::read(&self.path).map_err(failed())?;
        let mut reader = rows(&before[..]);
        let found = reader.headers().map_err(other)?.clone();
        let begins = found.iter().eq(wanted.iter().take(found.len()));
        if found.is_empty() || found.len() >= wanted.len() || !begins {
            return Ok(());
        }
        let file = tempfile::NamedTempFile::new_in(self.directory()).map_err(failed())?;
        let mut table = csv::WriterBuilder::new().flexible(true).from_writer(file);
        table.write_record(&wanted).map_err(other)?;
        for record in reader.records() {
            let mut record = record.map_err(other)?;
            if record.len() == found.len() {
                record.extend(vec![""; wanted.len() - found.len()]);
            }
            table.write_record(&record).map_err(other)?;
        }
        let file = table
            .into_inner()
            .map_err(|error| failed()(std::io::Error::other(error.to_string())))?;
        file.persist(&self.path)
            .map_err(|error| failed()(error.error))?;
        self.csv = open_rows(&self.path, "opening the table")?;
        Ok(())
    }

    fn directory(&self) -> PathBuf {
        let parent = self.path.parent();
        parent.unwrap_or_else(|| Path::new(".")).to_path_buf()
    }
}

fn rows(bytes: &[u8]) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().flexible(true).from_reader(bytes)
}
