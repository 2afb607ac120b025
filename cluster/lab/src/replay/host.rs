//! A load on this machine's own kernel, in a network namespace that ends with it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::console::listen;
use super::job::Job;
use super::means::{Means, Trial};
use super::said::Said;
use crate::error::Error;
use crate::sampler;

const SCRIPT: &str = include_str!("../../guest/replay-host");

/// Loads the transaction and returns what the script said.
///
/// # Errors
/// [`Error::NotRoot`]; [`Error::Io`] for the files; [`Error::Command`] if it does not start.
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
    let words = place.path().join("words");
    let stderr = std::fs::File::create(&words).map_err(Error::io(&words, "creating"))?;
    let mut child = Command::new("unshare")
        .args(["--net", "sh", "-c", SCRIPT, "replay", job.loader()])
        .current_dir(place.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(stderr)
        .process_group(0)
        .spawn()
        .map_err(Error::io(Path::new("unshare"), "running"))?;
    let mut group = Group(child.id());
    let patience = Duration::from_secs(means.loading.patience);
    let mut said = match child.stdout.take() {
        Some(console) => listen(console, patience).await,
        None => return Err(failed("not started", "no output".to_owned())),
    };
    said.on_host = true;
    if !said.done && !said.ended {
        return Ok(said);
    }
    let status = child.wait().await;
    let status = status.map_err(Error::io(Path::new("unshare"), "running"))?;
    group.0 = None;
    if !said.done {
        let words = std::fs::read_to_string(&words).unwrap_or_default();
        return Err(failed(&status.to_string(), words.trim().to_owned()));
    }
    Ok(said)
}

/// The processes of a load: dropped before they have ended, they are ended.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        let id = self.0.and_then(|id| i32::try_from(id).ok());
        if let Some(id) = id.and_then(rustix::process::Pid::from_raw) {
            // One that has ended by itself has none left.
            rustix::process::kill_process_group(id, rustix::process::Signal::KILL).ok();
        }
    }
}
