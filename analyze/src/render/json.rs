//! results.json.

use std::io::{BufWriter, Write};

use crate::error::Error;
use crate::report::Report;
use crate::report::visible::in_json;

/// Writes the report model as JSON: compact, one sync a line, so that `diff` and `grep` work.
///
/// # Errors
/// [`Error::Output`] if the writer fails.
pub fn write(report: &Report, to: &mut dyn Write) -> Result<(), Error> {
    // A buffer of its own: a document of 400,000 syncs is written in tens of millions of pieces.
    let mut to = BufWriter::with_capacity(1 << 16, to);
    let mut serializer = serde_json::Serializer::with_formatter(&mut to, Lines::default());
    serde::Serialize::serialize(report, &mut serializer)
        .map_err(|error| Error::Output(error.into()))?;
    to.write_all(b"\n")
        .and_then(|()| to.flush())
        .map_err(Error::Output)
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

/// A line for each field of the document and for each element of a field that is a list.
#[derive(Debug, Default)]
struct Lines {
    depth: usize,
}

/// Deeper than this everything stands on one line.
const DEEPEST: usize = 2;

impl Lines {
    fn enter<W: ?Sized + Write>(&mut self, writer: &mut W, mark: &[u8]) -> std::io::Result<()> {
        self.depth += 1;
        writer.write_all(mark)
    }

    fn leave<W: ?Sized + Write>(&mut self, writer: &mut W, mark: &[u8]) -> std::io::Result<()> {
        self.depth -= 1;
        if self.depth < DEEPEST {
            writer.write_all(b"\n")?;
        }
        writer.write_all(mark)
    }

    fn next<W: ?Sized + Write>(&self, writer: &mut W, first: bool) -> std::io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        if self.depth <= DEEPEST {
            writer.write_all(b"\n")
        } else {
            Ok(())
        }
    }
}

impl serde_json::ser::Formatter for Lines {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> std::io::Result<()> {
        writer.write_all(in_json(fragment).as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.enter(writer, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.leave(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        self.next(writer, first)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.enter(writer, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        self.leave(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        self.next(writer, first)
    }
}
