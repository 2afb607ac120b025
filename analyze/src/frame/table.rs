//! Tables of a data set: named columns, to Parquet and back.

use std::io::Cursor;

use polars::prelude::{
    Column, DataFrame, NamedFrom as _, ParquetCompression, ParquetReader, ParquetWriter,
    PolarsError, SerReader as _, Series,
};

use crate::error::Error;

/// Rows that are in memory as columns at a time, and a row group.
pub const BATCH: usize = 1 << 16;

/// A column's values, a row each; a row may have none.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Words.
    Text(Vec<Option<String>>),
    /// Whole numbers: what every engine reads, so none without a sign.
    Whole(Vec<Option<i64>>),
    /// Numbers.
    Number(Vec<Option<f64>>),
    /// Yes or no.
    Flag(Vec<Option<bool>>),
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Whole(values) => values.len(),
            Self::Number(values) => values.len(),
            Self::Flag(values) => values.len(),
        }
    }

    fn of(column: &Column) -> Result<Self, PolarsError> {
        use polars::prelude::DataType;
        Ok(match column.dtype() {
            DataType::String => {
                let text = column.str()?.iter().map(|one| one.map(str::to_owned));
                Self::Text(text.collect())
            }
            DataType::Float64 => Self::Number(column.f64()?.iter().collect()),
            DataType::Boolean => Self::Flag(column.bool()?.iter().collect()),
            _ => Self::Whole(column.i64()?.iter().collect()),
        })
    }
}

/// Columns of one length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    columns: Vec<(String, Values)>,
}

impl Table {
    /// The same with a column more.
    #[must_use]
    pub fn with(mut self, name: &str, values: Values) -> Self {
        self.columns.push((name.to_owned(), values));
        self
    }

    /// Number of rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.columns.first().map_or(0, |(_, values)| values.len())
    }

    /// Names of the columns, with what each holds in the words of Parquet.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.columns.iter().map(|(name, values)| {
            let holds = match values {
                Values::Text(_) => "string",
                Values::Whole(_) => "int64",
                Values::Number(_) => "double",
                Values::Flag(_) => "boolean",
            };
            (name.as_str(), holds)
        })
    }

    /// As Parquet, packed with zstd; the same bytes for the same rows.
    ///
    /// # Errors
    /// [`Error::Internal`] if the columns are not of one length.
    pub fn parquet(&self) -> Result<Vec<u8>, Error> {
        Self::parquet_of(std::iter::once(self.clone()))
    }

    /// Tables of the same columns, one below the other, as Parquet: only one of them is in memory
    /// at a time.
    ///
    /// # Errors
    /// [`Error::Internal`] if there is none, or their columns differ.
    pub fn parquet_of(tables: impl Iterator<Item = Self>) -> Result<Vec<u8>, Error> {
        let mut tables = tables.peekable();
        let mut written = || -> Result<Vec<u8>, PolarsError> {
            let none = || PolarsError::NoData("a table without columns".into());
            let first = tables.peek().ok_or_else(none)?.frame()?;
            let mut bytes = Vec::new();
            let mut writer = ParquetWriter::new(&mut bytes)
                .with_compression(ParquetCompression::Zstd(None))
                .set_parallel(false)
                .batched(first.schema())?;
            for table in tables.by_ref() {
                writer.write_batch(&table.frame()?)?;
            }
            writer.finish()?;
            Ok(bytes)
        };
        written().map_err(Error::making("a table of the data set"))
    }

    fn frame(&self) -> Result<DataFrame, PolarsError> {
        let columns = self.columns.iter().map(|(name, values)| {
            let name = name.as_str().into();
            match values {
                Values::Text(values) => Series::new(name, values).into(),
                Values::Whole(values) => Series::new(name, values).into(),
                Values::Number(values) => Series::new(name, values).into(),
                Values::Flag(values) => Series::new(name, values).into(),
            }
        });
        DataFrame::new(self.height(), columns.collect())
    }

    /// Some columns from Parquet, so many rows at a time.
    ///
    /// # Errors
    /// What is wrong with it, in words, and what `each` gives.
    pub fn each_of_parquet(
        bytes: &[u8],
        columns: &[&str],
        mut each: impl FnMut(Self) -> Result<(), String>,
    ) -> Result<(), String> {
        let wrong = |error: PolarsError| error.to_string();
        let rows = ParquetReader::new(Cursor::new(bytes))
            .num_rows()
            .map_err(wrong)?;
        for from in (0..rows.max(1)).step_by(BATCH) {
            let wanted = columns.iter().map(|name| (*name).to_owned()).collect();
            let frame = ParquetReader::new(Cursor::new(bytes))
                .with_columns(Some(wanted))
                .with_slice(Some((from, BATCH)))
                .finish();
            let frame = frame.map_err(wrong)?;
            let column = |column: &Column| Ok((column.name().to_string(), Values::of(column)?));
            let columns: Result<_, PolarsError> = frame.columns().iter().map(column).collect();
            each(Self {
                columns: columns.map_err(wrong)?,
            })?;
        }
        Ok(())
    }

    /// Some columns from Parquet, all rows.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn of_parquet(bytes: &[u8], columns: &[&str]) -> Result<Self, String> {
        let mut all: Option<Self> = None;
        Self::each_of_parquet(bytes, columns, |more| {
            match &mut all {
                Some(all) => all.append(more),
                None => all = Some(more),
            }
            Ok(())
        })?;
        Ok(all.unwrap_or_default())
    }

    /// Rows of the same columns behind these.
    fn append(&mut self, more: Self) {
        for ((_, values), (_, more)) in self.columns.iter_mut().zip(more.columns) {
            match (values, more) {
                (Values::Text(values), Values::Text(more)) => values.extend(more),
                (Values::Whole(values), Values::Whole(more)) => values.extend(more),
                (Values::Number(values), Values::Number(more)) => values.extend(more),
                (Values::Flag(values), Values::Flag(more)) => values.extend(more),
                // One file has one schema.
                _ => {}
            }
        }
    }

    fn column(&self, name: &str) -> Result<&Values, String> {
        let mut columns = self.columns.iter();
        let found = columns.find(|(known, _)| known == name);
        found
            .map(|(_, values)| values)
            .ok_or_else(|| format!("no column {name}"))
    }

    /// A column of words.
    ///
    /// # Errors
    /// There is no such column of that kind.
    pub fn text(&self, name: &str) -> Result<&[Option<String>], String> {
        match self.column(name)? {
            Values::Text(values) => Ok(values),
            _ => Err(format!("column {name} is no text")),
        }
    }

    /// A column of whole numbers.
    ///
    /// # Errors
    /// As [`Table::text`].
    pub fn whole(&self, name: &str) -> Result<&[Option<i64>], String> {
        match self.column(name)? {
            Values::Whole(values) => Ok(values),
            _ => Err(format!("column {name} holds no whole numbers")),
        }
    }

    /// A column of numbers.
    ///
    /// # Errors
    /// As [`Table::text`].
    pub fn number(&self, name: &str) -> Result<&[Option<f64>], String> {
        match self.column(name)? {
            Values::Number(values) => Ok(values),
            _ => Err(format!("column {name} holds no numbers")),
        }
    }

    /// A column of yes or no.
    ///
    /// # Errors
    /// As [`Table::text`].
    pub fn flag(&self, name: &str) -> Result<&[Option<bool>], String> {
        match self.column(name)? {
            Values::Flag(values) => Ok(values),
            _ => Err(format!("column {name} is not of yes and no")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More rows than are in memory at a time come back in order.
    #[test]
    fn rows_come_in_batches() {
        for count in [BATCH - 1, BATCH, BATCH + 1, 2 * BATCH + 5] {
            let rows: Vec<Option<i64>> = (0..count as i64).map(Some).collect();
            let batches = rows.chunks(BATCH);
            let table =
                |rows: &[Option<i64>]| Table::default().with("n", Values::Whole(rows.to_vec()));
            let bytes = Table::parquet_of(batches.map(table)).unwrap();
            let mut seen = Vec::new();
            Table::each_of_parquet(&bytes, &["n"], |some| {
                assert!(some.height() <= BATCH);
                seen.extend_from_slice(some.whole("n")?);
                Ok(())
            })
            .unwrap();
            assert!(seen == rows, "{count} rows");
        }
    }

    #[test]
    fn a_table_comes_back_from_parquet_as_it_was() {
        let table = Table::default()
            .with("words", Values::Text(vec![Some("é;\n".to_owned()), None]))
            .with("whole", Values::Whole(vec![None, Some(i64::MIN)]))
            .with("number", Values::Number(vec![Some(0.1), None]))
            .with("flag", Values::Flag(vec![Some(false), None]));
        let bytes = table.parquet().unwrap();
        assert_eq!(bytes, table.parquet().unwrap(), "the same bytes each time");
        let all = ["words", "whole", "number", "flag"];
        let back = Table::of_parquet(&bytes, &all).unwrap();
        assert_eq!(back, table);
        assert!(back.text("whole").is_err() && back.whole("none").is_err());
        let below = Table::parquet_of([table.clone(), table.clone()].into_iter()).unwrap();
        let both = Table::of_parquet(&below, &all).unwrap();
        assert_eq!(
            (both.height(), &both.text("words").unwrap()[2..]),
            (4, table.text("words").unwrap())
        );
        let some = Table::of_parquet(&bytes, &["flag"]).unwrap();
        assert!(some.flag("flag").is_ok() && some.whole("whole").is_err());
        // No rows keep their kinds too.
        let empty = Table::default()
            .with("words", Values::Text(Vec::new()))
            .with("flag", Values::Flag(Vec::new()));
        let bytes_of_empty = empty.parquet().unwrap();
        let back = Table::of_parquet(&bytes_of_empty, &["words", "flag"]).unwrap();
        assert_eq!(back, empty);
        assert!(Table::of_parquet(&bytes, &["none"]).is_err());
        assert!(Table::parquet_of(std::iter::empty()).is_err());
        assert!(Table::of_parquet(&bytes[..bytes.len() / 2], &all).is_err());
    }
}
