//! A file that is base64 from beginning to end, as a mail or a Secret carries it.

use std::io::{self, Cursor, Read};

use super::encoding::Bytes;
use crate::wrap::base64;

/// Lines up to this width are one text that was broken; longer ones are texts of their own.
const BROKEN: usize = 80;

/// Whether a file that begins so is base64.
pub(super) fn begins(head: &[u8]) -> bool {
    const FIRST: usize = 512;
    let head = &head[..head.len().min(FIRST)];
    let fits = |byte: &u8| base64::is_letter(*byte) || matches!(byte, b'=' | b'\r' | b'\n');
    if !head.iter().all(fits) {
        return false;
    }
    let end = memchr::memrchr(b'\n', head).unwrap_or(head.len());
    let mut rows = head[..end].split(|byte| *byte == b'\n');
    let width = rows.next().map_or(0, |row| row.trim_ascii_end().len());
    let broken = width <= BROKEN && rows.clone().next().is_some();
    let (last, alike) = rows.fold((width, true), |(before, alike), row| {
        (row.trim_ascii_end().len(), alike && before == width)
    });
    // Rows that are texts of their own end with padding each.
    let text = if broken { head } else { &head[..width] };
    let letters = text.iter().filter(|byte| base64::is_letter(**byte));
    let letters: Vec<u8> = letters.copied().collect();
    (!broken || alike && last <= width)
        && letters.len() >= base64::SHORTEST
        && base64::begins_text(&letters)
}

/// What base64 says.
pub(super) struct Decoded<'a> {
    inner: Bytes<'a>,
    /// Letters that are no whole group yet.
    letters: Vec<u8>,
    width: usize,
    ready: Cursor<Vec<u8>>,
}

impl<'a> Decoded<'a> {
    pub(super) fn new(inner: Bytes<'a>) -> Self {
        Self {
            inner,
            letters: Vec::new(),
            width: 0,
            ready: Cursor::default(),
        }
    }

    /// Takes the letters that are there, down to a whole group; `all`: nothing follows that is theirs.
    fn take(&mut self, all: bool, out: &mut Vec<u8>) -> io::Result<()> {
        let whole = if all {
            self.letters.len()
        } else {
            self.letters.len() / 4 * 4
        };
        let taken: Vec<u8> = self.letters.drain(..whole).collect();
        base64::decode(&taken, out).map_err(|error| io::Error::other(error.to_string()))
    }

    fn step(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        for byte in bytes {
            let padded = self.letters.last() == Some(&b'=');
            match byte {
                b'\n' if self.width > BROKEN => {
                    self.take(true, out)?;
                    if out.last().is_some_and(|last| *last != b'\n') {
                        out.push(b'\n');
                    }
                    self.width = 0;
                }
                b'\n' => self.width = 0,
                b'\r' | b' ' => {}
                _ => {
                    if padded && *byte != b'=' {
                        self.take(true, out)?;
                    }
                    self.letters.push(*byte);
                    self.width += 1;
                }
            }
        }
        Ok(())
    }
}

impl Read for Decoded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const STEP: usize = 64 * 1024;
        loop {
            let count = self.ready.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let mut fresh = vec![0; STEP];
            let count = self.inner.read(&mut fresh)?;
            let mut out = Vec::new();
            self.step(&fresh[..count], &mut out)?;
            let padded = self.letters.last() == Some(&b'=');
            if !padded || count == 0 {
                self.take(count == 0, &mut out)?;
            }
            if count == 0 && out.is_empty() {
                return Ok(0);
            }
            self.ready = Cursor::new(out);
        }
    }
}

/// Rows of base64 among other lines, as a mail has them: put together again.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// What was decoded and has no line end yet.
    open: Vec<u8>,
    /// The last line was such a row.
    within: bool,
}

impl Rows {
    /// Takes a row, and gives whether it is one; the lines that it ends go to `ended`.
    pub(super) fn push(&mut self, row: &[u8], ended: &mut Vec<u8>) -> bool {
        const NARROWEST: usize = 56;
        let row = row.trim_ascii_end();
        let letter = |byte: &u8| base64::is_letter(*byte) || *byte == b'=';
        let least = if self.within { 1 } else { NARROWEST };
        let before = self.open.len();
        let taken = (least..=BROKEN).contains(&row.len())
            && row.iter().all(letter)
            && (self.within || base64::begins_text(row))
            && base64::decode(row, &mut self.open).is_ok();
        if !taken {
            self.open.truncate(before);
            return false;
        }
        self.within = true;
        if let Some(end) = memchr::memrchr(b'\n', &self.open) {
            let rest = self.open.split_off(end + 1);
            ended.append(&mut self.open);
            self.open = rest;
        }
        true
    }

    /// What is left without a line end, where the rows end.
    pub(super) fn close(&mut self) -> Option<Vec<u8>> {
        self.within = false;
        (!self.open.is_empty()).then(|| std::mem::take(&mut self.open))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let mut out = String::new();
        let inner: Bytes<'_> = Box::new(text.as_bytes());
        Decoded::new(inner).read_to_string(&mut out).unwrap();
        out
    }

    #[test]
    fn broken_or_a_line_each() {
        let line = "I0612 08:02:05.250000       1 proxier.go:1190] \"SyncProxyRules complete\" ipFamily=\"IPv4\"\n";
        for count in [1, 2, 3, 700] {
            let text = line.repeat(count);
            let whole = base64::encode(text.as_bytes());
            assert_eq!(read(&whole), text);
            let rows: Vec<&[u8]> = whole.as_bytes().chunks(76).collect();
            let broken = rows.join(&b"\r\n"[..]);
            let broken = String::from_utf8(broken).unwrap() + "\r\n";
            assert_eq!(read(&broken), text);
            assert!(begins(&broken.as_bytes()[..broken.len().min(512)]));
            let each = (base64::encode(line.trim_end().as_bytes()) + "\n").repeat(count);
            assert_eq!(read(&each), text);
            assert!(begins(&each.as_bytes()[..each.len().min(512)]));
        }
    }

    #[test]
    fn rows_among_other_lines() {
        let text = "one line of words that is long enough\nanother, which is longer still\nlast";
        let whole = base64::encode(text.as_bytes());
        let (mut rows, mut ended) = (Rows::default(), Vec::new());
        assert!(!rows.push(b"Content-Transfer-Encoding: base64", &mut ended));
        for row in whole.as_bytes().chunks(76) {
            assert!(rows.push(row, &mut ended));
        }
        assert!(!rows.push(b"--", &mut ended));
        assert_eq!(ended, &text.as_bytes()[..text.len() - 4]);
        assert_eq!(rows.close().as_deref(), Some(&b"last"[..]));
        assert_eq!(rows.close(), None);
    }

    #[test]
    fn what_is_none() {
        for text in [
            "",
            "word\n",
            "I0612 08:02:05.250000 1 a.go:1] x\n",
            &"ab12".repeat(100),
        ] {
            assert!(!begins(text.as_bytes()), "{text}");
        }
    }
}
