//! Texts in base64: what queues, Secrets and subscriptions carry.
//!
//! ```text
//! {"recordId":"1","data":"STA2MTIgMDg6MDI6MDUuMjUwMDAwICAgICAgIDEgcHJveGllci5nbzox..."}
//! {"awslogs":{"data":"H4sIAAAAAAAAA..."}}             (gzip inside)
//! ```

use std::io::Read as _;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// With padding or without.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Shorter ones hold no line of kube-proxy's.
pub(crate) const SHORTEST: usize = 64;
/// Most that is unpacked of one.
const LARGEST: u64 = 64 * 1024 * 1024;
/// One inside the other.
const DEEPEST: u8 = 3;

/// Whether a text in base64 stands in a text.
pub(crate) fn stands_in(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(run) = run(rest) {
        // Of a long one, cut at the end, the beginning tells.
        let begin = run.start..run.end.min(run.start + 4_096);
        let whole = &rest[begin];
        if decoded(&whole[..whole.len() / 4 * 4]).is_some() {
            return true;
        }
        rest = &rest[run.end..];
    }
    false
}

/// A text with what stands in it in base64 as it reads: alone on its line as it is, else as a JSON
/// string. None if there is none.
pub(crate) fn undone(text: &[u8]) -> Option<Vec<u8>> {
    within(text, DEEPEST)
}

fn within(text: &[u8], depth: u8) -> Option<Vec<u8>> {
    let (mut out, mut rest, mut any) = (Vec::new(), text, false);
    while let Some(run) = run(rest).filter(|_| depth > 0) {
        let (before, after) = (&rest[..run.start], &rest[run.end..]);
        out.extend_from_slice(before);
        match decoded(&rest[run.clone()]) {
            Some(inner) => {
                any = true;
                let inner = within(&inner, depth - 1).unwrap_or(inner);
                out.extend_from_slice(&placed(inner, before, after));
            }
            None => out.extend_from_slice(&rest[run]),
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    any.then_some(out)
}

/// A decoded text as it fits between what stands before and behind it.
fn placed(inner: Vec<u8>, before: &[u8], after: &[u8]) -> Vec<u8> {
    if before.trim_ascii().is_empty() && after.trim_ascii().is_empty() {
        return inner;
    }
    let escaped = |text: &str| serde_json::Value::from(text).to_string();
    let quoted = escaped(&String::from_utf8_lossy(&inner));
    let bare = |quoted: &str| quoted[1..quoted.len() - 1].to_owned();
    if before.ends_with(b"\\\"") {
        bare(&escaped(&bare(&quoted))).into_bytes()
    } else if before.ends_with(b"\"") {
        bare(&quoted).into_bytes()
    } else {
        quoted.into_bytes()
    }
}

/// What a run of letters says in base64, if it is a text, perhaps a gzipped one.
fn decoded(run: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = ENGINE.decode(run).ok()?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut inner = Vec::new();
        let mut unpacked = flate2::read::MultiGzDecoder::new(bytes.as_slice()).take(LARGEST);
        // What is cut reads as far as it goes.
        if unpacked.read_to_end(&mut inner).is_err() && inner.is_empty() {
            return None;
        }
        bytes = inner;
    }
    is_text(&bytes).then_some(bytes)
}

/// Whether letters begin a text in base64.
pub(crate) fn begins_text(letters: &[u8]) -> bool {
    decoded(&letters[..letters.len() / 4 * 4]).is_some()
}

/// Appends what letters say.
///
/// # Errors
/// That they are no base64.
pub(crate) fn decode(letters: &[u8], out: &mut Vec<u8>) -> Result<(), base64::DecodeError> {
    ENGINE.decode_vec(letters, out)
}

#[cfg(test)]
pub(crate) fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// Whether bytes are words, or base64 once more.
fn is_text(bytes: &[u8]) -> bool {
    let control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t' | 0x1b);
    // A character may be cut at the end.
    let shown = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    let words = bytes.contains(&b' ') || run(bytes).is_some();
    shown && words && !bytes.iter().any(control)
}

pub(crate) fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// The first run of letters of base64 that is long enough, with its padding.
fn run(text: &[u8]) -> Option<Range<usize>> {
    // Every such run covers one of these places.
    let mut at = 0;
    while at < text.len() {
        if is_letter(text[at]) {
            let start = text[..at].iter().rposition(|byte| !is_letter(*byte));
            let start = start.map_or(0, |start| start + 1);
            let rest = text[at..].iter().position(|byte| !is_letter(*byte));
            let end = rest.map_or(text.len(), |length| at + length);
            if end - start >= SHORTEST {
                let padding = text[end..].iter().take(2).take_while(|byte| **byte == b'=');
                return Some(start..end + padding.count());
            }
            at = end;
        }
        at += SHORTEST / 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        r#"I0612 08:02:05.250000       1 proxier.go:1190] "SyncProxyRules complete""#;

    #[test]
    fn where_it_stands_it_is_put() {
        let inner = ENGINE.encode(LINE);
        let json = serde_json::Value::from(LINE).to_string();
        for (text, expected) in [
            (inner.clone(), LINE.to_owned()),
            (
                format!("{{\"data\":\"{inner}\",\"n\":1}}"),
                format!("{{\"data\":{json},\"n\":1}}"),
            ),
            (format!("  a.log: {inner}"), format!("  a.log: {json}")),
            (ENGINE.encode(&inner), LINE.to_owned()),
        ] {
            let found = undone(text.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(found).unwrap(), expected);
            assert!(stands_in(text.as_bytes()));
        }
    }

    #[test]
    fn hashes_and_paths_are_none() {
        for text in [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855e3b0c442".to_owned(),
            "a/very/long/path/to/some/file/of/a/module/in/a/vendored/tree/of/packages/x".to_owned(),
            "A".repeat(400),
            LINE.to_owned(),
            String::new(),
        ] {
            assert_eq!(undone(text.as_bytes()), None, "{text}");
            assert!(!stands_in(text.as_bytes()), "{text}");
        }
    }
}
