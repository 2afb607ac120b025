//! One line, out of whatever wraps it, into what it says.

use super::clock::{self, At};
use super::fields::Fields;
use super::header;
use super::json::{self, JsonLine};
use super::kernel::{self, KernelSaid};
use super::message::{self, Said};
use super::transport::{Peeled, Transport, peel};
use crate::reading::Fault;
use crate::sync::Backend;

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
    pub(crate) origin: Option<String>,
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
    /// Nothing that is sought.
    Nothing,
}

/// What is known of the line's surroundings.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Context {
    /// The file is kube-proxy's own log, so a message counts without its header.
    pub(crate) kube_proxy: bool,
    /// The line has its line end: its last value is whole.
    pub(crate) whole: bool,
}

/// Reads a line.
pub(crate) fn read(line: &[u8], context: Context) -> Line {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let peeled = peel(line);
    if peeled.text.first() == Some(&b'{') {
        return object(&peeled, context);
    }
    let content = content(peeled.text, peeled.at, context);
    let (at, content) = content.unwrap_or((peeled.at, Content::Nothing));
    Line {
        at,
        transport: peeled.transport,
        piece: peeled.piece,
        origin: peeled.origin,
        content,
    }
}

/// When a line was logged, whatever it says.
pub(crate) fn time(line: &[u8]) -> At {
    let peeled = peel(line);
    if peeled.text.first() == Some(&b'{') {
        return match json::read(peeled.text) {
            Some(JsonLine::Klog { at, .. } | JsonLine::Text { at, .. }) => at,
            Some(JsonLine::Other) | None => peeled.at,
        };
    }
    clock::complete(
        peeled.at,
        header::parse(peeled.text).map(|(header, _)| header.time),
    )
}

/// What a text line says, and when.
fn content(text: &[u8], at: At, context: Context) -> Option<(At, Content)> {
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

fn behind_header(
    header: header::Header<'_>,
    body: &[u8],
    at: At,
    context: Context,
) -> (At, Content) {
    let at = clock::complete(at, Some(header.time));
    let said = message::text(body, context.whole);
    let said = from_file(said, header.file, header.is_proxier());
    (at, Content::Proxy(with_backend(said, header.file)))
}

/// Only proxier.go speaks of syncs, only server.go and flags.go of the process.
fn from_file(said: Said, file: &[u8], proxier: bool) -> Said {
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

fn ends(file: &[u8], name: &str) -> bool {
    file == name.as_bytes()
        || file
            .strip_suffix(name.as_bytes())
            .is_some_and(|before| before.ends_with(b"/"))
}

/// A line that is a JSON object.
fn object(peeled: &Peeled<'_>, context: Context) -> Line {
    let line = |at, transport, origin, content| Line {
        at,
        transport,
        piece: peeled.piece,
        origin,
        content,
    };
    match json::read(peeled.text) {
        Some(JsonLine::Klog {
            at,
            caller,
            message,
            fields,
        }) => {
            let file = caller
                .rsplit_once(':')
                .map_or(caller.as_str(), |(file, _)| file)
                .as_bytes();
            let said = message::structured(message.as_bytes(), Fields::Object(&fields));
            let said = with_backend(from_file(said, file, ends(file, "proxier.go")), file);
            line(
                at,
                Transport::KlogJson,
                peeled.origin.clone(),
                Content::Proxy(said),
            )
        }
        Some(JsonLine::Text {
            at,
            transport,
            origin,
            text,
            whole,
        }) => {
            let context = Context {
                whole: context.whole && whole,
                ..context
            };
            let inner = read(&text, context);
            let at = match (inner.at, at) {
                (At::Never, outer) => outer,
                (At::Yearless(moment), outer) => clock::complete(outer, Some(moment)),
                (known, _) => known,
            };
            let content = content_at(inner.content, at, &text, context);
            line(at, transport, origin.or(inner.origin), content)
        }
        Some(JsonLine::Other) => line(
            peeled.at,
            peeled.transport,
            peeled.origin.clone(),
            Content::Nothing,
        ),
        None => {
            let fault = Content::Proxy(Said::Fault(Fault::BadJson));
            line(peeled.at, Transport::KlogJson, peeled.origin.clone(), fault)
        }
    }
}

/// A wrapper's time vouches for a message without header, too.
fn content_at(inner: Content, at: At, text: &[u8], context: Context) -> Content {
    match inner {
        Content::Nothing => content(text, at, context).map_or(Content::Nothing, |(_, found)| found),
        Content::Kernel(mut said) => {
            if let KernelSaid::Event(complaint) = &mut *said {
                complaint.at = at;
            }
            Content::Kernel(said)
        }
        other => other,
    }
}

/// `caller`, and a header under `--add-dir-header`, name the backend's folder.
fn with_backend(said: Said, file: &[u8]) -> Said {
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

#[cfg(test)]
mod tests;
