//! nft's words: what its batches and its listings are made of.

/// Words, braces, commas and semicolons; text in quotes is one word.
pub(crate) fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        let ends = !quoted && (c.is_whitespace() || matches!(c, '{' | '}' | ',' | ';'));
        if ends {
            if let Some(from) = start.take() {
                words.push(&line[from..at]);
            }
            if !c.is_whitespace() {
                words.push(&line[at..=at]);
            }
            continue;
        }
        if c == '"' {
            quoted = !quoted;
        }
        start.get_or_insert(at);
    }
    if let Some(from) = start {
        words.push(&line[from..]);
    }
    words
}

/// The elements between the braces at the end of an `element` command, each as its key alone.
pub(crate) fn keys(words: &[&str]) -> Result<Vec<String>, String> {
    let [first, inner @ .., last] = words else {
        return Err("no elements in braces".to_owned());
    };
    if *first != "{" || *last != "}" {
        return Err("no elements in braces".to_owned());
    }
    let elements = inner.split(|word| *word == ",");
    let keys = elements
        .filter(|element| !element.is_empty())
        .map(|element| {
            let key = element
                .iter()
                .take_while(|word| !matches!(**word, ":" | "comment"));
            key.copied().collect::<Vec<_>>().join(" ")
        });
    Ok(keys.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_commas_and_semicolons_are_words_but_not_within_quotes() {
        for (line, found) in [
            ("", vec![]),
            ("  a\tb ", vec!["a", "b"]),
            ("{a,b;}", vec!["{", "a", ",", "b", ";", "}"]),
            ("a { \"x { y, z\" }", vec!["a", "{", "\"x { y, z\"", "}"]),
            ("\"not closed { ", vec!["\"not closed { "]),
            ("é,ü", vec!["é", ",", "ü"]),
        ] {
            assert_eq!(words(line), found, "{line}");
        }
    }

    #[test]
    fn a_key_ends_at_its_remark_or_its_value() {
        let found = keys(&words("{ 1 . 2 comment \"a\" : goto b, 3 : drop, , 4 }"));
        assert_eq!(found, Ok(["1 . 2", "3", "4"].map(str::to_owned).to_vec()));
        for odd in ["", "{", "{ 1", "1 }", "1"] {
            assert!(keys(&words(odd)).is_err(), "{odd}");
        }
    }
}
