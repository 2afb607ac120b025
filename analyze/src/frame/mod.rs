//! Syncs as a polars frame: selection and grouping. The only module that knows polars.

mod parquet;

use polars::prelude::{BooleanChunked, Column, DataFrame, NamedFrom, PolarsError, Series};

use crate::error::Error;
use crate::report::SyncTable;
use crate::report::sync_table::seconds;

pub use parquet::write as write_parquet;

/// Trials of one group, column by column, by start.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GroupTrials {
    /// The study: a place in the table's studies.
    pub study: u32,
    /// The group: a place in the table's groups.
    pub group: u32,
    /// Places of the syncs in the table.
    pub places: Vec<usize>,
    /// Durations in seconds.
    pub elapsed_s: Vec<f64>,
    /// Build times in seconds, of those that tell them.
    pub build_s: Vec<f64>,
    /// Commit times in seconds, of those that tell them.
    pub commit_s: Vec<f64>,
    /// Endpoints, of those that tell them.
    pub endpoints: Vec<u64>,
}

/// A frame of syncs.
#[derive(Debug, Clone)]
pub struct SyncFrame(DataFrame);

impl SyncFrame {
    /// The trials of a table as a frame: place, study, group, elapsed, build, commit, endpoints.
    ///
    /// # Errors
    /// [`Error::Internal`] if polars refuses the columns.
    pub fn trials(table: &SyncTable) -> Result<Self, Error> {
        let all = whole(table).map_err(Error::making("the frame of syncs"))?;
        let trial: BooleanChunked = table
            .derived
            .iter()
            .map(|derived| Some(derived.why_not.is_none()))
            .collect();
        all.filter(&trial)
            .map(Self)
            .map_err(Error::making("the selection of trials"))
    }

    /// The frame by study and group, in the order in which they first appear.
    ///
    /// # Errors
    /// [`Error::Internal`] if polars refuses.
    pub fn groups(&self) -> Result<Vec<GroupTrials>, Error> {
        let parts = self
            .0
            .partition_by_stable(["study", "group"], true)
            .map_err(Error::making("the groups of trials"))?;
        parts
            .iter()
            .map(|part| columns(part).map_err(Error::making("a group of trials")))
            .collect()
    }

    /// Number of trials.
    #[must_use]
    pub fn height(&self) -> usize {
        self.0.height()
    }
}

fn whole(table: &SyncTable) -> Result<DataFrame, PolarsError> {
    let places: Vec<u64> = (0..table.len() as u64).collect();
    let study: Vec<u32> = table.derived.iter().map(|derived| derived.study).collect();
    let group: Vec<u32> = table.derived.iter().map(|derived| derived.group).collect();
    let floats = |pick: fn(&kube_proxy_logs::Sync) -> Option<u64>| -> Vec<Option<f64>> {
        table
            .syncs
            .iter()
            .map(|sync| pick(sync).map(seconds))
            .collect()
    };
    let endpoints: Vec<Option<u64>> = table.syncs.iter().map(|sync| sync.endpoints).collect();
    let start: Vec<Option<i64>> = table.syncs.iter().map(|sync| sync.start_ns).collect();
    DataFrame::new(
        table.len(),
        vec![
            column("place", places),
            column("study", study),
            column("group", group),
            column("start", start),
            column("elapsed_s", floats(|sync| sync.elapsed_ns)),
            column("build_s", floats(|sync| sync.build_ns)),
            column("commit_s", floats(|sync| sync.commit_ns)),
            column("endpoints", endpoints),
        ],
    )
}

fn column<T, P: ?Sized>(name: &str, values: T) -> Column
where
    Series: NamedFrom<T, P>,
{
    Series::new(name.into(), values).into()
}

fn columns(part: &DataFrame) -> Result<GroupTrials, PolarsError> {
    let part = part.sort(
        ["start", "place"],
        polars::prelude::SortMultipleOptions::default(),
    )?;
    let floats = |name: &str| -> Result<Vec<f64>, PolarsError> {
        Ok(part.column(name)?.f64()?.iter().flatten().collect())
    };
    let first = |name: &str| -> Result<u32, PolarsError> {
        Ok(part
            .column(name)?
            .u32()?
            .iter()
            .flatten()
            .next()
            .unwrap_or_default())
    };
    Ok(GroupTrials {
        study: first("study")?,
        group: first("group")?,
        places: part
            .column("place")?
            .u64()?
            .iter()
            .flatten()
            .map(|place| place as usize)
            .collect(),
        elapsed_s: floats("elapsed_s")?,
        build_s: floats("build_s")?,
        commit_s: floats("commit_s")?,
        endpoints: part.column("endpoints")?.u64()?.iter().flatten().collect(),
    })
}
