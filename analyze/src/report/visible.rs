//! Names come from clusters and logs: what would move a cursor or turn text round is shown.

use std::borrow::Cow;

/// The text with every control character as U+FFFD and every mark that reorders text (Unicode
/// Bidirectional Algorithm, UAX 9) or has no width by its number, so that nothing acts, nothing is
/// hidden, and two names that differ look different.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    // Nearly every text: told by its bytes, without looking each character up.
    let plain = text.bytes().all(|b| matches!(b, b' '..=b'~'));
    if plain || !text.chars().any(|c| c.is_control() || reorders(c)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c.is_control() {
            shown.push('\u{fffd}');
        } else if reorders(c) {
            shown.push_str(&format!("\u{27e8}U+{:04X}\u{27e9}", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// JSON, or a piece of one of its strings, with what [`visible`] would show as numbers: JSON lets C1
/// controls and marks that reorder text stand in a string as they are.
#[must_use]
pub fn in_json(text: &str) -> Cow<'_, str> {
    // JSON has escaped what is below U+0020; line ends stand between its parts.
    let acts = |c: char| c >= '\u{7f}' && (c.is_control() || reorders(c));
    if text.is_ascii() && !text.contains('\u{7f}') || !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    let mut units = [0; 2];
    for c in text.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut units) {
                shown.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// What a formula begins with, also in its wide form.
const FORMULA: [char; 8] = [
    '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// Text for a cell of a CSV file. Names come from clusters and files: `=HYPERLINK(...)` must stay a text, and an escape must
/// not reach the terminal that the file is printed on.
#[must_use]
pub fn in_cell(text: &str) -> Cow<'_, str> {
    let shown = visible(text);
    // A spreadsheet that takes `;` between cells begins a new one behind each.
    let mut cells = shown.split([';', '\u{ff1b}']);
    if cells.any(|cell| cell.trim_start().starts_with(FORMULA)) {
        // The mark stands in front of each cell that it could become.
        Cow::Owned(format!(
            "'{}",
            shown.replace(';', ";'").replace('\u{ff1b}', "\u{ff1b}'")
        ))
    } else {
        shown
    }
}

fn reorders(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The same for a message of several lines.
#[must_use]
pub fn lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{in_json, visible};

    #[test]
    fn json_says_the_same_and_nothing_acts() {
        for text in [
            "a\u{9b}31m",
            "6.1\u{202e}",
            "\u{e0041}x",
            "\u{7f}",
            "\u{5e9}\u{e9}",
        ] {
            let json = serde_json::to_string(text).unwrap();
            let shown = in_json(&json);
            assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
            assert_eq!(visible(&shown), shown, "{shown}");
        }
    }

    #[test]
    fn nothing_acts_and_nothing_is_hidden() {
        assert_eq!(visible("6.1.144"), "6.1.144");
        assert_eq!(
            visible("a\u{1b}[31mb\u{7f}\u{9b}"),
            "a\u{fffd}[31mb\u{fffd}\u{fffd}"
        );
        assert_eq!(visible("6.1\u{200b}"), "6.1\u{27e8}U+200B\u{27e9}");
        assert_eq!(visible("6.1\u{2060}"), "6.1\u{27e8}U+2060\u{27e9}");
        assert_eq!(visible("a\u{202e}b"), "a\u{27e8}U+202E\u{27e9}b");
        assert_eq!(visible("\u{5e9}\u{5dc}"), "\u{5e9}\u{5dc}");
    }
}
