//! Whether what is printed is what it says it is: tags that are closed in order, rows of as many
//! cells as their head, and nothing in them that acts.

/// Elements that have no end.
const VOID: [&str; 8] = ["meta", "link", "input", "br", "hr", "img", "col", "wbr"];

/// What is wrong with a page, if anything: a tag that is not closed where it should be, an
/// attribute without quotes, one that runs something, a script beside the page's own.
pub(crate) fn page(text: &str) -> Result<(), String> {
    let (mut open, mut rest, mut scripts) = (Vec::new(), text, 0);
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('!') {
            let end = if after.starts_with("--") { "-->" } else { ">" };
            rest = after.split_once(end).ok_or("a comment has no end")?.1;
            continue;
        }
        if let Some(after) = rest.strip_prefix('/') {
            let (name, behind) = after.split_once('>').ok_or("a tag has no end")?;
            let last = open.pop();
            if last != Some(name) {
                return Err(format!("</{name}> closes {last:?}"));
            }
            rest = behind;
            continue;
        }
        let (tag, behind) = Tag::read(rest)?;
        rest = behind;
        match tag.name {
            "script" | "style" => {
                scripts += usize::from(tag.name == "script" && !tag.data);
                let end = format!("</{}>", tag.name);
                rest = rest.split_once(&end).ok_or("a script has no end")?.1;
            }
            name if tag.closed || VOID.contains(&name) => {}
            name => open.push(name),
        }
    }
    match (open.as_slice(), scripts) {
        ([], 0 | 1) => Ok(()),
        ([], n) => Err(format!("{n} scripts")),
        (open, _) => Err(format!("not closed: {open:?}")),
    }
}

/// The beginning of an element.
struct Tag<'t> {
    name: &'t str,
    /// It ends with `/>`.
    closed: bool,
    /// Its type says that a browser does not run it.
    data: bool,
}

impl<'t> Tag<'t> {
    /// Reads a tag behind its `<`; gives what stands behind it.
    fn read(text: &'t str) -> Result<(Self, &'t str), String> {
        let word = |c: char| c.is_ascii_alphanumeric() || "-:".contains(c);
        let length = |text: &str| text.find(|c| !word(c)).unwrap_or(text.len());
        let (name, mut rest) = text.split_at(length(text));
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(format!(
                "< before {:?}",
                text.chars().take(20).collect::<String>()
            ));
        }
        let (mut closed, mut data) = (false, false);
        loop {
            rest = rest.trim_start();
            if let Some(behind) = rest.strip_prefix('>') {
                return Ok((Self { name, closed, data }, behind));
            }
            if let Some(behind) = rest.strip_prefix('/') {
                (closed, rest) = (true, behind);
                continue;
            }
            let (attribute, behind) = rest.split_at(length(rest));
            if attribute.is_empty() || attribute.to_ascii_lowercase().starts_with("on") {
                return Err(format!("<{name}>: attribute {attribute:?}"));
            }
            rest = behind;
            if let Some(behind) = rest.strip_prefix("=\"") {
                let (value, behind) = behind.split_once('"').ok_or("a value has no end")?;
                let scheme = value.trim_start().to_ascii_lowercase();
                if scheme.starts_with("javascript:") {
                    return Err(format!("<{name} {attribute}={value:?}>"));
                }
                data |= attribute == "type" && value == "application/json";
                rest = behind;
            }
        }
    }
}

/// What is wrong with the tables of Markdown: a row of more or fewer cells than its head.
pub(crate) fn tables(text: &str) -> Result<(), String> {
    let mut head = None;
    for line in text.lines() {
        let cells = line.starts_with('|').then(|| {
            let bytes = line.as_bytes();
            let bar = |at: &usize| bytes[*at] == b'|' && (*at == 0 || bytes[*at - 1] != b'\\');
            (0..bytes.len()).filter(bar).count()
        });
        match (head, cells) {
            (Some(head), Some(cells)) if head != cells => {
                return Err(format!("{cells} bars below {head}: {line}"));
            }
            _ => head = head.filter(|_| cells.is_some()).or(cells),
        }
    }
    Ok(())
}

/// What is wrong with CSV: a quote that is not closed, a row of more or fewer cells than the head,
/// a cell that a spreadsheet would compute.
pub(crate) fn cells(text: &str) -> Result<(), String> {
    let (mut row, mut cell, mut quoted, mut head) = (0, String::new(), false, None);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            // Within quotes two of them are one.
            '"' if quoted && rest.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => quoted = !quoted,
            ',' | '\n' if !quoted => {
                // A spreadsheet that takes `;` between cells begins a new one behind each.
                let computed = |part: &str| part.trim_start().starts_with(['=', '+', '@']);
                if cell.split(';').any(computed) {
                    return Err(format!("computed: {cell:?}"));
                }
                cell.clear();
                row += 1;
                if c == '\n' {
                    if *head.get_or_insert(row) != row {
                        return Err(format!("{row} cells, and not {head:?}"));
                    }
                    row = 0;
                }
                continue;
            }
            _ => cell.push(c),
        }
    }
    match quoted || row > 0 || !cell.is_empty() {
        true => Err("the last row has no end".to_owned()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_well_formed_is_told() {
        let fine = "<!doctype html><p a=\"<\" hidden>x<br><svg><path d=\"\"/></svg></p><script>1<2</script>";
        assert_eq!(page(fine), Ok(()));
        for broken in [
            "<p>",
            "<p></b>",
            "a < b",
            "<p onclick=\"x\"></p>",
            "<a href=\"javascript:x\"></a>",
            "<script>1</script><script>2</script>",
            "<p a='x'></p>",
        ] {
            assert!(page(broken).is_err(), "{broken}");
        }
        assert_eq!(
            tables("| a | b |\n|---|---|\n| x\\|y | z |\n\n| a |"),
            Ok(())
        );
        assert!(tables("| a | b |\n|---|---|\n| x|y | z |").is_err());
        assert_eq!(cells("a,b\n-1,;c\n"), Ok(()));
        assert_eq!(cells("a,b\n\"x,\n\"\"y\",z\n"), Ok(()));
        assert_eq!(cells("a\n\"\"\"@x\"\n"), Ok(()));
        for broken in [
            "a,b\nc\n",
            "a\n\"b\n",
            "a\n=1\n",
            "a\n\"=1\"\n",
            "a\nx; =1\n",
            "a",
        ] {
            assert!(cells(broken).is_err(), "{broken}");
        }
    }
}
