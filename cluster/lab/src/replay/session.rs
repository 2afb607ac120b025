//! Loads one after another, each recorded as it ends.

use std::path::Path;
use std::time::Instant;

use bundle::{Clock, Measurement, Outcome, Profile};
use chrono::Utc;

use super::job::Job;
use super::means::{Means, Module, Trial};
use super::record::{Record, pieces};
use super::said::{Load, Said};
use super::{guest, host};
use crate::cli::ReplayClock;
use crate::error::Error;
use crate::preflight;
use crate::progress::Progress;
use crate::sampler;
use crate::state::Kernel;

/// A bundle that grows by a measurement at a time.
pub(crate) struct Session {
    means: Means,
    progress: Progress,
    record: Record,
    began: Instant,
    left: usize,
    loaded: u32,
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
        Ok(Self {
            record: Record::open(directory, jobs)?,
            means,
            progress,
            began: Instant::now(),
            left: 0,
            loaded: 0,
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
        let mut words = format!("{} on {release}", job.row.transaction);
        if !build.is_empty() {
            words += &format!(", {build}");
        }
        if job.is_cut() {
            words += &format!(", in {} pieces", job.pieces.len());
        }
        self.progress.say(&format!("{words} ({repetition})"));
        let trial = Trial::Measured;
        let said = run(&self.means, kernel, module, job, trial).await?;
        let rows = rows(&self.means, kernel, module, job, repetition, &said);
        let ended = rows.iter().all(|row| row.outcome == Outcome::Ok);
        self.tell(ended, &said_of(&rows));
        for row in &rows {
            self.record.writer.measurement(row)?;
        }
        Ok(())
    }

    /// Loads a transaction once more, to see where the time goes, unless the bundle says that
    /// already.
    pub(crate) async fn profile(&mut self, kernel: &Kernel, job: &Job) -> Result<(), Error> {
        self.left = self.left.saturating_sub(1);
        let release = kernel.release();
        if self.record.has_profile(job, release, clock(&self.means)) {
            return Ok(());
        }
        let name = &job.row.transaction;
        self.progress
            .say(&format!("{name} on {release}, a profile"));
        let said = run(&self.means, kernel, None, job, Trial::Profiled).await?;
        let (outcome, problem) = said.outcome(job);
        let row = profile_row(&self.means, kernel, job, &said);
        let ended = outcome == Outcome::Ok && row.samples > 0;
        let words = match (outcome, row.samples) {
            (Outcome::Ok, 0) => format!("no sample was taken: {}", said.sampler),
            (Outcome::Ok, all) => format!("{} of {all} samples in the kernel", row.kernel_samples),
            (outcome, _) => format!("{outcome:?}: {problem}"),
        };
        self.tell(ended, &words);
        if ended {
            self.record.writer.profile(&row, &said.stacks)?;
        }
        Ok(())
    }

    fn tell(&mut self, ended_well: bool, words: &str) {
        self.loaded += 1;
        self.failures += u32::from(!ended_well);
        let each = self.began.elapsed() / self.loaded;
        let left = left_words(each, self.left);
        self.progress.say(&format!("  {words}; {left}"));
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
    if left == 0 {
        return "that was the last".to_owned();
    }
    match (each.as_secs_f64() * left as f64 / 60.0).ceil() {
        minutes if minutes > 1.0 => {
            format!("{left} to go, at most about {minutes} minutes if they take as long")
        }
        _ => format!("{left} to go, about a minute if they take as long"),
    }
}

fn said_of(rows: &[Measurement]) -> String {
    let failed = rows.iter().find(|row| row.outcome != Outcome::Ok);
    if let Some(row) = failed {
        return format!("{:?}: {}", row.outcome, row.problem);
    }
    let each: Option<Vec<u64>> = rows.iter().map(|row| row.kernel_ns).collect();
    let (Some(each), Some(first)) = (each, rows.first()) else {
        return "loaded; the time in the kernel could not be had".to_owned();
    };
    let unit = match first.clock {
        Clock::Instructions => "billion instructions",
        Clock::Wall => "seconds",
    };
    let sum = each.iter().sum::<u64>() as f64 / 1e9;
    let longest = each.iter().max().map_or(0.0, |ns| *ns as f64 / 1e9);
    match rows.len() {
        1 => format!("{sum:.3} {unit} in the kernel"),
        _ => format!("{sum:.3} {unit} in the kernel, the longest piece {longest:.3}"),
    }
}

fn clock(means: &Means) -> Clock {
    match means.clock {
        ReplayClock::Instructions => Clock::Instructions,
        ReplayClock::Wall => Clock::Wall,
    }
}

async fn run(
    means: &Means,
    kernel: &Kernel,
    module: Option<&Module>,
    job: &Job,
    trial: Trial,
) -> Result<Said, Error> {
    match kernel {
        Kernel::Host { .. } => host::run(means, job, trial).await,
        Kernel::Guest { .. } => guest::run(means, kernel, module, job, trial).await,
        Kernel::Played => Err(Error::Usage(
            "a node that is played has no kernel".to_owned(),
        )),
    }
}

/// A row for each piece that was begun; how it ended stands in the last.
fn rows(
    means: &Means,
    kernel: &Kernel,
    module: Option<&Module>,
    job: &Job,
    repetition: u32,
    said: &Said,
) -> Vec<Measurement> {
    let (mut outcome, mut problem) = said.outcome(job);
    if outcome == Outcome::Ok && module.is_some() && !said.taint.contains('O') {
        outcome = Outcome::Mismatch;
        problem = "the guest's nf_tables is not the one that was built for it".to_owned();
    }
    let of = Of::kernel(kernel);
    let none = Load::default();
    let begun = said
        .loads
        .iter()
        .chain(said.loads.is_empty().then_some(&none));
    let last = said.loads.len().max(1);
    let one = |(number, load): (usize, &Load)| {
        let is_last = number + 1 == last;
        let counts = if is_last { &said.counts[..] } else { &[] };
        Measurement {
            time: Utc::now(),
            transaction: job.row.transaction.clone(),
            after: job.row.after.clone(),
            kernel_release: kernel.release().to_owned(),
            kernel_series: of.series.clone(),
            kernel_version: of.version.clone(),
            clock: clock(means),
            host: host_name(means),
            loader: said.loader.clone(),
            repetition,
            piece: u32::try_from(number + 1).unwrap_or(u32::MAX),
            pieces: pieces(job),
            outcome: if is_last { outcome } else { Outcome::Ok },
            problem: if is_last {
                problem.clone()
            } else {
                String::new()
            },
            user_ns: load.outside_ns(),
            kernel_ns: load.kernel_ns,
            elapsed_ns: None,
            wall_s: load.wall_s,
            peak_memory_kib: load.peak_kib,
            kernel_memory_kib: load.kernel_memory_kib,
            chains_after: counts.first().copied(),
            rules_after: counts.get(1).copied(),
            sets_after: counts.get(2).copied(),
            elements_after: counts.get(3).copied(),
            complaints: Some(if is_last { said.complaints } else { 0 }),
            build: module.map_or_else(String::new, |module| module.row.build.clone()),
        }
    };
    begun.enumerate().map(one).collect()
}

/// The row of a load that was sampled.
fn profile_row(means: &Means, kernel: &Kernel, job: &Job, said: &Said) -> Profile {
    let of = Of::kernel(kernel);
    let (samples, kernel_samples) = said.samples();
    let name = &job.row.transaction;
    let clock = clock(means);
    let by = match clock {
        Clock::Instructions => "instructions",
        Clock::Wall => "wall",
    };
    let after = match job.row.after.as_str() {
        "" => String::new(),
        before => format!(".after-{before}"),
    };
    Profile {
        time: Utc::now(),
        transaction: name.clone(),
        after: job.row.after.clone(),
        kernel_release: kernel.release().to_owned(),
        kernel_series: of.series,
        kernel_version: of.version,
        clock,
        host: host_name(means),
        sampler: said.sampler.clone(),
        samples,
        kernel_samples,
        frequency_hz: sampler::OF_LOADS,
        file: format!("{name}{after}.{}.{by}.folded", kernel.release()),
    }
}

/// How a kernel is named.
struct Of {
    series: String,
    version: String,
}

impl Of {
    fn kernel(kernel: &Kernel) -> Self {
        let version = match kernel {
            Kernel::Guest { version, .. } => {
                version.split(['-', '~', '+']).next().unwrap_or_default()
            }
            Kernel::Host { .. } | Kernel::Played => "",
        };
        let mut numbers = kernel.release().split(['.', '-']);
        let two = [numbers.next(), numbers.next()].map(Option::unwrap_or_default);
        Self {
            series: two.join("."),
            version: version.to_owned(),
        }
    }
}

fn host_name(means: &Means) -> String {
    match means.clock {
        ReplayClock::Instructions => preflight::qemu_name(),
        ReplayClock::Wall => preflight::processor(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::left_words;

    #[test]
    fn what_is_left_is_told_in_minutes() {
        for (seconds, left, said) in [
            (30, 0, "that was the last"),
            (30, 1, "1 to go, about a minute if they take as long"),
            (60, 1, "1 to go, about a minute if they take as long"),
            (
                61,
                1,
                "1 to go, at most about 2 minutes if they take as long",
            ),
            (
                450,
                7,
                "7 to go, at most about 53 minutes if they take as long",
            ),
        ] {
            assert_eq!(left_words(Duration::from_secs(seconds), left), said);
        }
    }
}
