//! Just enough of C to find a function and a place in it.

use std::ops::Range;

/// Where a function is defined: from its name to the brace that ends it, which the kernel's style
/// puts at the beginning of a line.
pub(super) fn definition(text: &str, name: &str) -> Option<Range<usize>> {
    let starts = text.match_indices(name).map(|(at, _)| at);
    for start in starts {
        let before = text[..start].chars().next_back();
        let part_of_word = before.is_some_and(is_word);
        let rest = &text[start + name.len()..];
        if part_of_word || !rest.trim_start().starts_with('(') {
            continue;
        }
        // A declaration ends in a semicolon before any brace; a call has one before it too.
        let Some(brace) = rest.find(['{', ';']) else {
            continue;
        };
        let is_definition = rest[brace..].starts_with('{') && rest[..brace].ends_with('\n');
        if let (true, Some(end)) = (is_definition, rest.find("\n}")) {
            return Some(start..start + name.len() + end + 2);
        }
    }
    None
}

/// Where the words and signs of `wanted` stand in `text`, whatever space is between them.
pub(super) fn places(text: &str, wanted: &str) -> Vec<Range<usize>> {
    let (tokens, wanted) = (split(text), split(wanted));
    if wanted.is_empty() {
        return Vec::new();
    }
    let alike = |window: &&[(usize, &str)]| {
        let mut pairs = window.iter().zip(&wanted);
        pairs.all(|((_, a), (_, b))| a == b)
    };
    let range = |window: &[(usize, &str)]| {
        let first = window.first()?.0;
        let (at, last) = window.last()?;
        Some(first..at + last.len())
    };
    let windows = tokens.windows(wanted.len()).filter(alike);
    windows.filter_map(range).collect()
}

/// Words and single signs, each with its place.
fn split(text: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        if !first.is_whitespace() {
            tokens.push((at, &rest[..length]));
        }
        at += length;
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_told_from_declarations_and_calls() {
        let text = "int f(int);\nint g(void)\n{\n\treturn f(1);\n}\nint my_f(void)\n{\n}\n\
                    int\nf(int a,\n  int b)\n{\n\tif (a) {\n\t}\n}\nint z;\n";
        let range = definition(text, "f").unwrap();
        assert!(text[range.clone()].starts_with("f(int a,"));
        assert!(text[range].ends_with("\n}"));
        assert_eq!(definition(text, "h"), None);
    }

    #[allow(clippy::single_range_in_vec_init)] // one place found
    #[test]
    fn words_are_whole_and_space_does_not_matter() {
        for (text, wanted, found) in [
            ("a(b)  c", "a ( b )", vec![0..4]),
            ("ab(c)", "b(c)", vec![]),
            ("x = y;\n\tx=y;", "x = y;", vec![0..6, 8..12]),
            ("x", "", vec![]),
            ("ä = b", "ä=b", vec![0..6]),
        ] {
            assert_eq!(places(text, wanted), found, "{text} {wanted}");
        }
    }
}
