//! Texts in UTF-16 and UTF-32, as Windows consoles and their tools write them, in UTF-8.

use std::io::{self, Cursor, Read};

/// Bytes of one after the other, whatever is behind them.
pub(crate) type Bytes<'a> = Box<dyn Read + 'a>;

/// How a text is encoded, and whether a mark of it stands at its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8 behind a mark.
    Utf8,
    Utf16 {
        big: bool,
        mark: bool,
    },
    Utf32 {
        big: bool,
        mark: bool,
    },
}

impl Encoding {
    /// The encoding that the first bytes tell; none for a text that is UTF-8 as it stands.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        Some(match head {
            [0xff, 0xfe, 0, 0, ..] => Self::Utf32 {
                big: false,
                mark: true,
            },
            [0, 0, 0xfe, 0xff, ..] => Self::Utf32 {
                big: true,
                mark: true,
            },
            [0xff, 0xfe, ..] => Self::Utf16 {
                big: false,
                mark: true,
            },
            [0xfe, 0xff, ..] => Self::Utf16 {
                big: true,
                mark: true,
            },
            [0xef, 0xbb, 0xbf, ..] => Self::Utf8,
            _ => {
                let mark = false;
                let (big, wide) = (true, false);
                [
                    (2, 0, Self::Utf16 { big: wide, mark }),
                    (2, 1, Self::Utf16 { big, mark }),
                    (4, 0, Self::Utf32 { big: wide, mark }),
                    (4, 3, Self::Utf32 { big, mark }),
                ]
                .into_iter()
                .find(|(width, letter, _)| begins(head, *width, *letter))
                .map(|(_, _, encoding)| encoding)?
            }
        })
    }

    /// Its name among what a file is packed in.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Utf8 => None,
            Self::Utf16 { .. } => Some("utf16"),
            Self::Utf32 { .. } => Some("utf32"),
        }
    }

    /// Bytes of a unit.
    fn width(self) -> usize {
        match self {
            Self::Utf8 => 1,
            Self::Utf16 { .. } => 2,
            Self::Utf32 { .. } => 4,
        }
    }

    /// Bytes of the mark.
    fn mark(self) -> usize {
        match self {
            Self::Utf8 => 3,
            Self::Utf16 { mark, .. } | Self::Utf32 { mark, .. } => usize::from(mark) * self.width(),
        }
    }

    /// Whole units as text; gives also how many bytes were taken.
    fn decoded(self, bytes: &[u8]) -> (String, usize) {
        match self {
            Self::Utf8 => (String::from_utf8_lossy(bytes).into_owned(), bytes.len()),
            Self::Utf16 { big, .. } => {
                let unit = |pair: &[u8]| match big {
                    true => u16::from_be_bytes([pair[0], pair[1]]),
                    false => u16::from_le_bytes([pair[0], pair[1]]),
                };
                let mut units: Vec<u16> = bytes.chunks_exact(2).map(unit).collect();
                // Half a character waits for its other half.
                let half = |unit: &u16| (0xd800..0xdc00).contains(unit);
                if units.last().is_some_and(half) {
                    units.pop();
                }
                (String::from_utf16_lossy(&units), units.len() * 2)
            }
            Self::Utf32 { big, .. } => {
                let unit = |four: &[u8]| match big {
                    true => u32::from_be_bytes([four[0], four[1], four[2], four[3]]),
                    false => u32::from_le_bytes([four[0], four[1], four[2], four[3]]),
                };
                let shown = |unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
                let text: String = bytes.chunks_exact(4).map(unit).map(shown).collect();
                (text, bytes.len() / 4 * 4)
            }
        }
    }
}

/// Whether a text is a mainframe's. Which of its many alphabets it is in, it does not tell.
pub(super) fn is_ebcdic(head: &[u8]) -> bool {
    const ENOUGH: usize = 64;
    let blanks = head.iter().filter(|byte| **byte == 0x40).count();
    let text = |byte: &&u8| {
        matches!(byte,
            0x81..=0x89 | 0x91..=0x99 | 0xa2..=0xa9 | 0xc1..=0xc9 | 0xd1..=0xd9 | 0xe2..=0xe9 | 0xf0..=0xf9
            | 0x40 | 0x4a..=0x50 | 0x5a..=0x61 | 0x6a..=0x6f | 0x79..=0x7f | 0x05 | 0x0d | 0x15 | 0x25
            | 0xad | 0xbd | 0xba | 0xbb)
    };
    head.len() >= ENOUGH
        && blanks * 20 >= head.len()
        && head.iter().filter(text).count() * 100 >= head.len() * 97
        && head.iter().filter(|byte| **byte >= 0x80).count() * 2 > head.len()
}

/// Whether a text without a mark begins here, in units of `width` bytes, whose letter is the
/// `letter`th: all others are 0.
fn begins(head: &[u8], width: usize, letter: usize) -> bool {
    const ENOUGH: usize = 16;
    head.len() >= ENOUGH
        && head[..ENOUGH].iter().enumerate().all(|(at, byte)| {
            let text = matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n');
            if at % width == letter {
                text
            } else {
                *byte == 0
            }
        })
}

/// The text that `head` begins, as UTF-8.
pub(super) fn utf8<'a>(head: &[u8], mut inner: Bytes<'a>) -> io::Result<Bytes<'a>> {
    let Some(encoding) = Encoding::of(head) else {
        return Ok(inner);
    };
    inner.read_exact(&mut [0; 4][..encoding.mark()])?;
    if encoding == Encoding::Utf8 {
        return Ok(inner);
    }
    Ok(Box::new(Utf8 {
        inner,
        encoding,
        rest: Vec::new(),
        ready: Cursor::default(),
        narrow: false,
    }))
}

/// Another encoding as UTF-8.
struct Utf8<'a> {
    inner: Bytes<'a>,
    encoding: Encoding,
    /// Bytes read that are no whole character yet.
    rest: Vec<u8>,
    ready: Cursor<Vec<u8>>,
    /// Somebody appended plain text: `>` wrote UTF-16 and `>>` did not.
    narrow: bool,
}

impl Read for Utf8<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const STEP: u64 = 64 * 1024;
        loop {
            let count = self.ready.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            let fresh = self.inner.by_ref().take(STEP).read_to_end(&mut self.rest)?;
            if fresh == 0 && self.rest.is_empty() {
                return Ok(0);
            }
            self.ready = Cursor::new(self.step(fresh == 0));
        }
    }
}

impl Utf8<'_> {
    /// What was read so far; `last`: nothing follows.
    fn step(&mut self, last: bool) -> Vec<u8> {
        if self.narrow {
            return std::mem::take(&mut self.rest);
        }
        let plain = appended(&self.rest);
        let enough = if last { SHORT } else { ENOUGH };
        let narrow = plain.filter(|from| self.rest.len() - from >= enough);
        // What may be the beginning of plain text waits for the rest of it.
        let waits = plain.filter(|from| !last && self.rest.len() - from >= SHORT);
        let wide = narrow.or(waits).unwrap_or(self.rest.len());
        let (text, taken) = self.encoding.decoded(&self.rest[..wide]);
        let mut text = text.into_bytes();
        match narrow {
            Some(from) => {
                text.extend_from_slice(&self.rest[from..]);
                self.rest.clear();
                self.narrow = true;
            }
            // Half a character at the end is none.
            None if last => self.rest.clear(),
            None => {
                self.rest.drain(..taken);
            }
        }
        text
    }
}

/// So many plain letters behind each other are no wide ones.
const ENOUGH: usize = 48;
/// So many may be, where a unit is cut.
const SHORT: usize = 2;

/// Where a stretch of plain letters begins that is long enough, or stands at the end: plain text
/// was appended to wide text, in which a zero stands between letters.
fn appended(bytes: &[u8]) -> Option<usize> {
    let plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n');
    let mut length = 0;
    for (at, byte) in bytes.iter().enumerate() {
        length = if plain(byte) { length + 1 } else { 0 };
        if length == ENOUGH {
            return Some(at + 1 - ENOUGH);
        }
    }
    (length > 0).then_some(bytes.len() - length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> String {
        let mut text = String::new();
        let inner: Bytes<'_> = Box::new(bytes);
        utf8(bytes, inner)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    }

    fn wide(text: &str, width: usize, big: bool) -> Vec<u8> {
        let unit = |c: char| {
            let mut unit = u32::from(c).to_le_bytes()[..width].to_vec();
            if big {
                unit.reverse();
            }
            unit
        };
        text.chars().flat_map(unit).collect()
    }

    #[test]
    fn every_width_with_a_mark_and_without() {
        let text = "I0612 08:02:05.250000 1 proxier.go:1] took 19.5\u{b5}s\r\n";
        for (width, big) in [(2, false), (2, true), (4, false), (4, true)] {
            assert_eq!(read(&wide(text, width, big)), text, "{width} {big}");
            let marked = wide(&format!("\u{feff}{text}"), width, big);
            assert_eq!(read(&marked), text, "{width} {big}");
        }
        assert_eq!(read(format!("\u{feff}{text}").as_bytes()), text);
        assert_eq!(Encoding::of(text.as_bytes()), None);
    }

    #[test]
    fn plain_text_behind_wide_text() {
        let plain = "I0612 08:02:05.250000       1 proxier.go:1] \"plain\" and more of it\r\n";
        let mut bytes = wide("\u{feff}wide\r\n", 2, false);
        bytes.extend_from_slice(plain.as_bytes());
        assert_eq!(read(&bytes), format!("wide\r\n{plain}"));
    }

    #[test]
    fn plain_text_behind_much_wide_text() {
        for length in 65_480..65_560 {
            let wide_text = format!("\u{feff}{}\n", "x".repeat(length / 2));
            let plain = "I0612 08:02:05.250000       1 proxier.go:1190] \"plain\" and more\n";
            let mut bytes = wide(&wide_text, 2, false);
            bytes.extend_from_slice(plain.as_bytes());
            assert!(read(&bytes).ends_with(&format!("x\n{plain}")), "{length}");
        }
    }

    /// 64 bytes; a twentieth of them blanks, 97 of 100 text, more than half letters and digits.
    #[test]
    fn a_mainframe_s_text_has_enough_of_everything() {
        let (blank, letter, point, odd_one) = (0x40_u8, 0x81, 0x4b, 0x00);
        for (blanks, letters, points, odd, is_one) in [
            (32, 32, 0, 0, false),
            (31, 33, 0, 0, true),
            (30, 33, 0, 0, false),
            (5, 95, 0, 0, true),
            (4, 96, 0, 0, false),
            (10, 87, 0, 3, true),
            (10, 86, 0, 4, false),
            (10, 51, 39, 0, true),
            (10, 50, 40, 0, false),
        ] {
            let parts = [
                (blank, blanks),
                (letter, letters),
                (point, points),
                (odd_one, odd),
            ];
            let text: Vec<u8> = parts
                .iter()
                .flat_map(|(byte, count)| vec![*byte; *count])
                .collect();
            assert_eq!(is_ebcdic(&text), is_one, "{parts:?}");
        }
    }

    #[test]
    fn a_mainframe_s_text_is_known() {
        // `I0612 08:02:05.250000 1 proxier.go:1190` in code page 037, over and over.
        let line = [
            0xc9, 0xf0, 0xf6, 0xf1, 0xf2, 0x40, 0xf0, 0xf8, 0x7a, 0xf0, 0xf2, 0x7a, 0xf0, 0xf5,
            0x4b, 0xf2, 0xf5, 0xf0, 0xf0, 0xf0, 0xf0, 0x40, 0xf1, 0x40, 0x97, 0x99, 0x96, 0xa7,
            0x89, 0x85, 0x99, 0x4b, 0x87, 0x96, 0x7a, 0xf1, 0xf1, 0xf9, 0xf0, 0x25,
        ];
        assert!(is_ebcdic(&line.repeat(3)));
        assert!(!is_ebcdic(&line));
        let latin = "größer als üblich, und noch viel mehr Wörter als das, ".repeat(4);
        assert!(!is_ebcdic(latin.as_bytes()));
        assert!(!is_ebcdic(&"@".repeat(100).into_bytes()));
    }

    #[test]
    fn half_a_character_at_the_end_is_none() {
        let mut bytes = wide("\u{feff}a line of text\n", 2, false);
        bytes.push(b'x');
        assert_eq!(read(&bytes), "a line of text\n");
    }
}
