//! The bundle that a replay writes, and what an earlier call has left in it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bundle::{Build, Clock, Manifest, Outcome, ReplayWriter, Tool, Verdict};
use chrono::Utc;

use super::job::Job;
use crate::error::Error;

/// What tells one measurement from another: transaction, the one before it, release, build of
/// nf_tables, clock, repetition, pieces.
type Key = (String, String, String, String, Clock, u32, u32);
/// What tells one profile from another: transaction, the one before it, release, clock.
type Sampled = (String, String, String, Clock);

/// The bundle, and what is in it.
pub(super) struct Record {
    pub(super) writer: ReplayWriter,
    manifest: Manifest,
    /// Pieces of each that were loaded.
    known: BTreeMap<Key, BTreeSet<u32>>,
    sampled: BTreeSet<Sampled>,
    /// Builds that it has a row of: release, name.
    builds: BTreeSet<(String, String)>,
}

/// How many a job has.
pub(super) fn pieces(job: &Job) -> u32 {
    u32::try_from(job.pieces.len()).unwrap_or(u32::MAX)
}

impl Record {
    pub(super) fn open(directory: &Path, jobs: &[Job]) -> Result<Self, Error> {
        let tool = Tool {
            name: "lab".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let now = Utc::now();
        let id = format!("replay-{}", now.format("%Y%m%dT%H%M%S%.3f"));
        let mut manifest = Manifest::begin_replay(id, tool, now);
        let mut before = bundle::Replay::default();
        if bundle::is_bundle(directory) {
            let found = bundle::Bundle::open(directory)?.manifest;
            if found.kind != bundle::Kind::Replay {
                let problem = format!(
                    "{}: the bundle of a run, not of a replay",
                    directory.display()
                );
                return Err(Error::Usage(problem));
            }
            manifest = Manifest {
                verdict: manifest.verdict,
                finished: None,
                ..found
            };
            before = bundle::Replay::read(directory)?;
        }
        let mut writer = ReplayWriter::create(directory, &manifest)?;
        let mut named = BTreeSet::new();
        for job in jobs {
            if !named.insert(&job.row.transaction) {
                continue;
            }
            let mut rows = before.transactions.rows.iter().map(|(_, row)| row);
            let found = rows.find(|row| row.transaction == job.row.transaction);
            match found {
                None => writer.transaction(&job.row)?,
                Some(row) if row.sha256 == job.row.sha256 && row.after == job.row.after => {}
                Some(_) => {
                    return Err(Error::Usage(format!(
                        "{} holds another transaction of the name {}: rename the file, or choose \
                         another directory",
                        directory.display(),
                        job.row.transaction
                    )));
                }
            }
        }
        let done = before.measurements.rows.into_iter().map(|(_, row)| row);
        let done = done.filter(|row| row.outcome == Outcome::Ok);
        let mut known: BTreeMap<Key, BTreeSet<u32>> = BTreeMap::new();
        for row in done {
            let key = (
                row.transaction,
                row.after,
                row.kernel_release,
                row.build,
                row.clock,
                row.repetition,
                row.pieces,
            );
            known.entry(key).or_default().insert(row.piece);
        }
        let sampled = before
            .profiles
            .rows
            .into_iter()
            .map(|(_, row)| (row.transaction, row.after, row.kernel_release, row.clock));
        let sampled = sampled.collect();
        let builds = before.builds.rows.into_iter();
        let builds = builds.map(|(_, row)| (row.kernel_release, row.build));
        Ok(Self {
            writer,
            manifest,
            known,
            sampled,
            builds: builds.collect(),
        })
    }

    /// Notes a build, unless it is known.
    pub(super) fn note(&mut self, build: &Build) -> Result<(), Error> {
        let key = (build.kernel_release.clone(), build.build.clone());
        if self.builds.insert(key) {
            self.writer.build(build)?;
        }
        Ok(())
    }

    pub(super) fn has(
        &self,
        job: &Job,
        release: &str,
        build: &str,
        clock: Clock,
        repetition: u32,
    ) -> bool {
        let row = &job.row;
        let key = (
            row.transaction.clone(),
            row.after.clone(),
            release.to_owned(),
            build.to_owned(),
            clock,
            repetition,
            pieces(job),
        );
        let loaded = self.known.get(&key);
        loaded.is_some_and(|loaded| loaded.len() == job.pieces.len())
    }

    pub(super) fn has_profile(&self, job: &Job, release: &str, clock: Clock) -> bool {
        let row = &job.row;
        let key = (
            row.transaction.clone(),
            row.after.clone(),
            release.to_owned(),
            clock,
        );
        self.sampled.contains(&key)
    }

    pub(super) fn finish(mut self, failures: u32) -> Result<(), Error> {
        self.manifest.finished = Some(Utc::now());
        self.manifest.verdict = Verdict::Complete;
        if failures > 0 {
            let problem = format!("{failures} loads did not end well; replays.csv says how");
            self.manifest.verdict = Verdict::Incomplete {
                reasons: vec![problem.clone()],
            };
            self.writer.update(&self.manifest)?;
            return Err(Error::Unmet(problem));
        }
        Ok(self.writer.update(&self.manifest)?)
    }
}
