//! Statistics against SciPy's values to a *relative* 1e-9, so that a p of 1e-15 is compared and
//! not rounded away; cases that once gave wrong answers; and properties.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise

mod changes;
mod fits;
mod properties;
mod runs;
mod samples;
mod sequential;

use std::collections::BTreeMap;
use std::fmt::Display;

use serde_json::Value as Json;

struct Reference {
    table: Json,
    samples: BTreeMap<String, Vec<f64>>,
}

impl Reference {
    fn read() -> Self {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../tests/reference/statistics.json"
        );
        let table: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let samples = serde_json::from_value(table["samples"].clone()).unwrap();
        Self { table, samples }
    }

    /// Every pair of samples in the table, with its values.
    fn pairs(&self) -> impl Iterator<Item = (&[f64], &[f64], &Json)> {
        self.table["pairs"].as_array().unwrap().iter().map(|row| {
            let side = |key: &str| self.samples[row[key].as_str().unwrap()].as_slice();
            (side("a"), side("b"), row)
        })
    }
}

fn numbers(json: &Json) -> Vec<f64> {
    let number = |x: &Json| x.as_f64().unwrap();
    json.as_array().unwrap().iter().map(number).collect()
}

/// Equal to 1e-9 of the value; next to 0 to 1e-18.
#[track_caller]
fn same(found: f64, wanted: &Json, what: impl Display) {
    let wanted = wanted.as_f64().unwrap();
    let error = (found - wanted).abs();
    assert!(
        error <= 1e-9 * wanted.abs() + 1e-18,
        "{what}: {found} is not {wanted}"
    );
}
