//! What metrics tell, as JSON.

use std::io::Write;

use crate::error::Error;
use crate::report::metrics::Metrics;
use crate::report::visible::in_json;

/// Writes it as JSON.
///
/// # Errors
/// [`Error::Output`].
pub fn json(of: &Metrics, out: &mut dyn Write) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(of).map_err(Error::making("JSON"))?;
    writeln!(out, "{}", in_json(&text)).map_err(Error::Output)
}
