//! The `key=value` pairs of a structured klog message.

use super::value::{Value, value};

/// The pairs behind a message, left to right. A value that is cut at the line's end is not
/// given: half a number is a wrong number.
///
/// ```text
/// ipFamily="IPv4" numServices=8001 numEndpoints=240000
/// elapsed="7m22.97684902s"
/// IPs=["10.0.0.1","10.0.0.2"] primary ipFamily="IPv4" fullSync=false err=<
/// ```
struct Pairs<'a> {
    rest: &'a [u8],
}

impl<'a> Pairs<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }
}

impl<'a> Iterator for Pairs<'a> {
    /// The key if it is a sought one, and the value.
    type Item = (Option<Key>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let equals = memchr::memchr(b'=', self.rest)?;
        let key = Key::ending(&self.rest[..equals]);
        let (value, rest) = value(&self.rest[equals + 1..]);
        self.rest = rest;
        Some((key, value))
    }
}

/// A key whose value is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Elapsed,
    IpFamily,
    FullSync,
    NumServices,
    NumEndpoints,
    NumChains,
    Logger,
    Version,
    Err,
}

impl Key {
    /// How many there are.
    const COUNT: usize = Self::Err as usize + 1;

    pub(crate) const ALL: [Self; Self::COUNT] = [
        Self::Elapsed,
        Self::IpFamily,
        Self::FullSync,
        Self::NumServices,
        Self::NumEndpoints,
        Self::NumChains,
        Self::Logger,
        Self::Version,
        Self::Err,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Elapsed => "elapsed",
            Self::IpFamily => "ipFamily",
            Self::FullSync => "fullSync",
            Self::NumServices => "numServices",
            Self::NumEndpoints => "numEndpoints",
            Self::NumChains => "numChains",
            Self::Logger => "logger",
            Self::Version => "version",
            Self::Err => "err",
        }
    }

    /// The key that ends a text. Keys can contain a space (`primary ipFamily`); the last word is
    /// what it is about.
    fn ending(text: &[u8]) -> Option<Self> {
        // The common case first: a space and a sought key, nothing else.
        text.split_first()
            .filter(|(first, _)| **first == b' ')
            .and_then(|(_, name)| Self::of(name))
            .or_else(|| Self::of(text.rsplit(|byte| *byte == b' ').next()?))
    }

    fn of(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"elapsed" => Self::Elapsed,
            b"ipFamily" => Self::IpFamily,
            b"fullSync" => Self::FullSync,
            b"numServices" => Self::NumServices,
            b"numEndpoints" => Self::NumEndpoints,
            b"numChains" => Self::NumChains,
            b"logger" => Self::Logger,
            b"version" => Self::Version,
            b"err" => Self::Err,
            _ => return None,
        })
    }
}

/// The values of all sought keys, read in one pass. Of a key that stands there twice the last
/// counts: klog from 2.140 on removes earlier duplicates itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values<'a>([Option<Value<'a>>; Key::COUNT]);

impl<'a> Values<'a> {
    pub(crate) fn read(pairs: &'a [u8]) -> Self {
        let mut values = Self::default();
        for (key, value) in Pairs::new(pairs) {
            if let Some(key) = key {
                values.0[key as usize] = Some(value);
            }
        }
        values
    }

    pub(crate) fn get(&self, key: Key) -> Option<Value<'a>> {
        self.0[key as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_all_renderings() {
        for (pairs, key, text) in [
            (
                r#" ipFamily="IPv4" numServices=8001 numEndpoints=240000"#,
                Key::NumServices,
                Some("8001"),
            ),
            (
                r#" IPs=["10.0.0.1","a ] b"] elapsed="1s""#,
                Key::Elapsed,
                Some("1s"),
            ),
            (
                " IPs=[10.0.0.1 10.0.0.2] fullSync=false",
                Key::FullSync,
                Some("false"),
            ),
            (r#" m={A:1 B:x} numChains=3 x="#, Key::NumChains, Some("3")),
            (r#" primary ipFamily="IPv4""#, Key::IpFamily, Some("IPv4")),
            (r#" elapsed="1s" elapsed="2s""#, Key::Elapsed, Some("2s")),
            (
                r#" err="a \"b\" elapsed=\"9s\"" elapsed="2s""#,
                Key::Elapsed,
                Some("2s"),
            ),
            (r#" err=< ipFamily="IPv6""#, Key::IpFamily, Some("IPv6")),
            (r#" elapsed="19.563µs""#, Key::Elapsed, Some("19.563µs")),
            ("", Key::Elapsed, None),
            (" elapsed", Key::Elapsed, None),
        ] {
            let values = Values::read(pairs.as_bytes());
            let found = values.get(key);
            let found = found.map(|v| String::from_utf8(v.text().to_vec()).unwrap());
            assert_eq!(found.as_deref(), text, "{pairs}");
        }
    }

    #[test]
    fn keys_are_known_by_their_names() {
        for key in Key::ALL {
            assert_eq!(Key::of(key.name().as_bytes()), Some(key));
        }
        assert_eq!(Key::of(b"elapse"), None);
    }

    #[test]
    fn a_value_knows_whether_it_is_cut() {
        for (pairs, key, whole, cut) in [
            (r#" elapsed="13m15.3"#, Key::Elapsed, true, true),
            (r#" elapsed="13m15s""#, Key::Elapsed, false, false),
            (" numEndpoints=2400", Key::NumEndpoints, false, true),
            (" numEndpoints=2400", Key::NumEndpoints, true, false),
            (" numEndpoints=2400 x", Key::NumEndpoints, false, false),
            (" version=[1 2", Key::Version, true, true),
        ] {
            let value = Values::read(pairs.as_bytes()).get(key).unwrap();
            assert_eq!(value.is_cut(whole), cut, "{pairs} {whole}");
        }
    }
}
