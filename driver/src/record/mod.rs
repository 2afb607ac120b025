//! The bundle that is being written: one place for manifest and timeline, shared by all tasks.

pub mod lock;
pub mod optional;

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bundle::{Action, Bundle, Manifest, Row, Tool, Verdict, Writer};
use chrono::Utc;

use crate::error::Error;
use crate::record::lock::Lock;

/// Room kept free so that manifest and timeline can be finished on a full disk.
const BALLAST_BYTES: usize = 256 * 1024;
/// The file that keeps it.
const BALLAST: &str = ".ballast";

/// A bundle being written, or only its timeline, or nothing at all.
#[derive(Debug)]
pub struct Record {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    writer: Option<Writer>,
    manifest: Option<Manifest>,
    /// Changed since it was last written.
    changed: bool,
    /// Held by who writes the bundle, not by who joins it.
    _lock: Option<Lock>,
}

impl Record {
    /// Starts a bundle in `directory`, or goes on with the unfinished one that is there.
    ///
    /// # Errors
    /// [`Error::Usage`] if the directory holds a finished run, or another process writes it;
    /// [`Error::Bundle`].
    pub fn begin(directory: &Path) -> Result<Self, Error> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(bundle::DIRECTORY_MODE)
            .create(directory)
            .map_err(Error::io(directory, "making the output"))?;
        let lock = Lock::take(directory)?;
        let manifest = match previous(directory)? {
            Some(manifest) => manifest,
            None => Manifest::begin(uuid::Uuid::now_v7().to_string(), tool(), Utc::now()),
        };
        let writer = Writer::create(directory, &manifest)?;
        lock.sign();
        let path = directory.join(BALLAST);
        std::fs::write(&path, vec![0; BALLAST_BYTES])
            .map_err(Error::io(&path, "keeping room for the manifest"))?;
        Ok(Self {
            inner: Mutex::new(Inner {
                writer: Some(writer),
                manifest: Some(manifest),
                changed: false,
                _lock: Some(lock),
            }),
        })
    }

    /// Adds rows to the timeline of a bundle that another process writes.
    ///
    /// # Errors
    /// [`Error::Bundle`] if `directory` is no bundle.
    pub fn join(directory: &Path) -> Result<Self, Error> {
        let writer = Writer::join(directory)?;
        Ok(Self {
            inner: Mutex::new(Inner {
                writer: Some(writer),
                manifest: None,
                changed: false,
                _lock: None,
            }),
        })
    }

    /// Records nothing.
    #[must_use]
    pub fn nowhere() -> Self {
        Self {
            inner: Mutex::new(Inner {
                writer: None,
                manifest: None,
                changed: false,
                _lock: None,
            }),
        }
    }

    /// The run's id; a fresh one where no bundle is written.
    #[must_use]
    pub fn run_id(&self) -> String {
        match &self.lock().manifest {
            Some(manifest) => manifest.run_id.clone(),
            None => uuid::Uuid::now_v7().to_string(),
        }
    }

    /// A copy of the manifest as it is now.
    #[must_use]
    pub fn manifest(&self) -> Option<Manifest> {
        self.lock().manifest.clone()
    }

    /// Looks at the manifest as it is now; none where no bundle is written.
    pub fn look<T>(&self, at: impl FnOnce(&Manifest) -> T) -> Option<T> {
        self.lock().manifest.as_ref().map(at)
    }

    /// The bundle's directory.
    #[must_use]
    pub fn directory(&self) -> Option<PathBuf> {
        let inner = self.lock();
        inner.writer.as_ref().map(|w| w.directory().to_path_buf())
    }

    /// Appends a row to the timeline.
    ///
    /// # Errors
    /// [`Error::CaptureStopped`] if it cannot be written.
    pub fn row(
        &self,
        action: Action,
        detail: impl Into<String>,
        requested: Option<f64>,
        achieved: Option<f64>,
    ) -> Result<(), Error> {
        let row = Row {
            time: Utc::now(),
            action,
            detail: detail.into(),
            requested,
            achieved,
        };
        match &mut self.lock().writer {
            Some(writer) => writer.record(&row).map_err(|e| stopped(&e)),
            None => Ok(()),
        }
    }

    /// Changes the manifest and puts it on disk.
    ///
    /// # Errors
    /// [`Error::CaptureStopped`] if it cannot be written.
    pub fn edit(&self, change: impl FnOnce(&mut Manifest)) -> Result<(), Error> {
        let mut inner = self.lock();
        let Inner {
            writer: Some(writer),
            manifest: Some(manifest),
            changed,
            ..
        } = &mut *inner
        else {
            return Ok(());
        };
        change(manifest);
        *changed = true;
        write(writer, manifest, changed)
    }

    /// Changes the manifest; the next [`Record::edit`] or [`Record::flush`] puts it on disk, so
    /// that a thousand changes at once are one writing.
    pub fn amend(&self, change: impl FnOnce(&mut Manifest)) {
        let mut inner = self.lock();
        if let Some(manifest) = &mut inner.manifest {
            change(manifest);
            inner.changed = true;
        }
    }

    /// Puts the manifest on disk if it was changed.
    ///
    /// # Errors
    /// [`Error::CaptureStopped`] if it cannot be written.
    pub fn flush(&self) -> Result<(), Error> {
        let mut inner = self.lock();
        let Inner {
            writer: Some(writer),
            manifest: Some(manifest),
            changed,
            ..
        } = &mut *inner
        else {
            return Ok(());
        };
        if *changed {
            write(writer, manifest, changed)
        } else {
            Ok(())
        }
    }

    /// Where the log of a container instance goes; none where no bundle is written.
    ///
    /// # Errors
    /// [`Error::Bundle`] if the node's directory cannot be made.
    pub fn log_path(&self, node: &str, instance: u32) -> Result<Option<PathBuf>, Error> {
        let inner = self.lock();
        let writer = inner.writer.as_ref();
        Ok(writer
            .map(|writer| writer.log_path(node, instance))
            .transpose()?)
    }

    /// Gives up the room that was kept free, for what still has to be written.
    pub fn drop_ballast(&self) {
        let Some(directory) = self.directory() else {
            return;
        };
        let path = directory.join(BALLAST);
        if let Err(error) = std::fs::remove_file(&path) {
            tracing::debug!("{}: {error}", path.display());
        }
    }

    /// The last edit: the end and the verdict.
    ///
    /// # Errors
    /// [`Error::CaptureStopped`] if it cannot be written.
    pub fn finish(&self, reasons: &[String]) -> Result<(), Error> {
        self.drop_ballast();
        self.edit(|manifest| {
            manifest.finished = Some(Utc::now());
            manifest.verdict = if reasons.is_empty() {
                Verdict::Complete
            } else {
                Verdict::Incomplete {
                    reasons: reasons.to_vec(),
                }
            };
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere must not keep what is recorded from being finished.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(writer: &Writer, manifest: &Manifest, changed: &mut bool) -> Result<(), Error> {
    writer.update(manifest).map_err(|e| stopped(&e))?;
    *changed = false;
    Ok(())
}

fn stopped(error: &bundle::Error) -> Error {
    Error::CaptureStopped {
        problem: error.to_string(),
    }
}

fn tool() -> Tool {
    Tool {
        name: "driver".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// The manifest of an unfinished run in `directory`, made ready to be gone on with.
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
    use super::*;

    #[test]
    fn an_unfinished_bundle_is_gone_on_with_and_a_finished_one_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("b");
        let first = Record::begin(&path).unwrap();
        let run = first.run_id();
        first
            .row(Action::Scale, "replicas=5", Some(5.0), Some(1.0))
            .unwrap();
        drop(first);

        let second = Record::begin(&path).unwrap();
        assert_eq!(second.run_id(), run);
        second.finish(&[]).unwrap();
        let bundle = Bundle::open(&path).unwrap();
        assert_eq!(bundle.timeline.rows.len(), 1);
        assert_eq!(bundle.manifest.verdict, Verdict::Complete);
        assert!(!path.join(BALLAST).exists());

        let error = Record::begin(&path).unwrap_err();
        assert!(error.to_string().contains("is being written"), "{error}");
        drop(second);
        let error = Record::begin(&path).unwrap_err();
        assert!(
            error.to_string().contains("holds a finished run"),
            "{error}"
        );
    }

    #[test]
    fn rows_of_another_process_join_the_timeline() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("b");
        assert!(Record::join(&path).is_err());
        let owner = Record::begin(&path).unwrap();
        let guest = Record::join(&path).unwrap();
        guest
            .row(Action::Generate, "100 of 200", None, Some(50.0))
            .unwrap();
        owner
            .row(Action::Scale, "replicas=1", Some(1.0), None)
            .unwrap();
        guest
            .row(Action::Generate, "200 of 200", None, Some(50.0))
            .unwrap();
        assert_eq!(Bundle::open(&path).unwrap().timeline.rows.len(), 3);
    }
}
