//! The report's files, the README, and `--check`.

mod digests;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::chart::{self, Picture};
use crate::error::Error;
use crate::frame;
use crate::render::markdown::{self, Place};
use crate::render::{csv, html, json};
use crate::report::Report;

/// Folders below the report's directory that hold nothing but what is made here.
const OWN: [(&str, &[&str]); 3] = [
    ("charts", &["svg", "png"]),
    ("comparisons", &["html"]),
    ("runs", &["html", "svg", "png"]),
];

/// Writes the report's files that differ from what is on disk; with `check` writes nothing.
/// Gives the files that differed.
///
/// # Errors
/// [`Error::File`], [`Error::NoMarkers`], [`Error::Internal`].
pub fn files(
    report: &Report,
    output: &Path,
    readme: Option<&Path>,
    check: bool,
) -> Result<Vec<PathBuf>, Error> {
    let made = make(report, output, readme, check)?;
    let known = digests::Known::of(output);
    let mut stale = Vec::new();
    for (path, bytes) in &made {
        if std::fs::read(path).is_ok_and(|known| known == *bytes) {
            continue;
        }
        if check && known.vouches(output, path, bytes) {
            continue;
        }
        if !check {
            replace(path, bytes)?;
        }
        stale.push(path.clone());
    }
    for path in leftovers(output, &made)? {
        if !check {
            std::fs::remove_file(&path).map_err(Error::file(&path))?;
        }
        stale.push(path);
    }
    Ok(stale)
}

/// Writes one file beside the reports, by an atomic rename.
///
/// # Errors
/// [`Error::File`].
pub fn one(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    replace(path, bytes)
}

/// A file and what is in it.
type Made = (PathBuf, Vec<u8>);

/// Makes all files before the first is written: what cannot be made leaves the old report whole.
fn make(
    report: &Report,
    output: &Path,
    readme: Option<&Path>,
    check: bool,
) -> Result<Vec<Made>, Error> {
    let pictures = chart::all(report)?;
    let mut made = drawn(report, output, &pictures, check)?;
    for (path, text) in html::pages(report, &pictures)? {
        made.push((output.join(path), text.into_bytes()));
    }
    let beside = Place {
        base: String::new(),
        logs: way_up(output),
    };
    let document = markdown::document(report, &pictures, &beside)?;
    made.push((output.join("report.md"), document.into_bytes()));
    made.push((output.join("results.json"), json::document(report)?));
    made.push((output.join("syncs.csv"), csv::document(report)?));
    let mut parquet = Vec::new();
    frame::write_parquet(&report.syncs, &mut parquet)?;
    made.push((output.join("syncs.parquet"), parquet));
    made.push((output.join(digests::FILE), digests::document(output, &made)));
    if let Some(readme) = readme {
        let text = std::fs::read_to_string(readme).map_err(Error::file(readme))?;
        let place = Place {
            base: base(readme, output),
            logs: way_up(readme.parent().unwrap_or(Path::new(""))),
        };
        let block = markdown::readme(report, &pictures, &place)?;
        let whole = between_markers(readme, &text, &block)?;
        made.push((readme.to_path_buf(), whole.into_bytes()));
    }
    Ok(made)
}

/// The pictures as SVG and PNG, and the first screen's once more for a dark page. A check draws
/// all of them; otherwise images of what has not changed are kept.
fn drawn(
    report: &Report,
    output: &Path,
    pictures: &[Picture],
    check: bool,
) -> Result<Vec<Made>, Error> {
    let charts = output.join("charts");
    let images = chart::rasterise(pictures, |picture| {
        let file = folder(report, output, picture).join(format!("{}.png", picture.name));
        (!check).then(|| std::fs::read(file).ok()).flatten()
    })?;
    let mut made = Vec::new();
    for (picture, image) in pictures.iter().zip(images) {
        let folder = folder(report, output, picture);
        made.push((
            folder.join(format!("{}.svg", picture.name)),
            picture.document().into_bytes(),
        ));
        made.push((folder.join(format!("{}.png", picture.name)), image));
    }
    let main = report.headline.study.as_ref();
    let first = pictures
        .iter()
        .find(|picture| main.is_none_or(|id| picture.study == *id));
    if let Some(first) = first {
        let file = charts.join(format!("{}.dark.svg", first.name));
        made.push((file, first.dark_document().into_bytes()));
    }
    Ok(made)
}

/// Where a picture's files lie: beside its run's page if it shows one of many runs, else with
/// those that report.md shows.
fn folder(report: &Report, output: &Path, picture: &Picture) -> PathBuf {
    let study = report
        .studies
        .iter()
        .find(|study| study.id == picture.study);
    let many = study.is_some_and(|study| study.bundles.len() > 1);
    let own = many && picture.bundle.is_some();
    output.join(if own { "runs" } else { "charts" })
}

/// Files of an earlier report that this one does not have.
fn leftovers(output: &Path, made: &[Made]) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for (folder, endings) in OWN {
        let folder = output.join(folder);
        if !folder.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&folder).map_err(Error::file(&folder))? {
            let path = entry.map_err(Error::file(&folder))?.path();
            let ending = path.extension().unwrap_or_default().to_string_lossy();
            let ours = endings.contains(&&*ending);
            if ours && !made.iter().any(|(known, _)| *known == path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Replaces a file by an atomic rename: a reader sees the old one or the new one.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory).map_err(Error::file(directory))?;
    let mut file = tempfile::Builder::new()
        .permissions(readable())
        .tempfile_in(directory)
        .map_err(Error::file(path))?;
    file.write_all(bytes).map_err(Error::file(path))?;
    file.persist(path)
        .map_err(|error| Error::file(path)(error.error))?;
    Ok(())
}

/// Reports are handed on: a temporary file's 0600 would stay after the rename.
fn readable() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::Permissions::from_mode(0o644)
}

const BEGIN: &str = "<!-- results: begin -->";
const END: &str = "<!-- results: end -->";

fn between_markers(path: &Path, text: &str, block: &str) -> Result<String, Error> {
    let missing = || Error::NoMarkers(path.to_path_buf());
    let (before, rest) = text.split_once(BEGIN).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    Ok(format!("{before}{BEGIN}\n{block}\n{END}{after}"))
}

/// The report's directory as seen from the README, with its `/`.
fn base(readme: &Path, output: &Path) -> String {
    let parent = readme.parent().unwrap_or(Path::new(""));
    let path = output.strip_prefix(parent).unwrap_or(output);
    let path = path.to_string_lossy();
    match path.trim_end_matches('/') {
        "" | "." => String::new(),
        path => format!("{path}/"),
    }
}

/// The way from a directory up to where the program was started, to which paths of logs are
/// relative; none from a directory that does not lie below.
fn way_up(directory: &Path) -> Option<String> {
    use std::path::Component;
    let mut up = String::new();
    for component in directory.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(_) => up.push_str("../"),
            _ => return None,
        }
    }
    Some(up)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_reached_from_below_and_from_nowhere_else() {
        assert_eq!(way_up(Path::new("reports")).as_deref(), Some("../"));
        assert_eq!(way_up(Path::new("./a/b/")).as_deref(), Some("../../"));
        assert_eq!(way_up(Path::new("")).as_deref(), Some(""));
        assert_eq!(way_up(Path::new("/tmp/x")), None);
        assert_eq!(way_up(Path::new("../x")), None);
        assert_eq!(
            base(Path::new("README.md"), Path::new("reports/")),
            "reports/"
        );
        assert_eq!(base(Path::new("a/README.md"), Path::new("a/out")), "out/");
    }
}
