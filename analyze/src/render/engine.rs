//! tera, with the templates of this folder and the words of the report.

use std::collections::HashMap;

use serde::Serialize;
use tera::{Context, Tera, Value};

use crate::error::Error;
use crate::report::names::Names;
use crate::report::visible::visible;
use crate::report::{permalink, words};

const TEMPLATES: [(&str, &str); 12] = [
    ("base.html", include_str!("templates/base.html")),
    ("parts.html", include_str!("templates/parts.html")),
    ("index.html", include_str!("templates/index.html")),
    ("single.html", include_str!("templates/single.html")),
    ("comparison.html", include_str!("templates/comparison.html")),
    ("history.html", include_str!("templates/history.html")),
    ("fleet.html", include_str!("templates/fleet.html")),
    ("run.html", include_str!("templates/run.html")),
    ("report.md", include_str!("templates/report.md")),
    ("parts.md", include_str!("templates/parts.md")),
    ("compact.md", include_str!("templates/compact.md")),
    ("readme.md", include_str!("templates/readme.md")),
];

/// The templates, read once for all pages of a report.
pub(super) struct Engine(Tera);

impl Engine {
    pub(super) fn new(names: &Names) -> Result<Self, Error> {
        let mut tera = Tera::default();
        tera.autoescape_on(vec![".html"]);
        tera.set_escape_fn(html);
        tera.add_raw_templates(TEMPLATES).map_err(failed)?;
        tera.register_filter("duration", duration);
        tera.register_filter("count", count);
        tera.register_filter("fixed", fixed);
        tera.register_filter("interval", interval);
        tera.register_filter("p", p_value);
        tera.register_filter("md", markdown);
        tera.register_filter("url", url);
        tera.register_filter("fragment", fragment);
        tera.register_filter("dash", dash);
        tera.register_filter("blank", blank);
        let names = names.clone();
        let short = move |value: &Value, _: Arguments<'_>| {
            let told = value.as_str().map(|name| names.short(name).to_owned());
            Ok(told.map_or_else(|| value.clone(), Value::String))
        };
        tera.register_filter("short", short);
        Ok(Self(tera))
    }

    /// Renders a template. HTML is escaped by default, Markdown by the filter `md`.
    pub(super) fn render(&self, template: &str, context: &impl Serialize) -> Result<String, Error> {
        let context = Context::from_serialize(context).map_err(failed)?;
        self.0.render(template, &context).map_err(failed)
    }
}

/// Text for HTML, in an element or an attribute.
fn html(text: &str) -> String {
    tera::escape_html(&visible(text))
}

/// tera hides the reason in the error's source.
fn failed(error: tera::Error) -> Error {
    let mut problem = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        problem = format!("{problem}: {cause}");
        source = cause.source();
    }
    Error::Internal {
        what: "the report's text",
        problem,
    }
}

type Arguments<'a> = &'a HashMap<String, Value>;

/// Seconds for people; nothing for none.
fn duration(value: &Value, _: Arguments<'_>) -> tera::Result<Value> {
    Ok(Value::String(
        value
            .as_f64()
            .map_or_else(|| "\u{2013}".to_owned(), words::duration),
    ))
}

/// A whole number with thousands apart.
fn count(value: &Value, _: Arguments<'_>) -> tera::Result<Value> {
    let text = match (value.as_u64(), value.as_f64()) {
        (Some(n), _) => words::count(n),
        (_, Some(x)) if x < 0.0 => format!("\u{2212}{}", words::count(-x as u64)),
        (_, Some(x)) => words::count(x.round() as u64),
        _ => "\u{2013}".to_owned(),
    };
    Ok(Value::String(text))
}

/// A number with `digits` decimals (1 by default); a dash for none.
fn fixed(value: &Value, arguments: Arguments<'_>) -> tera::Result<Value> {
    let digits = arguments.get("digits").and_then(Value::as_u64).unwrap_or(1) as usize;
    Ok(Value::String(value.as_f64().map_or_else(
        || "\u{2013}".to_owned(),
        |x| format!("{x:.digits$}"),
    )))
}

/// An interval of percent less time; nothing for none.
fn interval(value: &Value, _: Arguments<'_>) -> tera::Result<Value> {
    let end = |at: usize| value.get(at).and_then(Value::as_f64);
    let told = end(0).zip(end(1));
    Ok(Value::String(told.map_or_else(
        || "\u{2013}".to_owned(),
        |(low, high)| words::interval([low, high]),
    )))
}

/// A p-value; one that three decimals would make 0 is given as a bound.
fn p_value(value: &Value, _: Arguments<'_>) -> tera::Result<Value> {
    Ok(Value::String(match value.as_f64() {
        None => "\u{2013}".to_owned(),
        Some(p) if p < 0.0005 => "< 0.001".to_owned(),
        Some(p) => format!("{p:.3}"),
    }))
}

/// The value, or a dash for none.
fn dash(value: &Value, _: Arguments<'_>) -> tera::Result<Value> {
    Ok(if value.is_null() {
        Value::String("\u{2013}".to_owned())
    } else {
        value.clone()
    })
}

/// The value, or nothing for none: what a table is sorted by.
fn blank(value: &Value, _: Arguments<'_>) -> tera::Result<Value> {
    Ok(if value.is_null() {
        Value::String(String::new())
    } else {
        value.clone()
    })
}

/// Text that Markdown and the HTML inside it take for text, also in a table's cell.
fn markdown(value: &Value, _: Arguments<'_>) -> tera::Result<Value> {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    let mut safe = String::with_capacity(text.len());
    let shown = visible(&text);
    for (at, c) in shown.char_indices() {
        let next = || shown[at + c.len_utf8()..].chars().next();
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '!' | '~' => safe.extend(['\\', c]),
            // A link to an issue, of a number that nobody meant for one. What stands in the way is
            // an empty comment: an escaped mark is a mark again when links are looked for.
            '#' if next().is_some_and(|c| c.is_ascii_digit()) => {
                safe.extend(["\\#", NOTHING]);
            }
            '-' if is_issue(&shown[..at]) && next().is_some_and(|c| c.is_ascii_digit()) => {
                safe.extend(["-", NOTHING]);
            }
            // A mention, or an address of mail.
            '@' => safe.extend([NOTHING, "&#64;", NOTHING]),
            // `https://...`, `www....`.
            ':' if shown[at..].starts_with("://") => safe.extend([":", NOTHING]),
            '.' if is_www(&shown[..at]) => safe.extend([NOTHING, "."]),
            '#' => safe.push_str("\\#"),
            c => safe.push(c),
        }
    }
    Ok(Value::String(safe))
}

/// Stands between two characters and is not seen.
const NOTHING: &str = "<!-- -->";

/// Whether `GH` stands before a number's hyphen: `GH-1` is issue 1.
fn is_issue(before: &str) -> bool {
    let end = before.len().checked_sub(2).and_then(|at| before.get(at..));
    end.is_some_and(|end| end.eq_ignore_ascii_case("gh"))
}

/// Whether `www` stands before a dot.
fn is_www(before: &str) -> bool {
    let end = before.len().checked_sub(3).and_then(|at| before.get(at..));
    end.is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

/// A path as a part of a link: what could end or change it is written in percent.
fn url(value: &Value, _: Arguments<'_>) -> tera::Result<Value> {
    let text = value.as_str().unwrap_or_default();
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-+=".contains(&byte) {
            safe.push(char::from(byte));
        } else {
            safe.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(Value::String(safe))
}

/// A name as the fragment of a link.
fn fragment(value: &Value, _: Arguments<'_>) -> tera::Result<Value> {
    Ok(Value::String(permalink::file_name(
        value.as_str().unwrap_or_default(),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn md(text: &str) -> String {
        let none = HashMap::new();
        markdown(&Value::String(text.to_owned()), &none).map_or_else(
            |error| error.to_string(),
            |value| value.as_str().unwrap_or_default().to_owned(),
        )
    }

    #[test]
    fn a_name_is_no_link_and_no_mention() {
        for (name, text) in [
            ("www.example.org", "www<!-- -->.example.org"),
            ("WWW.example.org", "WWW<!-- -->.example.org"),
            ("https://example.org", "https:<!-- -->//example.org"),
            ("a@example.org", "a<!-- -->&#64;<!-- -->example.org"),
            ("@name", "<!-- -->&#64;<!-- -->name"),
            ("#1", "\\#<!-- -->1"),
            ("o/r#12", "o/r\\#<!-- -->12"),
            ("gh-7", "gh-<!-- -->7"),
            // What leads nowhere stays as it is.
            ("# heading", "\\# heading"),
            ("6.12.46-gh", "6.12.46-gh"),
            ("ww.x a:b", "ww.x a:b"),
        ] {
            assert_eq!(md(name), text, "{name}");
        }
    }
}
