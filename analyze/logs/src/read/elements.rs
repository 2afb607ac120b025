//! Elements of XML over several lines: put together, one a record.
//!
//! ```text
//! <result offset="0">
//! <field k="host"><value><text>n1</text></value></field>
//! <field k="_raw"><v>I0612 08:02:05.250000 1 proxier.go:1190] &quot;SyncProxyRules complete&quot; ...</v></field>
//! </result>
//! ```

/// Elements that hold a record.
const RECORDS: [&str; 9] = [
    "result", "Event", "event", "row", "record", "entry", "item", "doc", "log",
];
/// Largest record; what is larger is read line by line.
const LARGEST: usize = 256 * 1024;

/// Whether a file begins with such elements.
pub(super) fn begins(head: &[u8]) -> bool {
    let text = head.trim_ascii_start();
    let named = text.starts_with(b"<?xml")
        || RECORDS
            .iter()
            .any(|name| opened(text, name) || several(text, name));
    // What stands on one line is read as it is.
    let alone = |line: &[u8]| record_of(line).is_some_and(|name| !closes(line, name));
    named && text.split(|byte| *byte == b'\n').any(alone)
}

fn opened(text: &[u8], name: &str) -> bool {
    behind(text, name).is_some_and(|rest| matches!(rest.first(), Some(b'>' | b' ')))
}

/// `<results>`, which holds records.
fn several(text: &[u8], name: &str) -> bool {
    let rest = behind(text, name).and_then(|rest| rest.strip_prefix(b"s"));
    rest.is_some_and(|rest| matches!(rest.first(), Some(b'>' | b' ')))
}

/// What stands behind `<name`.
fn behind<'t>(text: &'t [u8], name: &str) -> Option<&'t [u8]> {
    text.strip_prefix(b"<")?.strip_prefix(name.as_bytes())
}

fn record_of(line: &[u8]) -> Option<&'static str> {
    let line = line.trim_ascii_start();
    RECORDS.into_iter().find(|name| opened(line, name))
}

fn closes(line: &[u8], name: &str) -> bool {
    memchr::memmem::find(line, format!("</{name}>").as_bytes()).is_some()
}

/// Puts elements together.
#[derive(Debug, Default)]
pub(super) struct Elements {
    open: Option<(u64, &'static str, Vec<u8>)>,
}

impl Elements {
    /// Takes the next line; gives the first line and the text of the record that it ends, or the
    /// line itself where none is open.
    pub(super) fn push(&mut self, line: u64, text: &[u8]) -> Option<(u64, Vec<u8>)> {
        let Some((_, name, record)) = &mut self.open else {
            if let Some(name) = record_of(text).filter(|name| !closes(text, name)) {
                self.open = Some((line, name, text.trim_ascii().to_vec()));
                return None;
            }
            return Some((line, text.to_vec()));
        };
        record.push(b' ');
        record.extend_from_slice(text.trim_ascii());
        let ends = closes(text, name) || record.len() > LARGEST;
        if ends { self.close() } else { None }
    }

    /// The record that the end of the file ends.
    pub(super) fn close(&mut self) -> Option<(u64, Vec<u8>)> {
        let (line, _, record) = self.open.take()?;
        Some((line, record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_put_together() {
        let text = "<?xml version=\"1.0\"?>\n<results>\n<result a=\"0\">\n<v>x</v>\n</result>\n";
        assert!(begins(text.as_bytes()));
        let mut elements = Elements::default();
        let whole: Vec<(u64, String)> = text
            .lines()
            .zip(1..)
            .filter_map(|(text, line)| elements.push(line, text.as_bytes()))
            .map(|(line, text)| (line, String::from_utf8(text).unwrap()))
            .collect();
        assert_eq!(
            whole[2],
            (3, "<result a=\"0\"> <v>x</v> </result>".to_owned())
        );
        assert_eq!(elements.close(), None);
        assert!(!begins(b"<row>x</row>\n<row>y</row>\n"));
        assert!(!begins(b"I0612 08:02:05 <row>\n"));
    }
}
