//! A figure that is asked for: `matched.improvement(6.1.144, 6.12.46)`.

use std::fmt;
use std::ops::Range;

use super::Figure;

/// A figure with the names that it is asked of.
#[derive(Debug, Clone)]
pub struct Call {
    /// What is asked for.
    pub figure: &'static Figure,
    /// Whether only trials at matched scale count.
    pub matched: bool,
    /// Groups, or other names; how many, [`Figure::accepts`] says.
    pub arguments: Vec<Argument>,
    /// Its place in the text that it stands in, in bytes.
    pub at: Range<usize>,
}

/// A name in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// The name, without quotes.
    pub name: String,
    /// Its place in the text, in bytes.
    pub at: Range<usize>,
}

impl Call {
    /// The figure's name as it was written.
    #[must_use]
    pub fn name(&self) -> String {
        let matched = if self.matched { "matched." } else { "" };
        format!("{matched}{}", self.figure.name)
    }
}

/// The same figure of the same names, wherever it stands.
impl PartialEq for Call {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())?;
        let names: Vec<&str> = self.arguments.iter().map(|a| a.name.as_str()).collect();
        match names.as_slice() {
            [] => Ok(()),
            names => write!(f, "({})", names.join(", ")),
        }
    }
}
