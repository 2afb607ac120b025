//! `analyze explain FIGURE`: a figure's formula, its inputs, and the log line of each.
//!
//! ```text
//! formula    what the figure is, and who says so
//! inputs     what it rests on: syncs, points of a curve, steps of a ramp, kernel reports ...
//! computed   the formula with this report's numbers in it
//! print      all of it as text
//! ```
//!
//! Values come from the report as it stands, by the same look-up as `--fail-if`, so that what is
//! explained is what the report prints.

mod computed;
mod formula;
mod inputs;
mod print;

use std::io::Write;

use crate::error::Error;
use crate::gate::{Call, Fact, Facts as _, Figures, GateError, ReportFacts};
use crate::report::Report;

/// Explains figures of a report.
///
/// # Errors
/// [`Error::Gate`] for a name that does not exist or a figure that cannot be had;
/// [`Error::Output`] if the writer fails.
pub fn print(report: &Report, figures: &Figures, out: &mut dyn Write) -> Result<(), Error> {
    let facts = ReportFacts::from(report);
    for (at, call) in figures.calls.iter().enumerate() {
        if at > 0 {
            writeln!(out).map_err(Error::Output)?;
        }
        let target = facts
            .target(call)
            .map_err(|fact| error(figures, call, fact))?;
        let (value, of) = match facts.fact(call) {
            Fact::Number { value, of } => (call.function.dimension().show(value), of),
            Fact::Truth { value: true, of } => ("yes".to_owned(), of),
            Fact::Truth { value: false, of } => ("no".to_owned(), of),
            absent => return Err(error(figures, call, absent).into()),
        };
        let explanation = print::Explanation {
            figure: call.to_string(),
            value,
            of,
            formula: formula::of(call.function),
            computed: computed::of(report, call.function, target),
            rule: formula::rule(report, call, target),
            inputs: inputs::of(report, call.function, target),
        };
        explanation.write(out).map_err(Error::Output)?;
    }
    Ok(())
}

fn error(figures: &Figures, call: &Call, fact: Fact) -> GateError {
    match fact {
        Fact::Unknown { argument, problem } => GateError::Name {
            expression: figures.text.clone(),
            at: call
                .arguments
                .get(argument)
                .map_or(&call.at, |name| &name.at)
                .clone(),
            problem,
        },
        Fact::Missing(why) => GateError::NoFigure {
            figure: call.to_string(),
            why,
        },
        Fact::Number { .. } | Fact::Truth { .. } => GateError::NoFigure {
            figure: call.to_string(),
            why: "it has no value".to_owned(),
        },
    }
}
