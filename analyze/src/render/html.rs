//! The pages: an index over all, one a study with its comparisons, one a run with its syncs.
//! They open from a disk, ask for nothing, and run one script: the one that sorts tables.

use serde::Serialize;

use super::basis::{self, Basis};
use super::engine::Engine;
use super::excerpts;
use super::recording::{self, RecordingView};
use super::replay::{self, ReplayView};
use super::rows::{self, Addresses};
use super::view::{self, PictureView, RunLink, StudyView};
use super::way::Way;
use crate::chart::Picture;
use crate::error::Error;
use crate::report::{BundleFacts, InputFacts, MetricsCheck, Report, Study, Warning};

const STYLE: &str = include_str!("templates/style.css");
const SCRIPT: &str = include_str!("templates/table.js");

/// Warnings and logs that a page holds; results.json has all.
const MOST_LINES: usize = 200;

/// Kernel complaints that a page holds; results.json has all.
const MOST_EVENTS: usize = 1_000;

/// A page: its path below the report's directory, and its text.
pub type Page = (String, String);

/// What every page needs.
#[derive(Serialize)]
struct Frame<'r, B: Serialize> {
    report: &'r Head<'r>,
    root: &'static str,
    /// Whether there are other pages to lead to.
    linked: bool,
    style: &'r str,
    style_hash: String,
    script: &'static str,
    script_hash: String,
    #[serde(flatten)]
    body: B,
}

/// The parts of the report that are small whatever was read.
#[derive(Serialize)]
struct Head<'r> {
    tool: &'r crate::report::Tool,
    headline: &'r crate::report::Headline,
    selection: &'r crate::report::Selection,
}

/// The index, or, in one page, everything.
#[derive(Serialize)]
struct Index<'r> {
    main: Option<&'r str>,
    /// What the first sentence rests on.
    basis: Basis<'r>,
    recordings: Vec<RecordingView<'r>>,
    studies: Vec<StudyView<'r>>,
    replays: Vec<ReplayView<'r>>,
    runs: Vec<RunView<'r>>,
    warnings: Vec<&'r Warning>,
    warnings_total: usize,
    inputs: Vec<&'r InputFacts>,
    inputs_total: usize,
}

/// The page of a study.
#[derive(Serialize)]
struct OfStudy<'r> {
    view: StudyView<'r>,
    recordings: Vec<RecordingView<'r>>,
    #[serde(flatten)]
    beside: Beside<'r>,
}

/// The pages before and after one of the same kind.
#[derive(Serialize)]
struct Beside<'r> {
    before: Option<Neighbour<'r>>,
    after: Option<Neighbour<'r>>,
}

/// A page to turn to.
#[derive(Serialize)]
struct Neighbour<'r> {
    id: &'r str,
    page: String,
}

impl<'r> Beside<'r> {
    /// Of the one at a place in a row of ids.
    fn of(ids: &[&'r str], at: usize, page: fn(&str) -> String) -> Self {
        let one = |at: usize| ids.get(at).map(|id| Neighbour { id, page: page(id) });
        Self {
            before: at.checked_sub(1).and_then(one),
            after: one(at + 1),
        }
    }
}

/// The page of a run.
#[derive(Serialize)]
struct OfRun<'r> {
    run: RunView<'r>,
    #[serde(flatten)]
    beside: Beside<'r>,
}

/// A bundle, or loose logs.
#[derive(Serialize)]
struct RunView<'r> {
    link: RunLink<'r>,
    study: &'r Study,
    study_page: String,
    inputs: Vec<&'r InputFacts>,
    inputs_total: usize,
    warnings: Vec<&'r Warning>,
    warnings_total: usize,
    metrics: Vec<&'r MetricsCheck>,
    events: Vec<rows::Event<'r>>,
    events_total: usize,
    pictures: Vec<PictureView<'r>>,
    syncs: rows::Shown<'r>,
    recording: Option<RecordingView<'r>>,
    /// The lines around its syncs and complaints, for the page's script.
    excerpts: Option<String>,
}

/// All pages of a report; the index comes first.
///
/// # Errors
/// [`Error::Internal`] for a broken template.
pub fn pages(report: &Report, pictures: &[Picture]) -> Result<Vec<Page>, Error> {
    let engine = Engine::new(&report.names)?;
    let addresses = Addresses::of(report);
    let style = style();
    let press = Press {
        report,
        pictures,
        addresses: &addresses,
        engine: &engine,
        style: &style,
    };
    let mut pages = vec![("index.html".to_owned(), press.index(true)?)];
    let studies: Vec<&str> = report
        .studies
        .iter()
        .map(|study| study.id.as_str())
        .collect();
    let runs: Vec<&str> = report
        .recordings
        .iter()
        .map(|one| one.id.as_str())
        .collect();
    let way = press.way("../");
    for (at, study) in report.studies.iter().enumerate() {
        let of_study = OfStudy {
            view: view::study(report, pictures, &way, study),
            recordings: recording::of_study(report, &way, study),
            beside: Beside::of(&studies, at, rows::page_of_study),
        };
        let text = press.print("comparison.html", "../", true, of_study)?;
        pages.push((rows::page_of_study(&study.id), text));
        for link in view::runs(report, study) {
            let path = link.page.clone();
            let at = runs
                .iter()
                .position(|id| *id == link.id)
                .unwrap_or(runs.len());
            let of_run = OfRun {
                run: press.run(study, link, "../"),
                beside: Beside::of(&runs, at, rows::page_of_run),
            };
            pages.push((path, press.print("run.html", "../", true, of_run)?));
        }
    }
    Ok(pages)
}

/// Everything in one page, to be sent as it is.
///
/// # Errors
/// As [`pages`].
pub fn page(report: &Report, pictures: &[Picture]) -> Result<String, Error> {
    let engine = Engine::new(&report.names)?;
    let addresses = Addresses::inside();
    let style = style();
    Press {
        report,
        pictures,
        addresses: &addresses,
        engine: &engine,
        style: &style,
    }
    .index(false)
}

/// What prints pages.
struct Press<'r> {
    report: &'r Report,
    pictures: &'r [Picture],
    addresses: &'r Addresses,
    engine: &'r Engine,
    style: &'r str,
}

impl<'r> Press<'r> {
    fn way(&self, root: &'static str) -> Way<'r> {
        Way {
            root,
            addresses: self.addresses,
        }
    }

    fn index(&self, linked: bool) -> Result<String, Error> {
        let report = self.report;
        let way = self.way("");
        let main = report.headline.study.as_deref();
        let main = main.or_else(|| report.studies.first().map(|study| study.id.as_str()));
        let studies = report.studies.iter();
        let runs = report.studies.iter().flat_map(|study| {
            view::runs(report, study)
                .into_iter()
                .map(move |link| (study, link))
        });
        let index = Index {
            main,
            basis: basis::of_trace(report, &way, &report.headline.from),
            recordings: recording::all(report, &way),
            replays: replay::all(report, self.pictures, &way),
            studies: studies
                .map(|one| view::study(report, self.pictures, &way, one))
                .collect(),
            runs: runs
                .map(|(study, link)| self.run(study, link, ""))
                .collect(),
            warnings: report.warnings.iter().take(MOST_LINES).collect(),
            warnings_total: report.warnings.len(),
            inputs: report.inputs.iter().take(MOST_LINES).collect(),
            inputs_total: report.inputs.len(),
        };
        let template = if linked { "index.html" } else { "single.html" };
        self.print(template, "", linked, index)
    }

    fn run(&self, study: &'r Study, link: RunLink<'r>, root: &'static str) -> RunView<'r> {
        let report = self.report;
        let bundle: Option<&BundleFacts> = link.bundle;
        let mine = |input: &&InputFacts| match bundle {
            Some(bundle) => input.bundle.as_ref() == Some(&bundle.id),
            None => input.bundle.is_none(),
        };
        let inputs: Vec<&InputFacts> = report.inputs.iter().filter(mine).collect();
        let about = |warning: &&Warning| match (&warning.input, bundle) {
            (Some(path), Some(bundle)) => path
                .strip_prefix(&bundle.path)
                .is_some_and(|rest| rest.starts_with('/')),
            (Some(path), None) => inputs.iter().any(|input| input.path == *path),
            (None, _) => warning.study.as_ref() == Some(&study.id),
        };
        let warnings: Vec<&Warning> = report.warnings.iter().filter(about).collect();
        let of_run = |picture: &&Picture| match bundle {
            Some(bundle) => picture.bundle.as_ref() == Some(&bundle.id),
            None => picture.study == study.id,
        };
        let way = self.way(root);
        let pictures = self.pictures.iter().filter(of_run);
        let mut events = rows::events(report, self.addresses, root, &inputs);
        RunView {
            study,
            study_page: rows::page_of_study(&study.id),
            inputs_total: inputs.len(),
            warnings_total: warnings.len(),
            events_total: events.len(),
            events: {
                events.truncate(MOST_EVENTS);
                events
            },
            metrics: bundle.map_or_else(Vec::new, |bundle| view::metrics(report, &bundle.id)),
            pictures: pictures
                .map(|one| view::picture(report, &way, one))
                .collect(),
            syncs: rows::of_run(report, self.addresses, root, study, bundle),
            recording: recording::one(report, &way, link.id),
            excerpts: excerpts::of_logs(report, &inputs),
            inputs: inputs.into_iter().take(MOST_LINES).collect(),
            warnings: warnings.into_iter().take(MOST_LINES).collect(),
            link,
        }
    }

    fn print(
        &self,
        template: &str,
        root: &'static str,
        linked: bool,
        body: impl Serialize,
    ) -> Result<String, Error> {
        let head = Head {
            tool: &self.report.tool,
            headline: &self.report.headline,
            selection: &self.report.selection,
        };
        let frame = Frame {
            report: &head,
            root,
            linked,
            style: self.style,
            style_hash: sha256_base64(self.style.as_bytes()),
            script: SCRIPT,
            script_hash: sha256_base64(SCRIPT.as_bytes()),
            body,
        };
        self.engine.render(template, &frame)
    }
}

/// The pages' style, with the dark side of the pictures inside them.
fn style() -> String {
    format!("{STYLE}{}", crate::chart::dark_style())
}

/// The hash by which a page's policy admits its one style and its one script.
fn sha256_base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(bytes))
}
