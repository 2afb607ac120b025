//! The bundle that is being written: one place for manifest and timeline, shared by all tasks.

pub mod copies;
mod ending;
pub mod lock;
pub mod optional;
mod resume;

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bundle::{Action, Manifest, Row, Tool, Writer};
use chrono::Utc;

use crate::error::Error;
use crate::record::copies::{Copies, Places};
use crate::record::lock::Lock;

/// Room kept free so that manifest and timeline can be finished on a full disk.
const BALLAST_BYTES: usize = 256 * 1024;
/// The file that keeps it.
const BALLAST: &str = ".ballast";

/// A bundle being written, or only its timeline, or nothing at all.
#[derive(Debug)]
pub struct Record {
    copies: Copies,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// As many as copies.
    writers: Vec<Writer>,
    manifest: Option<Manifest>,
    /// Changed since it was last written.
    changed: bool,
    /// An earlier process began it.
    gone_on_with: bool,
    /// Held by who writes the bundle, not by who joins it.
    _locks: Vec<Lock>,
}

impl Record {
    /// Starts a bundle in `directory`, or goes on with the unfinished one that is there.
    ///
    /// # Errors
    /// [`Error::Usage`] if the directory holds a finished run, or another process writes it;
    /// [`Error::Bundle`].
    pub fn begin(directory: &Path) -> Result<Self, Error> {
        Self::begin_in(&[directory.to_path_buf()])
    }

    /// Starts a bundle in several directories at once, each of which gets all of it, the first one
    /// being the output; goes on with what is unfinished in any of them.
    ///
    /// # Errors
    /// As [`Record::begin`]; [`Error::Usage`] if they hold different runs.
    pub fn begin_in(directories: &[PathBuf]) -> Result<Self, Error> {
        let mut locks = Vec::new();
        for directory in directories {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(bundle::DIRECTORY_MODE)
                .create(directory)
                .map_err(Error::io(directory, "making the output"))?;
            locks.push(Lock::take(directory)?);
        }
        let earlier = resume::found(directories)?;
        let gone_on_with = earlier.is_some();
        let manifest = earlier.unwrap_or_else(|| {
            Manifest::begin(uuid::Uuid::now_v7().to_string(), tool(), Utc::now())
        });
        let writers = resume::writers(directories, &manifest)?;
        locks.iter().for_each(Lock::sign);
        for directory in directories {
            let path = directory.join(BALLAST);
            std::fs::write(&path, vec![0; BALLAST_BYTES])
                .map_err(Error::io(&path, "keeping room for the manifest"))?;
        }
        Ok(Self {
            copies: Copies::of(directories),
            inner: Mutex::new(Inner {
                writers,
                manifest: Some(manifest),
                changed: false,
                gone_on_with,
                _locks: locks,
            }),
        })
    }

    /// Adds rows to the timeline of a bundle that another process writes.
    ///
    /// # Errors
    /// [`Error::Bundle`] if `directory` is no bundle.
    pub fn join(directory: &Path) -> Result<Self, Error> {
        Ok(Self {
            copies: Copies::of(&[directory.to_path_buf()]),
            inner: Mutex::new(Inner {
                writers: vec![Writer::join(directory)?],
                ..Inner::default()
            }),
        })
    }

    /// Records nothing.
    #[must_use]
    pub fn nowhere() -> Self {
        Self {
            copies: Copies::default(),
            inner: Mutex::new(Inner::default()),
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

    /// Whether it goes on with what an earlier process began.
    #[must_use]
    pub fn is_gone_on_with(&self) -> bool {
        self.lock().gone_on_with
    }

    /// Whether the bundle has this file of a node already.
    #[must_use]
    pub(super) fn has(&self, node: &str, file: &str) -> bool {
        let node = Path::new(bundle::NODES).join(bundle::node_directory(node));
        self.directory()
            .is_some_and(|directory| directory.join(node).join(file).exists())
    }

    /// The bundle's directory, or what stands in its place.
    #[must_use]
    pub fn directory(&self) -> Option<PathBuf> {
        self.copies.first()
    }

    /// The directories that it is written to.
    #[must_use]
    pub fn copies(&self) -> &Copies {
        &self.copies
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
        let mut inner = self.lock();
        each(&self.copies, &mut inner.writers, |writer| {
            writer.record(&row)
        })
    }

    /// Changes the manifest and puts it on disk.
    ///
    /// # Errors
    /// [`Error::CaptureStopped`] if it cannot be written.
    pub fn edit(&self, change: impl FnOnce(&mut Manifest)) -> Result<(), Error> {
        self.amend(change);
        self.flush()
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
            writers,
            manifest: Some(manifest),
            changed: changed @ true,
            ..
        } = &mut *inner
        else {
            return Ok(());
        };
        each(&self.copies, writers, |writer| writer.update(manifest))?;
        *changed = false;
        Ok(())
    }

    /// Where the log of a container instance goes, the node's directory made; none where no bundle
    /// is written.
    ///
    /// # Errors
    /// [`Error::CaptureStopped`] if the node's directory can be made nowhere.
    pub fn log_places(&self, node: &str, instance: u32) -> Result<Option<Places>, Error> {
        let mut inner = self.lock();
        each(&self.copies, &mut inner.writers, |writer| {
            writer.log_path(node, instance).map(|_| ())
        })?;
        let file = Path::new(bundle::NODES)
            .join(bundle::node_directory(node))
            .join(bundle::kube_proxy_log_name(instance));
        Ok(self.places(&file))
    }

    /// Where a file of the bundle goes; none where no bundle is written.
    fn places(&self, file: &Path) -> Option<Places> {
        let places = self.copies.places(|directory| directory.join(file));
        (!places.paths().is_empty()).then_some(places)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere must not keep what is recorded from being finished.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does something to each copy that stands, the second place first; one that fails is left behind
/// if another stands.
fn each(
    copies: &Copies,
    writers: &mut [Writer],
    mut write: impl FnMut(&mut Writer) -> Result<(), bundle::Error>,
) -> Result<(), Error> {
    for (which, _) in copies.standing() {
        let Some(writer) = writers.get_mut(which) else {
            continue;
        };
        if let Err(error) = write(writer)
            && !copies.lose(which, &error.to_string())
        {
            return Err(stopped(&error));
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use bundle::{Bundle, Verdict};

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
