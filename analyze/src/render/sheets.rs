//! What the template of each page is given.

use serde::Serialize;

use super::basis::Basis;
use super::crossed::CrossedView;
use super::listed::Listed;
use super::recording::RecordingView;
use super::replay::ReplayView;
use super::room::{self, ROWS};
use super::rows;
use super::view::{PictureView, RunHead, StudyHead, StudyView};
use crate::report::{InputFacts, MetricsCheck, Profile, Report, Warning};

/// What every page needs.
#[derive(Serialize)]
pub(super) struct Frame<'r, B: Serialize> {
    pub(super) report: &'r Head<'r>,
    pub(super) root: &'static str,
    /// Whether there are other pages to lead to.
    pub(super) linked: bool,
    pub(super) style: &'r str,
    pub(super) style_hash: String,
    pub(super) script: &'static str,
    pub(super) script_hash: String,
    #[serde(flatten)]
    pub(super) body: B,
}

/// The parts of the report that are small whatever was read.
#[derive(Serialize)]
pub(super) struct Head<'r> {
    pub(super) tool: &'r crate::report::Tool,
    pub(super) headline: Answer<'r>,
    pub(super) selection: &'r crate::report::Selection,
    /// Whether the report has syncs.csv too.
    pub(super) csv: bool,
    pub(super) syncs: usize,
}

/// The headline without all that it rests on.
#[derive(Serialize)]
pub(super) struct Answer<'r> {
    pub(super) sentence: &'r str,
    pub(super) doubts: &'r [String],
}

/// The index.
#[derive(Serialize)]
pub(super) struct Index<'r> {
    /// The study that answers the question.
    pub(super) main: Option<StudyView<'r>>,
    /// What the first sentence rests on.
    pub(super) basis: Basis<'r>,
    pub(super) recordings: Vec<RecordingView<'r>>,
    pub(super) recordings_total: usize,
    pub(super) studies: Vec<Listed<'r>>,
    pub(super) studies_total: usize,
    /// Studies of one load under several conditions.
    pub(super) crossed: Vec<CrossedView<'r>>,
    pub(super) replays: Vec<ReplayView<'r>>,
    #[serde(flatten)]
    pub(super) logs: Logs<'r>,
}

/// Everything in one page.
#[derive(Serialize)]
pub(super) struct Single<'r> {
    pub(super) basis: Basis<'r>,
    pub(super) studies: Vec<StudyView<'r>>,
    pub(super) studies_total: usize,
    pub(super) crossed: Vec<CrossedView<'r>>,
    pub(super) replays: Vec<ReplayView<'r>>,
    pub(super) runs: Vec<RunView<'r>>,
    pub(super) runs_total: usize,
    #[serde(flatten)]
    pub(super) logs: Logs<'r>,
}

/// Logs read, and what to know of them.
#[derive(Serialize)]
pub(super) struct Logs<'r> {
    pub(super) warnings: &'r [Warning],
    pub(super) warnings_total: usize,
    pub(super) inputs: &'r [InputFacts],
    pub(super) inputs_total: usize,
}

impl<'r> Logs<'r> {
    pub(super) fn of(report: &'r Report) -> Self {
        let (warnings, warnings_total) = room::first(&report.warnings, ROWS);
        let (inputs, inputs_total) = room::first(&report.inputs, ROWS);
        Self {
            warnings,
            warnings_total,
            inputs,
            inputs_total,
        }
    }
}

/// The page of a study.
#[derive(Serialize)]
pub(super) struct OfStudy<'r> {
    pub(super) view: StudyView<'r>,
    pub(super) recordings: Vec<RecordingView<'r>>,
    pub(super) recordings_total: usize,
    #[serde(flatten)]
    pub(super) beside: Beside<'r>,
}

/// The pages before and after one of the same kind.
#[derive(Serialize)]
pub(super) struct Beside<'r> {
    pub(super) before: Option<Neighbour<'r>>,
    pub(super) after: Option<Neighbour<'r>>,
}

/// A page to turn to.
#[derive(Serialize)]
pub(super) struct Neighbour<'r> {
    pub(super) id: &'r str,
    pub(super) page: String,
}

impl<'r> Beside<'r> {
    /// Of the one at a place; `id` gives the one at another.
    pub(super) fn of(
        id: impl Fn(usize) -> Option<&'r str>,
        at: Option<usize>,
        page: fn(&str) -> String,
    ) -> Self {
        let one = |at: usize| id(at).map(|id| Neighbour { id, page: page(id) });
        Self {
            before: at.and_then(|at| at.checked_sub(1)).and_then(one),
            after: at.and_then(|at| one(at + 1)),
        }
    }
}

/// The page of a run.
#[derive(Serialize)]
pub(super) struct OfRun<'r> {
    pub(super) run: RunView<'r>,
    #[serde(flatten)]
    pub(super) beside: Beside<'r>,
}

/// A bundle, or loose logs.
#[derive(Serialize)]
pub(super) struct RunView<'r> {
    pub(super) link: RunHead<'r>,
    pub(super) study: StudyHead<'r>,
    pub(super) study_page: String,
    pub(super) inputs: Vec<&'r InputFacts>,
    pub(super) inputs_total: usize,
    pub(super) warnings: Vec<&'r Warning>,
    pub(super) warnings_total: usize,
    pub(super) metrics: Vec<&'r MetricsCheck>,
    pub(super) events: Vec<rows::Event<'r>>,
    pub(super) events_total: usize,
    /// Where its kernels' time went.
    pub(super) profiles: Vec<&'r Profile>,
    pub(super) pictures: Vec<PictureView<'r>>,
    pub(super) syncs: rows::Shown<'r>,
    pub(super) recording: Option<RecordingView<'r>>,
    /// The lines around its syncs and complaints, for the page's script.
    pub(super) excerpts: Option<String>,
}
