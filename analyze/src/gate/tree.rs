//! What a condition is made of.

use crate::figure::Call;

/// A condition, or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// All of these.
    All(Vec<Node>),
    /// One of these at least.
    Any(Vec<Node>),
    /// Not this.
    Not(Box<Node>),
    /// A figure that is true or false.
    Truth(Call),
    /// A comparison whose units fit.
    Compare(Side, Op, Side),
}

impl Node {
    /// The figures in it, in the order in which they are written, each once.
    pub(super) fn calls(&self) -> Vec<Call> {
        let mut calls: Vec<Call> = Vec::new();
        self.visit(&mut |call| {
            if !calls.contains(call) {
                calls.push(call.clone());
            }
        });
        calls
    }

    fn visit(&self, see: &mut impl FnMut(&Call)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.visit(see)),
            Self::Not(part) => part.visit(see),
            Self::Truth(call) => see(call),
            Self::Compare(left, _, right) => {
                for side in [left, right] {
                    if let Side::Figure(call) = side {
                        see(call);
                    }
                }
            }
        }
    }
}

/// A side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Side {
    /// Something to look up.
    Figure(Call),
    /// A limit: as written, and in the unit of the other side.
    Limit(String, f64),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
    Unequal,
}

/// Longest first, so that `<=` is not read as `<`.
pub(super) const OPERATORS: [(&str, Op); 6] = [
    ("<=", Op::AtMost),
    (">=", Op::AtLeast),
    ("==", Op::Equal),
    ("!=", Op::Unequal),
    ("<", Op::Less),
    (">", Op::More),
];

impl Op {
    /// Whether it holds between two values.
    pub(super) fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::AtMost => left <= right,
            Self::More => left > right,
            Self::AtLeast => left >= right,
            Self::Equal => left == right,
            Self::Unequal => left != right,
        }
    }

    /// As it is written.
    pub(super) fn text(self) -> &'static str {
        OPERATORS
            .iter()
            .find(|(_, op)| *op == self)
            .map_or("", |(text, _)| text)
    }
}
