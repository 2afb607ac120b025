//! An explanation as text.

use std::io::{self, Write};

use super::formula::Formula;
use super::inputs::Inputs;
use crate::report::visible::visible;

/// A figure, explained.
pub(super) struct Explanation {
    /// The figure as it was asked for.
    pub(super) figure: String,
    /// Its value.
    pub(super) value: String,
    /// What it is of.
    pub(super) of: String,
    /// What it is.
    pub(super) formula: Formula,
    /// The formula with its numbers.
    pub(super) computed: Option<String>,
    /// What chose the inputs.
    pub(super) rule: Option<String>,
    /// The inputs.
    pub(super) inputs: Vec<Inputs>,
}

impl Explanation {
    /// Writes it: one input a line, its `input:line` last, so that a pipe can pick it out.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let of = if self.of.is_empty() {
            String::new()
        } else {
            format!("  [{}]", self.of)
        };
        writeln!(
            out,
            "{} = {}{}",
            visible(&self.figure),
            self.value,
            visible(&of)
        )?;
        writeln!(out, "  formula   {}", self.formula.text)?;
        writeln!(out, "  source    {}", self.formula.source)?;
        if let Some(computed) = &self.computed {
            writeln!(out, "  computed  {}", visible(computed))?;
        }
        if let Some(rule) = &self.rule {
            writeln!(out, "  rule      {}", visible(rule))?;
        }
        for inputs in &self.inputs {
            writeln!(out, "  {}", visible(&inputs.heading))?;
            let width = |text: fn(&super::inputs::Row) -> &String| {
                let lengths = inputs.rows.iter().map(|row| text(row).chars().count());
                lengths.max().unwrap_or(0).min(60)
            };
            let (value, about) = (width(|row| &row.value), width(|row| &row.about));
            for row in &inputs.rows {
                writeln!(
                    out,
                    "    {:>value$}  {:<about$}  {}",
                    row.value,
                    visible(&row.about),
                    visible(&row.place)
                )?;
            }
        }
        Ok(())
    }
}
