//! A place in a condition's text, and what can be read from there.

use std::ops::Range;

use super::error::GateError;
use super::tree::{OPERATORS, Op};

/// A text and how far it has been read.
pub(super) struct Cursor<'t> {
    /// The whole text.
    pub(super) text: &'t str,
    /// How many bytes of it have been read.
    pub(super) at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn operator(&mut self) -> Result<Option<Op>, GateError> {
        self.at_next();
        let rest = self.rest();
        let length = rest.find(|c| !"<>=!&|".contains(c)).unwrap_or(rest.len());
        let at = self.at..self.at + length;
        let instead = match &rest[..length] {
            "" => return Ok(None),
            "&" | "&&" => "write `and`".to_owned(),
            "|" | "||" => "write `or`".to_owned(),
            "=" => "write `==`".to_owned(),
            text => match OPERATORS.iter().find(|(known, _)| *known == text) {
                Some((_, op)) => {
                    self.at += length;
                    return Ok(Some(*op));
                }
                None => {
                    let known = OPERATORS.map(|(known, _)| format!("`{known}`")).join(", ");
                    format!("no comparison: there are {known}")
                }
            },
        };
        Err(self.error(at, instead))
    }

    pub(super) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Goes past white space; where it then is.
    pub(super) fn at_next(&mut self) -> usize {
        self.at = self.text.len() - self.rest().trim_start().len();
        self.at
    }

    /// The next word, not yet taken: up to white space or a sign.
    pub(super) fn word(&mut self) -> &'t str {
        self.at_next();
        let rest = self.rest();
        let end = |c: char| c.is_whitespace() || "<>=!(),&|".contains(c);
        &rest[..rest.find(end).unwrap_or(rest.len())]
    }

    pub(super) fn keyword(&mut self, keyword: &str) -> bool {
        let found = self.word() == keyword;
        if found {
            self.at += keyword.len();
        }
        found
    }

    pub(super) fn eat(&mut self, sign: &str) -> bool {
        self.at_next();
        let found = self.rest().starts_with(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    pub(super) fn unexpected(&mut self, wanted: &str) -> GateError {
        let from = self.at_next();
        let length = match self.word() {
            "" => self.rest().chars().next().map_or(0, char::len_utf8),
            word => word.len(),
        };
        let at = from..from + length;
        let problem = match &self.text[at.clone()] {
            "" => format!("{wanted} is missing at the end"),
            found @ ("&" | "|") => {
                let instead = if found == "&" { "and" } else { "or" };
                format!("write `{instead}`")
            }
            "!" => "write `not`".to_owned(),
            found => format!("`{found}` stands where {wanted} is wanted"),
        };
        self.error(at, problem)
    }

    pub(super) fn error(&self, at: Range<usize>, problem: impl Into<String>) -> GateError {
        GateError::Syntax {
            expression: self.text.to_owned(),
            at,
            problem: problem.into(),
        }
    }
}
