//! Renderers: one a format. They print what the report model holds and compute nothing.

mod basis;
mod compared;
mod crossed;
pub mod csv;
mod engine;
mod excerpts;
mod exchange;
mod facts;
mod finds;
pub mod fleet;
mod format;
pub mod history;
pub mod html;
pub mod json;
mod listed;
pub mod markdown;
pub mod metrics;
mod overview;
pub mod prediction;
mod recording;
mod replay;
mod room;
mod rows;
mod sheets;
pub mod terminal;
mod view;
mod way;

use std::io::Write;

use crate::error::Error;
use crate::report::Report;

pub use format::Format;

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// The format.
    pub format: Format,
    /// Markdown short enough for a comment.
    pub compact: bool,
    /// How the terminal takes text.
    pub screen: terminal::Screen,
}

/// Prints a report in one format.
///
/// # Errors
/// [`Error::Output`] if the writer fails, [`Error::Internal`] for a broken template.
pub fn print(report: &Report, manner: Manner, to: &mut dyn Write) -> Result<(), Error> {
    let text = match manner.format {
        Format::Table => {
            return terminal::print(report, manner.screen, to).map_err(Error::Output);
        }
        Format::Json => return json::write(report, to),
        Format::Csv => return csv::write(report, to),
        Format::Markdown if manner.compact => markdown::compact(report)?,
        Format::Markdown => markdown::document(report, &[], &markdown::Standing::default())?,
        Format::Html => html::page(report, &crate::chart::all(report)?)?,
        Format::Benchstat => exchange::benchstat::document(report),
        Format::OpenMetrics => exchange::openmetrics::document(report),
        Format::Perfdash => exchange::perfdash::document(report)?,
        Format::GithubAction => exchange::dashboards::github_action(report)?,
        Format::Bencher => exchange::dashboards::bencher(report)?,
        Format::Otava => {
            let rows = exchange::otava::document(report)?;
            return to.write_all(&rows).map_err(Error::Output);
        }
    };
    to.write_all(text.as_bytes()).map_err(Error::Output)
}
