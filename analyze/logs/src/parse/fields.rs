//! The pairs of a message, wherever they come from.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use super::duration;
use super::value::{Key, Values};
use crate::sync::Family;

/// The pairs of a message, as text or as JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fields<'a> {
    /// ` key=value key="value"`.
    Text(&'a TextFields<'a>),
    /// A JSON object.
    Object(&'a Map<String, Json>),
}

/// The pairs of a line of text.
#[derive(Debug)]
pub(crate) struct TextFields<'a> {
    values: Values<'a>,
    pairs: &'a [u8],
    /// The line has its line end.
    whole: bool,
}

impl<'a> TextFields<'a> {
    pub(super) fn read(pairs: &'a [u8], whole: bool) -> Self {
        Self {
            values: Values::read(pairs),
            pairs,
            whole,
        }
    }

    fn get(&self, key: Key) -> Option<Cow<'_, str>> {
        let found = self.values.get(key)?;
        // A quoted text without its closing quote is cut; a bare one at the end may be.
        let cut = found.open && (!self.whole || pairs_open_quote(self.pairs));
        (!cut).then(|| String::from_utf8_lossy(&found.text))
    }
}

impl Fields<'_> {
    pub(super) fn get(&self, key: Key) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => text.get(key),
            Self::Object(map) => match map.get(key.name())? {
                Json::String(text) => Some(Cow::Borrowed(text)),
                other => Some(Cow::Owned(other.to_string())),
            },
        }
    }

    pub(super) fn number(&self, key: Key) -> Option<u64> {
        // A pasted line may have a closing quotation of its own.
        let text = self.get(key)?;
        text.trim_end_matches(['`', '*', '\'', '|']).parse().ok()
    }

    pub(super) fn flag(&self, key: Key) -> Option<bool> {
        self.get(key)?.parse().ok()
    }

    pub(super) fn elapsed(&self) -> Option<u64> {
        match self {
            // A duration that is cut is none, and its unit need not be UTF-8.
            Self::Text(text) => duration::printed(&text.values.get(Key::Elapsed)?.text),
            Self::Object(_) => duration::printed(self.get(Key::Elapsed)?.as_bytes()),
        }
    }

    pub(super) fn family(&self) -> Family {
        let is = |text: &[u8]| match text {
            b"IPv4" => Family::Ipv4,
            b"IPv6" => Family::Ipv6,
            _ => Family::Unknown,
        };
        match self {
            Self::Text(text) => text
                .values
                .get(Key::IpFamily)
                .map_or(Family::Unknown, |found| is(&found.text)),
            Self::Object(_) => self
                .get(Key::IpFamily)
                .map_or(Family::Unknown, |text| is(text.as_bytes())),
        }
    }

    pub(super) fn has(&self, key: Key) -> bool {
        match self {
            Self::Text(text) => text.values.get(key).is_some(),
            Self::Object(map) => map.contains_key(key.name()),
        }
    }
}

/// Whether the text ends inside a quoted value.
fn pairs_open_quote(pairs: &[u8]) -> bool {
    let mut quotes = 0usize;
    let mut escaped = false;
    for byte in pairs {
        match byte {
            b'\\' if !escaped => {
                escaped = true;
                continue;
            }
            b'"' if !escaped => quotes += 1,
            _ => {}
        }
        escaped = false;
    }
    quotes % 2 == 1
}
