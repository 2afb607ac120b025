//! Transactions loaded on kernels without a cluster.

mod guest;
mod host;
mod job;
mod record;
mod said;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bundle::{Clock, Measurement, Outcome};
use chrono::Utc;
use tokio::signal::unix::{SignalKind, signal};
use transaction::{Request, generate};

use crate::cli::{Global, Replay, ReplayClock, Ruleset};
use crate::debian;
use crate::error::Error;
use crate::preflight;
use crate::progress::Progress;
use crate::state::{Kernel, Mode};
use job::Job;
use record::Record;
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
        has_api_endpoint: !flags.no_api_endpoint,
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
    if flags.kernels.iter().any(|name| name != "host") {
        preflight::qemu()?;
    }
    let progress = Progress::new(global.quiet);
    let jobs = job::read(&flags.files, flags.prepare.as_deref())?;
    let mut record = Record::open(&flags.output, &jobs)?;
    let kernels = kernels(flags).await?;
    let mut left = kernels.len() * jobs.len() * flags.repeat as usize;
    let mut ended = signal(SignalKind::terminate())
        .map_err(|error| Error::Usage(format!("no signal handler: {error}")))?;
    let (began, mut measured, mut failures) = (Instant::now(), 0_u32, 0_u32);
    for wanted in &kernels {
        let kernel = wanted.get(flags.clock).await?;
        for job in &jobs {
            for repetition in 1..=flags.repeat {
                left -= 1;
                if record.has(job, kernel.release(), clock(flags), repetition) {
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
            let unit = match row.clock {
                Clock::Instructions => "billion instructions",
                Clock::Wall => "seconds",
            };
            format!("{:.3} {unit} in the kernel", ns as f64 / 1e9)
        }
        (outcome, _) => format!("{outcome:?}: {}", row.problem),
    }
}

/// A kernel as asked for.
enum Wanted {
    Host,
    Named(String),
    Own(PathBuf, PathBuf),
}

impl Wanted {
    async fn get(&self, clock: ReplayClock) -> Result<Kernel, Error> {
        match self {
            Self::Host if clock == ReplayClock::Instructions => Err(Error::Usage(
                "this machine's own kernel has no clock that counts instructions: --clock wall"
                    .to_owned(),
            )),
            Self::Host => Ok(Kernel::Host {
                release: preflight::kernel_release(),
            }),
            Self::Named(name) => debian::replay_guest(name).await,
            Self::Own(image, modules) => debian::own_guest(image, modules).await,
        }
    }
}

/// `all` is the latest release of each series.
async fn kernels(flags: &Replay) -> Result<Vec<Wanted>, Error> {
    if let (Some(image), Some(modules)) = (&flags.image, &flags.modules) {
        return Ok(vec![Wanted::Own(image.clone(), modules.clone())]);
    }
    let mut wanted = Vec::new();
    for name in &flags.kernels {
        match name.as_str() {
            "host" => wanted.push(Wanted::Host),
            "all" => wanted.extend(debian::series().await?.into_iter().map(Wanted::Named)),
            _ => wanted.push(Wanted::Named(name.clone())),
        }
    }
    Ok(wanted)
}

fn clock(flags: &Replay) -> Clock {
    match flags.clock {
        ReplayClock::Instructions => Clock::Instructions,
        ReplayClock::Wall => Clock::Wall,
    }
}

async fn measure(
    flags: &Replay,
    kernel: &Kernel,
    job: &Job,
    repetition: u32,
) -> Result<Measurement, Error> {
    let said = match kernel {
        Kernel::Host { .. } => host::run(flags, job).await?,
        Kernel::Guest { .. } => guest::run(flags, kernel, job).await?,
    };
    Ok(row(flags, kernel, job, repetition, said))
}

fn row(flags: &Replay, kernel: &Kernel, job: &Job, repetition: u32, said: Said) -> Measurement {
    let (outcome, problem) = said.outcome(job);
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
        clock: clock(flags),
        host: match flags.clock {
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
    }
}
