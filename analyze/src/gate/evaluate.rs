//! From a tree and figures to a verdict.

use std::fmt;

use super::error::GateError;
use super::facts::{Call, Fact, Facts};
use super::tree::{Node, Op, Side};

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
    facts: &dyn Facts,
) -> Result<Verdict, GateError> {
    let mut evaluation = Evaluation {
        expression,
        facts,
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
    facts: &'e dyn Facts,
    findings: Vec<Finding>,
    reasons: Vec<String>,
}

/// A figure that is there.
struct Known<T> {
    value: T,
    of: String,
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
        let known = match self.facts.fact(call) {
            Fact::Truth { value, of } => Some(Known { value, of }),
            other => {
                self.absent(call, other)?;
                None
            }
        };
        let text = match &known {
            Some(Known { value, of }) => {
                let value = if *value { "yes" } else { "no" };
                format!("{call} = {value}{}", apposition(of))
            }
            None => format!("{call} is unknown"),
        };
        let holds = known.map(|known| known.value);
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
        let call = match side {
            Side::Limit(text, value) => return Ok((text.clone(), Some(*value))),
            Side::Figure(call) => call,
        };
        // NaN compares as false with everything: it must not pass for a figure.
        match self.facts.fact(call) {
            Fact::Number { value, of } if !value.is_nan() => {
                let shown = call.function.dimension().show(value);
                Ok((format!("{call} = {shown}{}", apposition(&of)), Some(value)))
            }
            other => {
                self.absent(call, other)?;
                Ok((format!("{call} is unknown"), None))
            }
        }
    }

    /// Notes why a figure cannot be had.
    fn absent(&mut self, call: &Call, fact: Fact) -> Result<(), GateError> {
        let why = match fact {
            Fact::Missing(why) => why,
            Fact::Unknown { argument, problem } => {
                let at = call
                    .arguments
                    .get(argument)
                    .map_or(&call.at, |name| &name.at);
                return Err(GateError::Name {
                    expression: self.expression.to_owned(),
                    at: at.clone(),
                    problem,
                });
            }
            Fact::Number { .. } | Fact::Truth { .. } => "it has no value".to_owned(),
        };
        self.reasons.push(format!("{call}: {why}"));
        Ok(())
    }
}

fn apposition(of: &str) -> String {
    if of.is_empty() {
        String::new()
    } else {
        format!(" [{of}]")
    }
}
