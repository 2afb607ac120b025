//! perf, which takes samples of a load or of a node, so that it is seen where the kernel's time
//! goes.

use std::path::PathBuf;

use crate::debian::{self, Files};
use crate::error::Error;
use crate::preflight;

/// Samples a second of a load. No divisor of it is a timer's, so that none keeps step with the
/// sampling.
pub(crate) const OF_LOADS: u32 = 997;
/// Samples a second of a node, which runs for minutes.
pub(crate) const OF_NODES: u32 = 199;
/// Makes folded stacks of `perf script`'s output.
const FOLD: &str = include_str!("../guest/fold.awk");
/// Runs a node's kube-proxy under perf.
const SAMPLE: &str = include_str!("../guest/sample");
/// Where a guest of a load has its files, and where a node.
const LOAD_PLACE: &str = "replay";
const NODE_PLACE: &str = "profile";
/// Its place on Debian.
const PERF: &str = "/usr/bin/perf";

/// This machine's `perf`, which samples any kernel.
///
/// # Errors
/// [`Error::Missing`] with the package that has it.
pub(crate) fn program() -> Result<PathBuf, Error> {
    let path = PathBuf::from(PERF);
    if preflight::is_installed("perf") && path.exists() {
        return Ok(path);
    }
    Err(Error::Missing {
        program: "perf".to_owned(),
        mend: "`lab prepare` installs it".to_owned(),
    })
}

/// A name and a text.
type Named = (&'static str, String);

/// What the scripts of a load look for: how often, and what makes folded stacks.
pub(crate) fn of_load() -> [Named; 2] {
    let frequency = ("frequency", OF_LOADS.to_string());
    [frequency, ("fold.awk", FOLD.to_owned())]
}

/// What a node's kube-proxy is sampled with.
pub(crate) fn of_node() -> [Named; 3] {
    let frequency = ("frequency", OF_NODES.to_string());
    let sample = ("sample", SAMPLE.to_owned());
    [frequency, ("fold.awk", FOLD.to_owned()), sample]
}

/// The files by which a guest takes samples of a load.
///
/// # Errors
/// As [`of_guest`].
pub(crate) async fn load_in_guest() -> Result<Files, Error> {
    of_guest(LOAD_PLACE, &of_load()).await
}

/// The files by which a guest takes samples of its kube-proxy.
///
/// # Errors
/// As [`of_guest`].
pub(crate) async fn node_in_guest() -> Result<Files, Error> {
    of_guest(NODE_PLACE, &of_node()).await
}

/// perf, its libraries, and texts in a place.
///
/// # Errors
/// [`Error::Missing`]; those of the file system; what `ldd` says.
async fn of_guest(place: &str, own: &[Named]) -> Result<Files, Error> {
    let perf = program()?;
    let mut paths: Vec<PathBuf> = debian::libraries(&perf).await?;
    paths.push(perf);
    let mut files = Vec::new();
    for path in paths {
        let bytes = std::fs::read(&path).map_err(Error::io(&path, "reading"))?;
        files.push((path.to_string_lossy().into_owned(), bytes));
    }
    let own = own.iter();
    files.extend(own.map(|(name, text)| (format!("{place}/{name}"), text.clone().into_bytes())));
    Ok(files)
}
