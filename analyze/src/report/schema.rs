//! The JSON Schema of `results.json`, generated from the types that are written.

use super::Report;

/// The schema, pretty-printed with a final newline.
///
/// # Errors
/// None in practice; serialising a schema cannot fail, and the signature says so honestly.
pub fn schema() -> Result<String, serde_json::Error> {
    let schema = schemars::schema_for!(Report);
    serde_json::to_string_pretty(&schema).map(|text| text + "\n")
}
