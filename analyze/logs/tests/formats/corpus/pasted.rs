//! Wrappings as they stand in `wrappings.jsonl`, one a line: its name, the node and whether the
//! year is missing, and the text of all three lines.

use serde_json::Value;

use super::{Case, check};

#[test]
fn all() {
    let cases: Vec<Case> = include_str!("wrappings.jsonl")
        .lines()
        .map(|line| {
            let case: Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| case[key].as_str().map(|text| &*text.to_owned().leak());
            Case {
                name: text("name").unwrap(),
                text: text("text").unwrap().into(),
                node: text("node"),
                yearless: case["yearless"] == true,
            }
        })
        .collect();
    assert!(cases.len() > 190, "{}", cases.len());
    check(&cases);
}
