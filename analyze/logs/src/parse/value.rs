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

/// A value, without its quotes. Most are passed over, so nothing is copied before it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Value<'a> {
    raw: &'a [u8],
    /// Whether escapes stand in it.
    escaped: bool,
    end: End,
}

/// What a value ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Its closing mark, or the space before the next pair.
    Mark,
    /// The line's: it is whole if the line is.
    Line,
    /// The line's, before its closing mark: it is cut.
    Cut,
}

impl<'a> Value<'a> {
    fn plain(raw: &'a [u8], end: End) -> Self {
        Self {
            raw,
            escaped: false,
            end,
        }
    }

    /// The text, escapes undone.
    pub(crate) fn text(self) -> Cow<'a, [u8]> {
        if self.escaped {
            unescape(self.raw)
        } else {
            Cow::Borrowed(self.raw)
        }
    }

    /// Whether something of it is missing, in a line that has its line end (`whole`) or lacks it.
    pub(crate) fn is_cut(self, whole: bool) -> bool {
        match self.end {
            End::Mark => false,
            End::Line => !whole,
            End::Cut => true,
        }
    }
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
}

impl Key {
    /// How many there are.
    const COUNT: usize = Self::Version as usize + 1;

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

fn value(text: &[u8]) -> (Value<'_>, &[u8]) {
    match text.first() {
        Some(b'"') => quoted(text),
        Some(b'[' | b'{') => bracketed(text),
        _ => bare(text),
    }
}

fn bare(text: &[u8]) -> (Value<'_>, &[u8]) {
    let space = text.iter().position(|byte| matches!(byte, b' ' | b'\t'));
    let (raw, rest) = text.split_at(space.unwrap_or(text.len()));
    let end = if space.is_some() {
        End::Mark
    } else {
        End::Line
    };
    (Value::plain(raw, end), rest)
}

/// A Go-quoted string (`strconv.Quote`).
pub(crate) fn quoted(text: &[u8]) -> (Value<'_>, &[u8]) {
    let body = &text[1..];
    let (mut at, mut escaped) = (0, false);
    while let Some(rest) = body.get(at..)
        && let Some(next) = memchr::memchr2(b'"', b'\\', rest)
    {
        at += next;
        if body[at] == b'"' {
            let value = Value {
                raw: &body[..at],
                escaped,
                end: End::Mark,
            };
            return (value, &body[at + 1..]);
        }
        escaped = true;
        at += 2;
    }
    (Value::plain(body, End::Cut), &[])
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
            return (Value::plain(&text[..at], End::Mark), &text[at..]);
        }
    }
    (Value::plain(text, End::Cut), &[])
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
        for key in [
            Key::Elapsed,
            Key::IpFamily,
            Key::FullSync,
            Key::NumServices,
            Key::NumEndpoints,
            Key::NumChains,
            Key::Logger,
            Key::Version,
        ] {
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
