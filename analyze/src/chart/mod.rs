//! Pictures: one file a picture, one palette, all by plotters as SVG; PNG from the SVG.

mod axis;
mod convergence;
mod cost;
mod endpoints;
mod evenly;
mod flame;
mod fleet;
mod history;
mod hot_functions;
mod in_sync;
mod levels;
mod modes;
mod palette;
mod phases;
mod png;
mod replays;
mod run;
mod scaling;
mod sheet;
mod splits;
mod staleness;
mod svg;
mod trials;

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use crate::error::Error;
use crate::report::words::{count, duration};
use crate::report::{Report, Study, Trace};

pub use fleet::fleet;
pub use history::history;
pub use png::rasterise;
pub use svg::dark_style;

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Identity of its study.
    pub study: String,
    /// Identity of the bundle that it shows; absent if it shows the whole study.
    pub bundle: Option<String>,
    /// Name of its files below `charts/`, without `.svg` or `.png`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// What it shows, in words, for those who do not see it.
    pub description: String,
    /// The SVG document for the inside of a page that brings [`dark_style`].
    pub inline: String,
    /// What it is drawn from.
    pub figures: Figures,
}

impl Picture {
    /// The SVG document as a file of its own.
    #[must_use]
    pub fn document(&self) -> String {
        svg::alone(&self.inline)
    }

    /// The same in its dark colours, for a page that is dark whatever the reader's system says.
    #[must_use]
    pub fn dark_document(&self) -> String {
        svg::dark(&self.inline)
    }
}

/// Rows of the table behind a picture that are kept; results.json has what they are made from.
const MOST_FIGURES: usize = 200;

/// The table behind a picture.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Figures {
    /// Headings.
    pub columns: Vec<&'static str>,
    /// Rows, as many cells as headings: the first two hundred.
    pub rows: Vec<FigureRow>,
    /// How many there are in all.
    pub total: usize,
}

/// A row of the table behind a picture.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FigureRow {
    /// Its cells.
    pub cells: Vec<String>,
    /// What it rests on.
    pub from: Trace,
}

impl Figures {
    fn new(columns: &[&'static str]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
            total: 0,
        }
    }

    /// A row about one sync.
    fn push(&mut self, sync: usize, cells: impl FnOnce() -> Vec<String>) {
        self.push_from(|| (cells(), Trace::of_syncs(vec![sync])));
    }

    /// A row: its cells, and what it rests on.
    fn push_from(&mut self, row: impl FnOnce() -> (Vec<String>, Trace)) {
        self.total += 1;
        if self.rows.len() < MOST_FIGURES {
            let (cells, from) = row();
            self.rows.push(FigureRow { cells, from });
        }
    }
}

/// All pictures of a report, by study.
///
/// # Errors
/// [`Error::Internal`] if plotters refuses to draw.
pub fn all(report: &Report) -> Result<Vec<Picture>, Error> {
    let studies = drawn(report).into_iter();
    let kinds = studies.flat_map(|study| OF_STUDY.iter().map(move |draw| (study, draw)));
    let drawn: Vec<Result<Vec<Picture>, Error>> = kinds
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|(study, draw)| draw(report, study))
        .collect();
    let mut pictures = Vec::new();
    for some in drawn {
        pictures.extend(some?);
    }
    for replay in &report.replays {
        pictures.extend(replays::draw(replay)?);
        pictures.extend(splits::draw(replay)?);
    }
    pictures.extend(flame::draw(report)?);
    Ok(pictures)
}

/// Draws pictures of a study.
type Draw = fn(&Report, &Study) -> Result<Vec<Picture>, Error>;

/// The kinds of pictures of a study, in their order on a page.
const OF_STUDY: [Draw; 10] = [
    |report, study| one(convergence::draw(report, study)),
    |report, study| one(trials::draw(report, study)),
    scaling::draw,
    |report, study| one(cost::draw(report, study)),
    |report, study| one(in_sync::draw(report, study)),
    |report, study| one(modes::draw(report, study)),
    |report, study| one(phases::draw(report, study)),
    |report, study| one(hot_functions::draw(report, study)),
    run::draw,
    staleness::draw,
];

/// A picture, or none, as a list.
fn one(drawn: Result<Option<Picture>, Error>) -> Result<Vec<Picture>, Error> {
    Ok(drawn?.into_iter().collect())
}

/// Studies whose pictures are drawn; the others have their tables.
const MOST_STUDIES: usize = 40;

/// The studies that are drawn: all of a few; of many the headline's and those with the slowest
/// syncs, in their order.
fn drawn(report: &Report) -> Vec<&Study> {
    if report.studies.len() <= MOST_STUDIES {
        return report.studies.iter().collect();
    }
    let mut slowest: HashMap<&str, u64> = HashMap::new();
    for one in &report.recordings {
        let sync = one.slowest.and_then(|place| report.syncs.syncs.get(place));
        let took = sync.and_then(|sync| sync.elapsed_ns).unwrap_or(0);
        let known = slowest.entry(&one.study).or_default();
        *known = took.max(*known);
    }
    let mut ranked: Vec<&Study> = report.studies.iter().collect();
    ranked.sort_by_key(|study| {
        let main = report.headline.study.as_ref() == Some(&study.id);
        let took = slowest.get(study.id.as_str()).copied().unwrap_or(0);
        std::cmp::Reverse((main, took))
    });
    let kept: HashSet<&str> = ranked[..MOST_STUDIES]
        .iter()
        .map(|s| s.id.as_str())
        .collect();
    let all = report.studies.iter();
    all.filter(|study| kept.contains(study.id.as_str()))
        .collect()
}

/// What a drawing is called and says, before it is drawn.
struct Caption<'r> {
    study: &'r Study,
    bundle: Option<&'r str>,
    /// The kind of the picture, the end of its name.
    kind: &'static str,
    title: String,
    description: String,
}

impl Caption<'_> {
    /// Draws the picture.
    fn draw(
        self,
        height: i32,
        figures: Figures,
        paint: impl FnOnce(&mut sheet::Sheet<'_>) -> sheet::Drawn,
    ) -> Result<Picture, Error> {
        let of = self.bundle.unwrap_or(&self.study.id);
        let name = format!("{}-{}", file_name(of), self.kind);
        let (drawn, says) = sheet::draw(height, paint).map_err(Error::making("a picture"))?;
        Ok(Picture {
            study: self.study.id.clone(),
            bundle: self.bundle.map(str::to_owned),
            inline: svg::finish(&drawn, &says, &name, &self.title, &self.description),
            name,
            title: self.title,
            description: self.description,
            figures,
        })
    }
}

/// The place of a group in its study: what gives it its colour and shape.
fn place(study: &Study, group: &str) -> usize {
    palette::place(&study.groups, group)
}

/// A sync in a tooltip: duration, scale, node, place in the log.
fn of_sync(report: &Report, place: usize) -> String {
    let Some(row) = report.syncs.get(place) else {
        return String::new();
    };
    let endpoints = row
        .endpoints
        .map_or_else(String::new, |n| format!(", {} endpoints", count(n)));
    let node = row
        .node
        .map_or_else(String::new, |node| format!(", {node}"));
    let took = row.elapsed_s.map_or_else(|| "?".to_owned(), duration);
    format!("{took}{endpoints}{node}, {}:{}", row.input, row.line)
}

/// A sync's line.
fn line_of(report: &Report, place: usize) -> String {
    report
        .syncs
        .get(place)
        .map_or_else(String::new, |row| format!("{}:{}", row.input, row.line))
}

/// An identity as a file's name and a fragment: see [`crate::report::permalink`].
fn file_name(id: &str) -> String {
    crate::report::permalink::file_name(id)
}
