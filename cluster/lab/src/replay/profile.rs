//! What takes samples of a load, so that it is seen where the kernel's time goes.

use std::path::PathBuf;

use crate::debian;
use crate::error::Error;
use crate::preflight;

/// Samples a second. No divisor of it is a timer's, so that none keeps step with the sampling.
pub(super) const FREQUENCY: u32 = 997;
/// Makes folded stacks of `perf script`'s output.
const FOLD: &str = include_str!("../../guest/fold.awk");
/// Its place on Debian.
const PERF: &str = "/usr/bin/perf";

/// This machine's `perf`, which samples any kernel.
///
/// # Errors
/// [`Error::Missing`] with the package that has it.
pub(super) fn program() -> Result<PathBuf, Error> {
    let path = PathBuf::from(PERF);
    if preflight::is_installed("perf") && path.exists() {
        return Ok(path);
    }
    Err(Error::Missing {
        program: "perf".to_owned(),
        mend: "`sudo apt-get install linux-perf` installs it".to_owned(),
    })
}

/// What the scripts look for: how often, and what makes folded stacks.
pub(super) fn own_files() -> [(&'static str, String); 2] {
    let frequency = ("frequency", FREQUENCY.to_string());
    [frequency, ("fold.awk", FOLD.to_owned())]
}

/// The files by which a guest takes samples.
///
/// # Errors
/// [`Error::Missing`]; those of the file system; what `ldd` says.
pub(super) async fn for_guest() -> Result<Vec<(String, Vec<u8>)>, Error> {
    let perf = program()?;
    let mut paths: Vec<PathBuf> = debian::libraries(&perf).await?;
    paths.push(perf);
    let mut files = Vec::new();
    for path in paths {
        let bytes = std::fs::read(&path).map_err(Error::io(&path, "reading"))?;
        files.push((path.to_string_lossy().into_owned(), bytes));
    }
    let own = own_files().map(|(name, text)| (format!("replay/{name}"), text.into_bytes()));
    files.extend(own);
    Ok(files)
}
