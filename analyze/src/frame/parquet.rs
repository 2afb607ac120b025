//! syncs.parquet: the rows of `results.json`'s `syncs` for other tools.

use std::io::Write;
use std::ops::Range;

use polars::prelude::{
    Column, DataFrame, NamedFrom as _, ParquetCompression, ParquetWriter, PolarsError, Series,
};

use crate::error::Error;
use crate::report::{SyncRow, SyncTable};

/// Rows that are in memory as columns at a time: polars' own size of a row group.
const BATCH: usize = 512 * 512;

/// Writes every sync, one row each, columns as in `syncs.csv`.
///
/// # Errors
/// [`Error::Internal`] if polars refuses a column or the writer fails.
pub fn write(table: &SyncTable, to: &mut dyn Write) -> Result<(), Error> {
    let failed = || Error::making("syncs.parquet");
    let mut first = frame(table, 0..BATCH.min(table.len())).map_err(failed())?;
    let writer = ParquetWriter::new(to)
        .with_compression(ParquetCompression::Zstd(None))
        .set_parallel(false);
    if table.len() <= BATCH {
        writer.finish(&mut first).map_err(failed())?;
        return Ok(());
    }
    let mut writer = writer.batched(first.schema()).map_err(failed())?;
    writer.write_batch(&first).map_err(failed())?;
    drop(first);
    for from in (BATCH..table.len()).step_by(BATCH) {
        let rows = from..(from + BATCH).min(table.len());
        let next = frame(table, rows).map_err(failed())?;
        writer.write_batch(&next).map_err(failed())?;
    }
    writer.finish().map_err(failed())?;
    Ok(())
}

/// Some rows as columns.
fn frame(table: &SyncTable, rows: Range<usize>) -> Result<DataFrame, PolarsError> {
    // Each row once: its times are written as text.
    let rows: Vec<SyncRow<'_>> = table.some(rows).collect();
    let columns = vec![
        numbers("id", &rows, |row| Some(row.id as u64)),
        text("input", &rows, |row| Some(&row.input)),
        numbers("line", &rows, |row| Some(row.line)),
        text("study", &rows, |row| Some(&row.study)),
        text("node", &rows, |row| row.node.as_deref()),
        text("group", &rows, |row| Some(&row.group)),
        text("family", &rows, |row| row.family),
        text("start", &rows, |row| row.start.as_deref()),
        text("end", &rows, |row| row.end.as_deref()),
        floats("elapsed_s", &rows, |row| row.elapsed_s),
        floats("build_s", &rows, |row| row.build_s),
        floats("commit_s", &rows, |row| row.commit_s),
        numbers("services", &rows, |row| row.services),
        numbers("endpoints", &rows, |row| row.endpoints),
        signed("net_change", &rows),
        flags("full", &rows, |row| row.full),
        text("outcome", &rows, |row| Some(row.outcome)),
        flags("trial", &rows, |row| Some(row.trial)),
        text("why_not", &rows, |row| row.why_not),
    ];
    DataFrame::new(rows.len(), columns)
}

fn text<'a>(
    name: &str,
    rows: &'a [SyncRow<'a>],
    pick: fn(&'a SyncRow<'a>) -> Option<&'a str>,
) -> Column {
    Series::new(name.into(), rows.iter().map(pick).collect::<Vec<_>>()).into()
}

fn numbers(name: &str, rows: &[SyncRow<'_>], pick: fn(&SyncRow<'_>) -> Option<u64>) -> Column {
    Series::new(name.into(), rows.iter().map(pick).collect::<Vec<_>>()).into()
}

fn signed(name: &str, rows: &[SyncRow<'_>]) -> Column {
    let values: Vec<Option<i64>> = rows.iter().map(|row| row.net_change).collect();
    Series::new(name.into(), values).into()
}

fn floats(name: &str, rows: &[SyncRow<'_>], pick: fn(&SyncRow<'_>) -> Option<f64>) -> Column {
    Series::new(name.into(), rows.iter().map(pick).collect::<Vec<_>>()).into()
}

fn flags(name: &str, rows: &[SyncRow<'_>], pick: fn(&SyncRow<'_>) -> Option<bool>) -> Column {
    Series::new(name.into(), rows.iter().map(pick).collect::<Vec<_>>()).into()
}
