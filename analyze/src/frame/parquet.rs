//! syncs.parquet: the rows of `results.json`'s `syncs` for other tools.

use std::borrow::Cow;
use std::io::Write;

use polars::prelude::{
    Column, DataFrame, NamedFrom as _, ParquetCompression, ParquetWriter, Series,
};

use crate::error::Error;
use crate::report::{SyncRow, SyncTable};

/// Writes every sync, one row each, columns as in `syncs.csv`.
///
/// # Errors
/// [`Error::Internal`] if polars refuses a column or the writer fails.
pub fn write(table: &SyncTable, to: &mut dyn Write) -> Result<(), Error> {
    let columns = vec![
        numbers("id", table, |row| Some(row.id as u64)),
        text("input", table, |row| Some(row.input)),
        numbers("line", table, |row| Some(row.line)),
        text("study", table, |row| Some(row.study)),
        text("node", table, |row| row.node),
        text("group", table, |row| Some(row.group)),
        text("family", table, |row| row.family.map(Cow::Borrowed)),
        text("start", table, |row| row.start.map(Cow::Owned)),
        text("end", table, |row| row.end.map(Cow::Owned)),
        floats("elapsed_s", table, |row| row.elapsed_s),
        floats("build_s", table, |row| row.build_s),
        floats("commit_s", table, |row| row.commit_s),
        numbers("services", table, |row| row.services),
        numbers("endpoints", table, |row| row.endpoints),
        signed("net_change", table),
        flags("full", table, |row| row.full),
        text("outcome", table, |row| Some(Cow::Borrowed(row.outcome))),
        flags("trial", table, |row| Some(row.trial)),
        text("why_not", table, |row| row.why_not.map(Cow::Borrowed)),
    ];
    let mut frame = DataFrame::new(table.len(), columns).map_err(Error::making("syncs.parquet"))?;
    ParquetWriter::new(to)
        .with_compression(ParquetCompression::Zstd(None))
        .set_parallel(false)
        .finish(&mut frame)
        .map_err(Error::making("syncs.parquet"))?;
    Ok(())
}

fn text<'a>(
    name: &str,
    table: &'a SyncTable,
    pick: fn(SyncRow<'a>) -> Option<Cow<'a, str>>,
) -> Column {
    let values: Vec<Option<Cow<'a, str>>> = table.rows().map(pick).collect();
    let values: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
    Series::new(name.into(), values).into()
}

fn numbers(name: &str, table: &SyncTable, pick: fn(SyncRow<'_>) -> Option<u64>) -> Column {
    Series::new(name.into(), table.rows().map(pick).collect::<Vec<_>>()).into()
}

fn signed(name: &str, table: &SyncTable) -> Column {
    Series::new(
        name.into(),
        table.rows().map(|row| row.net_change).collect::<Vec<_>>(),
    )
    .into()
}

fn floats(name: &str, table: &SyncTable, pick: fn(SyncRow<'_>) -> Option<f64>) -> Column {
    Series::new(name.into(), table.rows().map(pick).collect::<Vec<_>>()).into()
}

fn flags(name: &str, table: &SyncTable, pick: fn(SyncRow<'_>) -> Option<bool>) -> Column {
    Series::new(name.into(), table.rows().map(pick).collect::<Vec<_>>()).into()
}
