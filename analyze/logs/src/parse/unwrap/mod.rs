//! Layer by layer down to what the grammar reads.

use serde_json::Value as Json;

use super::clock::{self, At};
use super::content::{self, Content, Context, Line};
use super::header;
use super::kernel::KernelSaid;
use super::transport::{Peeled, Transport, peel};
use crate::wrap::around::Around;
use crate::wrap::{colour, ends, markup, prefix, printed, quoted, syslog, table, xml};

mod damaged;
mod inside;
mod spoken;

use damaged::{beheaded, logfmt};
use inside::{object_in, quoted_object};

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
        if ends::stands_in(text) && self.context.columns.is_none() {
            let text = dockers_frame(text).unwrap_or(text);
            return self.texts(&ends::plain(text), around, transport, whole);
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
                let told = match xml::begins(text) {
                    true => xml::around(text),
                    false => Around::default(),
                };
                let around = around.within(told);
                return self.texts(&plain, &around, name(transport, Transport::Markup), whole);
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
            let mut line = rest;
            if printed::opens(before) {
                let (own, after) = rest.split_at(printed::end(rest));
                line = own;
                told = told
                    .within(printed::read(before))
                    .within(printed::read(after));
            }
            self.klog(line, &around.within(told), name(transport, inner));
            return None;
        };
        let unquoted = quoted::undo(rest, quote);
        let another = header::position(unquoted.after).is_some();
        if !another {
            told = told.within(prefix::behind(unquoted.after));
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
        // Line ends that were escaped as the quotes were: a line of its own behind each.
        if escaped
            && let Some(end) = memchr::memchr(b'\n', &plain)
            && header::position(&plain[end + 1..]).is_some()
        {
            return self.texts(&plain, around, transport, self.context.whole);
        }
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

/// The outermost wrapper gives its name.
fn name(outer: Transport, inner: Transport) -> Transport {
    match outer {
        Transport::Klog => inner,
        known => known,
    }
}

/// What stands behind the eight bytes that docker puts before each piece of a stream: which of the
/// two it is, and its length.
fn dockers_frame(text: &[u8]) -> Option<&[u8]> {
    match text {
        [0..=2, 0, 0, 0, _, _, _, _, rest @ ..] => Some(rest),
        _ => None,
    }
}

fn bare_colour(text: &[u8]) -> bool {
    text.first() == Some(&b'[') && text.get(1).is_some_and(u8::is_ascii_digit)
}
