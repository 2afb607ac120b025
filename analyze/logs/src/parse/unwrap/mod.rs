//! Layer by layer down to what the grammar reads.

use serde_json::{Map, Value as Json};

use super::clock::{self, At};
use super::content::{self, Content, Context, Line};
use super::header;
use super::kernel::KernelSaid;
use super::message::Said;
use super::transport::{Peeled, Transport, peel};
use crate::reading::Fault;
use crate::wrap::around::Around;
use crate::wrap::json::{Hears, Leaf};
use crate::wrap::{colour, json, markup, prefix, quoted, syslog, table};

mod damaged;
mod spoken;

use damaged::{beheaded, logfmt};

/// More layers than this nobody puts around a line.
const DEEPEST: u8 = 8;

/// Reads a row of a table: its first cell is no prefix.
pub(super) fn read_row(line: &[u8], context: Context<'_>, tell: &mut dyn FnMut(Line)) {
    let bare = Peeled::bare(line);
    read(&bare, context, tell);
}

/// Reads a line that is not klog's as it stands.
pub(super) fn read(peeled: &Peeled<'_>, context: Context<'_>, tell: &mut dyn FnMut(Line)) {
    let mut around = Around::default();
    around.set_time(peeled.at);
    if let Some(origin) = &peeled.origin {
        around.pod.clone_from(&origin.pod);
        around.node.clone_from(&origin.node);
    }
    let mut reader = Reader {
        context,
        depth: DEEPEST,
        lines: Vec::new(),
    };
    reader.text(peeled.text, &around, peeled.transport);
    for mut found in reader.lines {
        found.piece |= peeled.piece;
        tell(found);
    }
}

/// When a JSON line was logged, whatever it says.
pub(super) fn time(text: &[u8], at: At) -> At {
    let mut around = Around::default();
    if let Ok(Json::Object(map)) = serde_json::from_slice(text) {
        around.learn_object("", &map, 3);
        let inner = map.values().filter_map(Json::as_str).find_map(|text| {
            let (header, _) = header::parse(text.as_bytes())?;
            Some(header.time)
        });
        let outer = if matches!(around.at, At::Never) {
            at
        } else {
            around.at
        };
        return clock::complete(outer, inner);
    }
    at
}

struct Reader<'a> {
    context: Context<'a>,
    depth: u8,
    lines: Vec<Line>,
}

impl Reader<'_> {
    /// Reads a text of one line, or the lines of a text; `whole`: nothing of the last is missing.
    fn texts(&mut self, text: &[u8], around: &Around, transport: Transport, whole: bool) {
        let before = self.context;
        if self.depth == 0 {
            return;
        }
        self.depth -= 1;
        let mut rest = text;
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest);
            let (one, next) = match end {
                Some(end) => (&rest[..end], &rest[end + 1..]),
                None => (rest, &[][..]),
            };
            rest = next;
            self.context.whole = end.is_some() || whole;
            self.context.columns = None;
            let peeled = peel(one.strip_suffix(b"\r").unwrap_or(one));
            let mut inner = Around::default();
            inner.set_time(peeled.at);
            if let Some(origin) = peeled.origin {
                (inner.pod, inner.node) = (origin.pod, origin.node);
            }
            self.text(peeled.text, &around.within(inner), transport);
        }
        self.depth += 1;
        self.context = before;
    }

    fn text(&mut self, text: &[u8], around: &Around, transport: Transport) {
        let whole = self.context.whole;
        if (colour::stands_in(text) || bare_colour(text))
            && let Some(plain) = colour::without(text)
        {
            return self.texts(&plain, around, transport, whole);
        }
        let start = text.trim_ascii_start();
        if matches!(start.first(), Some(b'{' | b'[' | b'"')) && self.json(start, around, transport)
        {
            return;
        }
        if let Some(frames) = syslog::frames(text) {
            for (frame, complete) in frames {
                let transport = name(transport, Transport::Prefixed);
                self.texts(frame, around, transport, whole || complete);
            }
            return;
        }
        if markup::stands_in(text) {
            let plain = markup::plain(text);
            if plain != text {
                return self.texts(&plain, around, name(transport, Transport::Markup), whole);
            }
        }
        if self.context.columns.is_some() && self.row(text, around, transport) {
            return;
        }
        let mut rest = Some(text);
        while let Some(text) = rest {
            rest = self.inner(text, around, transport);
        }
    }

    /// A row of a table; gives whether lines stood in it.
    fn row(&mut self, text: &[u8], around: &Around, transport: Transport) -> bool {
        let before = self.lines.len();
        for (cells, told) in table::rows(text, self.context.columns) {
            let around = around.within(told);
            for (at, cell) in cells.iter().enumerate() {
                let whole = self.context.whole || at + 1 < cells.len();
                let transport = name(transport, Transport::Table);
                self.texts(cell.as_bytes(), &around, transport, whole);
            }
            if self.lines.len() > before {
                return true;
            }
        }
        false
    }

    /// A header somewhere in the text, JSON behind a prefix, a row of a table without a heading,
    /// or no header at all. Gives what follows and holds another header.
    fn inner<'t>(
        &mut self,
        text: &'t [u8],
        around: &Around,
        transport: Transport,
    ) -> Option<&'t [u8]> {
        let place = match header::parse(text) {
            Some(_) => Some(0),
            None => header::position(text),
        };
        if let Some(start) = object_in(text)
            && place.is_none_or(|place| start < place)
            && self.json(
                &text[start..],
                &around.within(prefix::read(&text[..start])),
                name(transport, Transport::Prefixed),
            )
        {
            return None;
        }
        if let Some(start) = quoted_object(text)
            && place.is_none_or(|place| start < place)
        {
            let inside = quoted::undo(&text[start..], b'"');
            let told = prefix::read(&text[..start]);
            let transport = name(transport, Transport::Quoted);
            if self.json(&inside.text, &around.within(told), transport) {
                return None;
            }
        }
        if place != Some(0) && self.context.columns.is_none() && self.row(text, around, transport) {
            return None;
        }
        match place {
            Some(0) => self.klog(text, around, transport),
            Some(start) => return self.behind(text, start, around, transport),
            None => self.headless(text, around, transport),
        }
        None
    }

    /// A header behind a prefix, and perhaps inside quotes.
    fn behind<'t>(
        &mut self,
        text: &'t [u8],
        start: usize,
        around: &Around,
        transport: Transport,
    ) -> Option<&'t [u8]> {
        let (before, rest) = text.split_at(start);
        let mut told = prefix::read(before);
        let quote = before
            .last()
            .copied()
            .filter(|byte| matches!(byte, b'"' | b'\''));
        let quote = quote.filter(|_| !before.ends_with(b"\\\""));
        let plain =
            |byte: &u8| matches!(byte, b' ' | b'>' | b'-' | b'*' | b'`' | b'|' | b'+' | b'\t');
        let inner = if before.iter().all(plain) {
            transport
        } else {
            Transport::Prefixed
        };
        let Some(quote) = quote else {
            self.klog(rest, &around.within(told), name(transport, inner));
            return None;
        };
        let unquoted = quoted::undo(rest, quote);
        let another = header::position(unquoted.after).is_some();
        if !another {
            told = told.within(prefix::read(unquoted.after).without_lone_time());
        }
        let before = self.context;
        self.context.whole = unquoted.whole || before.whole;
        let around = around.within(told);
        let transport = name(transport, Transport::Quoted);
        if unquoted.text.contains(&b'\n') {
            self.texts(
                &unquoted.text,
                &around,
                transport,
                unquoted.whole || before.whole,
            );
        } else {
            self.klog(&unquoted.text, &around, transport);
        }
        self.context = before;
        another.then_some(unquoted.after)
    }

    /// A text that begins with klog's header.
    fn klog(&mut self, text: &[u8], around: &Around, transport: Transport) {
        // CEF escapes the signs of pairs, all others begin with the message's quote.
        let escaped = memchr::memmem::find(text, b"\\=\"").is_some()
            || memchr::memmem::find(text, b"numServices\\=").is_some()
            || header::parse(text)
                .is_some_and(|(_, body)| body.trim_ascii_start().starts_with(b"\\"));
        let plain = if escaped {
            quoted::unescaped(text)
        } else {
            quoted::undoubled(text)
        };
        if let Some((at, content)) =
            content::content(plain.trim_ascii_end(), around.at, self.context)
        {
            self.add(at, transport, around, content);
        }
    }

    /// The header is gone, or its beginning: the file's name, or a time, vouches for the rest.
    fn headless(&mut self, text: &[u8], around: &Around, transport: Transport) {
        if let Some(found) = super::kernel::read(text, around.at) {
            let at = match &found {
                KernelSaid::Event(complaint) => complaint.at,
                _ => around.at,
            };
            return self.add(at, transport, around, Content::Kernel(Box::new(found)));
        }
        if let Some((at, content)) = beheaded(text, around, self.context) {
            return self.add(at, transport, around, content);
        }
        if let Some((at, content)) = content::content(text, around.at, self.context) {
            return self.add(at, transport, around, content);
        }
        if let Some((told, body)) = logfmt(text) {
            let around = around.within(told);
            if let Some((at, content)) = content::content(&body, around.at, self.context) {
                self.add(at, name(transport, Transport::Quoted), &around, content);
            }
        }
    }

    fn json(&mut self, text: &[u8], around: &Around, transport: Transport) -> bool {
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

    fn add(&mut self, at: At, transport: Transport, around: &Around, content: Content) {
        self.lines.push(Line {
            at,
            transport,
            piece: false,
            origin: around.origin(),
            content,
        });
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

/// The outermost wrapper gives its name.
fn name(outer: Transport, inner: Transport) -> Transport {
    match outer {
        Transport::Klog => inner,
        known => known,
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
        rest = rest.trim_ascii_start();
        rest = rest.strip_prefix(b",").unwrap_or(rest);
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Json>();
        let value = values.next()?.ok()?;
        rest = rest.get(values.byte_offset()..)?;
        Some(value)
    })
}

/// Where JSON begins that was put into quotes: `event="{\"log\":\"I0612 ...\"}"`.
fn quoted_object(text: &[u8]) -> Option<usize> {
    let window = &text[..text.len().min(FURTHEST)];
    memchr::memmem::find(window, b"\"{\\\"").map(|at| at + 1)
}

/// Bytes in front of JSON, at most.
const FURTHEST: usize = 400;

/// Where JSON begins behind a prefix.
fn object_in(text: &[u8]) -> Option<usize> {
    let window = &text[..text.len().min(FURTHEST)];
    memchr::memmem::find(window, b"{\"").filter(|at| *at > 0)
}

fn bare_colour(text: &[u8]) -> bool {
    text.first() == Some(&b'[') && text.get(1).is_some_and(u8::is_ascii_digit)
}
