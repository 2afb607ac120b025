//! Lines inside JSON.

use serde_json::{Map, Value as Json};

use super::{Reader, name, spoken};
use crate::parse::content::{self, Content};
use crate::parse::header;
use crate::parse::message::Said;
use crate::parse::transport::Transport;
use crate::reading::Fault;
use crate::wrap::around::Around;
use crate::wrap::ends;
use crate::wrap::json::{self, Hears, Leaf};

impl Reader<'_> {
    /// Reads JSON at the start of a text; gives whether it is some.
    pub(super) fn json(&mut self, text: &[u8], around: &Around, transport: Transport) -> bool {
        let text = text.trim_ascii_end();
        let text = text.strip_suffix(b",").unwrap_or(text);
        let mut values = serde_json::Deserializer::from_slice(text).into_iter::<Json>();
        let value = match values.next() {
            Some(Ok(value)) => value,
            Some(Err(_)) | None => {
                let object = text.starts_with(b"{\"") && header::position(text).is_none();
                if object {
                    let fault = Content::Proxy(Said::Fault(Fault::BadJson));
                    self.add(around.at, name(transport, Transport::Json), around, fault);
                }
                return object;
            }
        };
        // `"a" and more`: a sentence, or a message without its header, and no JSON.
        let rest = text.get(values.byte_offset()..).unwrap_or_default();
        let alone = rest.trim_ascii().is_empty();
        if !alone && !value.is_object() {
            return false;
        }
        let before = self.lines.len();
        let mut hears = Heard {
            reader: self,
            transport: name(transport, of_json(&value)),
        };
        json::walk(&value, around, &mut hears);
        for value in following(rest) {
            json::walk(&value, around, &mut hears);
        }
        alone || self.lines.len() > before
    }

    fn message(&mut self, message: &str, map: &Map<String, Json>, around: &Around) {
        let said = spoken::structured(message, map);
        let caller = map.get("caller").and_then(Json::as_str).unwrap_or_default();
        let file = caller
            .rsplit_once(':')
            .map_or(caller, |(file, _)| file)
            .as_bytes();
        let proxier = content::ends(file, "proxier.go");
        let said = content::with_backend(content::from_file(said, file, proxier), file);
        let vouched = map.contains_key("ts") || map.contains_key("caller");
        match said {
            Said::Nothing => {}
            Said::Fact(_) | Said::Fault(_) if !vouched => {}
            said => self.add(around.at, Transport::KlogJson, around, Content::Proxy(said)),
        }
    }
}

/// Hears a JSON value's texts and reads them.
struct Heard<'r, 'a> {
    reader: &'r mut Reader<'a>,
    transport: Transport,
}

impl Hears for Heard<'_, '_> {
    fn leaf(&mut self, leaf: Leaf<'_>, around: &Around) {
        match leaf {
            Leaf::Text(text) if text.len() > 8 => {
                self.reader
                    .texts(text.as_bytes(), around, self.transport, true);
            }
            Leaf::Text(_) => {}
            Leaf::Bytes(bytes) => self.reader.texts(&bytes, around, self.transport, true),
            Leaf::Message(message, map) => self.reader.message(message, map, around),
        }
    }

    fn heard(&self) -> usize {
        self.reader.lines.len()
    }

    fn forget_repeated(&mut self, ranges: &[(usize, usize)], since: usize) {
        let lines = &self.reader.lines;
        let new = &lines[since..];
        let repeats = ranges.iter().any(|(from, to)| {
            let known = lines.get(*from..*to).unwrap_or_default();
            known.len() == new.len()
                && known
                    .iter()
                    .zip(new)
                    .all(|(a, b)| a.content == b.content && a.at == b.at)
        });
        if repeats {
            self.reader.lines.truncate(since);
        }
    }
}

fn of_json(value: &Json) -> Transport {
    let has = |key: &str| value.get(key).is_some();
    if has("__REALTIME_TIMESTAMP") || has("MESSAGE") {
        Transport::JournalJson
    } else if has("log") && (has("time") || has("stream")) {
        Transport::Docker
    } else if has("textPayload") || has("jsonPayload") {
        Transport::CloudLogging
    } else {
        Transport::Json
    }
}

/// Values behind a value: `{...}{...}`, and `f([{...},{...}]);` of which the first was found.
fn following(mut rest: &[u8]) -> impl Iterator<Item = Json> {
    std::iter::from_fn(move || {
        rest = ends::trimmed(rest);
        rest = rest.strip_prefix(b",").unwrap_or(rest);
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Json>();
        let value = values.next()?.ok()?;
        rest = rest.get(values.byte_offset()..)?;
        Some(value)
    })
}

/// Where JSON begins that was put into quotes: `event="{\"log\":\"I0612 ...\"}"`.
pub(super) fn quoted_object(text: &[u8]) -> Option<usize> {
    let window = &text[..text.len().min(FURTHEST)];
    memchr::memmem::find(window, b"\"{\\\"").map(|at| at + 1)
}

/// Bytes in front of JSON, at most.
const FURTHEST: usize = 400;

/// Where JSON begins behind a prefix.
pub(super) fn object_in(text: &[u8]) -> Option<usize> {
    let window = &text[..text.len().min(FURTHEST)];
    memchr::memmem::find(window, b"{\"").filter(|at| *at > 0)
}
