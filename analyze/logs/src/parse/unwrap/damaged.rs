//! Lines whose header is gone, or its beginning, and messages in pairs of logfmt.

use crate::parse::clock::{self, At};
use crate::parse::content::{self, Content, Context};
use crate::parse::header;
use crate::parse::message::{self, Fact, Said};
use crate::wrap::around::Around;
use crate::wrap::{prefix, quoted};

/// `0327 21:51:25.397365       1 proxier.go:817] "SyncProxyRules complete" elapsed="21.4s"`: the
/// first letters were lost.
pub(super) fn beheaded(
    text: &[u8],
    around: &Around,
    context: Context<'_>,
) -> Option<(At, Content)> {
    const FURTHEST: usize = 300;
    let window = &text[..text.len().min(FURTHEST)];
    let file = memchr::memmem::find(window, b"proxier.go:")?;
    let bracket =
        file + memchr::memmem::find(text.get(file..file + 24.min(text.len() - file))?, b"] ")?;
    let before = text[..file].trim_ascii_end();
    let digits = before
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let stamp = before[..before.len() - digits].trim_ascii_end();
    let mut at = around.at;
    for length in [20, 19, 18] {
        if let Some(from) = stamp.len().checked_sub(length) {
            let mut whole = b"I".to_vec();
            whole.extend_from_slice(&stamp[from..]);
            whole.extend_from_slice(b" 1 proxier.go:1] x");
            if let Some((header, _)) = header::parse(&whole) {
                at = clock::complete(around.at, Some(header.time));
                break;
            }
        }
    }
    let body = &text[bracket + 2..];
    let body = if body.starts_with(b"\\") {
        quoted::unescaped(body)
    } else {
        body.into()
    };
    let said = message::text(&body, context.whole);
    let said = content::with_backend(said, b"");
    match said {
        Said::Nothing => Some((at, Content::Proxy(Said::Fact(Fact::Speaks)))),
        said => Some((at, Content::Proxy(said))),
    }
}

/// `ts=2026-06-12T08:02:05.25Z caller=proxier.go:1190 msg="SyncProxyRules complete" elapsed=2m3.25s`
pub(super) fn logfmt(text: &[u8]) -> Option<(Around, Vec<u8>)> {
    let (place, length) = [&b"msg=\""[..], b"message=\""]
        .iter()
        .find_map(|key| Some((memchr::memmem::find(text, key)?, key.len() - 1)))?;
    let told = prefix::read(&text[..place]);
    let mut body = text[place + length..].to_vec();
    // Pairs that stand before the message are its own too.
    body.push(b' ');
    body.extend_from_slice(&text[..place]);
    Some((told, body))
}
