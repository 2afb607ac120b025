//! Blocks of YAML: pairs, items, and texts that are plain, quoted, folded or literal.

use std::iter::Peekable;

use serde_json::{Map, Value as Json};

use crate::wrap::quoted;

/// Deepest block.
pub(super) const DEEPEST: u8 = 24;

/// A block of pairs or of items, each at the same indentation. None for what is no such block.
pub(super) fn block<'t>(
    lines: &mut Peekable<impl Iterator<Item = &'t str>>,
    indent: usize,
    depth: u8,
) -> Option<Json> {
    let (mut map, mut items) = (Map::new(), Vec::new());
    if depth == 0 {
        return None;
    }
    while let Some(line) = lines.peek().copied() {
        let own = indent_of(line);
        if line.trim().is_empty() {
            lines.next();
            continue;
        }
        if own < indent {
            break;
        }
        let text = line.get(own..)?;
        if own > indent {
            return None;
        }
        let item = text.strip_prefix("- ");
        if item.is_none() && !items.is_empty() {
            break;
        }
        lines.next();
        if let Some(item) = item {
            items.push(entry(item.trim_start(), lines, own + 2, depth)?);
        } else {
            let (name, value) = pair(text)?;
            map.insert(name.to_owned(), scalar(value, lines, own, depth)?);
        }
    }
    match (map.is_empty(), items.is_empty()) {
        (_, true) => Some(Json::Object(map)),
        (true, false) => Some(Json::Array(items)),
        (false, false) => None,
    }
}

/// An item: a text, or the first pair of an object whose others stand below it.
fn entry<'t>(
    text: &'t str,
    lines: &mut Peekable<impl Iterator<Item = &'t str>>,
    indent: usize,
    depth: u8,
) -> Option<Json> {
    let Some((name, value)) = pair(text).filter(|_| !text.starts_with(['"', '\''])) else {
        return scalar(text, lines, indent, depth);
    };
    let first = scalar(value, lines, indent, depth)?;
    let rest = block(lines, indent, depth - 1)?;
    let mut map = rest.as_object().cloned().unwrap_or_default();
    map.insert(name.to_owned(), first);
    Some(Json::Object(map))
}

/// What stands behind a key at `indent`, and on the lines below it.
fn scalar<'t>(
    value: &'t str,
    lines: &mut Peekable<impl Iterator<Item = &'t str>>,
    indent: usize,
    depth: u8,
) -> Option<Json> {
    if value.is_empty() {
        let next = lines.peek().copied().unwrap_or_default();
        let inner = indent_of(next);
        let item = next.trim_start().starts_with("- ");
        return match inner > indent || inner == indent && item {
            true => items_or_pairs(lines, inner, depth - 1),
            false => Some(Json::Null),
        };
    }
    let literal = matches!(value, "|" | "|-" | "|+");
    if literal || matches!(value, ">" | ">-" | ">+") {
        let below: Vec<&str> = below(lines, indent).collect();
        let inner = below.iter().map(|line| indent_of(line)).min().unwrap_or(0);
        let rows: Vec<&str> = below.iter().filter_map(|line| line.get(inner..)).collect();
        return Some(rows.join(if literal { "\n" } else { " " }).into());
    }
    let mut text = value.to_owned();
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            while !is_closed(&text, quote) {
                let next = lines.next()?;
                // In double quotes a backslash at the end stands for nothing at all.
                match text.strip_suffix('\\').filter(|_| quote == '"') {
                    Some(open) => {
                        text = open.to_owned() + next.trim_start().trim_start_matches('\\');
                    }
                    None => text = text + " " + next.trim(),
                }
                if text.len() > super::LARGEST {
                    return None;
                }
            }
            let inside = text.get(1..text.len() - 1)?;
            Some(match quote {
                '"' => String::from_utf8_lossy(&quoted::unescaped(inside.as_bytes())).into(),
                _ => inside.replace("''", "'").into(),
            })
        }
        _ => {
            for line in below(lines, indent) {
                text = text + " " + line.trim();
            }
            Some(text.into())
        }
    }
}

/// Items may stand at their key's own indentation, and end where a pair follows.
fn items_or_pairs<'t>(
    lines: &mut Peekable<impl Iterator<Item = &'t str>>,
    indent: usize,
    depth: u8,
) -> Option<Json> {
    let is_item = |line: &str| indent_of(line) == indent && line.trim_start().starts_with("- ");
    if !lines.peek().is_some_and(|line| is_item(line)) {
        return block(lines, indent, depth);
    }
    let mut items = Vec::new();
    while let Some(line) = lines.next_if(|line| is_item(line)) {
        let item = line.trim_start().trim_start_matches("- ").trim_start();
        items.push(entry(item, lines, indent + 2, depth.checked_sub(1)?)?);
    }
    Some(Json::Array(items))
}

/// The lines that stand deeper than `indent`.
fn below<'t>(
    lines: &mut Peekable<impl Iterator<Item = &'t str>>,
    indent: usize,
) -> impl Iterator<Item = &'t str> {
    std::iter::from_fn(move || {
        lines.next_if(|line| indent_of(line) > indent && !line.trim().is_empty())
    })
}

pub(super) fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Whether a quoted text has its closing quote, behind which nothing follows.
fn is_closed(text: &str, quote: char) -> bool {
    let Some(inside) = text.strip_prefix(quote) else {
        return true;
    };
    if quote == '\'' {
        return inside.ends_with('\'') && inside.matches('\'').count() % 2 == 1;
    }
    let escapes = inside.trim_end_matches('"');
    let backslashes = escapes.len() - escapes.trim_end_matches('\\').len();
    inside.len() > escapes.len() && (inside.len() - escapes.len() > 1 || backslashes % 2 == 0)
}

/// `key: value`, `key:`.
pub(super) fn pair(text: &str) -> Option<(&str, &str)> {
    let (name, value) = match text.split_once(": ") {
        Some((name, value)) => (name, value.trim()),
        None => (text.strip_suffix(':')?, ""),
    };
    let name = name.trim_matches(['"', '\'']);
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-./@".contains(c);
    (!name.is_empty() && name.chars().all(fits)).then_some((name, value))
}
