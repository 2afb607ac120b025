//! What tells whose a transaction is, found in it.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// An address, or a network and its length.
    V4(Ipv4Addr, Option<u8>),
    /// Likewise.
    V6(Ipv6Addr, Option<u8>),
    /// A name of a namespace, Service, port or interface; a word of a remark.
    Name(&'a str),
    /// The hash by which kube-proxy tells names apart, of so many characters, and what it is of.
    Digest(&'a str, usize),
}

/// What gives another for a piece.
type Other<'o> = dyn FnMut(Piece<'_>) -> String + 'o;

/// How kube-proxy's names begin, before a hash and what it is of.
const KINDS: [&str; 6] = [
    "service-",
    "local-",
    "external-",
    "endpoint-",
    "affinity-",
    "firewall-",
];
/// Characters of the hash in them.
const HASH: usize = 8;
/// Likewise in iptables, before a hash alone.
const CHAINS: [&str; 6] = [
    "KUBE-SVC-",
    "KUBE-SEP-",
    "KUBE-EXT-",
    "KUBE-FW-",
    "KUBE-SVL-",
    "KUBE-XLB-",
];
/// Behind these stands a name or a remark.
const BEFORE_NAMES: [&str; 9] = [
    "--comment",
    "-i",
    "-o",
    "iifname",
    "oifname",
    "iif",
    "oif",
    "--in-interface",
    "--out-interface",
];
const PROTOCOLS: [&str; 3] = ["tcp", "udp", "sctp"];
/// The longest name that the kernel takes.
const LONGEST: usize = 255;

/// The text with another for each piece.
pub(super) fn replace(text: &str, other: &mut Other<'_>) -> String {
    let mut made = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        replace_in_line(line, other, &mut made);
    }
    made
}

fn replace_in_line(line: &str, other: &mut Other<'_>, made: &mut String) {
    let mut rest = line;
    let mut before = "";
    while let Some(first) = rest.chars().next() {
        if first == '"' {
            let inside = &rest[1..];
            let end = inside.find('"').unwrap_or(inside.trim_end().len());
            made.push('"');
            remark(&inside[..end], other, made);
            let quote = usize::from(inside[end..].starts_with('"'));
            made.push_str(&inside[end..end + quote]);
            rest = &inside[end + quote..];
            before = "";
            continue;
        }
        let is_between = |c: char| c.is_whitespace() || "{},;".contains(c);
        let end = rest
            .find(|c: char| is_between(c) || c == '"')
            .unwrap_or(rest.len());
        if end == 0 {
            made.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let found = &rest[..end];
        match BEFORE_NAMES.contains(&before) && !matches!(found, "!=" | "==" | "!") {
            true => remark(found, other, made),
            false => word(found, other, made),
        }
        if !matches!(found, "!=" | "==") {
            before = found;
        }
        rest = &rest[end..];
    }
}

/// A remark: addresses are those, all else is names.
fn remark(text: &str, other: &mut Other<'_>, made: &mut String) {
    for part in text.split_inclusive(char::is_whitespace) {
        let found = part.trim_end();
        if !address(found, other, made) {
            let is_name = |c: char| c.is_alphanumeric() || "-_.".contains(c);
            let mut rest = found;
            while !rest.is_empty() {
                let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                let (name, behind) = rest.split_at(end);
                // `->` and the like are no names.
                match name.contains(char::is_alphanumeric) {
                    true => made.push_str(&other(Piece::Name(name))),
                    false => made.push_str(name),
                }
                let end = behind.find(is_name).unwrap_or(behind.len());
                made.push_str(&behind[..end]);
                rest = &behind[end..];
            }
        }
        made.push_str(&part[found.len()..]);
    }
}

fn word(found: &str, other: &mut Other<'_>, made: &mut String) {
    // The name of a set, the beginning of a chain of iptables.
    let name = found.strip_prefix('@').or(found.strip_prefix(':'));
    let name = name.unwrap_or(found);
    made.push_str(&found[..found.len() - name.len()]);
    if address(name, other, made) {
        return;
    }
    let kind = KINDS.iter().find(|kind| name.starts_with(**kind));
    if let Some(kind) = kind.filter(|_| name.contains('/')) {
        return object(kind, name, other, made);
    }
    let chain = CHAINS.iter().find(|chain| name.starts_with(**chain));
    match chain {
        Some(chain) => {
            let hash = &name[chain.len()..];
            made.push_str(chain);
            made.push_str(&other(Piece::Digest(hash, hash.len())));
        }
        None => made.push_str(name),
    }
}

/// `endpoint-HASH-namespace/name/tcp/port__10.0.0.1/80`, cut with `...` if it is too long.
fn object(kind: &str, name: &str, other: &mut Other<'_>, made: &mut String) {
    let rest = &name[kind.len()..];
    let path = match rest.split_once('-') {
        Some((hash, path)) if hash.len() == HASH => path,
        _ => rest,
    };
    let (path, cut) = match path.strip_suffix("...") {
        Some(path) => (path, "..."),
        None => (path, ""),
    };
    let mut text = format!("{kind}{}-", other(Piece::Digest(rest, HASH)));
    let (service, endpoint) = path.split_once("__").unwrap_or((path, ""));
    let parts = service.split('/').enumerate().map(|(at, part)| match part {
        "" => String::new(),
        part if at == 2 && PROTOCOLS.contains(&part) => part.to_owned(),
        part => other(Piece::Name(part)),
    });
    text += &parts.collect::<Vec<_>>().join("/");
    if !endpoint.is_empty() {
        text.push_str("__");
        let (at, port) = endpoint.rsplit_once('/').unwrap_or((endpoint, ""));
        // Names cannot hold colons.
        let v6: Result<Ipv6Addr, _> = at.replace('.', ":").parse();
        match (at.parse::<Ipv4Addr>(), v6) {
            (Ok(at), _) => text += &other(Piece::V4(at, None)),
            (_, Ok(at)) => text += &other(Piece::V6(at, None)).replace(':', "."),
            // One that was cut says no whole address.
            _ => text += &other(Piece::Name(at)),
        }
        if endpoint.contains('/') {
            text += &format!("/{port}");
        }
    }
    if text.len() + cut.len() > LONGEST {
        // What stands for a port may be any word.
        text.truncate(text.floor_char_boundary(LONGEST - 3));
        text.push_str("...");
    } else {
        text.push_str(cut);
    }
    made.push_str(&text);
}

/// Writes it if it is an address, a network, a range, or one with a port.
fn address(found: &str, other: &mut Other<'_>, made: &mut String) -> bool {
    let text = alone(found, other)
        .or_else(|| with_port(found, other))
        .or_else(|| range(found, other));
    made.push_str(text.as_deref().unwrap_or_default());
    text.is_some()
}

/// `10.0.0.1`, `fd00::/64`
fn alone(found: &str, other: &mut Other<'_>) -> Option<String> {
    let (at, length) = match found.split_once('/') {
        Some((at, length)) => (at, Some(length.parse::<u8>().ok()?)),
        None => (found, None),
    };
    let behind = length.map_or_else(String::new, |length| format!("/{length}"));
    if let Ok(at) = at.parse() {
        return Some(other(Piece::V4(at, length)) + &behind);
    }
    let at = at.parse().ok()?;
    Some(other(Piece::V6(at, length)) + &behind)
}

/// `10.0.0.1:80`, `[fd00::1]:80`
fn with_port(found: &str, other: &mut Other<'_>) -> Option<String> {
    let (at, port) = found.rsplit_once(':')?;
    match at.strip_prefix('[').and_then(|at| at.strip_suffix(']')) {
        Some(at) => Some(format!(
            "[{}]:{port}",
            other(Piece::V6(at.parse().ok()?, None))
        )),
        None => Some(format!(
            "{}:{port}",
            other(Piece::V4(at.parse().ok()?, None))
        )),
    }
}

/// A range stays as long: it goes with the network that holds both of its ends.
fn range(found: &str, other: &mut Other<'_>) -> Option<String> {
    let (from, to) = found.split_once('-')?;
    if let (Ok(from), Ok(to)) = (from.parse::<Ipv4Addr>(), to.parse::<Ipv4Addr>()) {
        let (from, to) = (from.to_bits(), to.to_bits());
        let length = (from ^ to).leading_zeros();
        let inside = u32::MAX.checked_shr(length).unwrap_or(0);
        let net = Piece::V4(
            Ipv4Addr::from_bits(from & !inside),
            u8::try_from(length).ok(),
        );
        let net: Option<Ipv4Addr> = other(net).parse().ok();
        // Where nothing is made of the piece there is no network.
        let net = net.map_or(0, Ipv4Addr::to_bits);
        let [from, to] = [from, to].map(|end| Ipv4Addr::from_bits(net | (end & inside)));
        return Some(format!("{from}-{to}"));
    }
    let (from, to) = (from.parse::<Ipv6Addr>().ok()?, to.parse::<Ipv6Addr>().ok()?);
    let (from, to) = (from.to_bits(), to.to_bits());
    let length = (from ^ to).leading_zeros();
    let inside = u128::MAX.checked_shr(length).unwrap_or(0);
    let net = Piece::V6(
        Ipv6Addr::from_bits(from & !inside),
        u8::try_from(length).ok(),
    );
    let net: Option<Ipv6Addr> = other(net).parse().ok();
    let net = net.map_or(0, Ipv6Addr::to_bits);
    let [from, to] = [from, to].map(|end| Ipv6Addr::from_bits(net | (end & inside)));
    Some(format!("{from}-{to}"))
}
