//! Going on with what an interrupted run left, in one directory or in two.

use std::path::{Path, PathBuf};

use bundle::{Bundle, Manifest, Verdict, Writer};
use chrono::Utc;

use crate::error::Error;

/// The manifest of the unfinished run in these directories, made ready to be gone on with: that of
/// the directory that holds more of it.
///
/// # Errors
/// [`Error::Usage`] if one holds a finished run, or they hold two; [`Error::Bundle`].
pub(super) fn found(directories: &[PathBuf]) -> Result<Option<Manifest>, Error> {
    let mut found: Vec<(u64, Manifest)> = Vec::new();
    for directory in directories {
        if let Some(manifest) = previous(directory)? {
            if let Some((_, other)) = found.first()
                && other.run_id != manifest.run_id
            {
                return Err(Error::Usage(format!(
                    "{}: holds another run than {}",
                    directory.display(),
                    directories[0].display()
                )));
            }
            found.push((rows(directory), manifest));
        }
    }
    // Of two that hold as much the output's.
    let most = found.into_iter().rev().max_by_key(|(rows, _)| *rows);
    Ok(most.map(|(_, manifest)| manifest))
}

/// Begins or goes on with the bundle in each directory; where one's timeline is longer it becomes
/// the others'.
///
/// # Errors
/// [`Error::Bundle`]; [`Error::Io`].
pub(super) fn writers(directories: &[PathBuf], manifest: &Manifest) -> Result<Vec<Writer>, Error> {
    for directory in directories {
        Writer::create(directory, manifest)?;
    }
    let longest = directories.iter().rev().max_by_key(|path| rows(path));
    for directory in directories {
        if let Some(longest) = longest.filter(|longest| rows(longest) > rows(directory)) {
            let path = directory.join(bundle::TIMELINE);
            std::fs::copy(longest.join(bundle::TIMELINE), &path)
                .map_err(Error::io(&path, "copying the timeline"))?;
        }
    }
    let begun = directories.iter();
    Ok(begun
        .map(|directory| Writer::create(directory, manifest))
        .collect::<Result<_, _>>()?)
}

/// How much a directory's timeline holds, in bytes.
fn rows(directory: &Path) -> u64 {
    let metadata = directory.join(bundle::TIMELINE).metadata();
    metadata.map_or(0, |metadata| metadata.len())
}

/// The manifest of an unfinished run in `directory`.
fn previous(directory: &Path) -> Result<Option<Manifest>, Error> {
    if !bundle::is_bundle(directory) {
        return Ok(None);
    }
    let mut manifest = Bundle::open(directory)?.manifest;
    if manifest.finished.is_some() && manifest.verdict == Verdict::Complete {
        return Err(Error::Usage(format!(
            "{}: holds a finished run; choose another --output",
            directory.display()
        )));
    }
    let resumed = format!(
        "Interrupted and gone on with at {}.",
        Utc::now().to_rfc3339()
    );
    manifest.notes.push(resumed);
    manifest.finished = None;
    manifest.verdict = Verdict::Incomplete {
        reasons: vec!["the run did not reach its end".to_owned()],
    };
    Ok(Some(manifest))
}

#[cfg(test)]
mod tests {
    use bundle::Action;

    use super::super::Record;
    use super::*;

    #[test]
    fn a_second_place_brings_back_an_output_that_was_lost() {
        let directory = tempfile::tempdir().unwrap();
        let both = [
            directory.path().join("out"),
            directory.path().join("second"),
        ];
        let first = Record::begin_in(&both).unwrap();
        let run = first.run_id();
        first.row(Action::Scale, "replicas=5", None, None).unwrap();
        drop(first);
        std::fs::remove_dir_all(&both[0]).unwrap();

        let again = Record::begin_in(&both).unwrap();
        assert_eq!(again.run_id(), run);
        again.row(Action::Scale, "replicas=9", None, None).unwrap();
        again.finish(&[]).unwrap();
        for place in &both {
            let bundle = Bundle::open(place).unwrap();
            assert_eq!(bundle.timeline.rows.len(), 2, "{}", place.display());
            assert_eq!(bundle.manifest.verdict, Verdict::Complete);
        }
    }

    #[test]
    fn two_runs_are_not_mixed() {
        let directory = tempfile::tempdir().unwrap();
        let both = [directory.path().join("a"), directory.path().join("b")];
        for place in &both {
            drop(Record::begin(place).unwrap());
        }
        let error = Record::begin_in(&both).unwrap_err();
        assert!(matches!(error, Error::Usage(_)), "{error}");
    }
}
