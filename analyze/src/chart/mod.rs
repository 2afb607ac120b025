//! Pictures: one file a picture, one palette, all by plotters as SVG.

mod durations;
mod palette;
mod phases;
mod scaling;
mod svg;
mod timeline;

use crate::error::Error;
use crate::report::Report;

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Identity of its study.
    pub study: String,
    /// File name below `charts/`.
    pub file: String,
    /// Its title.
    pub title: String,
    /// What it shows, in words, for those who do not see it.
    pub description: String,
    /// The SVG document.
    pub svg: String,
}

/// All pictures of a report, by study.
///
/// # Errors
/// [`Error::Internal`] if plotters refuses to draw.
pub fn all(report: &Report) -> Result<Vec<Picture>, Error> {
    let mut pictures = Vec::new();
    for study in &report.studies {
        pictures.extend(durations::draw(report, study)?);
        pictures.extend(scaling::draw(report, study)?);
        pictures.extend(phases::draw(report, study)?);
        pictures.extend(timeline::draw(report, study)?);
    }
    Ok(pictures)
}
