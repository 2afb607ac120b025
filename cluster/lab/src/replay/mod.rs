//! Transactions loaded on kernels without a cluster.

mod guest;
mod job;
mod said;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use bundle::{Clock, Manifest, Measurement, Outcome, ReplayWriter, Tool, Verdict};
use chrono::Utc;
use tokio::signal::unix::{SignalKind, signal};
use transaction::{Request, generate};

use crate::cli::{Global, Replay, Ruleset};
use crate::debian;
use crate::error::Error;
use crate::preflight;
use crate::progress::Progress;
use crate::state::{Kernel, Mode};
use job::Job;
use said::Said;

/// Writes the batch of a cold sync or of a step to standard output.
///
/// # Errors
/// [`Error::Usage`] for a shape that is not known; [`Error::Io`].
pub fn ruleset(flags: &Ruleset) -> Result<(), Error> {
    let text = generate(&Request {
        mode: match flags.mode {
            Mode::Nftables => transaction::Mode::Nftables,
            Mode::Iptables => transaction::Mode::Iptables,
        },
        shape: flags.shape.parse().map_err(Error::Usage)?,
        services: flags.services,
        endpoints: flags.endpoints,
        from_replicas: flags.from_replicas,
        local: flags.local,
    });
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(Error::io(Path::new("standard output"), "writing"))
}

/// Loads each file on each kernel; what is in the bundle already is not loaded again.
///
/// # Errors
/// What a file, a kernel or the bundle says; [`Error::Unmet`] if a load did not end well,
/// after all others have been tried.
pub async fn replay(global: &Global, flags: &Replay) -> Result<(), Error> {
    preflight::qemu()?;
    let progress = Progress::new(global.quiet);
    let jobs = job::read(&flags.files, flags.prepare.as_deref())?;
    let mut record = Record::open(&flags.output, &jobs)?;
    let kernels = kernels(&flags.kernels).await?;
    let mut left = kernels.len() * jobs.len() * flags.repeat as usize;
    let mut ended = signal(SignalKind::terminate())
        .map_err(|error| Error::Usage(format!("no signal handler: {error}")))?;
    let (began, mut measured, mut failures) = (Instant::now(), 0_u32, 0_u32);
    for wanted in &kernels {
        let kernel = debian::replay_guest(wanted).await?;
        for job in &jobs {
            for repetition in 1..=flags.repeat {
                left -= 1;
                if record.has(job, kernel.release(), repetition) {
                    continue;
                }
                let words = format!(
                    "{} on {} ({repetition})",
                    job.row.transaction,
                    kernel.release()
                );
                progress.say(&words);
                // Dropped, a measurement takes its guest with it.
                let row = tokio::select! {
                    row = measure(flags, &kernel, job, repetition) => row?,
                    _ = tokio::signal::ctrl_c() => return Err(Error::Interrupted),
                    _ = ended.recv() => return Err(Error::Interrupted),
                };
                measured += 1;
                failures += u32::from(row.outcome != Outcome::Ok);
                let each = began.elapsed() / measured;
                progress.say(&format!("  {}; {}", said_of(&row), left_words(each, left)));
                record.writer.measurement(&row)?;
            }
        }
    }
    record.finish(failures)
}

fn left_words(each: std::time::Duration, left: usize) -> String {
    let minutes = (each.as_secs_f64() * left as f64 / 60.0).ceil();
    format!("{left} to go, at most about {minutes} minutes if they take as long")
}

fn said_of(row: &Measurement) -> String {
    match (row.outcome, row.kernel_ns) {
        (Outcome::Ok, Some(ns)) => {
            format!("{:.3} billion instructions in the kernel", ns as f64 / 1e9)
        }
        (outcome, _) => format!("{outcome:?}: {}", row.problem),
    }
}

/// `all` is the latest release of each series.
async fn kernels(wanted: &[String]) -> Result<Vec<String>, Error> {
    if wanted.iter().any(|name| name == "all") {
        return debian::series().await;
    }
    Ok(wanted.to_vec())
}

async fn measure(
    flags: &Replay,
    kernel: &Kernel,
    job: &Job,
    repetition: u32,
) -> Result<Measurement, Error> {
    let said = guest::run(flags, kernel, job).await?;
    Ok(row(kernel, job, repetition, said))
}

fn row(kernel: &Kernel, job: &Job, repetition: u32, said: Said) -> Measurement {
    let (outcome, problem) = said.outcome(job);
    let version = match kernel {
        Kernel::Guest { version, .. } => version.split(['-', '~']).next().unwrap_or_default(),
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
        clock: Clock::Instructions,
        host: preflight::qemu_name(),
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
    }
}

/// The bundle, and what is in it.
struct Record {
    writer: ReplayWriter,
    manifest: Manifest,
    known: BTreeSet<(String, String, String, u32)>,
}

impl Record {
    fn open(directory: &Path, jobs: &[Job]) -> Result<Self, Error> {
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
        for job in jobs {
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
        let known = done.map(|row| {
            (
                row.transaction,
                row.after,
                row.kernel_release,
                row.repetition,
            )
        });
        let known = known.collect();
        Ok(Self {
            writer,
            manifest,
            known,
        })
    }

    fn has(&self, job: &Job, release: &str, repetition: u32) -> bool {
        let row = &job.row;
        let key = (
            row.transaction.clone(),
            row.after.clone(),
            release.to_owned(),
            repetition,
        );
        self.known.contains(&key)
    }

    fn finish(mut self, failures: u32) -> Result<(), Error> {
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
