//! A run from an empty machine to an empty machine: cluster up, driver, cluster down.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;

use crate::caller::{self, Caller};
use crate::cli::{Global, Run, Up};
use crate::control;
use crate::down;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::node::{keep, profile};
use crate::state::Place;
use crate::up;

/// Brings a cluster up and says how it is reached.
pub(crate) async fn bring_up(
    global: &Global,
    flags: &Up,
    interrupt: &Interrupt,
) -> Result<(), Error> {
    let spec = up::up(global, flags, interrupt).await?;
    let place = Place::of(&global.name)?;
    up::say(&place, &spec, &control::status(&place).await?);
    Ok(())
}

/// Up, driver, down. The lab goes down whatever the driver's end.
pub(crate) async fn whole_run(
    global: &Global,
    flags: &Run,
    interrupt: &Interrupt,
) -> Result<(), Error> {
    let driver = beside("driver", flags.driver.as_deref())?;
    let (keeps, profiles) = (flags.up.cluster.keep_transactions, flags.up.profile);
    let bundle = match keeps || profiles {
        true => Some(bundle_of(&flags.words).ok_or_else(|| {
            let problem = "--keep-transactions and --profile need to know the bundle: give the \
                           driver -o DIR";
            Error::Usage(problem.to_owned())
        })?),
        false => None,
    };
    bring_up(global, &flags.up, interrupt).await?;
    let place = Place::of(&global.name)?;
    let ended = drive(&place, &driver, &flags.words, interrupt).await;
    // `down` removes them: what cannot be brought into the bundle keeps the lab up.
    if let Some(bundle) = bundle.filter(|bundle| bundle::is_bundle(bundle)) {
        keep::into_bundle(&place, &place.read()?, &bundle)?;
        if profiles {
            profile::into_bundle(&place, &bundle).await?;
        }
        caller::hand_over(&bundle)?;
    }
    if !flags.keep {
        down::down(global)?;
    }
    let status = ended.map_err(Error::io(&driver, "running"))?;
    match status.code() {
        _ if interrupt.times() > 0 => Err(Error::Interrupted),
        Some(0) => Ok(()),
        code => Err(Error::Driver(code.unwrap_or(1))),
    }
}

/// Runs the driver to its end. Whatever asks us for the end, the driver is asked in its place, as
/// often: it then finishes its bundle.
async fn drive(
    place: &Place,
    driver: &Path,
    words: &[String],
    interrupt: &Interrupt,
) -> std::io::Result<ExitStatus> {
    let mut command = Command::new(driver);
    command
        .env("KUBECONFIG", place.kubeconfig("admin"))
        .args(words)
        // Or else a terminal's Ctrl-C reaches it as well, and twice means at once.
        .process_group(0);
    let mut child = match Caller::known() {
        Some(caller) => caller.runs(&mut command).spawn()?,
        None => command.spawn()?,
    };
    let mut passed_on = 0;
    loop {
        tokio::select! {
            status = child.wait() => return status,
            () = interrupt.more_than(passed_on) => {
                passed_on += 1;
                let id = child.id().and_then(|id| i32::try_from(id).ok());
                if let Some(id) = id.and_then(Pid::from_raw) {
                    // One that has ended meanwhile is told nothing.
                    kill_process(id, Signal::INT).ok();
                }
            }
        }
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

/// The directory after `-o` or `--output` among the driver's words.
fn bundle_of(words: &[String]) -> Option<PathBuf> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "-o" || word == "--output" {
            return words.next().map(PathBuf::from);
        }
        let joined = word
            .strip_prefix("--output=")
            .or_else(|| word.strip_prefix("-o"));
        if let Some(directory) = joined {
            return Some(PathBuf::from(directory));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundle_is_found_among_the_drivers_words() {
        for (words, wanted) in [
            ("run -o a --services 5", Some("a")),
            ("run --output=b", Some("b")),
            ("run -oc", Some("c")),
            ("run --services 5", None),
            ("run -o", None),
        ] {
            let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
            assert_eq!(bundle_of(&words), wanted.map(PathBuf::from));
        }
    }
}
