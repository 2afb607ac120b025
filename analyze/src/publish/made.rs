//! The files of a report, each written once, to whatever takes them.

use std::io::Write;
use std::path::Path;

use super::way::way_up;
use crate::chart::{self, Picture};
use crate::error::Error;
use crate::frame;
use crate::render::markdown::{self, Standing};
use crate::render::{csv, html, json};
use crate::report::Report;

/// Where a report goes.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The report's directory.
    pub output: &'a Path,
    /// A README that shows the results.
    pub readme: Option<&'a Path>,
    /// `junit.xml` beside the report.
    pub junit: Option<&'a str>,
}

/// Images that are held in memory.
const AT_ONCE: usize = 64;

/// Takes the files of a report, several at a time.
pub(super) trait Shelf: Sync {
    /// Takes a file: its path below the report's directory, with `/`, and what writes it.
    fn put(&self, path: &str, write: Writing<'_>) -> Result<(), Error>;

    /// The image that an earlier report has at a path, to be kept if its picture is the same.
    fn image(&self, path: &str) -> Option<Vec<u8>>;
}

/// Writes a file, whole, in pieces as they come.
pub(super) type Writing<'w> = &'w mut dyn FnMut(&mut dyn Write) -> Result<(), Error>;

/// Puts every file of a report on a shelf; no more than two are held in memory.
pub(super) fn put_all(
    report: &Report,
    pictures: &[Picture],
    target: &Target<'_>,
    shelf: &dyn Shelf,
) -> Result<(), Error> {
    put_pictures(report, pictures, shelf)?;
    // A fleet's JSON takes as long as everything that people read.
    let (pages, (data, tables)) = rayon::join(
        || put_pages(report, pictures, target, shelf),
        || {
            rayon::join(
                || shelf.put("results.json", &mut |to| json::write(report, to)),
                || put_tables(report, shelf),
            )
        },
    );
    pages.and(data).and(tables)
}

/// What other programs make their tables from.
fn put_tables(report: &Report, shelf: &dyn Shelf) -> Result<(), Error> {
    if csv::fits(report) {
        shelf.put("syncs.csv", &mut |to| csv::write(report, to))?;
    }
    shelf.put("syncs.parquet", &mut |to| {
        frame::write_parquet(&report.syncs, to)
    })
}

/// What is read by people, and by CI systems.
fn put_pages(
    report: &Report,
    pictures: &[Picture],
    target: &Target<'_>,
    shelf: &dyn Shelf,
) -> Result<(), Error> {
    html::pages(report, pictures, &mut |(path, page)| {
        put_text(shelf, &path, &page)
    })?;
    let beside = Standing {
        base: String::new(),
        logs: way_up(target.output),
    };
    let document = markdown::document(report, pictures, &beside)?;
    put_text(shelf, "report.md", &document)?;
    match target.junit {
        Some(junit) => put_text(shelf, "junit.xml", junit),
        None => Ok(()),
    }
}

fn put_text(shelf: &dyn Shelf, path: &str, text: &str) -> Result<(), Error> {
    put_bytes(shelf, path, text.as_bytes())
}

fn put_bytes(shelf: &dyn Shelf, path: &str, bytes: &[u8]) -> Result<(), Error> {
    shelf.put(path, &mut |to| to.write_all(bytes).map_err(Error::Output))
}

/// The pictures as SVG and PNG, and the first screen's once more for a dark page.
fn put_pictures(report: &Report, pictures: &[Picture], shelf: &dyn Shelf) -> Result<(), Error> {
    let place = |picture: &Picture, ending: &str| {
        format!("{}/{}.{ending}", folder(report, picture), picture.name)
    };
    for some in pictures.chunks(AT_ONCE) {
        let images = chart::rasterise(some, |picture| shelf.image(&place(picture, "png")))?;
        for (picture, image) in some.iter().zip(images) {
            put_text(shelf, &place(picture, "svg"), &picture.document())?;
            put_bytes(shelf, &place(picture, "png"), &image)?;
        }
    }
    let main = report.headline.study.as_ref();
    let first = pictures
        .iter()
        .find(|picture| main.is_none_or(|id| picture.study == *id));
    match first {
        Some(first) => {
            let path = format!("charts/{}.dark.svg", first.name);
            put_text(shelf, &path, &first.dark_document())
        }
        None => Ok(()),
    }
}

/// Where a picture's files lie: beside its run's page if it shows one of many runs, else with
/// those that report.md shows.
fn folder(report: &Report, picture: &Picture) -> &'static str {
    let mut studies = report.studies.iter();
    let study = studies.find(|study| study.id == picture.study);
    let many = study.is_some_and(|study| study.bundles.len() > 1);
    if many && picture.bundle.is_some() {
        "runs"
    } else {
        "charts"
    }
}

/// Whether a file of the report is one that stays where it was made: what a repository's reader
/// sees without running anything. All others can be made again.
pub(super) fn stays(path: &str) -> bool {
    matches!(path, "report.md" | "results.json")
        || path.starts_with("charts/") && path.ends_with(".svg")
}
