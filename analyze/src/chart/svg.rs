//! What plotters does not write itself: names for readers of the screen, tooltips, and a dark
//! side.

use super::palette::DARK;
use super::sheet::{END, ZOOM};
use crate::report::visible::visible;

/// Completes a document: `<title>`, `<desc>`, a role, and each mark's own words.
pub(super) fn finish(
    drawn: &str,
    says: &[String],
    id: &str,
    title: &str,
    description: &str,
) -> String {
    let (title, description) = (escape(title), escape(description));
    let head = format!(
        " role=\"img\" aria-labelledby=\"{id}-t {id}-d\" font-family=\"system-ui, sans-serif\">\n\
         <title id=\"{id}-t\">{title}</title>\n<desc id=\"{id}-d\">{description}</desc>"
    );
    // The first `>` ends the opening tag.
    let (opening, body) = drawn.split_once('>').unwrap_or((drawn, ""));
    let mut whole = String::with_capacity(drawn.len() * 2);
    whole.push_str(opening);
    whole.push_str(&head);
    speaking(body, says, id, &mut whole);
    whole
}

/// Gives each circle, rectangle and polygon its words, in the order in which they were drawn.
fn speaking(body: &str, says: &[String], id: &str, into: &mut String) {
    let mut says = says.iter();
    let marks = ["circle", "rect", "polygon"];
    for line in body.split_inclusive('\n') {
        let mark = marks.iter().find(|mark| {
            line.strip_prefix('<')
                .is_some_and(|rest| rest.starts_with(**mark))
        });
        let words = mark
            .and_then(|_| says.next())
            .filter(|words| !words.is_empty());
        if let Some(group) = words.and_then(|words| stretch(words, id)) {
            into.push_str(&group);
            continue;
        }
        match (mark, words, line.trim_end().strip_suffix("/>")) {
            (Some(mark), Some(words), Some(opened)) => {
                into.push_str(opened);
                into.push_str("><title>");
                into.push_str(&escape(words));
                into.push_str(&format!("</title></{mark}>\n"));
            }
            _ => into.push_str(&line.replace(" font-family=\"sans-serif\"", "")),
        }
    }
}

/// The group that a mark of a stretch stands for: what is in it is cut where the stretch ends, and
/// the page's script can zoom it.
fn stretch(words: &str, id: &str) -> Option<String> {
    if words == END {
        return Some("</g>\n".to_owned());
    }
    let (left, right) = words.strip_prefix(ZOOM)?.split_once(':')?;
    let (from, to): (i32, i32) = (left.parse().ok()?, right.parse().ok()?);
    Some(format!(
        "<clipPath id=\"{id}-z\"><rect x=\"{}\" y=\"0\" width=\"{}\" height=\"9999\"/></clipPath>\n\
         <g class=\"zoom\" data-left=\"{left}\" data-right=\"{right}\" clip-path=\"url(#{id}-z)\">\n",
        from - 8,
        to - from + 16
    ))
}

/// Colours by media query: attribute selectors beat presentation attributes, in a file of its
/// own and inside a page.
#[must_use]
pub fn dark_style() -> String {
    let rules: String = DARK
        .iter()
        .map(|(light, dark)| {
            format!("[fill=\"{light}\"]{{fill:{dark}}}[stroke=\"{light}\"]{{stroke:{dark}}}")
        })
        .collect();
    format!("@media screen and (prefers-color-scheme:dark){{{rules}}}")
}

/// The document as a file of its own, which brings its dark side along.
pub(super) fn alone(inline: &str) -> String {
    let style = format!("</desc>\n<style>{}</style>", dark_style());
    inline.replacen("</desc>", &style, 1)
}

/// The document in its dark colours.
pub(super) fn dark(inline: &str) -> String {
    let swap = |document: String, (light, dark): &(&str, &str)| {
        document
            .replace(&format!("fill=\"{light}\""), &format!("fill=\"{dark}\""))
            .replace(
                &format!("stroke=\"{light}\""),
                &format!("stroke=\"{dark}\""),
            )
    };
    DARK.iter().fold(inline.to_owned(), swap)
}

/// Text for XML.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c => safe.push(c),
        }
    }
    safe
}
