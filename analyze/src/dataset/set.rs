//! A data set as it lies in a store.

use std::collections::HashSet;
use std::path::Path;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::run::{Part, Run, Tables};
use super::{SCHEMA, digits};
use crate::error::Error;
use crate::frame::Table;
use crate::store::{self, Store};

/// Tables of parts.
const TABLES: [&str; 4] = ["syncs", "kernel_events", "logs", "lines"];

/// What says that a directory is a data set.
const MARK: &str = "dataset.json";

/// `dataset.json`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct Mark {
    /// The layout: [`SCHEMA`].
    schema: u32,
}

/// A data set.
#[derive(Debug, Clone)]
pub struct DataSet {
    pub(super) store: Store,
}

/// Whether a data set is at a place: a directory or an address.
///
/// # Errors
/// [`Error::Store`] if the store does not answer.
pub fn is_at(place: &Path) -> Result<bool, Error> {
    store::holds(place, MARK)
}

/// JSON as it lies in a data set.
fn written<T: Serialize>(what: &T) -> Result<Vec<u8>, Error> {
    let mut bytes = serde_json::to_vec_pretty(what).map_err(Error::making("JSON"))?;
    bytes.push(b'\n');
    Ok(bytes)
}

impl DataSet {
    /// Opens a data set, or begins one.
    ///
    /// # Errors
    /// [`Error::DataSet`] for one of another layout, or a directory with other things in it;
    /// [`Error::Store`].
    pub fn create(place: &str) -> Result<Self, Error> {
        let set = Self {
            store: Store::at(place)?,
        };
        if set.mark()?.is_none() {
            let strangers = set.store.list("")?;
            let ours = [
                "runs/",
                "files/",
                "parts/",
                "syncs/",
                "kernel_events/",
                "logs/",
                "lines/",
                "steps/",
            ];
            let strange = |key: &str| !ours.iter().any(|one| key.starts_with(one));
            if let Some(other) = strangers.iter().find(|one| strange(&one.key)) {
                return Err(set.wrong(&other.key, "is no part of a data set; give an empty place"));
            }
            set.say(MARK, &Mark { schema: SCHEMA })?;
        }
        Ok(set)
    }

    /// Opens a data set.
    ///
    /// # Errors
    /// [`Error::DataSet`] if there is none, or one of another layout; [`Error::Store`].
    pub fn open(place: &str) -> Result<Self, Error> {
        let set = Self {
            store: Store::at(place)?,
        };
        match set.mark()? {
            Some(_) => Ok(set),
            None => Err(set.wrong(MARK, "is not there: no data set")),
        }
    }

    fn mark(&self) -> Result<Option<Mark>, Error> {
        let mark: Option<Mark> = self.said(MARK)?;
        match &mark {
            Some(mark) if mark.schema != SCHEMA => {
                let problem = format!("layout {}; this program knows {SCHEMA}", mark.schema);
                Err(self.wrong(MARK, &problem))
            }
            _ => Ok(mark),
        }
    }

    /// Whether it lies in an object store.
    #[must_use]
    pub fn is_far(&self) -> bool {
        self.store.is_far()
    }

    /// Its address, as it may be shown.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.store.shown()
    }

    /// Something wrong with a file of it.
    #[must_use]
    pub fn wrong(&self, key: &str, problem: &str) -> Error {
        Error::DataSet {
            place: format!("{}/{key}", self.shown().trim_end_matches('/')),
            problem: problem.to_owned(),
        }
    }

    fn said<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        self.read(key, self.store.get(key)?)
    }

    /// The JSON of a key, if there was any.
    pub(super) fn read<T: DeserializeOwned>(
        &self,
        key: &str,
        bytes: Option<Vec<u8>>,
    ) -> Result<Option<T>, Error> {
        let read = bytes
            .map(|bytes| serde_json::from_slice(&bytes))
            .transpose();
        read.map_err(|error| self.wrong(key, &error.to_string()))
    }

    /// Writes JSON, unless it is there as it is.
    fn say<T: Serialize>(&self, key: &str, what: &T) -> Result<(), Error> {
        let bytes = written(what)?;
        if self.store.get(key)?.as_deref() == Some(&bytes) {
            return Ok(());
        }
        self.store.put(key, bytes)
    }

    /// Its runs, in the order of their names.
    ///
    /// # Errors
    /// [`Error::DataSet`], [`Error::Store`].
    pub fn runs(&self) -> Result<Vec<Run>, Error> {
        let listed = self.store.list("runs")?;
        let said = self
            .store
            .get_all(listed.iter().map(|one| one.key.as_str()))?;
        let mut runs = Vec::new();
        for (one, bytes) in listed.iter().zip(said) {
            runs.extend(self.read::<Run>(&one.key, bytes)?);
        }
        Ok(runs)
    }

    /// The run of a name.
    ///
    /// # Errors
    /// As [`DataSet::runs`].
    pub fn run(&self, id: &str) -> Result<Option<Run>, Error> {
        self.said(&Run::key(id))
    }

    /// Says what a run is.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn say_run(&self, run: &Run) -> Result<(), Error> {
        self.say(&Run::key(&run.id), run)
    }

    /// A part, if it is whole.
    ///
    /// # Errors
    /// As [`DataSet::runs`].
    pub fn part(&self, run: &str, bin: u32) -> Result<Option<Part>, Error> {
        self.said(&Part::key(run, bin))
    }

    /// Writes a part's tables, as Parquet, then says that it is whole. Gives where they are.
    ///
    /// # Errors
    /// [`Error::Internal`], [`Error::Store`].
    pub fn put_part(
        &self,
        (run, bin): (&str, u32),
        [syncs, kernel_events, logs, lines]: [Vec<u8>; 4],
        part: impl FnOnce(Tables) -> Part,
    ) -> Result<Tables, Error> {
        let key = |bytes: &[u8], of: &str| {
            format!("{of}/run={run}/{bin:03}-{}.parquet", digits(bytes, 16))
        };
        let tables = Tables {
            syncs: key(&syncs, TABLES[0]),
            kernel_events: key(&kernel_events, TABLES[1]),
            logs: key(&logs, TABLES[2]),
            lines: key(&lines, TABLES[3]),
        };
        let keys = tables.keys().map(str::to_owned);
        let bytes = [syncs, kernel_events, logs, lines];
        self.store.put_all(keys.into_iter().zip(bytes).collect())?;
        let said = written(&part(tables.clone()))?;
        self.store.put(&Part::key(run, bin), said)?;
        Ok(tables)
    }

    /// Removes of a run what its parts are not in: tables of parts that were made before, or that
    /// whoever made them did not live to say, and parts of bins that it has no more. Only of bins
    /// that are `mine`: others may be at work on theirs.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn sweep(
        &self,
        run: &Run,
        mine: impl Fn(u32) -> bool,
        kept: &[Tables],
    ) -> Result<(), Error> {
        let of_bin = |key: &str| -> Option<u32> {
            let name = key.rsplit('/').next()?;
            let digits = name.split(['-', '.']).next()?;
            digits.parse().ok().filter(|bin| mine(*bin))
        };
        for one in self.store.list(&format!("parts/run={}", run.id))? {
            if of_bin(&one.key).is_some_and(|bin| !run.parts.contains(&bin)) {
                self.store.delete(&one.key)?;
            }
        }
        let kept: HashSet<&str> = kept.iter().flat_map(Tables::keys).collect();
        for of in TABLES {
            for one in self.store.list(&format!("{of}/run={}", run.id))? {
                if of_bin(&one.key).is_some() && !kept.contains(one.key.as_str()) {
                    self.store.delete(&one.key)?;
                }
            }
        }
        Ok(())
    }

    /// Writes what a run has beside its logs, and its steps, if it has any.
    ///
    /// # Errors
    /// [`Error::Internal`], [`Error::Store`].
    pub fn put_files(
        &self,
        run: &Run,
        packed: Vec<u8>,
        steps: Option<&Table>,
    ) -> Result<(), Error> {
        let key = run.files_key();
        if self.store.get(&key)?.as_ref() != Some(&packed) {
            self.store.put(&key, packed)?;
        }
        let folder = format!("steps/run={}", run.id);
        let there = self.store.list(&folder)?;
        let mut kept = String::new();
        if let Some(steps) = steps {
            let bytes = steps.parquet()?;
            kept = format!("{folder}/{}.parquet", digits(&bytes, 16));
            if there.iter().all(|one| one.key != kept) {
                self.store.put(&kept, bytes)?;
            }
        }
        let old = there.iter().filter(|one| one.key != kept);
        old.map(|one| &one.key)
            .try_for_each(|key| self.store.delete(key))
    }

    /// What a run has beside its logs, packed.
    ///
    /// # Errors
    /// [`Error::DataSet`] if it is not there, [`Error::Store`].
    pub fn files(&self, run: &Run) -> Result<Vec<u8>, Error> {
        let key = run.files_key();
        let found = self.store.get(&key)?;
        found.ok_or_else(|| {
            let problem =
                "is not there: the run is not whole; `analyze ingest` goes on where it ended";
            self.wrong(&key, problem)
        })
    }
}
