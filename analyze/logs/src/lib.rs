//! Every log that holds kube-proxy's lines, read into syncs and kernel events.
//!
//! ```text
//! read     bytes -> relevant lines: open, block search, pieces, directory trees
//! parse    lines -> marks: header, values, duration, message, kernel
//! gather   marks of a file -> streams, years, inputs, kernel episodes
//! pair     marks of a stream -> syncs
//! ```
//!
//! What a log looks like is found out line by line, so that any mixture can be read. Relevant
//! lines are found by literal search over whole blocks; only they are parsed.
//!
//! ```
//! use kube_proxy_logs::{Request, Silent, Source, read};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let log = std::env::temp_dir().join(format!("kube-proxy-{}.log", std::process::id()));
//! std::fs::write(
//!     &log,
//!     r#"I0612 08:02:05.250000 1 proxier.go:1190] "SyncProxyRules complete" elapsed="2m3.25s""#,
//! )?;
//! let request = Request {
//!     sources: vec![Source::file(&log)],
//!     year: Some(2026),
//!     ..Request::default()
//! };
//! let reading = read(&request, &Silent)?;
//! assert_eq!(reading.syncs.at(0).elapsed_ns, Some(123_250_000_000));
//! assert_eq!(reading.syncs.at(0).line, 1);
//! # std::fs::remove_file(log)?;
//! # Ok(())
//! # }
//! ```

mod error;
mod gather;
mod metadata;
mod pair;
mod parse;
mod read;
mod reading;
mod request;
mod sync;
mod syncs;
mod wrap;

pub use error::Error;
pub use gather::{Gathered, LogState};
pub use metadata::kernels_of_nodes;
pub use read::discover::{discover, of_list};
pub use read::excerpt::{file_behind, lines_at, lines_in};
pub use read::open::unpacked;
pub use reading::{
    Count, Fault, Input, KernelEvent, KernelFrom, KernelKind, Reading, Visibility, Warning,
};
pub use request::{Hints, Object, Open, Place, Progress, Request, Silent, Source};
pub use sync::{Backend, Family, Outcome, Sync};
pub use syncs::Syncs;

/// Reads logs into syncs and kernel events.
///
/// # Errors
/// [`Error::Io`] if a source cannot be opened or read at all. What is wrong inside a log is no
/// error: it is counted in its [`Input`] and told in [`Reading::warnings`].
pub fn read(request: &Request, progress: &dyn Progress) -> Result<Reading, Error> {
    Ok(gather(request, progress)?.reading(&request.kernels))
}

/// Reads logs, each by itself: what [`Gathered::reading`] needs and no longer the logs.
///
/// # Errors
/// As [`read`].
pub fn gather(request: &Request, progress: &dyn Progress) -> Result<Gathered, Error> {
    gather::gather(request, progress)
}

/// Reads a Go duration (`13m15.3s`, `141.2ms`, `19.5µs`) as nanoseconds; none for anything else.
#[must_use]
pub fn parse_duration(text: &str) -> Option<u64> {
    parse::duration::parse(text.as_bytes())
}
