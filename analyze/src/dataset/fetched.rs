//! Parts of a run, many at a time: a store that is far away is asked for all of them at once.

use kube_proxy_logs::Gathered;

use super::restored::{self, KeptLines};
use super::run::{Part, Run};
use super::set::DataSet;
use crate::error::Error;

/// Parts of which the tables are in memory at a time, packed as they lie in the store: a few MB each.
/// A store that is far away is asked twice for so many.
pub const FETCHED: usize = 32;

/// A part's tables as they lie in a store, in memory.
#[derive(Debug)]
pub struct Fetched {
    place: String,
    lists: Vec<(u32, String)>,
    tables: [Vec<u8>; 4],
}

impl Fetched {
    /// What was read of the part's logs, and the lines that were kept of them; their places are those
    /// among the run's logs.
    ///
    /// # Errors
    /// [`Error::DataSet`] for tables that are none.
    pub fn decoded(&self) -> Result<(Gathered, KeptLines), Error> {
        let wrong = |problem| Error::DataSet {
            place: self.place.clone(),
            problem,
        };
        let [syncs, events, logs, lines] = &self.tables;
        let lines = restored::lines(lines).map_err(wrong)?;
        let gathered = restored::gathered(syncs, events, logs, &self.lists).map_err(wrong)?;
        Ok((gathered, lines))
    }
}

impl DataSet {
    /// What lists of nodes and pods stand in a run's logs, by the place of the log.
    ///
    /// # Errors
    /// As [`DataSet::runs`].
    pub fn lists(&self, run: &Run) -> Result<Vec<(u32, String)>, Error> {
        let keys = run.parts.iter().map(|bin| Part::key(&run.id, *bin));
        let parts = self.parts(&keys.collect::<Vec<_>>())?.into_iter().flatten();
        Ok(parts.flat_map(|part| part.lists).collect())
    }

    /// What several keys say of parts, if they are there.
    fn parts(&self, keys: &[String]) -> Result<Vec<Option<Part>>, Error> {
        let said = self.store.get_all(keys.iter().map(String::as_str))?;
        let said = said.into_iter().zip(keys);
        said.map(|(bytes, key)| self.read(key, bytes)).collect()
    }

    /// Some parts of a run, as they lie in the store.
    ///
    /// # Errors
    /// [`Error::DataSet`] for a part that is not there or not whole, [`Error::Store`].
    pub fn fetched(&self, run: &str, bins: &[u32]) -> Result<Vec<Fetched>, Error> {
        let keys: Vec<String> = bins.iter().map(|bin| Part::key(run, *bin)).collect();
        let parts = self.parts(&keys)?.into_iter().zip(&keys);
        let parts = parts.map(|(part, key)| {
            part.ok_or_else(|| {
                let problem = "is not there: the run is not whole; `analyze ingest` goes on where it \
                               ended";
                self.wrong(key, problem)
            })
        });
        let parts = parts.collect::<Result<Vec<Part>, Error>>()?;
        let tables: Vec<&str> = parts.iter().flat_map(|part| part.tables.keys()).collect();
        let bytes = self.store.get_all(tables.iter().copied())?;
        let bytes = bytes.into_iter().zip(tables).map(|(bytes, key)| {
            bytes.ok_or_else(|| {
                self.wrong(key, "is not there; remove its part's JSON and ingest again")
            })
        });
        let mut bytes = bytes.collect::<Result<Vec<_>, Error>>()?.into_iter();
        let fetched = parts.iter().zip(keys).map(|(part, key)| Fetched {
            place: format!("{}/{key}", self.shown().trim_end_matches('/')),
            lists: part.lists.clone(),
            tables: [(); 4].map(|()| bytes.next().unwrap_or_default()),
        });
        Ok(fetched.collect())
    }
}
