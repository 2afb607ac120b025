//! HTML's and a word processor's way of writing the signs of a log line.

/// Whether signs of a page or a document may stand in a text.
pub(crate) fn stands_in(text: &[u8]) -> bool {
    memchr::memchr2(b'&', b'<', text).is_some() && (entity_in(text) || tag_in(text))
        || memchr::memchr3(0xe2, 0xc2, 0xef, text).is_some() && typeset_in(text)
}

fn entity_in(text: &[u8]) -> bool {
    memchr::memchr_iter(b'&', text).any(|at| entity(&text[at..]).is_some())
}

fn tag_in(text: &[u8]) -> bool {
    memchr::memchr_iter(b'<', text).any(|at| tag(&text[at..]).is_some())
}

fn typeset_in(text: &[u8]) -> bool {
    TYPESET
        .iter()
        .any(|(sign, _)| memchr::memmem::find(text, sign.as_bytes()).is_some())
}

/// Signs that word processors and chats put in the place of plain ones.
const TYPESET: [(&str, &str); 15] = [
    ("\u{201c}", "\""),
    ("\u{201d}", "\""),
    ("\u{201e}", "\""),
    ("\u{201f}", "\""),
    ("\u{2033}", "\""),
    ("\u{ab}", "\""),
    ("\u{bb}", "\""),
    ("\u{ff02}", "\""),
    ("\u{2018}", "'"),
    ("\u{2019}", "'"),
    ("\u{a0}", " "),
    ("\u{202f}", " "),
    ("\u{200b}", ""),
    ("\u{200e}", ""),
    ("\u{feff}", ""),
];

/// The text with plain signs; `<br>` becomes a line end.
///
/// ```text
/// I0612 08:02:05.25 1 proxier.go:1] &quot;SyncProxyRules complete&quot; elapsed=&quot;2m3.25s&quot;
/// <span class="line">I0612 08:02:05.25 1 proxier.go:1] &#34;SyncProxyRules complete&#34;</span>
/// I0612 08:02:05.25 1 proxier.go:1] “SyncProxyRules complete” elapsed=“2m3.25s”
/// ```
pub(crate) fn plain(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(byte) = rest.first() {
        let found = match byte {
            b'&' => entity(rest),
            b'<' => tag(rest),
            0xc2 | 0xe2 | 0xef => typeset(rest),
            _ => None,
        };
        if let Some((sign, after)) = found {
            out.extend_from_slice(sign.as_bytes());
            rest = after;
        } else {
            out.push(*byte);
            rest = &rest[1..];
        }
    }
    out
}

fn typeset(text: &[u8]) -> Option<(String, &[u8])> {
    TYPESET
        .iter()
        .find_map(|(sign, plain)| Some(((*plain).to_owned(), text.strip_prefix(sign.as_bytes())?)))
}

fn entity(text: &[u8]) -> Option<(String, &[u8])> {
    const NAMED: [(&[u8], &str); 8] = [
        (b"&quot;", "\""),
        (b"&amp;", "&"),
        (b"&lt;", "<"),
        (b"&gt;", ">"),
        (b"&apos;", "'"),
        (b"&nbsp;", " "),
        (b"&micro;", "\u{b5}"),
        (b"&mu;", "\u{b5}"),
    ];
    let named = NAMED
        .iter()
        .find_map(|(name, sign)| Some(((*sign).to_owned(), text.strip_prefix(*name)?)));
    if named.is_some() {
        return named;
    }
    let digits = text.strip_prefix(b"&#")?;
    let end = digits.iter().take(9).position(|byte| *byte == b';')?;
    let number = std::str::from_utf8(&digits[..end]).ok()?;
    let point = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    Some((char::from_u32(point)?.to_string(), &digits[end + 1..]))
}

/// A tag of the few that pages put around lines of a log.
fn tag(text: &[u8]) -> Option<(String, &[u8])> {
    const NAMES: [&[u8]; 20] = [
        b"span",
        b"br",
        b"pre",
        b"code",
        b"div",
        b"td",
        b"tr",
        b"th",
        b"p",
        b"li",
        b"em",
        b"b",
        b"mark",
        b"a",
        b"font",
        b"tt",
        b"samp",
        b"strong",
        b"blockquote",
        b"i",
    ];
    let inside = text.strip_prefix(b"<")?;
    let name = inside.strip_prefix(b"/").unwrap_or(inside);
    let letters = name
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let lower = name[..letters].to_ascii_lowercase();
    if !NAMES.contains(&lower.as_slice()) || !matches!(name.get(letters), Some(b'>' | b' ' | b'/'))
    {
        return None;
    }
    let end = memchr::memchr(b'>', &text[..text.len().min(400)])?;
    let breaks = matches!(lower.as_slice(), b"br" | b"p" | b"div" | b"tr" | b"li");
    let cells = matches!(lower.as_slice(), b"td" | b"th");
    let sign = if breaks {
        "\n"
    } else if cells {
        " "
    } else {
        ""
    };
    Some((sign.to_owned(), &text[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_become_plain() {
        for (text, expected) in [
            (
                "&quot;a&quot; &#34;b&#x22; &lt;&gt; 3&micro;s",
                "\"a\" \"b\" <> 3\u{b5}s",
            ),
            ("<span class=\"x\">I0612</span> a<br/>b", "I0612 a\nb"),
            ("\u{201c}a\u{201d}\u{a0}b", "\"a\" b"),
        ] {
            assert!(stands_in(text.as_bytes()), "{text}");
            assert_eq!(String::from_utf8(plain(text.as_bytes())).unwrap(), expected);
        }
        for text in ["err=< a & b", "19.563\u{b5}s", "a <none> b", "x && y"] {
            assert!(!stands_in(text.as_bytes()), "{text}");
        }
    }
}
