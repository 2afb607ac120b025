//! A load on this machine's own kernel, in a network namespace that ends with it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::job::Job;
use super::means::{Means, Trial};
use super::said::Said;
use crate::error::Error;
use crate::sampler;

const SCRIPT: &str = include_str!("../../guest/replay-host");

/// Loads the transaction and returns what the script said.
///
/// # Errors
/// [`Error::NotRoot`]; [`Error::Io`] for the files; [`Error::Command`] if it does not start or
/// takes too long.
pub(super) async fn run(means: &Means, job: &Job, trial: Trial) -> Result<Said, Error> {
    if !rustix::process::geteuid().is_root() {
        return Err(Error::NotRoot);
    }
    let failed = |status: &str, output: String| Error::Command {
        command: format!("unshare --net sh, {} in it", job.loader()),
        status: status.to_owned(),
        output,
    };
    let place =
        tempfile::tempdir().map_err(Error::io(&std::env::temp_dir(), "making a directory"))?;
    let write = |name: &str, bytes: &[u8]| {
        let path = place.path().join(name);
        std::fs::write(&path, bytes).map_err(Error::io(&path, "writing"))
    };
    for (number, text) in job.pieces.iter().enumerate() {
        write(&format!("load.{}", number + 1), text.as_bytes())?;
    }
    if matches!(trial, Trial::Profiled) {
        sampler::program()?;
        for (name, text) in sampler::of_load() {
            write(name, text.as_bytes())?;
        }
    }
    if let Some(text) = &job.prepare {
        write("prepare", text.as_bytes())?;
    }
    let output = Command::new("unshare")
        .args(["--net", "sh", "-c", SCRIPT, "replay", job.loader()])
        .current_dir(place.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_secs(means.loading.patience), output).await;
    let output = output.map_err(|_| failed("ended by --patience", String::new()))?;
    let output = output.map_err(Error::io(Path::new("unshare"), "running"))?;
    let mut said = Said::default();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        said.line(line);
    }
    if !said.done {
        let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(failed(&output.status.to_string(), words));
    }
    Ok(said)
}
