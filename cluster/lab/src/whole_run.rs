//! A run from an empty machine to an empty machine: cluster up, driver, cluster down.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::cli::{Global, Run, Up};
use crate::control;
use crate::down;
use crate::error::Error;
use crate::state::Place;
use crate::up;

/// Brings a cluster up and says how it is reached.
pub(crate) async fn bring_up(global: &Global, flags: &Up) -> Result<(), Error> {
    let spec = up::up(global, flags).await?;
    let place = Place::of(&global.name)?;
    up::say(&place, &spec, &control::status(&place).await?);
    Ok(())
}

/// Up, driver, down. The lab goes down whatever the driver's end.
pub(crate) async fn whole_run(global: &Global, flags: &Run) -> Result<(), Error> {
    let driver = beside("driver", flags.driver.as_deref())?;
    bring_up(global, &flags.up).await?;
    let place = Place::of(&global.name)?;
    let mut child = Command::new(&driver);
    child
        .env("KUBECONFIG", place.kubeconfig("admin"))
        .args(&flags.words);
    // Ctrl-C reaches the driver too, which then finishes its bundle: it is waited for.
    let status = child.status();
    tokio::pin!(status);
    let mut interrupted = false;
    let ended = loop {
        tokio::select! {
            ended = &mut status => break ended,
            _ = tokio::signal::ctrl_c() => interrupted = true,
        }
    };
    if !flags.keep {
        down::down(global)?;
    }
    let status = ended.map_err(Error::io(&driver, "running"))?;
    match status.code() {
        _ if interrupted => Err(Error::Interrupted),
        Some(0) => Ok(()),
        code => Err(Error::Driver(code.unwrap_or(1))),
    }
}

/// A program of this project: the one named, the one beside this program, or that on PATH.
///
/// # Errors
/// [`Error::Missing`] with the command that builds it.
pub(crate) fn beside(program: &str, named: Option<&Path>) -> Result<PathBuf, Error> {
    if let Some(path) = named {
        return Ok(path.to_path_buf());
    }
    let own = std::env::current_exe().map_err(|e| Error::Usage(format!("no own path: {e}")))?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|directory| directory.join(program));
    let mut places = std::iter::once(own.with_file_name(program)).chain(on_path);
    let found = places.find(|candidate| candidate.is_file());
    found.ok_or_else(|| Error::Missing {
        program: program.to_owned(),
        mend: format!("`cargo build --release -p {program}`, or name it with --{program}"),
    })
}
