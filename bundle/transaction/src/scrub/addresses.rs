//! Other addresses for addresses, by Xu, Fan, Ammar and Moon's scheme: two that share their first
//! n bits share n bits afterwards, so that a network stays one. What each address begins with is
//! another than any in the originals.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};

use sha2::{Digest as _, Sha256};

/// First octets of nobody in particular: this network, loopback, masks.
const KEPT_OCTETS: [u8; 3] = [0, 127, 255];
/// Likewise of IPv6.
const KEPT_GROUPS: [u16; 2] = [0, 0xffff];

pub(super) struct Addresses {
    key: [u8; 32],
    octets: BTreeMap<u8, u8>,
    groups: BTreeMap<u16, u16>,
    known_v4: BTreeMap<u32, u32>,
    known_v6: BTreeMap<u128, u128>,
}

impl Addresses {
    /// For addresses that begin so.
    pub(super) fn new(
        key: [u8; 32],
        octets: &BTreeSet<u8>,
        groups: &BTreeSet<u16>,
    ) -> Result<Self, String> {
        // Those that nobody has, then others.
        let free = (240..=254)
            .chain(11..=223)
            .filter(|octet| !octets.contains(octet));
        let free = free.filter(|octet| !KEPT_OCTETS.contains(octet));
        let of_v6 = (0xfc00..=0xfdff).filter(|group| !groups.contains(group));
        Ok(Self {
            octets: pairs(octets, &KEPT_OCTETS, free)?,
            groups: pairs(groups, &KEPT_GROUPS, of_v6)?,
            key,
            known_v4: BTreeMap::new(),
            known_v6: BTreeMap::new(),
        })
    }

    /// Another address, or network if a length is given.
    pub(super) fn v4(&mut self, address: Ipv4Addr, length: Option<u8>) -> Ipv4Addr {
        let length = u32::from(length.unwrap_or(32)).min(32);
        let first = address.octets()[0];
        let Some(octet) = self.octets.get(&first).filter(|_| length >= 8) else {
            return address;
        };
        let bits = address.to_bits();
        let key = &self.key;
        let known = self.known_v4.entry(bits).or_insert_with(|| {
            let rest = scrambled(key, u128::from(bits), 32, 8) as u32 & 0x00ff_ffff;
            u32::from(*octet) << 24 | rest
        });
        let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
        Ipv4Addr::from_bits(*known & mask)
    }

    /// Likewise.
    pub(super) fn v6(&mut self, address: Ipv6Addr, length: Option<u8>) -> Ipv6Addr {
        let length = u32::from(length.unwrap_or(128)).min(128);
        let first = address.segments()[0];
        let Some(group) = self.groups.get(&first).filter(|_| length >= 16) else {
            return address;
        };
        let bits = address.to_bits();
        let key = &self.key;
        let known = self.known_v6.entry(bits).or_insert_with(|| {
            let rest = scrambled(key, bits, 128, 16) & (u128::MAX >> 16);
            u128::from(*group) << 112 | rest
        });
        let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
        Ipv6Addr::from_bits(*known & mask)
    }
}

/// Another beginning for each.
fn pairs<T: Ord + Copy>(
    from: &BTreeSet<T>,
    kept: &[T],
    mut to: impl Iterator<Item = T>,
) -> Result<BTreeMap<T, T>, String> {
    let from = from.iter().filter(|one| !kept.contains(one));
    let pair = |one: &T| {
        let other = to.next().ok_or("too many networks to find others for")?;
        Ok((*one, other))
    };
    from.map(pair).collect()
}

/// Each bit from `first` on is turned or not as the key and the bits before it say.
fn scrambled(key: &[u8; 32], bits: u128, width: u32, first: u32) -> u128 {
    let mut made = bits;
    for at in first..width {
        let before = bits >> (width - at);
        let mut hasher = Sha256::new_with_prefix(key);
        hasher.update(width.to_be_bytes());
        hasher.update(at.to_be_bytes());
        hasher.update(before.to_be_bytes());
        let turned = u128::from(hasher.finalize()[0] & 1);
        made ^= turned << (width - 1 - at);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses() -> Addresses {
        Addresses::new([7; 32], &[10, 172].into(), &[0xfd00].into()).unwrap()
    }

    #[test]
    fn what_is_shared_stays_shared_and_what_differs_differs() {
        let mut of = addresses();
        let all: Vec<u32> = (0..2000).map(|n| (10 << 24) + n * 37).collect();
        let made: Vec<u32> = all
            .iter()
            .map(|bits| of.v4(Ipv4Addr::from_bits(*bits), None).to_bits())
            .collect();
        for (a, b) in all
            .iter()
            .zip(&made)
            .map(|(x, y)| (*x, *y))
            .zip(all.iter().zip(&made).skip(1).map(|(x, y)| (*x, *y)))
        {
            assert_eq!((a.0 ^ b.0).leading_zeros(), (a.1 ^ b.1).leading_zeros());
        }
        let distinct: BTreeSet<&u32> = made.iter().collect();
        assert_eq!(distinct.len(), made.len());
        assert!(made.iter().all(|bits| bits >> 24 == 240));
        let net = of.v4(Ipv4Addr::new(10, 0, 0, 0), Some(16));
        assert_eq!(net.to_bits() >> 16, made[0] >> 16);
        assert_eq!(net.to_bits() & 0xffff, 0);
    }

    #[test]
    fn nobodys_addresses_stay_and_so_do_the_widest_networks() {
        let mut of = addresses();
        for (text, length) in [
            ("0.0.0.0", Some(0)),
            ("127.0.0.1", None),
            ("255.255.255.255", None),
            ("10.0.0.0", Some(7)),
        ] {
            let address: Ipv4Addr = text.parse().unwrap();
            assert_eq!(of.v4(address, length), address);
        }
        for (text, length) in [("::", Some(0)), ("::1", None), ("fd00::", Some(8))] {
            let address: Ipv6Addr = text.parse().unwrap();
            assert_eq!(of.v6(address, length), address);
        }
        let other = of.v6("fd00::1".parse().unwrap(), None);
        assert!(other.segments()[0] != 0xfd00 && other.segments()[0] >> 9 == 0x7e);
        assert_eq!(
            of.v4(Ipv4Addr::new(10, 1, 1, 1), Some(8)),
            Ipv4Addr::new(240, 0, 0, 0)
        );
    }

    #[test]
    fn more_networks_than_there_are_others_for_are_refused() {
        assert!(Addresses::new([0; 32], &(1..=254).collect(), &BTreeSet::new()).is_err());
    }
}
