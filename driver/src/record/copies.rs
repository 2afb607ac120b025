//! The directories that a bundle is kept in: the output, and a second place where asked. One that
//! can no longer be written is left behind as long as another stands.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::error::Error;
use crate::span::moment;

/// Why and when a directory was left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Loss {
    at: DateTime<Utc>,
    problem: String,
}

/// A directory that the bundle is written to.
#[derive(Debug)]
struct Copy {
    directory: PathBuf,
    loss: Mutex<Option<Loss>>,
}

impl Copy {
    fn loss(&self) -> Option<Loss> {
        let loss = self.loss.lock().unwrap_or_else(PoisonError::into_inner);
        loss.clone()
    }
}

/// All of them, the output first; shared by everything that writes.
#[derive(Debug, Clone, Default)]
pub struct Copies(Arc<[Copy]>);

impl Copies {
    pub(super) fn of(directories: &[PathBuf]) -> Self {
        let copy = |directory: &PathBuf| Copy {
            directory: directory.clone(),
            loss: Mutex::new(None),
        };
        Self(directories.iter().map(copy).collect())
    }

    /// Number and directory of those that stand. The output comes last: what is in it is in the
    /// second place already.
    pub fn standing(&self) -> impl Iterator<Item = (usize, &Path)> {
        let all = self.0.iter().enumerate().rev();
        all.filter(|(_, copy)| copy.loss().is_none())
            .map(|(which, copy)| (which, copy.directory.as_path()))
    }

    /// The output, or what stands in its place.
    pub(super) fn first(&self) -> Option<PathBuf> {
        self.standing().last().map(|(_, path)| path.to_path_buf())
    }

    pub(crate) fn stands(&self, which: usize) -> bool {
        self.0.get(which).is_some_and(|copy| copy.loss().is_none())
    }

    /// Leaves a directory behind and says so; false, and nothing is left behind, if it is the last
    /// one.
    pub(crate) fn lose(&self, which: usize, problem: &str) -> bool {
        let Some(copy) = self.0.get(which) else {
            return false;
        };
        let others: Vec<_> = self
            .standing()
            .filter(|(other, _)| *other != which)
            .collect();
        let Some((_, other)) = others.last() else {
            return false;
        };
        let mut loss = copy.loss.lock().unwrap_or_else(PoisonError::into_inner);
        if loss.is_none() {
            let (lost, kept) = (copy.directory.display(), other.display());
            tracing::error!("{lost}: {problem}; the run goes on, and all of it is in {kept}");
            *loss = Some(Loss {
                at: Utc::now(),
                problem: problem.to_owned(),
            });
        }
        true
    }

    /// What was left behind, as number and sentence.
    pub(super) fn losses(&self) -> Vec<(usize, String)> {
        let all = self.0.iter().enumerate();
        let lost = all.filter_map(|(which, copy)| {
            let Loss { at, problem } = copy.loss()?;
            let (at, directory) = (moment(at), copy.directory.display());
            Some((which, format!("at {at}: {directory}: {problem}")))
        });
        lost.collect()
    }

    /// A file in each directory that stands.
    pub(super) fn places(&self, path: impl Fn(&Path) -> PathBuf) -> Places {
        let paths = self.standing().map(|(which, at)| (which, path(at)));
        Places {
            paths: paths.collect(),
            copies: self.clone(),
        }
    }
}

/// A file of the bundle, in each directory that stood when it was asked for.
#[derive(Debug, Clone)]
pub struct Places {
    paths: Vec<(usize, PathBuf)>,
    copies: Copies,
}

impl Places {
    /// A file of its own.
    #[must_use]
    pub fn alone(path: &Path) -> Self {
        let directory = path.parent().unwrap_or(path).to_path_buf();
        Copies::of(&[directory]).places(|_| path.to_path_buf())
    }

    /// Number of the directory, and path.
    pub(crate) fn paths(&self) -> &[(usize, PathBuf)] {
        &self.paths
    }

    pub(crate) fn copies(&self) -> &Copies {
        &self.copies
    }

    /// The same with another name.
    pub(super) fn named(&self, name: &str) -> Self {
        let paths = self.paths.iter();
        Self {
            paths: paths
                .map(|(which, path)| (*which, path.with_file_name(name)))
                .collect(),
            copies: self.copies.clone(),
        }
    }

    /// Writes the whole file.
    ///
    /// # Errors
    /// [`Error::CaptureStopped`] if it can be written nowhere.
    pub(super) fn write(&self, text: &str) -> Result<(), Error> {
        for (which, path) in &self.paths {
            if !self.copies.stands(*which) {
                continue;
            }
            let file = std::fs::OpenOptions::new()
                .create(true)
                .write(true)
                .truncate(true)
                .mode(bundle::FILE_MODE)
                .open(path);
            if let Err(error) = file.and_then(|mut file| file.write_all(text.as_bytes())) {
                let problem = format!("{}: {error}", path.display());
                if !self.copies.lose(*which, &problem) {
                    return Err(Error::CaptureStopped { problem });
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_may_be_lost_and_the_last_one_not() {
        let copies = Copies::of(&["out".into(), "second".into()]);
        let standing: Vec<usize> = copies.standing().map(|(which, _)| which).collect();
        assert_eq!(standing, [1, 0], "the second place is written first");
        assert_eq!(copies.first(), Some("out".into()));
        assert!(copies.lose(0, "no space"));
        assert!(copies.lose(0, "said once"));
        assert!(!copies.lose(1, "no space either"));
        assert!(copies.stands(1) && !copies.stands(0));
        assert_eq!(copies.first(), Some("second".into()));
        let losses = copies.losses();
        assert_eq!(losses.len(), 1);
        assert!(losses[0].1.ends_with(": out: no space"), "{losses:?}");
    }

    #[test]
    fn a_file_that_can_be_written_somewhere_is_written() {
        let directory = tempfile::tempdir().unwrap();
        let good = directory.path().join("good");
        std::fs::create_dir(&good).unwrap();
        let gone = directory.path().join("gone");
        for (directories, written) in [
            (vec![gone.clone(), good.clone()], true),
            (vec![good.clone(), gone.clone()], true),
            (vec![gone], false),
        ] {
            let copies = Copies::of(&directories);
            let places = copies.places(|directory| directory.join("a")).named("b");
            assert_eq!(places.write("text").is_ok(), written, "{directories:?}");
            assert_eq!(copies.losses().len(), usize::from(written));
        }
        assert_eq!(std::fs::read_to_string(good.join("b")).unwrap(), "text");
    }
}
