//! klog's text header.
//!
//! Source: klog `internal/buffer/buffer.go`, `FormatHeader`.

use super::clock::Yearless;
use super::digits::{fraction, two};

/// A header, and where its line was logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header<'a> {
    /// `I`, `W`, `E`, `F`.
    pub(crate) severity: u8,
    /// Month, day and time of day, in the process's own zone.
    pub(crate) time: Yearless,
    /// `proxier.go`, with its directory under `--add-dir-header`; empty if the header has none.
    pub(crate) file: &'a [u8],
}

impl Header<'_> {
    /// Whether the line is from a proxier, whatever the mode.
    pub(crate) fn is_proxier(&self) -> bool {
        self.file == b"proxier.go" || self.file.ends_with(b"/proxier.go")
    }
}

/// Reads a header at the start of `line`; gives it and the body behind `] `.
///
/// ```text
/// I1123 20:05:42.028326   23709 proxier.go:1168] "SyncProxyRules complete" elapsed="7m22s"
/// I1129 08:37:39.988112       1 proxier.go:1193] ...
/// I0806 08:38:13.341625 1234567 nftables/proxier.go:12] ...
/// I0806 08:38:13.341625] ...                  (pid and file cut by a log agent)
/// ```
pub(crate) fn parse(line: &[u8]) -> Option<(Header<'_>, &[u8])> {
    let (stamp, rest) = line.split_first_chunk::<{ "I1123 20:05:42.".len() }>()?;
    let marks = [stamp[5], stamp[8], stamp[11], stamp[14]];
    if !matches!(stamp[0], b'I' | b'W' | b'E' | b'F') || marks != *b" ::." {
        return None;
    }
    let two = |at: usize| two(stamp[at], stamp[at + 1]);
    let (month, day) = (two(1)?, two(3)?);
    let (hour, minute, second) = (two(6)?, two(9)?, two(12)?);
    let (fraction, rest) = fraction(rest)?;
    let time = Yearless::new(month, day, hour, minute, second, fraction)?;
    let (file, body) = location(rest)?;
    Some((
        Header {
            severity: stamp[0],
            time,
            file,
        },
        body,
    ))
}

/// Where a header begins in a line that something stands before: `> `, `- `, a pod's name.
pub(crate) fn position(line: &[u8]) -> Option<usize> {
    const FURTHEST: usize = 300;
    let window = &line[..line.len().min(FURTHEST)];
    memchr::memchr_iter(b':', window).find_map(|colon| {
        // `I1123 20:` - the first colon stands eight bytes behind the severity.
        let start = colon.checked_sub(8)?;
        let free = start == 0 || !line[start - 1].is_ascii_alphanumeric();
        (free && parse(&line[start..]).is_some()).then_some(start)
    })
}

/// `   23709 proxier.go:1168] body`, or `] body`, or ` body`.
fn location(text: &[u8]) -> Option<(&[u8], &[u8])> {
    // The bracket stands close by; a body has none before its message.
    let window = &text[..text.len().min(160)];
    let Some(bracket) = memchr::memchr(b']', window) else {
        return text.strip_prefix(b" ").map(|body| (&b""[..], body));
    };
    let head = &text[..bracket];
    // Without a way out of the loop, so that several bytes are looked at together.
    let fits = |byte: u8| matches!(byte, b' '..=b'~') & (byte != b'"');
    if !head.iter().fold(true, |all, byte| all & fits(*byte)) {
        return text.strip_prefix(b" ").map(|body| (&b""[..], body));
    }
    let place = memchr::memrchr(b' ', head).map_or(head, |space| &head[space + 1..]);
    let file = memchr::memrchr(b':', place).map_or(&b""[..], |colon| &place[..colon]);
    let body = &text[bracket + 1..];
    Some((file, body.strip_prefix(b" ").unwrap_or(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_seen_in_the_wild() {
        for (line, file, body) in [
            (
                r#"I1123 20:05:42.028326   23709 proxier.go:1168] "x""#,
                "proxier.go",
                "\"x\"",
            ),
            (
                "E0806 08:38:13.341625 1234567 nftables/proxier.go:12] y",
                "nftables/proxier.go",
                "y",
            ),
            (
                "I0806 08:38:13.341625 1 proxier.go:12] y",
                "proxier.go",
                "y",
            ),
            ("I0806 08:38:13.341625] y", "", "y"),
            // A bracket behind a quote is the message's own.
            (
                r#"I0806 08:38:13.341625 "x y" v="[1]" z"#,
                "",
                r#""x y" v="[1]" z"#,
            ),
            (
                "I0806 08:38:13.341625 syncProxyRules took 1s",
                "",
                "syncProxyRules took 1s",
            ),
            (
                "W0229 00:00:00.000001       1 ???:1] z [1] 2",
                "???",
                "z [1] 2",
            ),
        ] {
            let (header, rest) = parse(line.as_bytes()).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(header.file, file.as_bytes(), "{line}");
            assert_eq!(rest, body.as_bytes(), "{line}");
        }
    }

    #[test]
    fn no_headers() {
        for line in [
            "",
            "I",
            "I1332 20:05:42.028326 1 a.go:1] x",
            "I1123 24:05:42.028326 1 a.go:1] x",
            "I1123 20:05:42 1 a.go:1] x",
            "D1123 20:05:42.028326 1 a.go:1] x",
            "I0230 20:05:42.028326 1 a.go:1] x",
        ] {
            assert_eq!(parse(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn a_header_is_found_behind_what_people_put_before_it() {
        for (line, at) in [
            ("> I1123 20:05:42.028326 1 a.go:1] x", Some(2)),
            ("12:00:01 node: I1123 20:05:42.028326 1 a.go:1] x", Some(15)),
            ("nothing here: at all", None),
            ("XI1123 20:05:42.028326 1 a.go:1] x", None),
        ] {
            assert_eq!(position(line.as_bytes()), at, "{line}");
        }
    }
}
