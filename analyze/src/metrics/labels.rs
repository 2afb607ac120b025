//! `{name="value",...}`, as the text formats of Prometheus and OpenMetrics have it.

use super::sample::Labels;

/// Reads labels from a `{` on; gives what stands behind the `}`.
///
/// # Errors
/// What is wrong.
pub(super) fn read(text: &str) -> Result<(Labels, &str), String> {
    let mut labels = Labels::new();
    let mut rest = text.strip_prefix('{').ok_or("no labels")?.trim_start();
    loop {
        if let Some(behind) = rest.strip_prefix('}') {
            return Ok((labels, behind));
        }
        let (name, behind) = rest.split_once('=').ok_or("the labels have no end")?;
        let name = name.trim_matches([' ', '\t', '"']);
        let quoted = behind.trim_start().strip_prefix('"');
        let quoted = quoted.ok_or_else(|| format!("the label {name} has no value in quotes"))?;
        let (value, behind) = until_quote(quoted)?;
        if labels.insert(name.to_owned(), value).is_some() {
            return Err(format!("the label {name} stands twice"));
        }
        rest = behind.trim_start();
        rest = match rest.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if rest.starts_with('}') => rest,
            None => return Err(format!("no comma behind the label {name}")),
        };
    }
}

/// A value and what stands behind its quote; `\\`, `\"` and `\n` are one letter each.
fn until_quote(text: &str) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => match letters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, letter @ ('\\' | '"'))) => value.push(letter),
                // As Prometheus has it.
                Some((_, letter)) => value.extend(['\\', letter]),
                None => break,
            },
            letter => value.push(letter),
        }
    }
    Err("a label's value has no end".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_as_they_are_written() {
        let (labels, rest) = read(r#"{a="x,y}", b = "q\"\\\n\t" , } 12"#).unwrap();
        assert_eq!(labels["a"], "x,y}");
        assert_eq!(labels["b"], "q\"\\\n\\t");
        assert_eq!((labels.len(), rest), (2, " 12"));
        assert_eq!(read("{} 1").unwrap(), (Labels::new(), " 1"));
    }

    #[test]
    fn what_are_no_labels() {
        for text in [
            "",
            "{",
            "{a",
            "{a=",
            "{a=1}",
            r#"{a="x"#,
            r#"{a="x\"#,
            r#"{a="x""#,
            r#"{a="x" b="y"}"#,
            r#"{a="x",a="y"}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
