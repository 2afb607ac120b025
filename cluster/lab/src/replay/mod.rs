//! Transactions loaded on kernels without a cluster.

mod console;
mod guest;
mod host;
mod job;
mod means;
mod own;
mod record;
mod said;
mod session;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use transaction::{Request, generate};

use crate::cli::{Global, Replay, ReplayClock, Ruleset};
use crate::debian;
use crate::error::Error;
use crate::preflight;
use crate::progress::Progress;
use crate::sampler;
use crate::state::{Kernel, Mode};

pub(crate) use job::{Job, generated as generated_jobs, read as read_jobs};
pub(crate) use means::{Means, Module};
pub(crate) use session::Session;

/// Writes the batch of a cold sync or of a step to standard output, or that of a node's own rules.
///
/// # Errors
/// [`Error::Usage`] for a shape that is not known, or rules that are not understood; [`Error::Io`].
pub fn ruleset(flags: &Ruleset) -> Result<(), Error> {
    let text = match &flags.own.from {
        Some(path) => own::ruleset(&flags.own, path)?,
        None => generated(flags)?,
    };
    let mut out = std::io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(Error::io(Path::new("standard output"), "writing"))
}

fn generated(flags: &Ruleset) -> Result<String, Error> {
    Ok(generate(&Request {
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
    }))
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
    let jobs = cut(
        job::read(&flags.files, flags.prepare.as_deref())?,
        &flags.split,
    )?;
    if flags.profile {
        sampler::program()?;
    }
    let means = Means {
        clock: flags.clock,
        loading: flags.loading.clone(),
    };
    let mut session = Session::open(&flags.output, &jobs, means, progress)?;
    let kernels = kernels(flags).await?;
    let whole = jobs.iter().filter(|job| !job.is_cut()).count();
    let profiles = if flags.profile { whole } else { 0 };
    session.expect(kernels.len() * (jobs.len() * flags.repeat as usize + profiles));
    for wanted in &kernels {
        let kernel = wanted.get(flags.clock).await?;
        for job in &jobs {
            for repetition in 1..=flags.repeat {
                session.load(&kernel, None, job, repetition).await?;
            }
            if flags.profile && !job.is_cut() {
                session.profile(&kernel, job).await?;
            }
        }
    }
    session.finish()
}

/// Each transaction in each number of pieces.
fn cut(jobs: Vec<Job>, pieces: &[u32]) -> Result<Vec<Job>, Error> {
    if pieces.contains(&0) {
        return Err(Error::Usage("--split takes numbers from 1".to_owned()));
    }
    let each = jobs
        .iter()
        .flat_map(|job| pieces.iter().map(|count| job.in_pieces(*count)));
    each.collect()
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
