//! Sentences made from the model's numbers: headline, findings, limitations.

mod ablations;
mod best;
mod change;
mod cost;
mod crossed;
mod doubts;
mod extent;
mod factors;
mod findings;
pub mod fleet;
mod glance;
mod headline;
mod in_sync;
mod next;
mod number;
mod recording;
mod repetitions;
pub mod replays;
pub mod titles;

use super::Report;

pub use best::{by_convergence, lead};
pub use cost::cost_in_words;
pub use crossed::label as condition;
pub use extent::cell as interval;
pub use glance::{Alone, Glance, glance};
pub use headline::told_apart;
pub use number::{count, counted, duration, p_value, share};

/// Writes all sentences of a report.
pub fn put_in(report: &mut Report) {
    let sentences: Vec<_> = report
        .studies
        .iter()
        .map(|study| {
            (
                headline::headline(report, study),
                headline::trials_behind(report, study),
                findings::findings(report, study),
                doubts::limitations(report, study),
            )
        })
        .collect();
    for (study, (headline, trials, findings, limitations)) in
        report.studies.iter_mut().zip(sentences)
    {
        study.headline = headline;
        study.headline_from = trials;
        (study.findings, study.findings_from) = findings
            .into_iter()
            .map(|finding| (finding.text, finding.from))
            .unzip();
        study.limitations = limitations;
    }
    let tables = report.crossed.iter();
    let told: Vec<_> = tables
        .map(|table| crossed::sentences(report, table))
        .collect();
    for (table, sentences) in report.crossed.iter_mut().zip(told) {
        table.findings = sentences;
    }
    for at in 0..report.replays.len() {
        let replay = &report.replays[at];
        let (findings, notes) = (replays::findings(replay), replays::notes(replay));
        report.replays[at].findings = findings;
        report.replays[at].notes = notes;
    }
    report.headline = headline::first_screen(report);
    report.next = next::steps(report);
    let told: Vec<_> = report
        .recordings
        .iter()
        .map(|one| recording::headline(report, one))
        .collect();
    for (one, (headline, from)) in report.recordings.iter_mut().zip(told) {
        (one.headline, one.headline_from) = (headline, from);
    }
}
