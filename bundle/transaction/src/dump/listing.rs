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
    let mut tables: Vec<Table> = Vec::new();
    let mut inside = Inside::Nothing;
    // Elements go on over lines until their brace is closed.
    let mut elements: Vec<&str> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = without_handle(line);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let failed = |problem: &str| Error {
            line: index + 1,
            problem: problem.to_owned(),
        };
        let odd = || failed("not as `nft list table` prints it");
        let words = words(line);
        if matches!(inside, Inside::Nothing) {
            let ["table", family, name, "{"] = words[..] else {
                return Err(odd());
            };
            tables.push(Table {
                family: family.to_owned(),
                name: name.to_owned(),
                ..Table::default()
            });
            inside = Inside::Table;
            continue;
        }
        let table = tables.last_mut().ok_or_else(odd)?;
        match inside {
            Inside::Set => {
                let set = table.sets.last_mut().ok_or_else(odd)?;
                match (&words[..], elements.is_empty()) {
                    (["elements", "=", rest @ ..], true) => elements.extend(rest),
                    (rest, false) => elements.extend(rest),
                    (["}"], true) => inside = Inside::Table,
                    (_, true) => set.properties.push(line.trim_end_matches(';').to_owned()),
                }
                if elements.last() == Some(&"}") {
                    put(set, &elements).ok_or_else(|| failed("no elements in braces"))?;
                    elements.clear();
                }
            }
            Inside::Chain => {
                let chain = table.chains.last_mut().ok_or_else(odd)?;
                if words[..] == ["}"] {
                    inside = Inside::Table;
                } else {
                    of_chain(chain, &words, line, index + 1);
                }
            }
            Inside::Other if words[..] == ["}"] => inside = Inside::Table,
            Inside::Other => {}
            _ => inside = of_table(table, &words).ok_or_else(odd)?,
        }
    }
    match inside {
        Inside::Nothing => Ok(tables),
        _ => Err(Error {
            line: text.lines().count(),
            problem: "the table's last brace is missing".to_owned(),
        }),
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
