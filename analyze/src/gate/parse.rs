//! From text to a tree, by recursive descent; the grammar stands at the head of [`super`].

use std::ops::Range;

use super::cursor::Cursor;
use super::error::GateError;
use super::term::Term;
use super::tree::{Node, Op, Side};
use crate::figure::{Call, Unit};

/// Deepest nesting, so that no text can exhaust the stack.
const DEEPEST: usize = 64;

/// Parses a condition.
pub(super) fn parse(text: &str) -> Result<Node, GateError> {
    let mut parser = Parser {
        cursor: Cursor { text, at: 0 },
        depth: 0,
    };
    let node = parser.any()?;
    match parser.cursor.word() {
        "" if parser.cursor.rest().is_empty() => Ok(node),
        _ => Err(parser.cursor.unexpected("`and`, `or` or the end")),
    }
}

/// Parses a figure by itself, or a condition, and gives the figures.
pub(super) fn figures(text: &str) -> Result<Vec<Call>, GateError> {
    let mut cursor = Cursor { text, at: 0 };
    if let Ok(Term::Figure(call)) = cursor.term()
        && cursor.word().is_empty()
        && cursor.rest().is_empty()
    {
        return Ok(vec![call]);
    }
    parse(text).map(|condition| condition.calls())
}

struct Parser<'t> {
    cursor: Cursor<'t>,
    depth: usize,
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Node, GateError> {
        let mut parts = vec![self.all()?];
        while self.cursor.keyword("or") {
            parts.push(self.all()?);
        }
        Ok(sole(parts, Node::Any))
    }

    fn all(&mut self) -> Result<Node, GateError> {
        let mut parts = vec![self.no()?];
        while self.cursor.keyword("and") {
            parts.push(self.no()?);
        }
        Ok(sole(parts, Node::All))
    }

    fn no(&mut self) -> Result<Node, GateError> {
        if self.cursor.keyword("not") {
            return self.nested(|parser| Ok(Node::Not(Box::new(parser.no()?))));
        }
        let open = self.cursor.at_next();
        if !self.cursor.eat("(") {
            return self.test();
        }
        let inside = self.nested(Self::any)?;
        if self.cursor.eat(")") {
            return Ok(inside);
        }
        if self.cursor.rest().is_empty() {
            return Err(self
                .cursor
                .error(open..open + 1, "this parenthesis is not closed"));
        }
        Err(self.cursor.unexpected("`and`, `or` or `)`"))
    }

    fn nested(
        &mut self,
        inside: impl FnOnce(&mut Self) -> Result<Node, GateError>,
    ) -> Result<Node, GateError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            let problem = format!("more than {DEEPEST} conditions inside each other");
            return Err(self.cursor.error(self.cursor.at..self.cursor.at, problem));
        }
        let node = inside(self)?;
        self.depth -= 1;
        Ok(node)
    }

    fn test(&mut self) -> Result<Node, GateError> {
        let left = self.cursor.term()?;
        let from = self.cursor.at_next();
        let Some(op) = self.cursor.operator()? else {
            return match left {
                Term::Figure(call) if call.figure.unit == Unit::Truth => Ok(Node::Truth(call)),
                Term::Figure(call) => {
                    let (name, unit) = (call.figure.name, call.figure.unit.example());
                    let problem = format!("a comparison is missing: {name} is {unit}");
                    Err(self.cursor.error(call.at, problem))
                }
                Term::Literal(_, at) => Err(self.cursor.error(at, "a limit without a figure")),
            };
        };
        let at = from..from + op.text().len();
        let right = self.cursor.term()?;
        self.compare(left, op, at, right)
    }

    /// Checks that both sides can be compared in this way.
    fn compare(
        &self,
        left: Term,
        op: Op,
        at: Range<usize>,
        right: Term,
    ) -> Result<Node, GateError> {
        let unit = match (&left, &right) {
            (Term::Figure(a), Term::Figure(b)) => {
                let (of_a, of_b) = (a.figure.unit, b.figure.unit);
                if of_a != of_b {
                    let problem = format!(
                        "{} and {} are measured in different units: the one is {}; the other {}",
                        a.figure.name,
                        b.figure.name,
                        of_a.example(),
                        of_b.example()
                    );
                    return Err(self.cursor.error(a.at.start..b.at.end, problem));
                }
                of_a
            }
            (Term::Figure(call), _) | (_, Term::Figure(call)) => call.figure.unit,
            (Term::Literal(_, a), Term::Literal(_, b)) => {
                return Err(self
                    .cursor
                    .error(a.start..b.end, "two limits and no figure"));
            }
        };
        if unit == Unit::Truth {
            let problem = "this figure is true or false by itself: write it alone, or with `not`";
            return Err(self.cursor.error(at, problem));
        }
        if matches!(op, Op::Equal | Op::Unequal) && unit != Unit::Count {
            let problem = "only counts can be equal: a measured value never is to the last digit";
            return Err(self.cursor.error(at, problem));
        }
        let (left, right) = (self.side(left, unit)?, self.side(right, unit)?);
        Ok(Node::Compare(left, op, right))
    }

    fn side(&self, term: Term, unit: Unit) -> Result<Side, GateError> {
        match term {
            Term::Figure(call) => Ok(Side::Figure(call)),
            Term::Literal(literal, at) => match literal.beside(unit) {
                Some(value) => Ok(Side::Limit(literal.text, value)),
                None => {
                    let problem =
                        format!("the unit does not fit: the figure is {}", unit.example());
                    Err(self.cursor.error(at, problem))
                }
            },
        }
    }
}

/// The part itself if there is only one.
fn sole(mut parts: Vec<Node>, several: fn(Vec<Node>) -> Node) -> Node {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            several(parts)
        }
        None => several(parts),
    }
}
