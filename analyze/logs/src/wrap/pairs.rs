//! Names and values side by side, however they are marked.

/// Finds `key=value`, `key="value"`, `"key":"value"`, `'key': 'value'`, `"key"=>"value"`,
/// `key: 'value'`, `a.key:value`, `key:value` between tabs and `Key: value` between bars.
pub(crate) fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.match_indices(['=', ':']).filter_map(|(at, sign)| {
        let before = text[..at].trim_end_matches(['"', '\'']);
        let quoted_key = before.len() < at;
        let ident = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '@' | '/');
        let start = before.rfind(|c| !ident(c)).map_or(0, |at| {
            at + before[at..].chars().next().map_or(1, char::len_utf8)
        });
        let name = &before[start..];
        let rest = &text[at + 1..];
        let marked = quoted_key
            || rest.trim_start().starts_with(['"', '\'', '`'])
            || between_bars(before, rest)
            || !rest.starts_with(' ')
                && (name.contains('.') || between_tabs(&before[..start], text));
        if sign == ":" && !marked {
            return None;
        }
        // Labels inside quotes have theirs behind backslashes: `{node=\"n1\"}`.
        let after = text[at + 1..].trim_start_matches(['>', ' ', '~', '\\']);
        let value = match after.strip_prefix(['"', '\'', '`']) {
            Some(quoted) => quoted.split(['"', '\'', '`', '\\']).next(),
            None => after.split([' ', ',', '}', '\t', ']', '|']).next(),
        };
        (!name.is_empty()).then(|| (name, value.unwrap_or_default()))
    })
}

/// `time:2026-06-12T08:02:05Z<TAB>host:n1<TAB>log:`, as LTSV has them.
fn between_tabs(before: &str, text: &str) -> bool {
    text.contains('\t') && (before.is_empty() || before.ends_with('\t'))
}

/// `... | Hostname: n1 | ...`: a name and its value between bars.
fn between_bars(before: &str, after: &str) -> bool {
    let name = before.rsplit(['|', '\n']).next().unwrap_or(before).trim();
    let value = after.split('|').next().unwrap_or(after);
    after.starts_with(' ')
        && value.len() < after.len()
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !value.trim().contains(' ')
}
