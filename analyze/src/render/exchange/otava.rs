//! CSV with time stamps, for Apache Otava's change points
//! (<https://otava.apache.org/docs/csv>): a row a run, oldest first, the group as its branch.
//!
//! ```text
//! analyze bundles/ --format otava > runs.csv
//! otava analyze syncs --branch eks-2025-10-15/6.1.144
//! ```
//!
//! with `syncs: {type: csv, file: runs.csv, time_column: time, metrics: {seconds: {direction: -1}}}`
//! in its configuration.

use crate::error::Error;
use crate::report::{Report, RunRow};

/// Every run whose time and mean are known.
///
/// # Errors
/// [`Error::Output`] if it cannot be written as CSV.
pub(in super::super) fn document(report: &Report) -> Result<Vec<u8>, Error> {
    let mut runs: Vec<&RunRow> = report.runs.iter().collect();
    runs.sort_by(|a, b| {
        (&a.start, &a.study, &a.group, &a.name).cmp(&(&b.start, &b.study, &b.group, &b.name))
    });
    let mut csv = ::csv::Writer::from_writer(Vec::new());
    csv.write_record(["time", "branch", "run", "seconds", "trials"])
        .map_err(output)?;
    for run in runs {
        let (Some(start), Some(mean)) = (&run.start, run.mean_s) else {
            continue;
        };
        csv.write_record([
            start,
            &format!("{}/{}", run.study, run.group),
            &run.name,
            &mean.to_string(),
            &run.trials.len().to_string(),
        ])
        .map_err(output)?;
    }
    csv.into_inner()
        .map_err(|error| Error::Output(error.into_error()))
}

fn output(error: ::csv::Error) -> Error {
    Error::Output(error.into())
}
