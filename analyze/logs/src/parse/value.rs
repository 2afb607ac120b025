//! The `key=value` pairs of a structured klog message.

use std::borrow::Cow;

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

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value<'a> {
    /// The text, unquoted.
    pub(crate) text: Cow<'a, [u8]>,
    /// Whether it ran to the line's end without a closing mark, so that it may be cut.
    pub(crate) open: bool,
}

impl<'a> Pairs<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a [u8], Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let equals = memchr::memchr(b'=', self.rest)?;
        // Keys can contain a space (`primary ipFamily`); the last word is what it is about.
        let key = self.rest[..equals].rsplit(|byte| *byte == b' ').next()?;
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
}

impl Key {
    const ALL: [Self; 8] = [
        Self::Elapsed,
        Self::IpFamily,
        Self::FullSync,
        Self::NumServices,
        Self::NumEndpoints,
        Self::NumChains,
        Self::Logger,
        Self::Version,
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
        }
    }

    fn of(name: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|key| key.name().as_bytes() == name)
    }
}

/// The values of all sought keys, read in one pass. Of a key that stands there twice the last
/// counts: klog from 2.140 on removes earlier duplicates itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values<'a>([Option<Value<'a>>; Key::ALL.len()]);

impl<'a> Values<'a> {
    pub(crate) fn read(pairs: &'a [u8]) -> Self {
        let mut values = Self::default();
        for (name, value) in Pairs::new(pairs) {
            if let Some(key) = Key::of(name) {
                values.0[key as usize] = Some(value);
            }
        }
        values
    }

    pub(crate) fn get(&self, key: Key) -> Option<&Value<'a>> {
        self.0[key as usize].as_ref()
    }
}

fn value(text: &[u8]) -> (Value<'_>, &[u8]) {
    match text.first() {
        Some(b'"') => quoted(text),
        Some(b'[' | b'{') => bracketed(text),
        _ => bare(text),
    }
}

fn bare(text: &[u8]) -> (Value<'_>, &[u8]) {
    let end = text
        .iter()
        .position(|byte| matches!(byte, b' ' | b'\t'))
        .unwrap_or(text.len());
    let value = Value {
        text: Cow::Borrowed(&text[..end]),
        open: end == text.len(),
    };
    (value, &text[end..])
}

/// A Go-quoted string (`strconv.Quote`).
pub(crate) fn quoted(text: &[u8]) -> (Value<'_>, &[u8]) {
    let body = &text[1..];
    let mut at = 0;
    let mut escaped = false;
    while let Some(byte) = body.get(at) {
        match byte {
            b'"' => {
                let raw = &body[..at];
                let text = if escaped {
                    unescape(raw)
                } else {
                    Cow::Borrowed(raw)
                };
                return (Value { text, open: false }, &body[at + 1..]);
            }
            b'\\' => {
                escaped = true;
                at += 2;
            }
            _ => at += 1,
        }
    }
    (
        Value {
            text: Cow::Borrowed(body),
            open: true,
        },
        &[],
    )
}

/// The escapes that matter for what is read here; `\u00b5` is left to the duration's units.
fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(c @ (b'"' | b'\\')) => out.push(*c),
            Some(c) => out.extend_from_slice(&[b'\\', *c]),
            None => {}
        }
    }
    Cow::Owned(out)
}

/// A list or map: JSON from klog 2.100 on, Go's `%+v` before.
fn bracketed(text: &[u8]) -> (Value<'_>, &[u8]) {
    let (mut depth, mut at) = (0usize, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                let (_, rest) = quoted(&text[at..]);
                at = text.len() - rest.len();
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            let value = Value {
                text: Cow::Borrowed(&text[..at]),
                open: false,
            };
            return (value, &text[at..]);
        }
    }
    (
        Value {
            text: Cow::Borrowed(text),
            open: true,
        },
        &[],
    )
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
            let found = found.map(|v| String::from_utf8(v.text.to_vec()).unwrap());
            assert_eq!(found.as_deref(), text, "{pairs}");
        }
    }

    #[test]
    fn a_cut_value_says_that_it_is_open() {
        let is_open = |pairs: &[u8], key| Values::read(pairs).get(key).unwrap().open;
        assert!(is_open(br#" elapsed="13m15.3"#, Key::Elapsed));
        assert!(is_open(b" numEndpoints=2400", Key::NumEndpoints));
        assert!(!is_open(br#" elapsed="13m15s""#, Key::Elapsed));
    }
}
