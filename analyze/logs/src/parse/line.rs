//! One line, out of whatever wraps it, into what it says.

use super::clock::{self, At};
use super::content::behind_header;
use super::header;
use super::transport::peel;
use super::unwrap;
use crate::wrap::{ends, prefix};

pub(crate) use super::content::{Content, Context, Line};

/// Reads a physical line: what it holds, whatever wraps it; one line of kube-proxy's as a rule,
/// several where a wrapper holds several.
pub(crate) fn read(line: &[u8], context: Context<'_>, tell: &mut dyn FnMut(Line)) {
    let line = trimmed(line);
    if context.columns.is_some() {
        return unwrap::read_row(line, context, tell);
    }
    let peeled = peel(line);
    // What most lines are: klog's, bare or behind a runtime's stamp.
    if matches!(peeled.text.first(), Some(b'I' | b'W' | b'E' | b'F'))
        && is_plain(peeled.text)
        && let Some((header, body)) = header::parse(peeled.text)
        && body
            .first()
            .is_some_and(|byte| byte.is_ascii() && !matches!(byte, b'\\' | b'\''))
    {
        let (at, content) = behind_header(header, body, peeled.at, context);
        return tell(Line {
            at,
            transport: peeled.transport,
            piece: peeled.piece,
            origin: peeled.origin,
            content,
        });
    }
    unwrap::read(&peeled, context, tell);
}

/// Whether no colours, entities or line ends of other kinds may stand in a line.
fn is_plain(text: &[u8]) -> bool {
    // Without a way out of the loop, so that many bytes are looked at together.
    let rare = |byte: u8| (byte < b' ') & (byte != b'\t') | (byte == b'&') | (byte >= 0x7f);
    !text.iter().fold(false, |any, byte| any | rare(*byte))
        || memchr::memchr2(0x1b, b'&', text).is_none() && !ends::stands_in(text)
}

/// Without line ends: a copy through Windows has one more each time, printers feed pages, terminals
/// fill up with blanks.
fn trimmed(mut line: &[u8]) -> &[u8] {
    while let [shorter @ .., b'\r' | 0x0b | 0x0c | b' ' | b'\t'] = line {
        line = shorter;
    }
    line
}

/// When a line was logged, whatever it says.
pub(crate) fn time(line: &[u8]) -> At {
    let peeled = peel(line);
    if matches!(peeled.text.first(), Some(b'{' | b'[' | b'"')) {
        return unwrap::time(peeled.text, peeled.at);
    }
    if let Some((header, _)) = header::parse(peeled.text) {
        return clock::complete(peeled.at, Some(header.time));
    }
    match header::position(peeled.text) {
        Some(start) => {
            let at = prefix::read(&peeled.text[..start]).at;
            let at = if matches!(at, At::Never) {
                peeled.at
            } else {
                at
            };
            let header = header::parse(&peeled.text[start..]).map(|(header, _)| header.time);
            clock::complete(at, header)
        }
        None => peeled.at,
    }
}

#[cfg(test)]
mod tests;
