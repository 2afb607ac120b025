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
