//! Colours of a terminal, as they are and as tools write them out.

use std::borrow::Cow;

/// How the escape byte is written, longest first: as it is, by `cat -v`, by programs that print
/// control characters, by rsyslog, as a picture.
const ESCAPES: [&[u8]; 10] = [
    b"\\u001b[",
    b"\\u001B[",
    b"\\x1b[",
    b"\\x1B[",
    b"\\033[",
    b"\xe2\x90\x9b[",
    b"#033[",
    b"\\e[",
    b"^[[",
    b"\x1b[",
];

/// Whether colours may stand in a text.
pub(crate) fn stands_in(text: &[u8]) -> bool {
    text.contains(&0x1b)
        || memchr::memchr(b'[', text).is_some()
            && ESCAPES
                .iter()
                .any(|escape| memchr::memmem::find(text, escape).is_some())
}

/// The text without colours; none if there are none.
///
/// ```text
/// ESC[33mI0612 08:02:05.25 1 proxier.go:1] "SyncProxyRules complete" elapsed="2m3.25s"ESC[0m
/// ESC[01;31mESC[KSyncProxyRulesESC[mESC[K complete          (grep --color)
/// [33mI0612 08:02:05.25 ...[0m                              (the escape byte itself was lost)
/// ```
pub(crate) fn without(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(byte) = rest.first() {
        if let Some(after) = sequence(rest) {
            rest = after;
        } else {
            out.push(*byte);
            rest = &rest[1..];
        }
    }
    (out.len() < text.len()).then_some(out)
}

/// The text without colours, as cheaply as it can be.
pub(crate) fn stripped(text: &[u8]) -> Cow<'_, [u8]> {
    match without(text) {
        Some(out) => Cow::Owned(out),
        None => Cow::Borrowed(text),
    }
}

/// A sequence at the start of a text; gives what follows it.
fn sequence(text: &[u8]) -> Option<&[u8]> {
    let escape = ESCAPES.iter().find_map(|escape| text.strip_prefix(*escape));
    if let Some(rest) = escape {
        let parameters = rest
            .iter()
            .take_while(|byte| matches!(byte, b'0'..=b'9' | b';' | b':' | b'?'))
            .count();
        let last = rest.get(parameters)?;
        return last.is_ascii_alphabetic().then(|| &rest[parameters + 1..]);
    }
    if let Some(link) = text.strip_prefix(b"\x1b]") {
        // A link or a window's title, up to BEL or ESC \.
        let end = link.iter().position(|byte| matches!(byte, 0x07 | b'\\'))?;
        return Some(&link[end + 1..]);
    }
    let rest = text.strip_prefix(b"[")?;
    let digits = rest
        .iter()
        .take_while(|byte| matches!(byte, b'0'..=b'9' | b';'))
        .count();
    (digits > 0 && digits <= 12 && rest.get(digits) == Some(&b'm')).then(|| &rest[digits + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_and_brackets_stay() {
        for (text, plain) in [
            ("\x1b[33mI0612 a\x1b[0m", Some("I0612 a")),
            ("^[[1;32mI0612 a^[[0m", Some("I0612 a")),
            ("[33mI0612 a[0m", Some("I0612 a")),
            ("#033[33mI0612 a#033[0m", Some("I0612 a")),
            ("\\u001b[33mI0612 a\\u001b[0m", Some("I0612 a")),
            (
                "\x1b[01;31m\x1b[KSync\x1b[m\x1b[K failed",
                Some("Sync failed"),
            ),
            ("I0612 a[1] b] [x]", None),
            ("IPs=[10.0.0.1 10.0.0.2]", None),
        ] {
            let found = without(text.as_bytes());
            assert_eq!(found.as_deref(), plain.map(str::as_bytes), "{text}");
        }
    }
}
