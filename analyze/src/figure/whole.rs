//! Figures of the report as a whole.

use super::Figure;
use super::inputs::{self, Inputs};
use super::rule::{Of, Rule};
use super::unit::Unit::{Count, Truth};
use crate::report::Report;

pub(super) static FIGURES: [Figure; 2] = [
    Figure {
        name: "warnings",
        unit: Count,
        help: "number of warnings",
        formula: "number of warnings",
        source: "this report",
        of: Of::Whole(Rule {
            value: |report, ()| Some(report.warnings.len() as f64),
            about: |_, ()| String::new(),
            missing: "",
            computed: |_, ()| None,
            chosen: |_, ()| None,
            inputs: |report, ()| vec![Inputs::numbered("", inputs::warnings(report))],
        }),
    },
    Figure {
        name: "incomplete",
        unit: Truth,
        help: "whether a bundle's capture is incomplete",
        formula: "whether a bundle's verdict is `incomplete`",
        source: "bundle.json, `verdict`",
        of: Of::Whole(Rule {
            value: |report, ()| {
                let incomplete = report.bundles.iter().any(|bundle| !bundle.complete);
                (!report.bundles.is_empty()).then_some(f64::from(u8::from(incomplete)))
            },
            about: |report, ()| incomplete(report),
            missing: "no bundle was read, and a loose log does not say whether it is complete",
            computed: |_, ()| None,
            chosen: |_, ()| None,
            inputs: |report, ()| vec![Inputs::numbered("", inputs::verdicts(report))],
        }),
    },
];

fn incomplete(report: &Report) -> String {
    let bundles = report.bundles.iter().filter(|bundle| !bundle.complete);
    let names: Vec<&str> = bundles.map(|bundle| bundle.id.as_str()).collect();
    names.join(", ")
}
