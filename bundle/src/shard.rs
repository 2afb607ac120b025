//! Parts of a whole that many processes share: which of them has what is told by a name alone, so
//! that nobody has to ask anybody.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::layout::fnv1a;

/// One of several parts, `0/4` to `3/4`: of a cluster's nodes, or of inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// Which, from 0.
    pub index: u32,
    /// How many there are.
    pub of: u32,
}

impl Shard {
    /// A part of so many.
    ///
    /// # Errors
    /// A sentence if there is no such part.
    pub fn new(index: u32, of: u32) -> Result<Self, String> {
        match (index, of) {
            (_, 0) => Err("of 0 shards there is none: at least 1 is wanted".to_owned()),
            _ if index >= of => Err(format!(
                "shard {index} is none of {of}: they are counted from 0 to {}",
                of - 1
            )),
            _ => Ok(Self { index, of }),
        }
    }

    /// Whether what is called `name` is of this part. The same on every machine and in every version
    /// of this program, whatever else there is and in whatever order: [`place`] modulo the number of
    /// parts.
    #[must_use]
    pub fn holds(self, name: &str) -> bool {
        place(name) % u64::from(self.of.max(1)) == u64::from(self.index)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let parts = parts.and_then(|(index, of)| Some((number(index)?, number(of)?)));
        let (index, of) = parts.ok_or_else(|| {
            format!("{text:?} is no shard: 0/4 is the first of four, 3/4 the last one")
        })?;
        Self::new(index, of)
    }
}

/// Digits and nothing else: `+1` is no number here.
fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// FNV-1a (64 bits) of the name's bytes, and over that the last mixing of MurmurHash3: without it
/// names that differ in their last letter alone, as nodes' often do, would lie in patterns.
/// Source: <https://github.com/aappleby/smhasher>, `fmix64`.
#[must_use]
pub fn place(name: &str) -> u64 {
    let mut hash = fnv1a(name.as_bytes());
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What other programs reckon, and what a later version of this one must.
    #[test]
    fn a_names_place_stays() {
        for (name, expected) in [
            ("", 0xefd0_1f60_ba99_2926),
            ("node-0001", 0x15de_6ec7_d4e5_ae59),
            ("ip-10-0-1-17.ec2.internal", 0x0077_ed5d_9a22_3be7),
        ] {
            assert_eq!(place(name), expected, "{name}: {:#018x}", place(name));
        }
    }

    #[test]
    fn parts_of_names_that_are_counted_are_even() {
        for of in [2_u32, 3, 4, 8, 10, 16] {
            let mut found = vec![0_u32; of as usize];
            for number in 0..5000 {
                let place = place(&format!("node-{number:04}"));
                found[usize::try_from(place % u64::from(of)).unwrap()] += 1;
            }
            let even = 5000 / of;
            // Three standard deviations of a draw by lot.
            let lot = f64::from(even).sqrt() * 3.0;
            for (index, found) in found.iter().enumerate() {
                let off = f64::from(found.abs_diff(even));
                assert!(off <= lot, "{index} of {of}: {found}, {even} would be even");
            }
        }
    }

    #[test]
    fn what_is_no_shard_is_said() {
        for (text, word) in [
            ("4/4", "from 0 to 3"),
            ("0/0", "none"),
            ("", "no shard"),
            ("1", "no shard"),
            ("-1/4", "no shard"),
            ("+1/4", "no shard"),
            ("1/4/4", "no shard"),
            ("/4", "no shard"),
            ("1/5000000000", "no shard"),
        ] {
            let said = text.parse::<Shard>().unwrap_err();
            assert!(said.contains(word), "{text}: {said}");
        }
        let last: Shard = "3/4".parse().unwrap();
        assert_eq!(
            (last, last.to_string().as_str()),
            (Shard { index: 3, of: 4 }, "3/4")
        );
    }

    proptest! {
        #[test]
        fn every_name_is_of_exactly_one_part(name in "\\PC{0,80}", of in 1_u32..50) {
            let all = (0..of).map(|index| Shard::new(index, of).unwrap());
            prop_assert_eq!(all.filter(|shard| shard.holds(&name)).count(), 1);
        }
    }
}
