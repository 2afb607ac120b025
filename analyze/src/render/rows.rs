//! Rows of tables that would be too long for a page: what is shown, and what is said instead.

use serde::Serialize;

use crate::report::{Report, SyncRow};

/// Rows of syncs that a page holds; all are in syncs.csv.
pub(super) const MOST: usize = 1_000;

/// The syncs that a page shows.
#[derive(Debug, Serialize)]
pub(super) struct Shown<'r> {
    rows: Vec<SyncRow<'r>>,
    /// How many there are in all.
    total: usize,
}

/// The syncs of a study: all trials first come, then the longest others, up to [`MOST`]; in the
/// order of the logs.
pub(super) fn of_study<'r>(report: &'r Report, study: &str) -> Shown<'r> {
    let Some(at) = report.syncs.studies.iter().position(|id| id == study) else {
        return Shown {
            rows: Vec::new(),
            total: 0,
        };
    };
    let mut places: Vec<usize> = (0..report.syncs.len())
        .filter(|place| report.syncs.derived[*place].study as usize == at)
        .collect();
    let total = places.len();
    if total > MOST {
        places.sort_by_key(|place| {
            let trial = report.syncs.derived[*place].why_not.is_none();
            (
                !trial,
                std::cmp::Reverse(report.syncs.syncs[*place].elapsed_ns),
            )
        });
        places.truncate(MOST);
        places.sort_unstable();
    }
    Shown {
        rows: places
            .into_iter()
            .filter_map(|place| report.syncs.get(place))
            .collect(),
        total,
    }
}
