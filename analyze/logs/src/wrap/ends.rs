//! Line ends that most tools do not take for such: editors, databases and printers write them.

/// Unicode's line and paragraph separators, and the next line of IBM's machines.
const ENDS: [&[u8]; 3] = [
    "\u{2028}".as_bytes(),
    "\u{2029}".as_bytes(),
    "\u{85}".as_bytes(),
];

/// Whether such a line end may stand in a text.
pub(crate) fn stands_in(text: &[u8]) -> bool {
    memchr::memchr3(0, 0x0b, 0x0c, text).is_some()
        || memchr::memchr2(0xe2, 0xc2, text).is_some()
            && ENDS
                .iter()
                .any(|end| memchr::memmem::find(text, end).is_some())
}

/// The text with plain line ends.
pub(crate) fn plain(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        let end = ENDS.iter().find_map(|end| rest.strip_prefix(*end));
        if let Some(after) = end {
            out.push(b'\n');
            rest = after;
            continue;
        }
        out.push(if matches!(byte, 0 | 0x0b | 0x0c) {
            b'\n'
        } else {
            *byte
        });
        rest = after;
    }
    out
}

/// The text behind line ends and blanks.
pub(crate) fn trimmed(mut text: &[u8]) -> &[u8] {
    loop {
        text = text.trim_ascii_start();
        let end = ENDS.iter().find_map(|end| text.strip_prefix(*end));
        text = match (end, text.split_first()) {
            (Some(after), _) | (None, Some((0 | 0x0b | 0x1e, after))) => after,
            _ => return text,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_all_kinds() {
        for end in ["\u{2028}", "\u{2029}", "\u{85}", "\u{b}", "\u{c}", "\0"] {
            let text = format!("a\u{b5}{end}b{end}");
            assert!(stands_in(text.as_bytes()), "{end:?}");
            assert_eq!(plain(text.as_bytes()), "a\u{b5}\nb\n".as_bytes(), "{end:?}");
        }
        assert!(!stands_in("19.5\u{b5}s, \u{201c}quoted\u{201d}".as_bytes()));
    }
}
