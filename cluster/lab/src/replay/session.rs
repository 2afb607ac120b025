//! Loads one after another, each recorded as it ends.

use std::path::Path;
use std::time::Instant;

use bundle::{Clock, Measurement, Outcome};
use chrono::Utc;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::job::Job;
use super::means::{Means, Module};
use super::record::Record;
use super::said::Said;
use super::{guest, host};
use crate::cli::ReplayClock;
use crate::error::Error;
use crate::preflight;
use crate::progress::Progress;
use crate::state::Kernel;

/// A bundle that grows by a measurement at a time.
pub(crate) struct Session {
    means: Means,
    progress: Progress,
    record: Record,
    ended: Signal,
    began: Instant,
    left: usize,
    measured: u32,
    failures: u32,
}

impl Session {
    /// Opens the bundle, or goes on with the one that is there.
    pub(crate) fn open(
        directory: &Path,
        jobs: &[Job],
        means: Means,
        progress: Progress,
    ) -> Result<Self, Error> {
        let ended = signal(SignalKind::terminate());
        Ok(Self {
            record: Record::open(directory, jobs)?,
            ended: ended.map_err(|error| Error::Usage(format!("no signal handler: {error}")))?,
            means,
            progress,
            began: Instant::now(),
            left: 0,
            measured: 0,
            failures: 0,
        })
    }

    /// So many loads are to come.
    pub(crate) fn expect(&mut self, loads: usize) {
        self.left = loads;
        self.began = Instant::now();
    }

    /// Keeps an edit's file.
    pub(crate) fn keep_edit(&self, name: &str, text: &str) -> Result<(), Error> {
        Ok(self.record.writer.edit(name, text)?)
    }

    /// Loads a transaction, unless the bundle has that already.
    pub(crate) async fn load(
        &mut self,
        kernel: &Kernel,
        module: Option<&Module>,
        job: &Job,
        repetition: u32,
    ) -> Result<(), Error> {
        self.left = self.left.saturating_sub(1);
        let build = module.map_or("", |module| &module.row.build);
        let release = kernel.release();
        if let Some(module) = module {
            self.record.note(&module.row)?;
        }
        let clock = clock(&self.means);
        if self.record.has(job, release, build, clock, repetition) {
            return Ok(());
        }
        let with = match build {
            "" => String::new(),
            name => format!(", {name}"),
        };
        let name = &job.row.transaction;
        let words = format!("{name} on {release}{with} ({repetition})");
        self.progress.say(&words);
        // Dropped, a measurement takes its guest with it.
        let row = tokio::select! {
            row = measure(&self.means, kernel, module, job, repetition) => row?,
            _ = tokio::signal::ctrl_c() => return Err(Error::Interrupted),
            _ = self.ended.recv() => return Err(Error::Interrupted),
        };
        self.measured += 1;
        self.failures += u32::from(row.outcome != Outcome::Ok);
        let each = self.began.elapsed() / self.measured;
        let said = format!("  {}; {}", said_of(&row), left_words(each, self.left));
        self.progress.say(&said);
        Ok(self.record.writer.measurement(&row)?)
    }

    /// Closes the bundle.
    ///
    /// # Errors
    /// [`Error::Unmet`] if a load did not end well.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.record.finish(self.failures)
    }
}

fn left_words(each: std::time::Duration, left: usize) -> String {
    let minutes = (each.as_secs_f64() * left as f64 / 60.0).ceil();
    format!("{left} to go, at most about {minutes} minutes if they take as long")
}

fn said_of(row: &Measurement) -> String {
    match (row.outcome, row.kernel_ns) {
        (Outcome::Ok, Some(ns)) => {
            let unit = match row.clock {
                Clock::Instructions => "billion instructions",
                Clock::Wall => "seconds",
            };
            format!("{:.3} {unit} in the kernel", ns as f64 / 1e9)
        }
        (outcome, _) => format!("{outcome:?}: {}", row.problem),
    }
}

fn clock(means: &Means) -> Clock {
    match means.clock {
        ReplayClock::Instructions => Clock::Instructions,
        ReplayClock::Wall => Clock::Wall,
    }
}

async fn measure(
    means: &Means,
    kernel: &Kernel,
    module: Option<&Module>,
    job: &Job,
    repetition: u32,
) -> Result<Measurement, Error> {
    let said = match kernel {
        Kernel::Host { .. } => host::run(means, job).await?,
        Kernel::Guest { .. } => guest::run(means, kernel, module, job).await?,
    };
    Ok(row(means, kernel, module, job, repetition, said))
}

fn row(
    means: &Means,
    kernel: &Kernel,
    module: Option<&Module>,
    job: &Job,
    repetition: u32,
    said: Said,
) -> Measurement {
    let (mut outcome, mut problem) = said.outcome(job);
    if outcome == Outcome::Ok && module.is_some() && !said.taint.contains('O') {
        outcome = Outcome::Mismatch;
        problem = "the guest's nf_tables is not the one that was built for it".to_owned();
    }
    let version = match kernel {
        Kernel::Guest { version, .. } => version.split(['-', '~', '+']).next().unwrap_or_default(),
        Kernel::Host { .. } => "",
    };
    let mut numbers = kernel.release().split(['.', '-']);
    let series = [numbers.next(), numbers.next()]
        .map(Option::unwrap_or_default)
        .join(".");
    let counts = &said.counts;
    Measurement {
        time: Utc::now(),
        transaction: job.row.transaction.clone(),
        after: job.row.after.clone(),
        kernel_release: kernel.release().to_owned(),
        kernel_series: series,
        kernel_version: version.to_owned(),
        clock: clock(means),
        host: match means.clock {
            ReplayClock::Instructions => preflight::qemu_name(),
            ReplayClock::Wall => preflight::processor(),
        },
        loader: said.loader,
        repetition,
        piece: 1,
        pieces: 1,
        outcome,
        problem,
        user_ns: said
            .all_ns
            .zip(said.kernel_ns)
            .and_then(|(all, kernel)| all.checked_sub(kernel)),
        kernel_ns: said.kernel_ns,
        elapsed_ns: None,
        wall_s: said.wall_s,
        peak_memory_kib: said.peak_kib,
        kernel_memory_kib: said.kernel_memory_kib,
        chains_after: counts.first().copied(),
        rules_after: counts.get(1).copied(),
        sets_after: counts.get(2).copied(),
        elements_after: counts.get(3).copied(),
        complaints: Some(said.complaints),
        build: module.map_or_else(String::new, |module| module.row.build.clone()),
    }
}
