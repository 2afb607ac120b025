//! syncs.csv: every sync, one row each.

use std::borrow::Cow;
use std::io::Write;

use rayon::prelude::*;

use crate::error::Error;
use crate::report::visible::in_cell;
use crate::report::{Report, SyncRow, SyncTable};

const HEADER: [&str; 20] = [
    "id",
    "input",
    "line",
    "reloading_line",
    "study",
    "node",
    "group",
    "family",
    "start",
    "end",
    "elapsed_s",
    "build_s",
    "commit_s",
    "services",
    "endpoints",
    "net_change",
    "full",
    "outcome",
    "trial",
    "why_not",
];

/// Rows that a thread makes at a time.
const BATCH: usize = 4_096;
/// Batches that are made before they are written, so that memory stays bounded.
const WINDOW: usize = 16;

/// Syncs of which a report has a table as text: 25 MB. Of more it has syncs.parquet alone, which is
/// a tenth as large; `--format csv` prints any number.
const MOST: usize = 100_000;

/// Whether a report brings its syncs as text.
#[must_use]
pub fn fits(report: &Report) -> bool {
    report.syncs.len() <= MOST
}

/// Writes all syncs. A text that a spreadsheet would take for a formula gets an apostrophe.
///
/// # Errors
/// [`Error::Output`] if the writer fails.
pub fn write(report: &Report, to: &mut dyn Write) -> Result<(), Error> {
    let mut header = ::csv::Writer::from_writer(&mut *to);
    header.write_record(HEADER).map_err(output)?;
    header.flush().map_err(Error::Output)?;
    drop(header);
    let batches: Vec<usize> = (0..report.syncs.len()).step_by(BATCH).collect();
    for window in batches.chunks(WINDOW) {
        let texts: Vec<Result<Vec<u8>, Error>> = window
            .par_iter()
            .map(|first| batch(&report.syncs, *first))
            .collect();
        for text in texts {
            to.write_all(&text?).map_err(Error::Output)?;
        }
    }
    Ok(())
}

/// The rows from a place on, as text.
fn batch(syncs: &SyncTable, first: usize) -> Result<Vec<u8>, Error> {
    let mut csv = ::csv::Writer::from_writer(Vec::new());
    let mut record = ::csv::ByteRecord::new();
    let mut number = Numbers::default();
    for row in (first..first + BATCH).map_while(|place| syncs.get(place)) {
        record.clear();
        fill(&mut record, &row, &mut number);
        csv.write_byte_record(&record).map_err(output)?;
    }
    csv.into_inner()
        .map_err(|error| Error::Output(error.into_error()))
}

/// The same as a file's content.
///
/// # Errors
/// As [`write`].
pub fn document(report: &Report) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    write(report, &mut bytes)?;
    Ok(bytes)
}

fn output(error: ::csv::Error) -> Error {
    Error::Output(error.into())
}

/// A buffer for numbers, so that 400,000 rows do not allocate millions of texts.
#[derive(Default)]
struct Numbers(String);

impl Numbers {
    fn text<T: std::fmt::Display>(&mut self, value: Option<T>) -> &[u8] {
        use std::fmt::Write as _;
        self.0.clear();
        if let Some(value) = value {
            // Writing to a String cannot fail.
            write!(self.0, "{value}").unwrap_or_default();
        }
        self.0.as_bytes()
    }
}

fn fill(record: &mut ::csv::ByteRecord, row: &SyncRow<'_>, numbers: &mut Numbers) {
    record.push_field(numbers.text(Some(row.id)));
    record.push_field(in_cell(&row.input).as_bytes());
    record.push_field(numbers.text(Some(row.line)));
    record.push_field(numbers.text(row.reloading_line));
    record.push_field(in_cell(&row.study).as_bytes());
    record.push_field(
        row.node
            .as_deref()
            .map_or(Cow::Borrowed(""), in_cell)
            .as_bytes(),
    );
    record.push_field(in_cell(&row.group).as_bytes());
    record.push_field(row.family.unwrap_or_default().as_bytes());
    record.push_field(row.start.as_deref().unwrap_or_default().as_bytes());
    record.push_field(row.end.as_deref().unwrap_or_default().as_bytes());
    record.push_field(numbers.text(row.elapsed_s));
    record.push_field(numbers.text(row.build_s));
    record.push_field(numbers.text(row.commit_s));
    record.push_field(numbers.text(row.services));
    record.push_field(numbers.text(row.endpoints));
    record.push_field(numbers.text(row.net_change));
    record.push_field(numbers.text(row.full));
    record.push_field(row.outcome.as_bytes());
    record.push_field(if row.trial { b"true" } else { b"false" });
    record.push_field(row.why_not.unwrap_or_default().as_bytes());
}
