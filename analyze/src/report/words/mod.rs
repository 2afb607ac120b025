//! Sentences made from the model's numbers: headline, findings, limitations.

mod doubts;
mod findings;
mod headline;
mod number;

use super::Report;

pub use number::{count, counted, duration, p_value, share};

/// Writes all sentences of a report.
pub fn put_in(report: &mut Report) {
    let sentences: Vec<(String, Vec<String>, Vec<String>)> = report
        .studies
        .iter()
        .map(|study| {
            (
                headline::headline(report, study),
                findings::findings(report, study),
                doubts::limitations(report, study),
            )
        })
        .collect();
    for (study, (headline, findings, limitations)) in report.studies.iter_mut().zip(sentences) {
        study.headline = headline;
        study.findings = findings;
        study.limitations = limitations;
    }
    report.headline = headline::first_screen(report);
}
