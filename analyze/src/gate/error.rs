//! What can be wrong with a condition; each message points at the place.

use std::ops::Range;

use crate::figure::Call;

/// An error of `--fail-if`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// A condition that cannot be read.
    #[error("{problem}\n{}", pointer(expression, at))]
    Syntax {
        /// The condition.
        expression: String,
        /// The place in it, in bytes.
        at: Range<usize>,
        /// What is wrong, and what could stand there.
        problem: String,
    },
    /// A name that is none in this report.
    #[error("{problem}\n{}", pointer(expression, at))]
    Name {
        /// The condition.
        expression: String,
        /// The place in it, in bytes.
        at: Range<usize>,
        /// What is wrong, and which names there are.
        problem: String,
    },
    /// A condition that hangs on a figure that cannot be had.
    #[error("`{expression}` can be neither confirmed nor denied: {}", reasons.join("; "))]
    NoValue {
        /// The condition.
        expression: String,
        /// The figures that are missing, and why.
        reasons: Vec<String>,
    },
    /// A figure to explain that cannot be had.
    #[error("{figure} cannot be had: {why}")]
    NoFigure {
        /// The figure.
        figure: String,
        /// Why not.
        why: String,
    },
    /// JUnit XML that cannot be written.
    #[error("cannot write JUnit XML: {0}")]
    Junit(String),
}

impl GateError {
    /// A name of a call that is none.
    pub(crate) fn name(expression: &str, call: &Call, argument: usize, problem: String) -> Self {
        let argument = call.arguments.get(argument);
        let at = argument.map_or(&call.at, |name| &name.at);
        Self::Name {
            expression: expression.to_owned(),
            at: at.clone(),
            problem,
        }
    }
}

/// The expression with carets under the place.
fn pointer(expression: &str, at: &Range<usize>) -> String {
    let chars = |to: usize| {
        expression
            .char_indices()
            .take_while(|(i, _)| *i < to)
            .count()
    };
    let (from, to) = (chars(at.start), chars(at.end));
    // A tab or a line break would put the carets elsewhere.
    let line: String = expression
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let carets = "^".repeat(to.saturating_sub(from).max(1));
    format!("  {line}\n  {}{carets}", " ".repeat(from))
}
