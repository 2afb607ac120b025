//! A guest that loads one transaction under the instruction clock and is gone.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use super::job::Job;
use super::means::{Means, Module, Trial};
use super::said::Said;
use crate::cli::ReplayClock;
use crate::debian;
use crate::error::Error;
use crate::sampler;
use crate::state::Kernel;

/// How long a guest may say nothing before it is up, on a machine that is busy.
const BOOTING: Duration = Duration::from_secs(180);
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
    let words = place.path().join("words");
    let stderr = std::fs::File::create(&words).map_err(Error::io(&words, "creating"))?;
    let sampler = match trial {
        Trial::Measured => Vec::new(),
        Trial::Profiled => sampler::load_in_guest().await?,
    };
    write_initrd(&initrd, initramfs, job, module, means, sampler)?;
    let mut command = Command::new("qemu-system-x86_64");
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
        .arg(&initrd)
        .args(["-append", KERNEL_PARAMETERS])
        .args(["-serial", "stdio"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(stderr)
        .kill_on_drop(true);
    let failed = |problem: String| Error::Command {
        command: "qemu-system-x86_64".to_owned(),
        status: "not started".to_owned(),
        output: problem,
    };
    let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
    let console = child
        .stdout
        .take()
        .ok_or_else(|| failed("no console".to_owned()))?;
    let mut reader = BufReader::new(console);
    let (mut said, mut line) = (Said::default(), Vec::new());
    while !said.done {
        let patience = if said.booted {
            Duration::from_secs(means.loading.patience)
        } else {
            BOOTING
        };
        line.clear();
        let read = tokio::time::timeout(patience, reader.read_until(b'\n', &mut line)).await;
        match read {
            Ok(Ok(1..)) => said.line(String::from_utf8_lossy(&line).trim_end()),
            Ok(_) => {
                said.ended = true;
                break;
            }
            Err(_) => break,
        }
    }
    child
        .kill()
        .await
        .map_err(Error::io(Path::new("qemu-system-x86_64"), "ending"))?;
    let words = std::fs::read(&words).map_err(Error::io(&words, "reading"))?;
    for line in String::from_utf8_lossy(&words).lines() {
        said.line(line);
    }
    Ok(said)
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
