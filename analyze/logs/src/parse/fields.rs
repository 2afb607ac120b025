//! The pairs of a message, wherever they come from.

use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use super::duration;
use super::pairs::{Key, Values};
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
    /// The line has its line end.
    whole: bool,
}

impl<'a> TextFields<'a> {
    pub(super) fn read(pairs: &'a [u8], whole: bool) -> Self {
        Self {
            values: Values::read(pairs),
            whole,
        }
    }
}

impl<'a> Fields<'a> {
    /// A value that is whole: half a number is a wrong number.
    fn whole(&self, key: Key) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Text(text) => {
                let value = text.values.get(key)?;
                (!value.is_cut(text.whole)).then(|| value.text())
            }
            Self::Object(_) => self.any(key),
        }
    }

    /// A value, cut or not.
    fn any(&self, key: Key) -> Option<Cow<'a, [u8]>> {
        match self {
            Self::Text(text) => Some(text.values.get(key)?.text()),
            Self::Object(map) => match map.get(key.name())? {
                Json::String(text) => Some(Cow::Borrowed(text.as_bytes())),
                other => Some(Cow::Owned(other.to_string().into_bytes())),
            },
        }
    }

    pub(super) fn get(&self, key: Key) -> Option<String> {
        let text = self.whole(key)?;
        Some(String::from_utf8_lossy(&text).into_owned())
    }

    /// A number that is whole: behind its digits stands nothing, or what closes something.
    pub(super) fn number(&self, key: Key) -> Option<u64> {
        let text = self.closed(key)?;
        std::str::from_utf8(&text).ok()?.parse().ok()
    }

    pub(super) fn flag(&self, key: Key) -> Option<bool> {
        match &*self.closed(key)? {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    /// A bare value without the marks that a page, a quotation or a list closes behind it.
    fn closed(&self, key: Key) -> Option<Cow<'a, [u8]>> {
        let text = self.any(key)?;
        let end = text
            .iter()
            .position(|byte| !byte.is_ascii_alphanumeric())
            .unwrap_or(text.len());
        if end == text.len() {
            return self.whole(key);
        }
        let closes = matches!(
            text[end],
            b'"' | b'\''
                | b'`'
                | b'*'
                | b'|'
                | b')'
                | b']'
                | b'}'
                | b'<'
                | b','
                | b';'
                | b'$'
                | b'^' // At the end of a line it marks that the line goes on.
        ) || matches!(text[end..], [b'\\', _, ..]);
        closes.then(|| Cow::Owned(text[..end].to_vec()))
    }

    pub(super) fn elapsed(&self) -> Option<u64> {
        // A duration that is cut is none, and its unit need not be UTF-8.
        duration::printed(&self.any(Key::Elapsed)?)
    }

    pub(super) fn family(&self) -> Family {
        match self.any(Key::IpFamily).as_deref() {
            Some(b"IPv4") => Family::Ipv4,
            Some(b"IPv6") => Family::Ipv6,
            _ => Family::Unknown,
        }
    }

    pub(super) fn has(&self, key: Key) -> bool {
        match self {
            Self::Text(text) => text.values.get(key).is_some(),
            Self::Object(map) => map.contains_key(key.name()),
        }
    }
}
