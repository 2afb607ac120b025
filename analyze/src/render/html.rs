//! index.html: one file, no request, no script but the one that sorts tables.

use serde::Serialize;

use super::markdown::{Summary, summary};
use super::{engine, rows};
use crate::chart::Picture;
use crate::error::Error;
use crate::report::Report;

/// What the template sees.
#[derive(Serialize)]
struct View<'r> {
    report: Summary<'r>,
    pictures: Vec<Inline<'r>>,
    tables: Vec<Table<'r>>,
    style: &'static str,
    script: &'static str,
    script_hash: String,
}

/// A picture inside the page.
#[derive(Serialize)]
struct Inline<'r> {
    study: &'r str,
    title: &'r str,
    svg: &'r str,
}

/// The syncs of a study.
#[derive(Serialize)]
struct Table<'r> {
    study: &'r str,
    syncs: rows::Shown<'r>,
}

const STYLE: &str = include_str!("templates/style.css");
const SCRIPT: &str = include_str!("templates/sort.js");

/// The page.
///
/// # Errors
/// [`Error::Internal`] for a broken template.
pub fn page(report: &Report, pictures: &[Picture]) -> Result<String, Error> {
    let view = View {
        report: summary(report),
        pictures: pictures
            .iter()
            .map(|picture| Inline {
                study: &picture.study,
                title: &picture.title,
                svg: &picture.svg,
            })
            .collect(),
        tables: report
            .studies
            .iter()
            .map(|study| Table {
                study: &study.id,
                syncs: rows::of_study(report, &study.id),
            })
            .collect(),
        style: STYLE,
        script: SCRIPT,
        script_hash: sha256_base64(SCRIPT.as_bytes()),
    };
    engine::render("page.html", &view)
}

/// The hash by which the page's policy admits its one script.
fn sha256_base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(bytes))
}
