//! Whose addresses a transaction is about.

use crate::mode::Mode;

/// Whose addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl Family {
    /// As in a bundle.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
        }
    }

    /// That of a table of nftables.
    pub(crate) fn of_table(family: &str) -> Option<Self> {
        match family {
            "ip" => Some(Self::Ipv4),
            "ip6" => Some(Self::Ipv6),
            _ => None,
        }
    }

    /// The family of a transaction; none if it has both or neither.
    ///
    /// One for `iptables-restore` does not say for which of the two programs it is: its addresses
    /// do, and where it has none it is IPv4's.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        if Mode::of(text) == Mode::Iptables {
            return Some(of_addresses(text).unwrap_or(Self::Ipv4));
        }
        let mut found = text.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            // `add rule ip kube-proxy ...`
            words.nth(2).and_then(Self::of_table)
        });
        let first = found.next()?;
        found.all(|other| other == first).then_some(first)
    }
}

/// The family of the first address that a rule compares with.
pub(crate) fn of_addresses(text: &str) -> Option<Family> {
    let mut words = text.split_whitespace();
    words.find(|word| matches!(*word, "-s" | "-d"))?;
    let is_v6 = words.next()?.contains(':');
    Some(if is_v6 { Family::Ipv6 } else { Family::Ipv4 })
}
