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
    /// Opens the bundle; one that is there is gone on with.
    pub(super) fn open(directory: &Path, jobs: &[Job]) -> Result<Self, Error> {
        let (manifest, before) = begun(directory)?;
        let mut writer = ReplayWriter::create(directory, &manifest)?;
        put_transactions(&mut writer, jobs, &before, directory)?;
        let profiles = before.profiles.rows.into_iter();
        let sampled =
            profiles.map(|(_, row)| (row.transaction, row.after, row.kernel_release, row.clock));
        let builds = before.builds.rows.into_iter();
        let builds = builds.map(|(_, row)| (row.kernel_release, row.build));
        Ok(Self {
            writer,
            manifest,
            known: known(before.measurements.rows.into_iter().map(|(_, row)| row)),
            sampled: sampled.collect(),
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

/// What the directory holds: the manifest of an earlier call with its tables, or a new one.
fn begun(directory: &Path) -> Result<(Manifest, bundle::Replay), Error> {
    let tool = Tool {
        name: "lab".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let now = Utc::now();
    let id = format!("replay-{}", now.format("%Y%m%dT%H%M%S%.3f"));
    let manifest = Manifest::begin_replay(id, tool, now);
    if !bundle::is_bundle(directory) {
        return Ok((manifest, bundle::Replay::default()));
    }
    let found = bundle::Bundle::open(directory)?.manifest;
    if found.kind != bundle::Kind::Replay {
        let problem = format!(
            "{}: the bundle of a run, not of a replay",
            directory.display()
        );
        return Err(Error::Usage(problem));
    }
    let manifest = Manifest {
        verdict: manifest.verdict,
        finished: None,
        ..found
    };
    Ok((manifest, bundle::Replay::read(directory)?))
}

/// Adds the transactions that are new; one of a known name must be the same.
fn put_transactions(
    writer: &mut ReplayWriter,
    jobs: &[Job],
    before: &bundle::Replay,
    directory: &Path,
) -> Result<(), Error> {
    let mut named = BTreeSet::new();
    for job in jobs {
        let name = &job.row.transaction;
        if !named.insert(name) {
            continue;
        }
        let mut rows = before.transactions.rows.iter().map(|(_, row)| row);
        match rows.find(|row| row.transaction == *name) {
            None => writer.transaction(&job.row)?,
            Some(row) if row.sha256 == job.row.sha256 && row.after == job.row.after => {}
            Some(_) => {
                return Err(Error::Usage(format!(
                    "{} holds another transaction of the name {name}: rename the file, or choose \
                     another directory",
                    directory.display(),
                )));
            }
        }
    }
    Ok(())
}

/// Pieces that were loaded well.
fn known(rows: impl Iterator<Item = bundle::Measurement>) -> BTreeMap<Key, BTreeSet<u32>> {
    let mut known: BTreeMap<Key, BTreeSet<u32>> = BTreeMap::new();
    for row in rows.filter(|row| row.outcome == Outcome::Ok) {
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
    known
}
