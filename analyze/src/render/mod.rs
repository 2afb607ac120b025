//! Renderers: one a format. They print what the report model holds and compute nothing.

pub mod csv;
mod engine;
pub mod html;
pub mod json;
pub mod markdown;
mod rows;
pub mod terminal;

use std::io::Write;

use crate::cli::Format;
use crate::error::Error;
use crate::report::Report;

/// Prints a report in one format.
///
/// # Errors
/// [`Error::Output`] if the writer fails, [`Error::Internal`] for a broken template.
pub fn print(report: &Report, format: Format, to: &mut dyn Write) -> Result<(), Error> {
    match format {
        Format::Table => terminal::print(report, to).map_err(Error::Output),
        Format::Json => json::write(report, to),
        Format::Csv => csv::write(report, to),
        Format::Markdown => {
            let text = markdown::document(report, &[])?;
            to.write_all(text.as_bytes()).map_err(Error::Output)
        }
        Format::Html => {
            let pictures = crate::chart::all(report)?;
            let text = html::page(report, &pictures)?;
            to.write_all(text.as_bytes()).map_err(Error::Output)
        }
    }
}
