//! The end of a bundle: its verdict, in the places that stand and in those that were left behind.

use bundle::Verdict;
use chrono::Utc;

use super::{BALLAST, Record};
use crate::error::Error;

impl Record {
    /// Gives up the room that was kept free, for what still has to be written.
    pub fn drop_ballast(&self) {
        for writer in &self.lock().writers {
            let path = writer.directory().join(BALLAST);
            if let Err(error) = std::fs::remove_file(&path) {
                tracing::debug!("{}: {error}", path.display());
            }
        }
    }

    /// The last edit: the end and the verdict. A directory that was left behind is told where all
    /// of it is, if it still takes that.
    ///
    /// # Errors
    /// [`Error::CaptureStopped`] if it cannot be written.
    pub fn finish(&self, reasons: &[String]) -> Result<(), Error> {
        self.drop_ballast();
        let losses = self.copies.losses();
        self.edit(|manifest| {
            manifest.finished = Some(Utc::now());
            manifest.verdict = verdict(reasons);
            let said = losses
                .iter()
                .map(|(_, loss)| format!("Left behind {loss}."));
            manifest.notes.extend(said);
        })?;
        let inner = self.lock();
        for (which, loss) in losses {
            let (Some(writer), Some(manifest), Some(kept)) =
                (inner.writers.get(which), &inner.manifest, self.directory())
            else {
                continue;
            };
            let mut manifest = manifest.clone();
            let elsewhere = format!("{loss}; all that was captured is in {}", kept.display());
            manifest.verdict = verdict(&[&[elsewhere], reasons].concat());
            if let Err(error) = writer.update(&manifest) {
                tracing::debug!("{error}");
            }
        }
        Ok(())
    }

    /// What was left behind of the bundle, and where all of it is instead; none if nothing was.
    #[must_use]
    pub fn left_behind(&self) -> Option<Error> {
        let losses = self.copies.losses();
        let losses: Vec<String> = losses.into_iter().map(|(_, loss)| loss).collect();
        let kept = self.directory().filter(|_| !losses.is_empty())?;
        Some(Error::KeptElsewhere {
            losses: losses.join("; "),
            kept,
        })
    }
}

fn verdict(reasons: &[String]) -> Verdict {
    match reasons {
        [] => Verdict::Complete,
        reasons => Verdict::Incomplete {
            reasons: reasons.to_vec(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bundle::{Action, Bundle};

    /// A disk that is full and an output that is removed are one thing: it cannot be written.
    #[test]
    fn what_is_kept_twice_outlives_either_place() {
        for lost in [0, 1] {
            let directory = tempfile::tempdir().unwrap();
            let both = [
                directory.path().join("out"),
                directory.path().join("second"),
            ];
            let record = Record::begin_in(&both).unwrap();
            record
                .row(Action::Scale, "replicas=5", Some(5.0), None)
                .unwrap();
            assert!(record.left_behind().is_none());
            std::fs::remove_dir_all(&both[lost]).unwrap();
            record.edit(|manifest| manifest.notes.clear()).unwrap();
            record
                .row(Action::Scale, "replicas=9", Some(9.0), None)
                .unwrap();
            record.finish(&[]).unwrap();
            let kept = &both[1 - lost];
            let said = record.left_behind().unwrap().to_string();
            assert!(said.contains(&kept.display().to_string()), "{said}");
            let bundle = Bundle::open(kept).unwrap();
            assert_eq!(bundle.timeline.rows.len(), 2);
            assert_eq!(bundle.manifest.verdict, Verdict::Complete);
            let note = bundle.manifest.notes.last().unwrap();
            let whose = both[lost].display().to_string();
            assert!(note.starts_with("Left behind at 20") && note.contains(&whose));
        }
    }
}
