//! From a tree and figures to a verdict.

use std::fmt;

use super::error::GateError;
use super::tree::{Node, Op, Side};
use crate::figure::{self, Call, Found, NotKnown};
use crate::report::Report;

/// What became of a condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The condition as it was written.
    pub expression: String,
    /// Whether it holds: then the call fails.
    pub holds: bool,
    /// Its parts in the order in which they are written, with the figures found.
    pub findings: Vec<Finding>,
}

/// A part of a condition: one comparison, or one figure that is true or false.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The figures and limits in words: `improvement = 66.286 % (limit < 50%)`.
    pub text: String,
    /// Whether this part holds; absent if a figure is missing.
    pub holds: Option<bool>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = if self.holds { "holds" } else { "does not hold" };
        let findings: Vec<&str> = self.findings.iter().map(|one| one.text.as_str()).collect();
        write!(
            f,
            "`{}` {outcome}: {}",
            self.expression,
            findings.join("; ")
        )
    }
}

/// Evaluates a whole condition.
pub(super) fn evaluate(
    expression: &str,
    root: &Node,
    report: &Report,
) -> Result<Verdict, GateError> {
    let mut evaluation = Evaluation {
        expression,
        report,
        findings: Vec::new(),
        reasons: Vec::new(),
    };
    let expression = expression.to_owned();
    match evaluation.node(root)? {
        Some(holds) => Ok(Verdict {
            expression,
            holds,
            findings: evaluation.findings,
        }),
        None => Err(GateError::NoValue {
            expression,
            reasons: evaluation.reasons,
        }),
    }
}

struct Evaluation<'e> {
    expression: &'e str,
    report: &'e Report,
    findings: Vec<Finding>,
    reasons: Vec<String>,
}

impl Evaluation<'_> {
    /// Every part is looked at even where one decides, so that no misspelt name goes unseen.
    fn node(&mut self, node: &Node) -> Result<Option<bool>, GateError> {
        match node {
            Node::All(parts) => self.until(parts, false),
            Node::Any(parts) => self.until(parts, true),
            Node::Not(part) => Ok(self.node(part)?.map(|holds| !holds)),
            Node::Truth(call) => self.truth(call),
            Node::Compare(left, op, right) => self.compare(left, *op, right),
        }
    }

    /// `decisive` if a part is that; unknown if one is unknown; else the opposite.
    fn until(&mut self, parts: &[Node], decisive: bool) -> Result<Option<bool>, GateError> {
        let outcomes = parts
            .iter()
            .map(|part| self.node(part))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(if outcomes.contains(&Some(decisive)) {
            Some(decisive)
        } else if outcomes.contains(&None) {
            None
        } else {
            Some(!decisive)
        })
    }

    fn truth(&mut self, call: &Call) -> Result<Option<bool>, GateError> {
        let (text, value) = self.figure(call)?;
        let holds = value.map(|value| value != 0.0);
        self.findings.push(Finding { text, holds });
        Ok(holds)
    }

    fn compare(&mut self, left: &Side, op: Op, right: &Side) -> Result<Option<bool>, GateError> {
        let (left_text, left_value) = self.side(left)?;
        let (right_text, right_value) = self.side(right)?;
        let text = match (left, right) {
            (Side::Figure(_), Side::Limit(..)) => format!("{left_text} (limit {right_text})"),
            (Side::Limit(..), Side::Figure(_)) => format!("{right_text} (limit {left_text})"),
            _ => format!("{left_text}, {right_text}"),
        };
        let holds = left_value
            .zip(right_value)
            .map(|(left, right)| op.holds(left, right));
        self.findings.push(Finding { text, holds });
        Ok(holds)
    }

    fn side(&mut self, side: &Side) -> Result<(String, Option<f64>), GateError> {
        match side {
            Side::Limit(text, value) => Ok((text.clone(), Some(*value))),
            Side::Figure(call) => self.figure(call),
        }
    }

    /// A figure in words, and its value; one that is missing is noted.
    fn figure(&mut self, call: &Call) -> Result<(String, Option<f64>), GateError> {
        match figure::look_up(self.report, call) {
            Ok(Found { value, about, .. }) => {
                let shown = call.figure.unit.show(value);
                let text = format!("{call} = {shown}{}", apposition(&about));
                Ok((text, Some(value)))
            }
            Err(NotKnown::Missing(why)) => {
                self.reasons.push(format!("{call}: {why}"));
                Ok((format!("{call} is unknown"), None))
            }
            Err(NotKnown::Name { argument, problem }) => {
                Err(GateError::name(self.expression, call, argument, problem))
            }
        }
    }
}

fn apposition(of: &str) -> String {
    if of.is_empty() {
        String::new()
    } else {
        format!(" [{of}]")
    }
}
