//! `--fail-if EXPR`: a condition on a report's figures under which a call ends with status 1.
//!
//! ```text
//! expr    = all { "or" all }
//! all     = no { "and" no }
//! no      = "not" no | "(" expr ")" | truth | value OP value
//! OP      = "<" | "<=" | ">" | ">=" | "==" | "!="        (== and != on counts only)
//! value   = figure | NUMBER [ "%" | "s" | "m" | "h" | "ms" ]
//! figure  = [ "matched." ] FIGURE [ "(" NAME { "," NAME } ")" ]
//! ```
//!
//! A NAME is a group, written as in the report (`6.12.46`), as `study/group` where several
//! studies have one of that name, or in quotes if it holds a comma or a parenthesis. Figures
//! are the rows of [`crate::figure`]. Examples:
//!
//! ```text
//! improvement < 50%
//! matched.improvement(6.1.144, 6.12.46) < 50% or p > 0.05
//! mean(6.12.46) > 4m30s and not incomplete
//! n(6.1.144) < 5
//! ```
//!
//! Units must fit: a duration is compared with `5m` or `1m30s`, never with a bare number.
//! A figure that a report does not have is neither true nor false: `or` and `and` are decided
//! without it where the other side decides (Kleene's logic), and else it is an error. A name
//! that does not exist is an error always.
//!
//! The parser is written by hand: of the maintained expression crates evalexpr is AGPL, others
//! bring a scripting language, and none reads `6.12.46`, `5m` and `50%` as what they are.

mod cursor;
mod error;
mod evaluate;
mod junit;
mod literal;
mod parse;
mod term;
mod tree;

use std::str::FromStr;

pub use error::GateError;
pub use evaluate::{Finding, Verdict};
pub use junit::junit;

use crate::figure::Call;
use crate::report::Report;

/// A condition, and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The condition as it was written.
    pub expression: String,
    /// Whether it holds, or why that cannot be said.
    pub outcome: Result<Verdict, GateError>,
}

/// Judges conditions by a report's figures, each by itself.
#[must_use]
pub fn judge(conditions: &[Expr], report: &Report) -> Vec<Judged> {
    conditions
        .iter()
        .map(|condition| Judged {
            expression: condition.text.clone(),
            outcome: condition.evaluate(report),
        })
        .collect()
}

/// A condition, parsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    text: String,
    root: tree::Node,
}

impl Expr {
    /// Parses a condition.
    ///
    /// # Errors
    /// [`GateError::Syntax`], with the place and what could stand there.
    pub fn parse(text: &str) -> Result<Self, GateError> {
        Ok(Self {
            root: parse::parse(text)?,
            text: text.to_owned(),
        })
    }

    /// The condition as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the condition holds, with every figure that it speaks of.
    ///
    /// # Errors
    /// [`GateError::Name`] for a name that does not exist; [`GateError::NoValue`] if the outcome
    /// hangs on a figure that cannot be had.
    pub fn evaluate(&self, report: &Report) -> Result<Verdict, GateError> {
        evaluate::evaluate(&self.text, &self.root, report)
    }
}

/// The figures that `explain` is asked for: one by itself, or those of a condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// The figures, in the order in which they are written.
    pub calls: Vec<Call>,
    /// The text that they stand in.
    pub text: String,
}

/// For the command line.
impl FromStr for Figures {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, GateError> {
        Ok(Self {
            calls: parse::figures(text)?,
            text: text.to_owned(),
        })
    }
}

/// For the command line.
impl FromStr for Expr {
    type Err = GateError;

    fn from_str(text: &str) -> Result<Self, GateError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests;
