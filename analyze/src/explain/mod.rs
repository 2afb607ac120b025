//! `analyze explain FIGURE`: a figure's formula, its inputs, and the log line of each.
//!
//! Values come from the report as it stands, by the same look-up as `--fail-if`, so that what is
//! explained is what the report prints.

mod print;

use std::io::Write;

use crate::error::Error;
use crate::figure::{self, NotKnown};
use crate::gate::{Figures, GateError};
use crate::report::Report;

/// Explains figures of a report.
///
/// # Errors
/// [`Error::Gate`] for a name that does not exist or a figure that cannot be had;
/// [`Error::Output`] if the writer fails.
pub fn print(report: &Report, figures: &Figures, out: &mut dyn Write) -> Result<(), Error> {
    for (at, call) in figures.calls.iter().enumerate() {
        if at > 0 {
            writeln!(out).map_err(Error::Output)?;
        }
        let found = figure::look_up(report, call).map_err(|unknown| match unknown {
            NotKnown::Name { argument, problem } => {
                GateError::name(&figures.text, call, argument, problem)
            }
            NotKnown::Missing(why) => GateError::NoFigure {
                figure: call.to_string(),
                why,
            },
        })?;
        print::explanation(call, &found, out).map_err(Error::Output)?;
    }
    Ok(())
}
