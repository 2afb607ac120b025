//! Lines in pieces: the runtime cuts what is longer than 16 KiB.
//!
//! CRI tags all but the last piece `P`; docker's pieces lack the line end in `log`. Pieces of
//! stdout and stderr interleave.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::{Map, Value as Json};

/// A line, put together again.
pub(crate) struct Whole<'a> {
    /// Line of the first piece, from 1.
    pub(crate) line: u64,
    pub(crate) text: Cow<'a, [u8]>,
}

/// Longest line that is put together; the rest of it is dropped.
const LONGEST: usize = 1024 * 1024;

/// Puts pieces together.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    /// By stream: line of the first piece and the payload so far.
    open: HashMap<&'static str, (u64, Vec<u8>)>,
    /// Docker wrote the file.
    docker: bool,
}

impl Assembler {
    /// For a file that docker wrote, or did not write.
    pub(crate) fn of(docker: bool) -> Self {
        Self {
            docker,
            ..Self::default()
        }
    }

    /// Takes the next physical line; gives the line that it shows to have been whole, and the
    /// whole line that it ends.
    pub(crate) fn push<'a>(&mut self, line: u64, text: &'a [u8]) -> [Option<Whole<'a>>; 2] {
        [None, self.take(line, text)]
    }

    fn take<'a>(&mut self, line: u64, text: &'a [u8]) -> Option<Whole<'a>> {
        if let Some(piece) = Piece::cri(text) {
            return self.cri(line, text, &piece);
        }
        if self.docker && text.starts_with(b"{\"log\":") {
            return self.docker(line, text);
        }
        Some(Whole {
            line,
            text: Cow::Borrowed(text),
        })
    }

    fn cri<'a>(&mut self, line: u64, text: &'a [u8], piece: &Piece<'_>) -> Option<Whole<'a>> {
        if piece.more {
            self.keep(piece.stream, line, piece.payload);
            return None;
        }
        let Some((first, mut payload)) = self.open.remove(piece.stream) else {
            return Some(Whole {
                line,
                text: Cow::Borrowed(text),
            });
        };
        // The time of the last piece is the time of the line, as for a line in one piece.
        let head = piece.payload.as_ptr() as usize - text.as_ptr() as usize;
        let mut whole = text[..head].to_vec();
        whole.append(&mut payload);
        whole.extend_from_slice(piece.payload);
        Some(Whole {
            line: first,
            text: Cow::Owned(whole),
        })
    }

    fn docker<'a>(&mut self, line: u64, text: &'a [u8]) -> Option<Whole<'a>> {
        let plain = || {
            Some(Whole {
                line,
                text: Cow::Borrowed(text),
            })
        };
        let ends = memchr::memmem::find(text, b"\\n\",\"stream\"").is_some()
            || memchr::memmem::find(text, b"\\n\",\"time\"").is_some();
        if ends && self.open.is_empty() {
            return plain();
        }
        let Ok(Json::Object(mut map)) = serde_json::from_slice::<Json>(text) else {
            return plain();
        };
        let Some(log) = map.get("log").and_then(Json::as_str).map(str::to_owned) else {
            return plain();
        };
        let stream = if map.get("stream").and_then(Json::as_str) == Some("stdout") {
            "stdout"
        } else {
            "stderr"
        };
        if !log.ends_with('\n') {
            self.keep(stream, line, log.as_bytes());
            return None;
        }
        let Some((first, mut payload)) = self.open.remove(stream) else {
            return plain();
        };
        payload.extend_from_slice(log.as_bytes());
        Some(Whole {
            line: first,
            text: Cow::Owned(rebuilt(&mut map, &payload)),
        })
    }

    fn keep(&mut self, stream: &'static str, line: u64, payload: &[u8]) {
        let (_, kept) = self
            .open
            .entry(stream)
            .or_insert_with(|| (line, Vec::new()));
        let room = LONGEST.saturating_sub(kept.len());
        kept.extend_from_slice(&payload[..payload.len().min(room)]);
    }
}

fn rebuilt(map: &mut Map<String, Json>, payload: &[u8]) -> Vec<u8> {
    map.insert(
        "log".to_owned(),
        Json::String(String::from_utf8_lossy(payload).into_owned()),
    );
    serde_json::to_vec(map).unwrap_or_default()
}

/// A CRI line.
struct Piece<'a> {
    stream: &'static str,
    more: bool,
    payload: &'a [u8],
}

impl<'a> Piece<'a> {
    /// `2025-08-06T10:38:13.342405728+02:00 stderr P payload`
    fn cri(text: &'a [u8]) -> Option<Self> {
        let space = memchr::memchr(b' ', &text[..text.len().min(40)])?;
        if space < 20 || !text[0].is_ascii_digit() {
            return None;
        }
        let rest = &text[space + 1..];
        let (stream, rest) = match (rest.strip_prefix(b"stderr "), rest.strip_prefix(b"stdout ")) {
            (Some(rest), _) => ("stderr", rest),
            (_, Some(rest)) => ("stdout", rest),
            _ => return None,
        };
        let end = memchr::memchr(b' ', &rest[..rest.len().min(64)])?;
        let more = match rest[..end].split(|byte| *byte == b':').next()? {
            b"P" => true,
            b"F" => false,
            _ => return None,
        };
        Some(Self {
            stream,
            more,
            // A copy through Windows ends each piece with a carriage return.
            payload: without_returns(&rest[end + 1..]),
        })
    }
}

fn without_returns(text: &[u8]) -> &[u8] {
    let mut text = text;
    while let Some(shorter) = text.strip_suffix(b"\r") {
        text = shorter;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wholes(lines: &[&str]) -> Vec<(u64, String)> {
        let mut assembler = Assembler::of(true);
        lines
            .iter()
            .zip(1..)
            .filter_map(|(text, line)| {
                let [_, whole] = assembler.push(line, text.as_bytes());
                let whole = whole?;
                Some((
                    whole.line,
                    String::from_utf8(whole.text.into_owned()).unwrap(),
                ))
            })
            .collect()
    }

    #[test]
    fn pieces_of_both_streams_interleave() {
        let at = "2025-11-29T08:37:39.9Z";
        let lines = [
            format!("{at} stderr P I1129 a"),
            format!("{at} stdout P x"),
            format!("{at} stderr P:tag bc"),
            format!("{at} stdout F y"),
            format!("{at} stderr F d"),
            format!("{at} stderr F alone"),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(
            wholes(&lines),
            [
                (2, format!("{at} stdout F xy")),
                (1, format!("{at} stderr F I1129 abcd")),
                (6, format!("{at} stderr F alone")),
            ]
        );
    }

    /// A stamp of whole seconds has 20 characters.
    #[test]
    fn a_stamp_of_20_characters_or_more_begins_a_piece() {
        for (at, joined) in [
            ("2025-11-29T08:37:39Z", true),
            ("2025-11-29T08:37:39", false),
            ("x025-11-29T08:37:39Z", false),
        ] {
            let lines = [format!("{at} stderr P a"), format!("{at} stderr F b")];
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let found = wholes(&lines);
            let whole = (1, format!("{at} stderr F ab"));
            assert_eq!(found.contains(&whole), joined, "{at}: {found:?}");
        }
    }

    #[test]
    fn dockers_pieces() {
        let found = wholes(&[
            r#"{"log":"one\n","stream":"stderr","time":"t"}"#,
            r#"{"log":"tw","stream":"stderr","time":"t"}"#,
            r#"{"log":"o\n","stream":"stderr","time":"u"}"#,
        ]);
        assert_eq!(found.len(), 2);
        let joined: Json = serde_json::from_str(&found[1].1).unwrap();
        assert_eq!(
            (found[1].0, &joined["log"], &joined["time"]),
            (2, &Json::from("two\n"), &Json::from("u"))
        );
    }
}
