//! A guest that loads one transaction under the instruction clock and is gone.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use super::console::listen;
use super::job::Job;
use super::means::{Means, Module, Trial};
use super::said::Said;
use crate::cli::ReplayClock;
use crate::debian;
use crate::error::Error;
use crate::sampler;
use crate::state::Kernel;

const QEMU: &str = "qemu-system-x86_64";
/// One nanosecond an instruction; no address, seed or date that differs between two boots.
const CLOCK: [&str; 12] = [
    "-accel",
    "tcg,thread=single",
    "-smp",
    "1",
    "-cpu",
    "qemu64,+rdrand",
    "-icount",
    "shift=0,sleep=off",
    "-rtc",
    "base=2026-01-01,clock=vm",
    "-seed",
    "1",
];
/// Where a kernel has it, below its modules.
const NF_TABLES: &str = "kernel/net/netfilter/nf_tables.ko";
const KERNEL_PARAMETERS: &str = "console=ttyS0 panic=-1 loglevel=4 no_timer_check nokaslr \
    random.trust_cpu=on";

/// Boots the kernel, loads the transaction, returns what the guest said.
///
/// # Errors
/// [`Error::Io`] for the guest's files; [`Error::Command`] if QEMU does not start.
pub(super) async fn run(
    means: &Means,
    kernel: &Kernel,
    module: Option<&Module>,
    job: &Job,
    trial: Trial,
) -> Result<Said, Error> {
    let Kernel::Guest {
        image,
        initramfs,
        release,
        ..
    } = kernel
    else {
        return Err(Error::Usage(
            "the instruction clock needs a guest".to_owned(),
        ));
    };
    let place =
        tempfile::tempdir().map_err(Error::io(&std::env::temp_dir(), "making a directory"))?;
    let initrd = place.path().join("initrd");
    let module = module.map(|module| {
        let path = format!("lib/modules/{release}/{NF_TABLES}");
        (path, module.bytes.as_slice())
    });
    let sampler = match trial {
        Trial::Measured => Vec::new(),
        Trial::Profiled => sampler::load_in_guest().await?,
    };
    write_initrd(&initrd, initramfs, job, module, means, sampler)?;
    let words = place.path().join("words");
    let stderr = std::fs::File::create(&words).map_err(Error::io(&words, "creating"))?;
    let mut child = start(means, image, &initrd, stderr)?;
    let patience = Duration::from_secs(means.loading.patience);
    let mut said = match child.stdout.take() {
        Some(console) => listen(console, patience).await,
        None => return Err(not_started("no console")),
    };
    child
        .kill()
        .await
        .map_err(Error::io(Path::new(QEMU), "ending"))?;
    let words = std::fs::read(&words).map_err(Error::io(&words, "reading"))?;
    for line in String::from_utf8_lossy(&words).lines() {
        said.line(line);
    }
    Ok(said)
}

/// Starts QEMU; dropped, it ends.
fn start(
    means: &Means,
    image: &Path,
    initrd: &Path,
    stderr: std::fs::File,
) -> Result<Child, Error> {
    let mut command = Command::new(QEMU);
    command
        .args(["-nodefaults", "-no-user-config", "-no-reboot"])
        .args(["-display", "none", "-monitor", "none"])
        .args(match means.clock {
            ReplayClock::Instructions => CLOCK.as_slice(),
            ReplayClock::Wall => &["-accel", "kvm", "-smp", "1", "-cpu", "host"],
        })
        .args(["-m", &means.loading.guest_memory.to_string()])
        .arg("-kernel")
        .arg(image)
        .arg("-initrd")
        .arg(initrd)
        .args(["-append", KERNEL_PARAMETERS])
        .args(["-serial", "stdio"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(stderr)
        .kill_on_drop(true);
    command
        .spawn()
        .map_err(|error| not_started(&error.to_string()))
}

fn not_started(problem: &str) -> Error {
    Error::Command {
        command: QEMU.to_owned(),
        status: "not started".to_owned(),
        output: problem.to_owned(),
    }
}

/// The kernel's initramfs, and behind it the files of this load.
fn write_initrd(
    initrd: &Path,
    initramfs: &Path,
    job: &Job,
    module: Option<(String, &[u8])>,
    means: &Means,
    sampler: Vec<(String, Vec<u8>)>,
) -> Result<(), Error> {
    let own = initrd.with_extension("own");
    let pieces: Vec<String> = (1..=job.pieces.len())
        .map(|piece| format!("replay/load.{piece}"))
        .collect();
    let mut files = vec![("replay/loader", job.loader().as_bytes())];
    let texts = job.pieces.iter().map(|text| text.as_bytes());
    files.extend(pieces.iter().map(String::as_str).zip(texts));
    let sampler = sampler.iter();
    files.extend(sampler.map(|(path, bytes)| (path.as_str(), bytes.as_slice())));
    if let Some(text) = &job.prepare {
        files.push(("replay/prepare", text.as_bytes()));
    }
    if let Some((path, bytes)) = &module {
        files.push((path, bytes));
    }
    if means.loading.chains_alone {
        files.push(("replay/chains-alone", &[]));
    }
    debian::archive(&own, &files)?;
    std::fs::copy(initramfs, initrd).map_err(Error::io(initrd, "writing"))?;
    let mut whole = std::fs::OpenOptions::new()
        .append(true)
        .open(initrd)
        .map_err(Error::io(initrd, "opening"))?;
    let mut part = std::fs::File::open(&own).map_err(Error::io(&own, "opening"))?;
    std::io::copy(&mut part, &mut whole).map_err(Error::io(initrd, "writing"))?;
    std::fs::remove_file(&own).map_err(Error::io(&own, "removing"))
}
