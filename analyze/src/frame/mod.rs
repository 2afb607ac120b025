//! Syncs as a polars frame: selection and grouping; tables of a data set. The only module that
//! knows polars.

mod parquet;
mod table;

use polars::prelude::{Column, DataFrame, GroupsIndicator, NamedFrom, PolarsError, Series};

use crate::error::Error;
use crate::report::SyncTable;
use crate::report::sync_table::seconds;

pub use parquet::write as write_parquet;
pub use table::{BATCH, Table, Values};

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
        let making = || Error::making("the groups of trials");
        let by = self.0.group_by_stable(["study", "group"]);
        let by = by.map_err(making())?;
        // Polars says which rows are a group's; a frame a group would be seven columns for each
        // of a hundred thousand logs.
        let columns = Columns::of(&self.0).map_err(making())?;
        let groups = by.get_groups().iter().map(|rows| columns.group(&rows));
        let mut groups: Vec<GroupTrials> = groups.collect();
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

/// The columns of a frame of trials, a value a row.
struct Columns {
    place: Vec<u64>,
    study: Vec<u32>,
    group: Vec<u32>,
    elapsed_s: Vec<Option<f64>>,
    build_s: Vec<Option<f64>>,
    commit_s: Vec<Option<f64>>,
    endpoints: Vec<Option<u64>>,
}

impl Columns {
    fn of(frame: &DataFrame) -> Result<Self, PolarsError> {
        let floats = |name: &str| -> Result<Vec<Option<f64>>, PolarsError> {
            Ok(frame.column(name)?.f64()?.iter().collect())
        };
        let numbers = |name: &str| -> Result<Vec<u32>, PolarsError> {
            Ok(frame.column(name)?.u32()?.iter().flatten().collect())
        };
        Ok(Self {
            place: frame.column("place")?.u64()?.iter().flatten().collect(),
            study: numbers("study")?,
            group: numbers("group")?,
            elapsed_s: floats("elapsed_s")?,
            build_s: floats("build_s")?,
            commit_s: floats("commit_s")?,
            endpoints: frame.column("endpoints")?.u64()?.iter().collect(),
        })
    }

    /// The trials of some rows.
    fn group(&self, rows: &GroupsIndicator<'_>) -> GroupTrials {
        let rows: Vec<usize> = match rows {
            GroupsIndicator::Idx((_, rows)) => rows.iter().map(|row| *row as usize).collect(),
            GroupsIndicator::Slice([first, count]) => {
                (*first as usize..(*first + *count) as usize).collect()
            }
        };
        let first = |column: &[u32]| {
            let row = rows.first();
            row.and_then(|row| column.get(*row)).copied()
        };
        GroupTrials {
            study: first(&self.study).unwrap_or_default(),
            group: first(&self.group).unwrap_or_default(),
            places: rows.iter().map(|row| self.place[*row] as usize).collect(),
            elapsed_s: told(&self.elapsed_s, &rows),
            build_s: told(&self.build_s, &rows),
            commit_s: told(&self.commit_s, &rows),
            endpoints: told(&self.endpoints, &rows),
        }
    }
}

/// The values of those rows that have one.
fn told<T: Copy>(column: &[Option<T>], rows: &[usize]) -> Vec<T> {
    rows.iter().filter_map(|row| column[*row]).collect()
}
