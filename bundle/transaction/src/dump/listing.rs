//! The grammar of what `nft list table` and `nft list ruleset` print.

use super::table::{Chain, Element, Other, Rule, Set, Table};
use crate::error::Error;
use crate::words::words;

/// Whether a text is a listing and no batch: its first words are `table FAMILY NAME {`.
pub(crate) fn is_listing(text: &str) -> bool {
    let mut lines = text.lines().map(without_handle);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| line.starts_with("table ") && line.ends_with('{'))
}

/// `nft -a` says a handle behind what has one.
fn without_handle(line: &str) -> &str {
    let line = line.trim();
    match line.rsplit_once("# handle ") {
        Some((before, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            before.trim_end()
        }
        _ => line,
    }
}

/// Where a line stands.
enum Inside {
    Nothing,
    Table,
    Chain,
    Set,
    Other,
}

/// Reads all tables.
///
/// # Errors
/// [`Error`] with the line that is not as nft prints it.
pub(crate) fn read(text: &str) -> Result<Vec<Table>, Error> {
    let mut reader = Reader {
        tables: Vec::new(),
        inside: Inside::Nothing,
        elements: Vec::new(),
    };
    for (index, line) in text.lines().enumerate() {
        let line = without_handle(line);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let failed = |problem: &str| Error {
            line: index + 1,
            problem: problem.to_owned(),
        };
        reader.line(line, index + 1).map_err(failed)?;
    }
    match reader.inside {
        Inside::Nothing => Ok(reader.tables),
        _ => Err(Error {
            line: text.lines().count(),
            problem: "the table's last brace is missing".to_owned(),
        }),
    }
}

const ODD: &str = "not as `nft list table` prints it";

/// What was read so far.
struct Reader<'t> {
    tables: Vec<Table>,
    inside: Inside,
    /// Elements go on over lines until their brace is closed.
    elements: Vec<&'t str>,
}

impl<'t> Reader<'t> {
    fn line(&mut self, line: &'t str, at: usize) -> Result<(), &'static str> {
        let words = words(line);
        if matches!(self.inside, Inside::Nothing) {
            let ["table", family, name, "{"] = words[..] else {
                return Err(ODD);
            };
            self.tables.push(Table {
                family: family.to_owned(),
                name: name.to_owned(),
                ..Table::default()
            });
            self.inside = Inside::Table;
            return Ok(());
        }
        let table = self.tables.last_mut().ok_or(ODD)?;
        match self.inside {
            Inside::Set => return self.of_set(line, &words),
            Inside::Chain => {
                let chain = table.chains.last_mut().ok_or(ODD)?;
                if words[..] == ["}"] {
                    self.inside = Inside::Table;
                } else {
                    of_chain(chain, &words, line, at);
                }
            }
            Inside::Other if words[..] == ["}"] => self.inside = Inside::Table,
            Inside::Other => {}
            _ => self.inside = of_table(table, &words).ok_or(ODD)?,
        }
        Ok(())
    }

    /// A property of a set, or some of its elements.
    fn of_set(&mut self, line: &str, words: &[&'t str]) -> Result<(), &'static str> {
        let table = self.tables.last_mut().ok_or(ODD)?;
        let set = table.sets.last_mut().ok_or(ODD)?;
        let elements = &mut self.elements;
        match (words, elements.is_empty()) {
            (["elements", "=", rest @ ..], true) => elements.extend(rest),
            (rest, false) => elements.extend(rest),
            (["}"], true) => self.inside = Inside::Table,
            (_, true) => set.properties.push(line.trim_end_matches(';').to_owned()),
        }
        if elements.last() == Some(&"}") {
            put(set, elements).ok_or("no elements in braces")?;
            elements.clear();
        }
        Ok(())
    }
}

/// A line of a table, and where the next one stands.
fn of_table(table: &mut Table, words: &[&str]) -> Option<Inside> {
    match words {
        ["chain", name, "{"] => {
            table.chains.push(Chain {
                name: (*name).to_owned(),
                ..Chain::default()
            });
            Some(Inside::Chain)
        }
        [kind @ ("set" | "map"), name, "{"] => {
            table.sets.push(Set {
                is_map: *kind == "map",
                name: (*name).to_owned(),
                ..Set::default()
            });
            Some(Inside::Set)
        }
        [kind, .., "{"] => {
            let name = words[1..words.len() - 1].last().copied();
            table.others.push(Other {
                kind: (*kind).to_owned(),
                name: name.unwrap_or_default().to_owned(),
            });
            Some(Inside::Other)
        }
        ["}"] => Some(Inside::Nothing),
        ["comment", words] => {
            table.comment = Some((*words).to_owned());
            Some(Inside::Table)
        }
        ["flags", ..] => Some(Inside::Table),
        _ => None,
    }
}

/// What a base chain hangs on, a remark, a rule.
fn of_chain(chain: &mut Chain, words: &[&str], line: &str, at: usize) {
    match words {
        ["type", ..] => chain.base = Some(line.to_owned()),
        ["policy", ..] => {}
        ["comment", words] => chain.comment = Some((*words).to_owned()),
        _ => chain.rules.push(Rule {
            line: at,
            text: line.to_owned(),
        }),
    }
}

fn put(set: &mut Set, words: &[&str]) -> Option<()> {
    let ["{", inner @ .., "}"] = words else {
        return None;
    };
    let elements = inner.split(|word| *word == ",");
    let elements = elements.filter(|element| !element.is_empty());
    set.elements.extend(elements.map(Element::of));
    Some(())
}
