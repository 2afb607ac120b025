//! The pages: an index over all, one a study with its comparisons, one a run with its syncs.
//! They open from a disk, ask for nothing, and run one script: the one that sorts tables.

use std::collections::HashSet;

use rayon::prelude::*;
use serde::Serialize;

use super::basis;
use super::crossed;
use super::engine::Engine;
use super::finds::Finds;
use super::listed;
use super::recording;
use super::replay;
use super::room::{self, ROWS};
use super::rows::{self, Addresses};
use super::sheets::{Answer, Beside, Frame, Head, Index, Logs, OfRun, OfStudy, RunView, Single};
use super::view::{self, RunHead, RunLink};
use super::way::Way;
use super::{csv, excerpts, facts};
use crate::chart::Picture;
use crate::error::Error;
use crate::report::{BundleFacts, InputFacts, Report, Study, Warning};

const STYLE: &str = include_str!("templates/style.css");
const SCRIPT: &str = include_str!("templates/table.js");

/// A page: its path below the report's directory, and its text.
pub type Page = (String, String);

/// Studies whose pages are made at once.
const AT_ONCE: usize = 16;

/// Hands over all pages of a report, a few at a time; the index comes first.
///
/// # Errors
/// [`Error::Internal`] for a broken template, and what `put` says.
pub fn pages(
    report: &Report,
    pictures: &[Picture],
    put: &mut dyn FnMut(Page) -> Result<(), Error>,
) -> Result<(), Error> {
    let engine = Engine::new(&report.names)?;
    let addresses = Addresses::of(report);
    let style = style();
    let press = Press {
        report,
        pictures,
        addresses: &addresses,
        engine: &engine,
        style: &style,
        finds: Finds::of(report),
    };
    put(("index.html".to_owned(), press.index()?))?;
    let places: Vec<usize> = (0..report.studies.len()).collect();
    for some in places.chunks(AT_ONCE) {
        let of = some.par_iter().map(|study| press.study(*study));
        let made: Vec<Result<Vec<Page>, Error>> = of.collect();
        for pages in made {
            pages?.into_iter().try_for_each(&mut *put)?;
        }
    }
    Ok(())
}

/// Everything in one page, to be sent as it is; of many studies and runs the first.
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
        finds: Finds::of(report),
    }
    .single()
}

/// What prints pages.
struct Press<'r> {
    report: &'r Report,
    pictures: &'r [Picture],
    addresses: &'r Addresses,
    engine: &'r Engine,
    style: &'r str,
    finds: Finds<'r>,
}

impl<'r> Press<'r> {
    fn way(&self, root: &'static str) -> Way<'r> {
        Way {
            root,
            addresses: self.addresses,
        }
    }

    fn index(&self) -> Result<String, Error> {
        let report = self.report;
        let way = self.way("");
        let main = match report.headline.study.as_ref() {
            Some(id) => report.studies.iter().find(|study| study.id == *id),
            None => report.studies.first(),
        };
        let (recordings, recordings_total) = recording::all(report, &way);
        let index = Index {
            main: main.map(|one| view::study(report, self.pictures, &way, one)),
            basis: basis::of_trace(report, &way, &report.headline.from),
            recordings,
            recordings_total,
            studies: listed::all(report, &way),
            studies_total: report.studies.len(),
            crossed: crossed::all(report, &way),
            replays: replay::all(report, self.pictures, &way),
            logs: Logs::of(report),
        };
        self.print("index.html", "", true, index)
    }

    fn single(&self) -> Result<String, Error> {
        let report = self.report;
        let way = self.way("");
        let (studies, studies_total) = room::first(&report.studies, room::STUDIES);
        let links = |study: &'r Study| {
            let links = view::runs(&self.finds.bundles, study);
            links.into_iter().map(move |link| (study, link))
        };
        let mut runs: Vec<(&Study, RunLink<'r>)> = studies.iter().flat_map(links).collect();
        let runs_total = match report.recordings.len() {
            0 => runs.len(),
            all => all,
        };
        runs.truncate(room::STUDIES);
        let each = rows::Room {
            rows: room::MANY.div_ceil(runs.len().max(1)),
            data: room::DATA.div_ceil(runs.len().max(1)),
        };
        let run = |(study, link): (&'r Study, RunLink<'r>)| self.run(study, link, "", each);
        let single = Single {
            basis: basis::of_trace(report, &way, &report.headline.from),
            studies: studies
                .iter()
                .map(|one| view::study(report, self.pictures, &way, one))
                .collect(),
            studies_total,
            crossed: crossed::all(report, &way),
            replays: replay::all(report, self.pictures, &way),
            runs: runs.into_iter().map(run).collect(),
            runs_total,
            logs: Logs::of(report),
        };
        self.print("single.html", "", false, single)
    }

    /// The pages of a study and of its runs.
    fn study(&self, at: usize) -> Result<Vec<Page>, Error> {
        let report = self.report;
        let way = self.way("../");
        let study = &report.studies[at];
        let id_of_study = |at: usize| report.studies.get(at).map(|one| one.id.as_str());
        let id_of_run = |at: usize| report.recordings.get(at).map(|one| one.id.as_str());
        let (recordings, recordings_total) = recording::of_study(report, &way, study);
        let of_study = OfStudy {
            view: view::study(report, self.pictures, &way, study),
            recordings,
            recordings_total,
            beside: Beside::of(id_of_study, Some(at), rows::page_of_study),
        };
        let text = self.print("comparison.html", "../", true, of_study)?;
        let mut pages = vec![(rows::page_of_study(&study.id), text)];
        let whole = rows::Room {
            rows: room::MANY,
            data: room::DATA,
        };
        for link in view::runs(&self.finds.bundles, study) {
            let path = link.page.clone();
            let at = self.finds.recordings.get(link.id).copied();
            let of_run = OfRun {
                beside: Beside::of(id_of_run, at, rows::page_of_run),
                run: self.run(study, link, "../", whole),
            };
            pages.push((path, self.print("run.html", "../", true, of_run)?));
        }
        Ok(pages)
    }

    fn run(
        &self,
        study: &'r Study,
        link: RunLink<'r>,
        root: &'static str,
        room: rows::Room,
    ) -> RunView<'r> {
        let report = self.report;
        let bundle: Option<&BundleFacts> = link.bundle;
        let key = bundle.map(|bundle| bundle.id.as_str());
        let places = self.finds.logs.get(&key).into_iter().flatten();
        let inputs: Vec<&InputFacts> = places.filter_map(|at| report.inputs.get(*at)).collect();
        let of_run = |picture: &&Picture| match bundle {
            Some(bundle) => picture.bundle.as_ref() == Some(&bundle.id),
            None => picture.study == study.id,
        };
        let way = self.way(root);
        let pictures = self.pictures.iter().filter(of_run);
        let (events, events_total) =
            rows::events(report, self.addresses, root, &inputs, room::MANY);
        let warnings = self.warnings(study, bundle, &inputs);
        let recording = self.finds.recordings.get(link.id);
        let recording = recording.and_then(|at| report.recordings.get(*at));
        RunView {
            study: view::head(study),
            study_page: rows::page_of_study(&study.id),
            inputs_total: inputs.len(),
            warnings_total: warnings.len(),
            events,
            events_total,
            profiles: report
                .profiles
                .iter()
                .filter(|one| one.run.as_deref() == Some(link.id))
                .collect(),
            metrics: bundle.map_or_else(Vec::new, |bundle| view::metrics(report, &bundle.id)),
            pictures: pictures
                .map(|one| view::picture(report, &way, one))
                .collect(),
            syncs: rows::of_run(report, self.addresses, root, self.finds.syncs_of(key), room),
            recording: recording.map(|row| recording::view(report, &way, row)),
            excerpts: excerpts::of_logs(report, &inputs),
            inputs: inputs.into_iter().take(ROWS).collect(),
            warnings: warnings.into_iter().take(ROWS).collect(),
            link: RunHead {
                id: link.id,
                bundle: bundle.map(facts::of),
            },
        }
    }

    /// Warnings about a run.
    fn warnings(
        &self,
        study: &Study,
        bundle: Option<&BundleFacts>,
        inputs: &[&InputFacts],
    ) -> Vec<&'r Warning> {
        let paths: HashSet<&str> = match bundle {
            Some(_) => HashSet::new(),
            None => inputs.iter().map(|input| input.path.as_str()).collect(),
        };
        let about = |warning: &&Warning| match (&warning.input, bundle) {
            (Some(path), Some(bundle)) => path
                .strip_prefix(&bundle.path)
                .is_some_and(|rest| rest.starts_with('/')),
            (Some(path), None) => paths.contains(path.as_str()),
            (None, _) => warning.study.as_ref() == Some(&study.id),
        };
        self.report.warnings.iter().filter(about).collect()
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
            headline: Answer {
                sentence: &self.report.headline.sentence,
                doubts: room::first(&self.report.headline.doubts, ROWS).0,
            },
            selection: &self.report.selection,
            csv: csv::fits(self.report),
            syncs: self.report.syncs.len(),
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
pub(super) fn style() -> String {
    format!("{STYLE}{}", crate::chart::dark_style())
}

/// The hash by which a page's policy admits its one style and its one script.
pub(super) fn sha256_base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(bytes))
}
