//! Structures as Go prints them: `%v`, `%+v`.
//!
//! ```text
//! map[host:n1 log:I0612 ... elapsed="2m3.25s" stream:stderr time:2026-06-12T08:02:05.25Z]
//! {Timestamp:2026-06-12 08:02:05.25 +0000 UTC Line:I0612 ... elapsed="2m3.25s" Host:n1}
//! ```
//!
//! Their values are not quoted: a value ends where the next name stands.

use super::around::Around;

/// Whether a value of such a structure begins behind this text.
pub(crate) fn opens(before: &[u8]) -> bool {
    let Some(name) = before.strip_suffix(b":") else {
        return false;
    };
    let letters = name.iter().rev().take_while(|byte| is_part(**byte)).count();
    let (outer, name) = name.split_at(name.len() - letters);
    name.first().is_some_and(u8::is_ascii_alphabetic)
        && matches!(outer.last(), Some(b' ' | b'[' | b'{'))
        && memchr::memchr2(b'[', b'{', outer).is_some()
}

/// Where a log line ends that is a value of such a structure.
pub(crate) fn end(line: &[u8]) -> usize {
    let mut quoted = false;
    // Its header has names and colons of its own.
    let mut at = memchr::memmem::find(line, b"] ").map_or(0, |end| end + 1);
    while let Some(byte) = line.get(at) {
        match byte {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b' ' if !quoted && begins_name(&line[at + 1..]) => return at,
            _ => {}
        }
        at += 1;
    }
    let closers = line.iter().rev();
    line.len()
        - closers
            .take_while(|byte| matches!(byte, b']' | b'}'))
            .count()
}

/// What the values of a structure tell.
pub(crate) fn read(text: &[u8]) -> Around {
    let mut around = Around::default();
    let mut names = Vec::new();
    for at in 0..text.len() {
        let free = at == 0 || matches!(text[at - 1], b' ' | b'[' | b'{');
        if free && begins_name(&text[at..]) {
            names.push(at);
        }
    }
    let ends = names.iter().skip(1).copied().chain([text.len()]);
    for (start, end) in names.iter().copied().zip(ends) {
        let pair = String::from_utf8_lossy(&text[start..end]).into_owned();
        if let Some((name, value)) = pair.split_once(':') {
            let value = value.trim_end().trim_end_matches([']', '}']);
            around.learn("", name, value);
        }
    }
    around
}

/// `host:n1`, `Time:2026-...`: a name, and a value right behind it.
fn begins_name(text: &[u8]) -> bool {
    let letters = text.iter().take_while(|byte| is_part(**byte)).count();
    text.first().is_some_and(u8::is_ascii_alphabetic)
        && text.get(letters) == Some(&b':')
        && text
            .get(letters + 1)
            .is_none_or(|byte| !matches!(byte, b' ' | b':'))
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'@' | b'/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::clock::{At, nanos};

    #[test]
    fn values_around_a_line() {
        let line = r#"I0612 1 proxier.go:1] "done" err="no: such:thing" elapsed="2m3.25s""#;
        let tail = r#" stream:stderr time:2026-06-12 08:02:05 +0000 UTC]"#;
        assert_eq!(end(format!("{line}{tail}").as_bytes()), line.len());
        assert_eq!(end(format!("{line}]}}").as_bytes()), line.len());
        let around = read(tail.as_bytes());
        let moment = nanos("2026-06-12T08:02:05Z".parse().unwrap());
        assert_eq!(around.at, At::Known(moment));
        let around = read(b"map[host:n1 kubernetes:map[pod_name:kube-proxy-x] log:");
        assert_eq!(around.node.as_deref(), Some("n1"));
        assert_eq!(around.pod.as_deref(), Some("kube-proxy-x"));
    }

    #[test]
    fn what_opens_a_value() {
        for (before, opened) in [
            ("map[host:n1 log:", true),
            ("{Timestamp:2026-06-12 Line:", true),
            ("&{Log:", true),
            ("node-a:", false),
            ("kube-proxy.log:12:", false),
            ("[2026-06-12 ", false),
        ] {
            assert_eq!(opens(before.as_bytes()), opened, "{before}");
        }
    }
}
