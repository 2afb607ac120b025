//! syncs.parquet: the rows of `results.json`'s `syncs` for other tools.

use std::borrow::Cow;
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
    let of = |pick: fn(SyncRow<'_>) -> Option<u64>, name| numbers(name, table, rows.clone(), pick);
    let columns = vec![
        of(|row| Some(row.id as u64), "id"),
        text("input", table, rows.clone(), |row| Some(row.input)),
        of(|row| Some(row.line), "line"),
        text("study", table, rows.clone(), |row| Some(row.study)),
        text("node", table, rows.clone(), |row| row.node),
        text("group", table, rows.clone(), |row| Some(row.group)),
        text("family", table, rows.clone(), |row| {
            row.family.map(Cow::Borrowed)
        }),
        text("start", table, rows.clone(), |row| {
            row.start.map(Cow::Owned)
        }),
        text("end", table, rows.clone(), |row| row.end.map(Cow::Owned)),
        floats("elapsed_s", table, rows.clone(), |row| row.elapsed_s),
        floats("build_s", table, rows.clone(), |row| row.build_s),
        floats("commit_s", table, rows.clone(), |row| row.commit_s),
        of(|row| row.services, "services"),
        of(|row| row.endpoints, "endpoints"),
        signed("net_change", table, rows.clone()),
        flags("full", table, rows.clone(), |row| row.full),
        text("outcome", table, rows.clone(), |row| {
            Some(Cow::Borrowed(row.outcome))
        }),
        flags("trial", table, rows.clone(), |row| Some(row.trial)),
        text("why_not", table, rows.clone(), |row| {
            row.why_not.map(Cow::Borrowed)
        }),
    ];
    DataFrame::new(rows.len(), columns)
}

fn text<'a>(
    name: &str,
    table: &'a SyncTable,
    rows: Range<usize>,
    pick: fn(SyncRow<'a>) -> Option<Cow<'a, str>>,
) -> Column {
    let values: Vec<Option<Cow<'a, str>>> = table.some(rows).map(pick).collect();
    let values: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
    Series::new(name.into(), values).into()
}

fn numbers(
    name: &str,
    table: &SyncTable,
    rows: Range<usize>,
    pick: fn(SyncRow<'_>) -> Option<u64>,
) -> Column {
    Series::new(name.into(), table.some(rows).map(pick).collect::<Vec<_>>()).into()
}

fn signed(name: &str, table: &SyncTable, rows: Range<usize>) -> Column {
    Series::new(
        name.into(),
        table
            .some(rows)
            .map(|row| row.net_change)
            .collect::<Vec<_>>(),
    )
    .into()
}

fn floats(
    name: &str,
    table: &SyncTable,
    rows: Range<usize>,
    pick: fn(SyncRow<'_>) -> Option<f64>,
) -> Column {
    Series::new(name.into(), table.some(rows).map(pick).collect::<Vec<_>>()).into()
}

fn flags(
    name: &str,
    table: &SyncTable,
    rows: Range<usize>,
    pick: fn(SyncRow<'_>) -> Option<bool>,
) -> Column {
    Series::new(name.into(), table.some(rows).map(pick).collect::<Vec<_>>()).into()
}
