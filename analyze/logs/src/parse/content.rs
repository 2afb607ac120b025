//! What a line says, once nothing wraps it any more.

use super::clock::{self, At};
use super::header;
use super::kernel::{self, KernelSaid};
use super::message::{self, Said};
use super::transport::Transport;
use crate::reading::Fault;
use crate::sync::Backend;
use crate::wrap::around::Origin;
use crate::wrap::table::Columns;

/// A line, read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    /// When it was logged.
    pub(crate) at: At,
    /// How it was wrapped.
    pub(crate) transport: Transport,
    /// CRI's tag says that more of it follows.
    pub(crate) piece: bool,
    /// The pod or host that a prefix names.
    pub(crate) origin: Option<Origin>,
    /// What it says.
    pub(crate) content: Content,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// kube-proxy spoke.
    Proxy(Said),
    /// The kernel spoke. Boxed: few lines are its own, and every line read is moved.
    Kernel(Box<KernelSaid>),
}

/// What is known of the line's surroundings.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Context<'a> {
    /// The file is kube-proxy's own log, so a message counts without its header.
    pub(crate) kube_proxy: bool,
    /// The line has its line end: its last value is whole.
    pub(crate) whole: bool,
    /// The names of the columns of the table that the line is a row of.
    pub(crate) columns: Option<&'a Columns>,
}

/// What a text line says, and when.
pub(super) fn content(text: &[u8], at: At, context: Context<'_>) -> Option<(At, Content)> {
    if let Some((header, body)) = header::parse(text) {
        return Some(behind_header(header, body, at, context));
    }
    if let Some(found) = kernel::read(text, at) {
        let at = match &found {
            KernelSaid::Event(complaint) => complaint.at,
            _ => at,
        };
        return Some((at, Content::Kernel(Box::new(found))));
    }
    if let Some(start) = header::position(text)
        && let Some((header, body)) = header::parse(&text[start..])
    {
        return Some(behind_header(header, body, at, context));
    }
    // The header was stripped: only the very message counts, where a log agent's time stamp
    // or the file's own name vouches for it.
    let text = text.trim_ascii_start();
    let vouched = context.kube_proxy || !matches!(at, At::Never) || text.starts_with(b"\"");
    let said = message::text(text, context.whole);
    match said {
        Said::Nothing => None,
        Said::Fact(_) if !context.kube_proxy => None,
        Said::Fault(Fault::Cut) => None,
        said if vouched => Some((at, Content::Proxy(said))),
        _ => None,
    }
}

pub(super) fn behind_header(
    header: header::Header<'_>,
    body: &[u8],
    at: At,
    context: Context<'_>,
) -> (At, Content) {
    let at = clock::complete(at, Some(header.time));
    let said = message::text(body, context.whole);
    let said = from_file(said, header.file, header.is_proxier());
    (at, Content::Proxy(with_backend(said, header.file)))
}

/// Only proxier.go speaks of syncs, only server.go and flags.go of the process.
pub(super) fn from_file(said: Said, file: &[u8], proxier: bool) -> Said {
    match said {
        Said::Mark { .. } | Said::Fault(_) if !proxier && !file.is_empty() => match said {
            Said::Fault(Fault::LookAlike) | Said::Mark { .. } => Said::Fault(Fault::LookAlike),
            _ => Said::Nothing,
        },
        Said::Fact(message::Fact::Version(_)) if !file.is_empty() && !ends(file, "server.go") => {
            Said::Nothing
        }
        Said::Nothing if proxier => Said::Fact(message::Fact::Speaks),
        said => said,
    }
}

pub(super) fn ends(file: &[u8], name: &str) -> bool {
    file == name.as_bytes()
        || file
            .strip_suffix(name.as_bytes())
            .is_some_and(|before| before.ends_with(b"/"))
}

/// `caller`, and a header under `--add-dir-header`, name the backend's folder.
pub(super) fn with_backend(said: Said, file: &[u8]) -> Said {
    let named = match file.rsplit(|byte| *byte == b'/').nth(1) {
        Some(b"nftables") => Backend::Nftables,
        Some(b"iptables") => Backend::Iptables,
        Some(b"ipvs") => Backend::Ipvs,
        Some(b"winkernel") => Backend::Winkernel,
        _ => return said,
    };
    match said {
        Said::Mark {
            mark,
            family,
            backend: Backend::Unknown,
        } => Said::Mark {
            mark,
            family,
            backend: named,
        },
        said => said,
    }
}
