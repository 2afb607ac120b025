//! A line inside quotes, and how its own quotes were written.

use std::borrow::Cow;

/// A line that begins behind a quote, its own quotes undone, and what stands behind it.
pub(crate) struct Unquoted<'a> {
    pub(crate) text: Cow<'a, [u8]>,
    /// What follows the closing quote.
    pub(crate) after: &'a [u8],
    /// The closing quote is there.
    pub(crate) whole: bool,
}

/// Undoes the quotes of a text that begins behind a `quote`.
///
/// ```text
/// I0612 ... proxier.go:1] \"SyncProxyRules complete\" elapsed=\"2m3.25s\"" component=kube-proxy
/// I0612 ... proxier.go:1] ""SyncProxyRules complete"" elapsed=""2m3.25s""",x
/// I0612 ... proxier.go:1] "SyncProxyRules complete" elapsed="2m3.25s"", "stream"=>"stderr"
/// ```
pub(crate) fn undo(text: &[u8], quote: u8) -> Unquoted<'_> {
    let first = text.iter().position(|byte| *byte == quote);
    match first {
        None => Unquoted {
            text: unescaped(text),
            after: b"",
            whole: false,
        },
        Some(at) if at > 0 && text[at - 1] == b'\\' => escaped(text, quote),
        Some(at) if text.get(at + 1) == Some(&quote) => doubled(text, quote),
        // Nobody wrote the line's own quotes any other way: they are as they were.
        Some(at) if quote == b'"' && text[..at].ends_with(b"] ") => {
            let end = raw_end(text);
            Unquoted {
                text: Cow::Borrowed(&text[..end.unwrap_or(text.len())]),
                after: end.map_or(&b""[..], |end| &text[end + 1..]),
                whole: true,
            }
        }
        Some(at) => Unquoted {
            text: unescaped(&text[..at]),
            after: &text[at + 1..],
            whole: true,
        },
    }
}

/// Where a text ends whose own quotes nobody escaped: a quote before the next key, or before what
/// closes the list or the object.
fn raw_end(text: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'"', text).find(|at| {
        let rest = text[at + 1..].trim_ascii_start();
        let closers = |byte: &u8| matches!(byte, b'}' | b']' | b')' | b',' | b' ');
        if matches!(rest.first(), Some(b'}' | b']' | b')')) && rest.iter().all(closers) {
            return true;
        }
        let Some(key) = rest.strip_prefix(b",").map(<[u8]>::trim_ascii_start) else {
            return false;
        };
        let Some(name) = key.strip_prefix(b"\"") else {
            return false;
        };
        let end = memchr::memchr(b'"', name);
        end.is_some_and(|end| {
            let sign = name[end + 1..].trim_ascii_start();
            sign.starts_with(b"=>") || sign.starts_with(b":") || sign.starts_with(b"=")
        })
    })
}

fn escaped(text: &[u8], quote: u8) -> Unquoted<'_> {
    let mut at = 0;
    while at < text.len() && text[at] != quote {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    let end = at.min(text.len());
    Unquoted {
        text: unescaped(&text[..end]),
        after: text.get(end + 1..).unwrap_or_default(),
        whole: end < text.len(),
    }
}

fn doubled(text: &[u8], quote: u8) -> Unquoted<'_> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        if *byte == quote {
            if text.get(at + 1) != Some(&quote) {
                break;
            }
            at += 1;
        }
        out.push(*byte);
        at += 1;
    }
    Unquoted {
        text: Cow::Owned(out),
        after: text.get(at + 1..).unwrap_or_default(),
        whole: at < text.len(),
    }
}

/// `] ''SyncProxyRules complete'' elapsed=''2s''`: two apostrophes for a quote.
pub(crate) fn undoubled(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memmem::find(text, b"] ''").is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, b"''") {
        out.extend_from_slice(&rest[..at]);
        out.push(b'"');
        rest = &rest[at + 2..];
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

/// Undoes one layer of backslashes: JSON's, Go's, Python's, a shell's.
pub(crate) fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'\\') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        let Some(next) = text.get(at) else { break };
        at += 1;
        match next {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'u' => at += unicode(text.get(at..at + 4), &mut out),
            b'x' => at += byte_of(text.get(at..at + 2), &mut out),
            other => out.push(*other),
        }
    }
    Cow::Owned(out)
}

/// Four hexadecimal digits; gives how many were taken.
fn unicode(digits: Option<&[u8]>, out: &mut Vec<u8>) -> usize {
    let point = digits
        .and_then(|digits| std::str::from_utf8(digits).ok())
        .and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let Some(point) = point else {
        out.extend_from_slice(b"\\u");
        return 0;
    };
    let shown = char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(shown.encode_utf8(&mut [0; 4]).as_bytes());
    4
}

fn byte_of(digits: Option<&[u8]>, out: &mut Vec<u8>) -> usize {
    let byte = digits
        .and_then(|digits| std::str::from_utf8(digits).ok())
        .and_then(|digits| u8::from_str_radix(digits, 16).ok());
    match byte {
        Some(byte) => {
            out.push(byte);
            2
        }
        None => {
            out.extend_from_slice(b"\\x");
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_in_every_style() {
        let plain = r#"I] "done" elapsed="2m3.25s""#;
        for (text, quote, after, whole) in [
            (r#"I] \"done\" elapsed=\"2m3.25s\"" x"#, b'"', " x", true),
            (r#"I] \"done\" elapsed=\"2m3.25s\""#, b'"', "", false),
            (r#"I] ""done"" elapsed=""2m3.25s""",x"#, b'"', ",x", true),
            (r#"I] "done" elapsed="2m3.25s"'y"#, b'\'', "y", true),
            (
                r#"I] \u0022done\u0022 elapsed=\x222m3.25s\x22" z"#,
                b'"',
                " z",
                true,
            ),
        ] {
            let found = undo(text.as_bytes(), quote);
            assert_eq!(String::from_utf8_lossy(&found.text), plain, "{text}");
            assert_eq!(
                (String::from_utf8_lossy(found.after).as_ref(), found.whole),
                (after, whole),
                "{text}"
            );
        }
        let raw = undo(br#"I] "done" elapsed="2m3.25s"", "stream"=>"#, b'"');
        assert!(raw.text.starts_with(br#"I] "done" elapsed="2m3.25s""#));
    }
}
