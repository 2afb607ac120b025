//! The manifest's JSON Schema, generated from the types that read it.

/// The JSON Schema of `bundle.json`, as pretty-printed JSON with a final newline.
///
/// # Errors
/// None in practice; serialising a schema cannot fail, and the signature says so honestly.
pub fn manifest_schema() -> Result<String, serde_json::Error> {
    let schema = schemars::schema_for!(crate::Manifest);
    serde_json::to_string_pretty(&schema).map(|text| text + "\n")
}
