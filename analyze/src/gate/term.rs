//! Figures and limits: what stands between two operators.

use std::ops::Range;

use super::cursor::Cursor;
use super::error::GateError;
use super::literal::Literal;
use crate::figure::{self, Argument, Call};

/// A figure, or a limit and its place.
pub(super) enum Term {
    Figure(Call),
    Literal(Literal, Range<usize>),
}

impl<'t> Cursor<'t> {
    /// Reads a figure or a limit.
    pub(super) fn term(&mut self) -> Result<Term, GateError> {
        let from = self.at_next();
        let word = self.word();
        if word.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) {
            self.at += word.len();
            // `50 %` as people write it.
            if self.rest().trim_start().starts_with('%') {
                self.eat("%");
            }
            let at = from..self.at;
            let text = &self.text[at.clone()];
            return match Literal::read(text) {
                Some(literal) => Ok(Term::Literal(literal, at)),
                None => {
                    Err(self.error(at, "no limit: write one like 50%, 0.05, 5, 4m30s or 250ms"))
                }
            };
        }
        if word.is_empty() {
            return Err(self.unexpected("a figure or a limit"));
        }
        self.call(word).map(Term::Figure)
    }

    fn call(&mut self, word: &'t str) -> Result<Call, GateError> {
        let from = self.at;
        self.at += word.len();
        let (matched, name) = match word.strip_prefix("matched.") {
            Some(name) => (true, name),
            None => (false, word),
        };
        let Some(figure) = figure::named(name) else {
            let known: Vec<&str> = figure::all().map(|one| one.name).collect();
            let problem = format!(
                "no figure is called `{name}`; there are {}",
                known.join(", ")
            );
            return Err(self.error(self.at - name.len()..self.at, problem));
        };
        if matched && !figure.can_match() {
            let problem =
                format!("{name} is not had at matched scale: write it without `matched.`");
            return Err(self.error(from..self.at, problem));
        }
        // White space that is skipped in search of a parenthesis is not part of the figure.
        let mut at = from..self.at;
        let mut arguments = Vec::new();
        if self.eat("(") {
            arguments = self.arguments()?;
            at.end = self.at;
        }
        if !figure.accepts(arguments.len()) {
            let problem = format!("write {name}{}", figure.pattern());
            return Err(self.error(at, problem));
        }
        Ok(Call {
            figure,
            matched,
            arguments,
            at,
        })
    }

    /// Names up to the closing parenthesis; the opening one has been read.
    fn arguments(&mut self) -> Result<Vec<Argument>, GateError> {
        let open = self.at - 1;
        let mut arguments = Vec::new();
        if self.eat(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.argument()?);
            if self.eat(")") {
                return Ok(arguments);
            }
            if self.rest().is_empty() {
                return Err(self.error(open..open + 1, "this parenthesis is not closed"));
            }
            if !self.eat(",") {
                return Err(self.unexpected("`,` or `)`"));
            }
        }
    }

    fn argument(&mut self) -> Result<Argument, GateError> {
        let from = self.at_next();
        for quote in ['"', '\''] {
            let Some(rest) = self.rest().strip_prefix(quote) else {
                continue;
            };
            let Some(length) = rest.find(quote) else {
                return Err(self.error(from..from + 1, "this quote is not closed"));
            };
            self.at += length + 2;
            let (name, at) = (rest[..length].to_owned(), from..self.at);
            return Ok(Argument { name, at });
        }
        let rest = self.rest();
        let length = rest.find([',', '(', ')']).unwrap_or(rest.len());
        let name = rest[..length].trim_end();
        self.at += name.len();
        let at = from..self.at;
        if rest[length..].starts_with('(') {
            let problem = "figures cannot stand inside each other; a name with a parenthesis or a \
                           comma needs quotes";
            return Err(self.error(from + length..from + length + 1, problem));
        }
        if name.is_empty() {
            return Err(self.error(at, "a name is missing"));
        }
        let name = name.to_owned();
        Ok(Argument { name, at })
    }
}
