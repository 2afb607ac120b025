//! A table of a replay, read from CSV.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::regular;

/// The rows of a table, and what could not be read of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Table<R> {
    /// Rows in file order, each with its line number, from 1.
    pub rows: Vec<(u64, R)>,
    /// Rows that could not be read, each with its line number and the reason. A replay that died
    /// may have written half of a row.
    pub faults: Vec<(u64, String)>,
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            faults: Vec::new(),
        }
    }
}

impl<R: DeserializeOwned> Table<R> {
    /// Reads a table; an absent or empty file has no rows. `key` is a column that it must have.
    ///
    /// # Errors
    /// [`Error::BadTable`] if the first line is no header; [`Error::NotAFile`],
    /// [`Error::TooLarge`], [`Error::Io`].
    pub fn read(path: &Path, key: &str) -> Result<Self, Error> {
        let bytes = regular::read(path, regular::LARGEST_TABLE, "reading the table")?;
        let Some(bytes) = bytes else {
            return Ok(Self::default());
        };
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(&bytes[..]);
        let bad = |line: u64, problem: String| Error::BadTable {
            path: path.to_path_buf(),
            line,
            problem,
        };
        let headers = reader.headers().map_err(|e| bad(1, e.to_string()))?.clone();
        if !bytes.is_empty() && !headers.iter().any(|name| name == key) {
            return Err(bad(1, format!("the first line has no column `{key}`")));
        }
        let mut table = Self::default();
        for record in reader.records() {
            let read = record.and_then(|record| {
                let line = record.position().map_or(0, csv::Position::line);
                record.deserialize(Some(&headers)).map(|row| (line, row))
            });
            match read {
                Ok(row) => table.rows.push(row),
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    table
                        .faults
                        .push((line, format!("not a row of this table: {error}")));
                }
            }
        }
        Ok(table)
    }
}
