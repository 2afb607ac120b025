//! An explanation as text.

use std::io::{self, Write};

use super::formula::Formula;
use super::inputs::Inputs;
use crate::render::terminal::clean;

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
            clean(&self.figure),
            self.value,
            clean(&of)
        )?;
        writeln!(out, "  formula   {}", self.formula.text)?;
        writeln!(out, "  source    {}", self.formula.source)?;
        if let Some(computed) = &self.computed {
            writeln!(out, "  computed  {}", clean(computed))?;
        }
        if let Some(rule) = &self.rule {
            writeln!(out, "  rule      {}", clean(rule))?;
        }
        for inputs in &self.inputs {
            writeln!(out, "  {}", clean(&inputs.heading))?;
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
                    clean(&row.about),
                    clean(&row.place)
                )?;
            }
        }
        Ok(())
    }
}
