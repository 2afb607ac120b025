//! The report's files, the README, and `--check`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::frame;
use crate::render;
use crate::report::Report;

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
    let mut stale = Vec::new();
    let mut put = |path: PathBuf, bytes: &[u8]| -> Result<(), Error> {
        if std::fs::read(&path).is_ok_and(|known| known == bytes) {
            return Ok(());
        }
        if !check {
            replace(&path, bytes)?;
        }
        stale.push(path);
        Ok(())
    };
    let pictures = crate::chart::all(report)?;
    for picture in &pictures {
        put(
            output.join("charts").join(&picture.file),
            picture.svg.as_bytes(),
        )?;
    }
    put(
        output.join("index.html"),
        render::html::page(report, &pictures)?.as_bytes(),
    )?;
    put(
        output.join("report.md"),
        render::markdown::document(report, &pictures)?.as_bytes(),
    )?;
    put(
        output.join("results.json"),
        &render::json::document(report)?,
    )?;
    put(output.join("syncs.csv"), &render::csv::document(report)?)?;
    let mut parquet = Vec::new();
    frame::write_parquet(&report.syncs, &mut parquet)?;
    put(output.join("syncs.parquet"), &parquet)?;
    if let Some(readme) = readme {
        let text = std::fs::read_to_string(readme).map_err(Error::file(readme))?;
        let block = render::markdown::readme(report, &pictures, &relative(readme, output))?;
        put(
            readme.to_path_buf(),
            between_markers(readme, &text, &block)?.as_bytes(),
        )?;
    }
    let leftover = leftovers(&output.join("charts"), &pictures)?;
    for path in leftover {
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

/// Charts of an earlier report that this one does not have.
fn leftovers(charts: &Path, pictures: &[crate::chart::Picture]) -> Result<Vec<PathBuf>, Error> {
    if !charts.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(charts).map_err(Error::file(charts))? {
        let path = entry.map_err(Error::file(charts))?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.ends_with(".svg") && !pictures.iter().any(|picture| picture.file == name) {
            found.push(path);
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

/// The report's directory as seen from the README.
fn relative(readme: &Path, output: &Path) -> String {
    let parent = readme.parent().unwrap_or(Path::new(""));
    let path = output.strip_prefix(parent).unwrap_or(output);
    path.to_string_lossy().trim_end_matches('/').to_owned()
}
