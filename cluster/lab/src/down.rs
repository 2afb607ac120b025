//! `lab down`: ends what `up` started, however it was left.

use crate::cli::Global;
use crate::error::Error;
use crate::marked;
use crate::network;
use crate::progress::Progress;
use crate::state::{Lock, Place};

/// Stops a lab and removes every trace of it; there may be none.
///
/// # Errors
/// [`Error::NotRoot`]; what could not be removed.
pub fn down(global: &Global) -> Result<(), Error> {
    if !rustix::process::geteuid().is_root() {
        return Err(Error::NotRoot);
    }
    let progress = Progress::new(global.quiet);
    let place = Place::of(&global.name)?;
    let _lock = Lock::take(&place.lock(), &place.name)?;
    let (processes, namespaces) = stop(&place)?;
    let was_there = processes + namespaces > 0 || place.root().exists();
    forget(&place)?;
    let name = &place.name;
    progress.say(&if was_there {
        format!("the lab `{name}` is down: {processes} processes, {namespaces} namespaces")
    } else {
        format!("there is no lab `{name}`")
    });
    Ok(())
}

/// Ends a lab's processes and removes its namespaces; its files stay.
///
/// # Errors
/// What could not be removed.
pub fn stop(place: &Place) -> Result<(usize, usize), Error> {
    // Processes first: a namespace lives as long as one is in it.
    let processes = marked::kill_all(&place.name)?;
    let namespaces = network::remove(&place.name)?;
    Ok((processes, namespaces))
}

/// Removes a lab's files.
///
/// # Errors
/// Those of the file system.
pub fn forget(place: &Place) -> Result<(), Error> {
    match std::fs::remove_dir_all(place.root()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io(place.root(), "removing")(error))
        }
        _ => Ok(()),
    }
}
