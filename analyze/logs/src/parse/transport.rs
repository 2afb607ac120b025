//! What wraps a log line: names of pods, time stamps, tags, hosts.

use super::clock::{self, At};
use super::header;
use crate::wrap::around::Origin;

/// How a line is wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Klog,
    KlogJson,
    Prefix,
    Timestamps,
    Cri,
    Docker,
    JournalShort,
    JournalIso,
    JournalJson,
    CloudLogging,
    Json,
    Table,
    Quoted,
    Prefixed,
    Markup,
}

impl Transport {
    const ALL: [Self; 15] = [
        Self::Klog,
        Self::KlogJson,
        Self::Prefix,
        Self::Timestamps,
        Self::Cri,
        Self::Docker,
        Self::JournalShort,
        Self::JournalIso,
        Self::JournalJson,
        Self::CloudLogging,
        Self::Json,
        Self::Table,
        Self::Quoted,
        Self::Prefixed,
        Self::Markup,
    ];

    /// Its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Klog => "klog",
            Self::KlogJson => "klog-json",
            Self::Prefix => "kubectl-prefix",
            Self::Timestamps => "timestamps",
            Self::Cri => "cri",
            Self::Docker => "docker",
            Self::JournalShort => "journal-short",
            Self::JournalIso => "journal-iso",
            Self::JournalJson => "journal-json",
            Self::CloudLogging => "cloud-logging",
            Self::Json => "json",
            Self::Table => "csv",
            Self::Quoted => "quoted",
            Self::Prefixed => "prefixed",
            Self::Markup => "html",
        }
    }
}

/// Relevant lines by how they were wrapped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Transports([u64; Transport::ALL.len()]);

impl Transports {
    pub(crate) fn count(&mut self, transport: Transport) {
        self.0[transport as usize] += 1;
    }

    pub(crate) fn append(&mut self, more: Self) {
        for (count, more) in self.0.iter_mut().zip(more.0) {
            *count += more;
        }
    }

    /// Names of those that were met, the most frequent first.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let mut met: Vec<(u64, &str)> = Transport::ALL
            .into_iter()
            .map(|transport| (self.0[transport as usize], transport.name()))
            .filter(|(count, _)| *count > 0)
            .collect();
        met.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        met.into_iter().map(|(_, name)| name).collect()
    }
}

/// Something before the log line proper, taken off.
pub(super) struct Peeled<'a> {
    pub(super) at: At,
    pub(super) transport: Transport,
    pub(super) piece: bool,
    pub(super) origin: Option<Origin>,
    pub(super) text: &'a [u8],
}

impl<'a> Peeled<'a> {
    /// Nothing taken off.
    pub(super) fn bare(line: &'a [u8]) -> Self {
        Self {
            at: At::Never,
            transport: Transport::Klog,
            piece: false,
            origin: None,
            text: line,
        }
    }
}

/// Takes off `[pod/NAME/CONTAINER] `, a time stamp, CRI's stream and tag, a syslog prefix.
pub(super) fn peel(line: &[u8]) -> Peeled<'_> {
    let mut peeled = Peeled::bare(line);
    if let Some(rest) = line.strip_prefix(b"[pod/")
        && let Some(end) = memchr::memchr(b']', rest)
    {
        peeled.origin = Some(Origin {
            pod: Some(String::from_utf8_lossy(&rest[..end]).into_owned()),
            node: None,
        });
        peeled.transport = Transport::Prefix;
        peeled.text = rest[end + 1..]
            .strip_prefix(b" ")
            .unwrap_or(&rest[end + 1..]);
    }
    if let Some((ns, rest)) = clock::rfc3339(peeled.text) {
        peeled.at = At::Known(ns);
        stamped(&mut peeled, rest);
    } else if let Some((moment, rest)) = clock::syslog(peeled.text) {
        peeled.at = At::Yearless(moment);
        host(&mut peeled, rest, Transport::JournalShort);
    }
    peeled
}

/// What stands behind an RFC 3339 time stamp.
fn stamped<'a>(peeled: &mut Peeled<'a>, rest: &'a [u8]) {
    // 2025-08-06T10:38:13.342405728+02:00 stderr F I0806 ...
    for stream in [&b" stderr "[..], b" stdout "] {
        if let Some(tagged) = rest.strip_prefix(stream)
            && matches!(tagged.first(), Some(b'F' | b'P'))
            && let Some(space) = tagged.iter().take(64).position(|byte| *byte == b' ')
        {
            peeled.transport = Transport::Cri;
            peeled.piece = tagged.first() == Some(&b'P');
            peeled.text = &tagged[space + 1..];
            return;
        }
    }
    let text = rest
        .strip_prefix(b" ")
        .or_else(|| rest.strip_prefix(b"\t"))
        .unwrap_or(rest);
    // 2025-11-29T10:00:26+0000 host ident[1]: I1129 ...      (journalctl -o short-iso)
    if !text.starts_with(b"\"") && !text.starts_with(b"{") && header::parse(text).is_none() {
        let before = peeled.transport;
        host(peeled, rest, Transport::JournalIso);
        if peeled.transport != before {
            return;
        }
    }
    if peeled.transport == Transport::Klog {
        peeled.transport = if rest.starts_with(b" ") {
            Transport::Timestamps
        } else {
            Transport::CloudLogging
        };
    }
    // 2025-05-01T12:00:00.1Z SEVERITY "message": the word says nothing that is sought.
    peeled.text = [&b"INFO"[..], b"ERROR", b"WARNING", b"DEFAULT", b"NOTICE"]
        .iter()
        .find_map(|word| text.strip_prefix(*word))
        .and_then(|rest| rest.strip_prefix(b" ").or_else(|| rest.strip_prefix(b"\t")))
        .unwrap_or(text);
}

/// ` host ident[pid]: text`; leaves the line as it is if that is not its shape.
fn host<'a>(peeled: &mut Peeled<'a>, rest: &'a [u8], transport: Transport) {
    let Some(rest) = rest.strip_prefix(b" ") else {
        return;
    };
    let window = &rest[..rest.len().min(200)];
    if let Some((node, text)) = host_alone(rest, window, transport) {
        peeled.transport = transport;
        peeled.origin = Some(node);
        peeled.text = text;
        return;
    }
    let Some(space) = memchr::memchr(b' ', window) else {
        return;
    };
    let Some(colon) = window[space + 1..]
        .windows(2)
        .position(|pair| pair == b": ")
    else {
        return;
    };
    let ident = &window[space + 1..space + 1 + colon];
    // 2025-11-29T10:00:26,123456+00:00 watchdog: BUG: soft ...   (dmesg names no host)
    let no_host = window[..space].ends_with(b":");
    if no_host || ident.is_empty() || ident.contains(&b' ') || ident.contains(&b'"') {
        return;
    }
    peeled.transport = transport;
    peeled.origin = Some(Origin {
        pod: None,
        node: Some(String::from_utf8_lossy(&rest[..space]).into_owned()),
    });
    peeled.text = &rest[space + 1 + colon + 2..];
}

/// `n1 kube-proxy I0612 ...`, `n1 kube-proxy[1] I0612 ...`, `n1 kube-proxy - I0612 ...`, and behind
/// a syslog's stamp `n1 I0612 ...`: rsyslog with a template that lacks the colon.
fn host_alone<'a>(
    rest: &'a [u8],
    window: &[u8],
    transport: Transport,
) -> Option<(Origin, &'a [u8])> {
    const FURTHEST: usize = 120;
    let start = header::position(&window[..window.len().min(FURTHEST)])?;
    let before = std::str::from_utf8(&rest[..start]).ok()?;
    let words: Vec<&str> = before.split_ascii_whitespace().collect();
    let syslog = transport == Transport::JournalShort;
    let program = |word: &str| word.starts_with("kube-proxy") || syslog;
    let told = match words.as_slice() {
        [_] => syslog,
        [_, word] | [_, word, "-"] => program(word),
        _ => false,
    };
    let node = *words.first()?;
    let name = node
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    let other = node.starts_with("kube-proxy") || matches!(node, "stderr" | "stdout");
    (told && name && !other && rest.get(start - 1) == Some(&b' ')).then(|| {
        let origin = Origin {
            pod: None,
            node: Some(node.to_owned()),
        };
        (origin, &rest[start..])
    })
}
