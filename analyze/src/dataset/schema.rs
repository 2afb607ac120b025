//! The JSON Schema of a data set's small files, generated from the types that are written.

use schemars::JsonSchema;
use serde::Serialize;

use super::run::{Part, Run};
use super::set::Mark;

/// The files, by their names in a data set; each is described where its name leads.
#[derive(Serialize, JsonSchema)]
struct Files {
    #[serde(rename = "dataset.json")]
    mark: Mark,
    #[serde(rename = "runs/ID.json")]
    run: Run,
    #[serde(rename = "parts/run=ID/NNN.json")]
    part: Part,
}

/// The schema, pretty-printed with a final newline.
///
/// # Errors
/// None in practice; serialising a schema cannot fail, and the signature says so honestly.
pub fn schema() -> Result<String, serde_json::Error> {
    let schema = schemars::schema_for!(Files);
    serde_json::to_string_pretty(&schema).map(|text| text + "\n")
}
