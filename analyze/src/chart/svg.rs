//! What plotters does not write itself: names for readers of the screen, and a dark side.

use super::palette::DARK;

/// Completes a document: `<title>`, `<desc>`, a role, and colours by media query.
pub(super) fn finish(svg: &str, id: &str, title: &str, description: &str) -> String {
    let (title, description) = (escape(title), escape(description));
    let head = format!(
        " role=\"img\" aria-labelledby=\"{id}-t {id}-d\" font-family=\"system-ui, sans-serif\">\n\
         <title id=\"{id}-t\">{title}</title>\n<desc id=\"{id}-d\">{description}</desc>\n{}",
        style()
    );
    // The first `>` ends the opening tag.
    svg.replacen('>', &head, 1)
        .replace("font-family=\"sans-serif\"", "")
}

/// Attribute selectors beat presentation attributes, in a file of its own and inside a page.
fn style() -> String {
    let rules: String = DARK
        .iter()
        .map(|(light, dark)| {
            format!("[fill=\"{light}\"]{{fill:{dark}}}[stroke=\"{light}\"]{{stroke:{dark}}}")
        })
        .collect();
    format!("<style>@media (prefers-color-scheme:dark){{{rules}}}</style>")
}

/// Text for XML.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // XML knows no control characters.
            c if c.is_control() => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}
