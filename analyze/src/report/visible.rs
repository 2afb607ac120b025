//! Names come from clusters and logs: what would move a cursor or turn text round is shown.

use std::borrow::Cow;

/// The text with every control character as U+FFFD and every mark that reorders text (Unicode
/// Bidirectional Algorithm, UAX 9) by its number, so that nothing acts and nothing is hidden.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| c.is_control() || reorders(c)) {
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

fn reorders(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn nothing_acts_and_nothing_is_hidden() {
        assert_eq!(visible("6.1.144"), "6.1.144");
        assert_eq!(
            visible("a\u{1b}[31mb\u{7f}\u{9b}"),
            "a\u{fffd}[31mb\u{fffd}\u{fffd}"
        );
        assert_eq!(visible("a\u{202e}b"), "a\u{27e8}U+202E\u{27e9}b");
        assert_eq!(visible("\u{5e9}\u{5dc}"), "\u{5e9}\u{5dc}");
    }
}
