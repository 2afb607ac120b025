//! Mail's quoted-printable: `=3D` for `=`, and `=` at the end of a line that goes on.

/// Whether a mail's text begins so.
pub(crate) fn stands_in(head: &[u8]) -> bool {
    let named = memchr::memmem::find(head, b"uoted-printable").is_some();
    let soft = memchr::memmem::find(head, b"=\n").is_some()
        || memchr::memmem::find(head, b"=\r\n").is_some();
    let pair = [&b"elapsed=3D"[..], b"ipFamily=3D", b"numServices=3D"];
    memchr::memmem::find(head, b"=3D").is_some()
        && (named
            || soft
            || pair
                .iter()
                .any(|pair| memchr::memmem::find(head, pair).is_some()))
}

/// The text without its escapes.
pub(crate) fn decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let escaped = text
            .get(at + 1..at + 3)
            .filter(|_| *byte == b'=')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(escaped.unwrap_or(*byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_and_equals_signs_stay() {
        assert_eq!(
            decoded(b"a=3D\"b=C2=B5s\" c=d=zz="),
            "a=\"b\u{b5}s\" c=d=zz=".as_bytes()
        );
        assert!(stands_in(b"x=3D\"1=\ns\""));
        assert!(!stands_in(b"elapsed=\"3s\"\n"));
    }
}
