//! Where a condition's figures come from.

use std::fmt;
use std::ops::Range;

use super::function::Function;

/// A figure that a condition asks for: `matched.improvement(6.1.144, 6.12.46)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// What is asked for.
    pub function: Function,
    /// Whether only trials at matched scale count.
    pub matched: bool,
    /// Groups, or other names; see [`Function::takes`].
    pub arguments: Vec<Argument>,
    /// Its place in the condition, in bytes.
    pub at: Range<usize>,
}

/// A name in a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The name, without quotes.
    pub name: String,
    /// Its place in the condition, in bytes.
    pub at: Range<usize>,
}

impl Call {
    /// The names in order.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.arguments.iter().map(|a| a.name.as_str()).collect()
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let matched = if self.matched { "matched." } else { "" };
        write!(f, "{matched}{}", self.function.name())?;
        if self.arguments.is_empty() {
            return Ok(());
        }
        write!(f, "({})", self.names().join(", "))
    }
}

/// What is known of a figure.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// Its value, in the unit of [`Function::dimension`].
    Number {
        /// The value.
        value: f64,
        /// What it is of, where the call does not say it all: study and groups.
        of: String,
    },
    /// Whether it is so.
    Truth {
        /// Whether it is so.
        value: bool,
        /// Why, where that can be said.
        of: String,
    },
    /// The names are right, but there is no such figure; why.
    Missing(String),
    /// A name is none, or one of several; what is wrong, and which names there are.
    Unknown {
        /// The place of the name among the arguments; the call itself if there is none there.
        argument: usize,
        /// What is wrong and what would be right.
        problem: String,
    },
}

/// A report's figures.
pub trait Facts {
    /// Looks a figure up.
    fn fact(&self, call: &Call) -> Fact;
}
