//! An explanation as text.

use std::io::{self, Write};

use crate::figure::{Call, Found, Input, Inputs};
use crate::report::visible::visible;

/// Widest column that others are aligned behind, in characters.
const WIDEST: usize = 60;

/// Writes it: one input a line, its `input:line` last, so that a pipe can pick it out.
pub(super) fn explanation(call: &Call, found: &Found, out: &mut dyn Write) -> io::Result<()> {
    let about = match found.about.as_str() {
        "" => String::new(),
        about => format!("  [{about}]"),
    };
    let (name, value) = (call.to_string(), call.figure.unit.show(found.value));
    writeln!(out, "{} = {value}{}", visible(&name), visible(&about))?;
    writeln!(out, "  formula   {}", call.figure.formula)?;
    writeln!(out, "  source    {}", call.figure.source)?;
    if let Some(computed) = &found.computed {
        writeln!(out, "  computed  {}", visible(computed))?;
    }
    if let Some(chosen) = &found.chosen {
        writeln!(out, "  rule      {}", visible(chosen))?;
    }
    found.inputs.iter().try_for_each(|one| inputs(one, out))
}

fn inputs(inputs: &Inputs, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  {}", visible(&inputs.heading))?;
    let width = |text: fn(&Input) -> &String| {
        let lengths = inputs.rows.iter().map(|row| text(row).chars().count());
        lengths.max().unwrap_or(0).min(WIDEST)
    };
    let (value, about) = (width(|row| &row.value), width(|row| &row.about));
    inputs.rows.iter().try_for_each(|row| {
        let (known, place) = (visible(&row.about), visible(&row.place));
        writeln!(out, "    {:>value$}  {known:<about$}  {place}", row.value)
    })
}
