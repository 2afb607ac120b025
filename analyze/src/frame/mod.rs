//! Syncs as a polars frame: selection and grouping. The only module that knows polars.

mod parquet;

use polars::prelude::{Column, DataFrame, NamedFrom, PolarsError, Series};

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
    /// The trials of a table as a frame, by start: place, study, group, elapsed, build, commit,
    /// endpoints.
    ///
    /// # Errors
    /// [`Error::Internal`] if polars refuses the columns.
    pub fn trials(table: &SyncTable) -> Result<Self, Error> {
        // Most syncs of a long log are no trials: they are left out before there is a column.
        let mut places: Vec<usize> = (0..table.len())
            .filter(|place| table.is_trial(*place))
            .collect();
        places.sort_by_key(|place| (table.syncs.at(*place).start_ns, *place));
        of_places(table, &places)
            .map(Self)
            .map_err(Error::making("the frame of trials"))
    }

    /// The frame by study and group, in the order of their first trials in the table.
    ///
    /// # Errors
    /// [`Error::Internal`] if polars refuses.
    pub fn groups(&self) -> Result<Vec<GroupTrials>, Error> {
        let parts = self
            .0
            .partition_by_stable(["study", "group"], true)
            .map_err(Error::making("the groups of trials"))?;
        let groups = parts
            .iter()
            .map(|part| columns(part).map_err(Error::making("a group of trials")));
        let mut groups: Vec<GroupTrials> = groups.collect::<Result<_, _>>()?;
        groups.sort_by_key(|group| group.places.iter().min().copied());
        Ok(groups)
    }

    /// Number of trials.
    #[must_use]
    pub fn height(&self) -> usize {
        self.0.height()
    }
}

fn of_places(table: &SyncTable, places: &[usize]) -> Result<DataFrame, PolarsError> {
    let syncs = || places.iter().map(|place| table.syncs.at(*place));
    let derived = || places.iter().filter_map(|place| table.derived(*place));
    let floats = |pick: fn(&kube_proxy_logs::Sync) -> Option<u64>| -> Vec<Option<f64>> {
        syncs().map(|sync| pick(&sync).map(seconds)).collect()
    };
    let study: Vec<u32> = derived().map(|derived| derived.study).collect();
    let group: Vec<u32> = derived().map(|derived| derived.group).collect();
    let endpoints: Vec<Option<u64>> = syncs().map(|sync| sync.endpoints).collect();
    let place: Vec<u64> = places.iter().map(|place| *place as u64).collect();
    DataFrame::new(
        places.len(),
        vec![
            column("place", place),
            column("study", study),
            column("group", group),
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
