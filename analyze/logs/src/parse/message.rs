//! kube-proxy's own messages: what a line says, whatever wrapped it.
//!
//! Source: Kubernetes `pkg/proxy/{nftables,iptables,ipvs,winkernel}/proxier.go`,
//! `cmd/kube-proxy/app/server.go`, from 1.4 to 1.37.

use super::duration;
use super::fields::{Fields, TextFields};
use super::pairs::Key;
use super::value;
use crate::reading::Fault;
use crate::sync::{Backend, Family};

/// A step of a sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// `Syncing nftables rules`: a sync has begun a moment before.
    Syncing { full: Option<bool> },
    /// `Deleting stale nftables chains`.
    Stale { chains: u64 },
    /// `Unable to delete stale chains; will retry later`: the sync becomes full after all.
    ForcedFull,
    /// `Reloading service nftables data`: rules are built, the kernel's part begins.
    Reloading { counts: Option<(u32, u32)> },
    /// `nftables sync failed`, `Failed to execute iptables-restore`: the transaction was refused;
    /// `Sync failed` follows at once.
    Refused,
    /// `Sync failed`, printed just before the complete message.
    Failed,
    /// `SyncProxyRules complete`.
    Complete { elapsed_ns: u64 },
    /// A process starts.
    Start,
}

/// Something about the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fact {
    /// `Version info`.
    Version(String),
    /// `Using nftables Proxier`.
    Mode(Backend),
    /// `FLAG: --proxy-mode`: the mode that was asked for.
    AskedMode(Backend),
    /// A line of a proxier that tells nothing else.
    Speaks,
    /// `Error running ProxyServer`: the process gives up, and why in its own words.
    GivesUp(String),
    /// `FLAG: --v`.
    Verbosity(u32),
    /// `FLAG: --hostname-override`: the node's name.
    Node(String),
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// A step of a sync.
    Mark {
        mark: Mark,
        family: Family,
        backend: Backend,
    },
    /// Something about the process.
    Fact(Fact),
    /// It should have said something.
    Fault(Fault),
    /// Nothing that is sought.
    Nothing,
}

/// Reads a text body: `"message" key=value ...`, or what `printf` made.
pub(crate) fn text(body: &[u8], whole: bool) -> Said {
    if body.first() == Some(&b'"') {
        let (message, pairs) = value::quoted(body);
        if message.is_cut(whole) {
            return Said::Fault(Fault::Cut);
        }
        return structured(
            &message.text(),
            Fields::Text(&TextFields::read(pairs, whole)),
        );
    }
    // Agents and people strip the quotes: `SyncProxyRules complete elapsed="1s"`.
    for message in KNOWN {
        if let Some(pairs) = body.strip_prefix(message)
            && matches!(pairs.first(), None | Some(b' '))
        {
            return structured(message, Fields::Text(&TextFields::read(pairs, whole)));
        }
    }
    printf(body)
}

/// Messages that are also recognised without their quotes.
const KNOWN: [&[u8]; 11] = [
    b"SyncProxyRules complete",
    b"syncProxyRules complete",
    b"Syncing nftables rules",
    b"Syncing iptables rules",
    b"Reloading service nftables data",
    b"Reloading service iptables data",
    b"Deleting stale nftables chains",
    b"nftables sync failed",
    b"Failed to execute iptables-restore",
    b"Sync failed",
    b"Version info",
];

/// Reads a structured message.
pub(crate) fn structured(message: &[u8], fields: Fields<'_>) -> Said {
    let said = |mark, backend| Said::Mark {
        mark,
        family: fields.family(),
        backend,
    };
    match message {
        b"SyncProxyRules complete" => complete(fields, Backend::Unknown),
        // iptables 1.21, ipvs ever since.
        b"syncProxyRules complete" => complete(fields, Backend::Unknown),
        b"Syncing proxy rules complete" => complete(fields, Backend::Winkernel),
        b"Syncing nftables rules" => syncing(fields, Backend::Nftables),
        b"Syncing iptables rules" => syncing(fields, Backend::Iptables),
        b"Syncing ipvs proxier rules" | b"Syncing ipvs Proxier rules" => {
            syncing(fields, Backend::Ipvs)
        }
        b"Reloading service nftables data" => reloading(fields, Backend::Nftables),
        b"Reloading service iptables data" => reloading(fields, Backend::Iptables),
        b"Deleting stale nftables chains" => said(
            Mark::Stale {
                chains: fields.number(Key::NumChains).unwrap_or(0),
            },
            Backend::Nftables,
        ),
        b"Unable to delete stale chains; will retry later" => {
            said(Mark::ForcedFull, Backend::Nftables)
        }
        b"Sync failed" => said(Mark::Failed, Backend::Unknown),
        b"Version info" => fields
            .get(Key::Version)
            .map_or(Said::Nothing, |version| Said::Fact(Fact::Version(version))),
        b"nftables sync failed" => said(Mark::Refused, Backend::Nftables),
        b"Failed to execute iptables-restore" => said(Mark::Refused, Backend::Iptables),
        b"command failed" | b"Error running ProxyServer" => {
            Said::Fact(Fact::GivesUp(fields.get(Key::Err).unwrap_or_default()))
        }
        _ => printf(message),
    }
}

fn complete(fields: Fields<'_>, backend: Backend) -> Said {
    match fields.elapsed() {
        Some(elapsed_ns) => {
            let mark = Mark::Complete { elapsed_ns };
            Said::Mark {
                mark,
                family: fields.family(),
                backend,
            }
        }
        None => Said::Fault(Fault::NoDuration),
    }
}

fn syncing(fields: Fields<'_>, backend: Backend) -> Said {
    // kindnet logs the same words, with a logger's name or a duration of its own.
    if fields.has(Key::Logger) || fields.has(Key::Elapsed) {
        return Said::Fault(Fault::LookAlike);
    }
    let mark = Mark::Syncing {
        full: fields.flag(Key::FullSync),
    };
    Said::Mark {
        mark,
        family: fields.family(),
        backend,
    }
}

/// More Service ports or endpoints than this no cluster has: the number is damaged.
const MOST: u32 = 100_000_000;

fn reloading(fields: Fields<'_>, backend: Backend) -> Said {
    let count = |key| {
        let count = u32::try_from(fields.number(key)?).ok()?;
        (count <= MOST).then_some(count)
    };
    let counts = count(Key::NumServices).zip(count(Key::NumEndpoints));
    Said::Mark {
        mark: Mark::Reloading { counts },
        family: fields.family(),
        backend,
    }
}

/// Reads what `printf` made.
///
/// ```text
/// syncProxyRules took 1.234s                        (iptables <= 1.20, ipvs <= 1.20)
/// syncProxyRules(EndpointsUpdate) took 52.1ms       (iptables 1.8)
/// Sync failed; retrying in 30s                      (<= 1.20)
/// FLAG: --v="3"
/// Version: v1.22.1
/// FLAG: --proxy-mode="kernelspace"
/// Using iptables Proxier.
/// Failed to execute iptables-restore: exit status 1 (...)
/// ```
fn printf(body: &[u8]) -> Said {
    let mark = |mark, backend| Said::Mark {
        mark,
        family: Family::Unknown,
        backend,
    };
    if let Some(rest) = behind_words(body) {
        return match took(rest) {
            Some(text) => match duration::printed(text) {
                Some(elapsed_ns) if body.starts_with(b"userspace ") => {
                    mark(Mark::Complete { elapsed_ns }, Backend::Userspace)
                }
                Some(elapsed_ns) => mark(Mark::Complete { elapsed_ns }, Backend::Unknown),
                None => Said::Fault(Fault::NoDuration),
            },
            None => Said::Nothing,
        };
    }
    if body.starts_with(b"Sync failed; retrying") {
        return mark(Mark::Failed, Backend::Unknown);
    }
    if body.starts_with(b"Failed to execute iptables-restore") {
        return mark(Mark::Refused, Backend::Iptables);
    }
    process(body)
}

/// Reads what tells of the process.
fn process(body: &[u8]) -> Said {
    if let Some(level) = body.strip_prefix(b"FLAG: --v=") {
        let digits: Vec<u8> = level.iter().copied().filter(u8::is_ascii_digit).collect();
        return std::str::from_utf8(&digits)
            .ok()
            .and_then(|digits| digits.parse().ok())
            .map_or(Said::Nothing, |level| Said::Fact(Fact::Verbosity(level)));
    }
    if let Some(name) = body.strip_prefix(b"FLAG: --hostname-override=") {
        let name = String::from_utf8_lossy(name)
            .trim()
            .trim_matches('"')
            .to_owned();
        return if name.is_empty() {
            Said::Nothing
        } else {
            Said::Fact(Fact::Node(name))
        };
    }
    if let Some(version) = body.strip_prefix(b"Version: v") {
        let version = String::from_utf8_lossy(version);
        return Said::Fact(Fact::Version(format!("v{}", version.trim())));
    }
    if let Some(name) = body.strip_prefix(b"FLAG: --proxy-mode=") {
        let name = name.trim_ascii();
        let name = name.strip_prefix(b"\"").unwrap_or(name);
        return mode(name.strip_suffix(b"\"").unwrap_or(name))
            .map_or(Said::Nothing, |mode| Said::Fact(Fact::AskedMode(mode)));
    }
    if body
        .get(1..)
        .is_some_and(|rest| rest.starts_with(b"rror running ProxyServer"))
    {
        let words = String::from_utf8_lossy(body);
        let words = words.split_once(": ").map_or("", |(_, words)| words.trim());
        return Said::Fact(Fact::GivesUp(words.to_owned()));
    }
    let used = body.strip_prefix(b"Using ").and_then(|rest| {
        let rest = rest.strip_suffix(b".").unwrap_or(rest);
        mode(rest.strip_suffix(b" Proxier")?)
    });
    used.map_or(Said::Nothing, |mode| Said::Fact(Fact::Mode(mode)))
}

/// A mode by its name, as `--proxy-mode` and `Using ... Proxier` have it.
fn mode(name: &[u8]) -> Option<Backend> {
    let is = |other: &[u8]| name.eq_ignore_ascii_case(other);
    [
        Backend::Nftables,
        Backend::Iptables,
        Backend::Ipvs,
        Backend::Winkernel,
        Backend::Userspace,
    ]
    .into_iter()
    .find(|mode| mode.name().is_some_and(|name| is(name.as_bytes())))
}

/// What follows `syncProxyRules` at the start, or behind a word or two: `userspace syncProxyRules
/// took 50.199974ms`, `[debug] syncProxyRules took 12.045648906s`.
fn behind_words(body: &[u8]) -> Option<&[u8]> {
    const NAME: &[u8] = b"syncProxyRules";
    const FURTHEST: usize = 24;
    if let Some(rest) = body.strip_prefix(NAME) {
        return Some(rest);
    }
    let window = &body[..body.len().min(FURTHEST + NAME.len())];
    let at = memchr::memmem::find(window, NAME)?;
    let rest = &body[at + NAME.len()..];
    (body[at - 1] == b' ' && rest.starts_with(b" took ")).then_some(rest)
}

/// ` took 1.2s` or `(Cause) took 1.2s`.
fn took(rest: &[u8]) -> Option<&[u8]> {
    let rest = match rest.first()? {
        b'(' => &rest[memchr::memchr(b')', rest)? + 1..],
        _ => rest,
    };
    let text = rest.strip_prefix(b" took ")?;
    let end = text
        .iter()
        .position(|byte| *byte == b' ')
        .unwrap_or(text.len());
    Some(&text[..end])
}

#[cfg(test)]
mod tests;
