//! Names and values around a line in XML: Windows' events, Splunk's results, rows of a database.
//!
//! ```text
//! <Event><System><TimeCreated SystemTime="2026-06-12T08:02:05Z"/><Computer>n1</Computer></System><EventData><Data>I0612 ...
//! <result><field k="_time"><value><text>2026-06-12T08:02:05Z</text></value></field><field k="_raw"><v>I0612 ...
//! ```

use super::around::Around;
use super::markup;

/// Whether an element begins a text.
pub(crate) fn begins(text: &[u8]) -> bool {
    let text = text.trim_ascii_start();
    text.first() == Some(&b'<') && text.get(1).is_some_and(u8::is_ascii_alphabetic)
}

/// What elements and attributes tell: the innermost name before a text is its name, or what an
/// attribute `k`, `key` or `name` calls it.
pub(crate) fn around(text: &[u8]) -> Around {
    let mut around = Around::default();
    let mut names: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(open) = memchr::memchr(b'<', rest) {
        let value = rest[..open].trim_ascii();
        if !value.is_empty() && value.len() < 200 {
            let value = markup::plain(value);
            let value = String::from_utf8_lossy(&value);
            for name in names.iter().rev().take(3) {
                around.learn("", name, &value);
            }
        }
        let Some(close) = memchr::memchr(b'>', &rest[open..]) else {
            break;
        };
        let tag = String::from_utf8_lossy(&rest[open + 1..open + close]).into_owned();
        rest = &rest[open + close + 1..];
        element(&tag, &mut names, &mut around);
    }
    around
}

/// Takes in a tag: `TimeCreated SystemTime="..."/`, `field k="host"`, `/field`.
fn element(tag: &str, names: &mut Vec<String>, around: &mut Around) {
    if tag.starts_with(['/', '?', '!']) {
        names.pop();
        return;
    }
    let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut name = name.trim_end_matches('/').to_owned();
    for pair in attributes.split_ascii_whitespace() {
        if let Some((key, value)) = pair.trim_end_matches('/').split_once('=') {
            let value = value.trim_matches(['"', '\'']);
            if matches!(key, "k" | "key" | "name" | "Name") {
                value.clone_into(&mut name);
            } else {
                around.learn("", key, value);
            }
        }
    }
    if !tag.ends_with('/') {
        names.push(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::clock::{At, nanos};

    #[test]
    fn elements_and_attributes() {
        let moment = At::Known(nanos("2026-06-12T08:02:05Z".parse().unwrap()));
        for text in [
            r#"<Event><System><TimeCreated SystemTime="2026-06-12T08:02:05Z"/><Computer>n1</Computer></System><EventData><Data>I0612"#,
            r#"<result><field k="_time"><value><text>2026-06-12T08:02:05Z</text></value></field><field k="host"><value><text>n1</text></value></field><field k="_raw"><v>I0612 &quot;"#,
            "<row><time>2026-06-12T08:02:05Z</time><host>n1</host><message>I0612",
        ] {
            assert!(begins(text.as_bytes()), "{text}");
            let around = around(text.as_bytes());
            assert_eq!(
                (around.at, around.node.as_deref()),
                (moment, Some("n1")),
                "{text}"
            );
        }
        assert!(!begins(b"<30>1 2026-06-12T08:02:05Z n1"));
    }
}
