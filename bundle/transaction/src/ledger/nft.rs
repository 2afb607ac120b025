//! The grammar of a batch for `nft -f`, as kube-proxy writes it: one command a line.

use super::count::Ledger;
use super::tables::{Anonymous, Tables};
use crate::error::Error;
use crate::words::{keys, words};

/// Families that may stand before a table's name.
const FAMILIES: [&str; 6] = ["ip", "ip6", "inet", "arp", "bridge", "netdev"];

pub(super) fn load(tables: &mut Tables, text: &str, ledger: &mut Ledger) -> Result<(), Error> {
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let words = words(line);
        command(tables, &words, ledger).map_err(|problem| Error {
            line: index + 1,
            problem,
        })?;
        ledger.commands += 1;
    }
    Ok(())
}

fn command(tables: &mut Tables, words: &[&str], ledger: &mut Ledger) -> Result<(), String> {
    let (Some(verb), Some(object)) = (words.first(), words.get(1)) else {
        return Err("a command is a verb and what it is about".to_owned());
    };
    if *verb == "flush" && *object == "ruleset" {
        *tables = Tables::default();
        return Ok(());
    }
    let mut rest = words[2..].iter().copied().peekable();
    let family = rest.next_if(|word| FAMILIES.contains(word)).unwrap_or("ip");
    let name = rest.next().ok_or("no table is named")?;
    let table = format!("{family} {name}");
    if *object == "table" {
        match *verb {
            "add" | "create" => tables.add_table(&table, ledger),
            "delete" | "destroy" => tables.delete_table(&table, ledger),
            "flush" => return Err("`flush table` is not read here".to_owned()),
            _ => return Err(format!("unknown command `{verb} table`")),
        }
        return Ok(());
    }
    let name = rest.next().ok_or("nothing in the table is named")?;
    let rest: Vec<&str> = rest.collect();
    match (*verb, *object) {
        ("add" | "create", "chain") => tables.add_chain(&table, name, ledger),
        ("flush", "chain") => tables.flush_chain(&table, name, ledger),
        ("delete" | "destroy", "chain") => tables.delete_chain(&table, name, ledger),
        ("add" | "insert", "rule") => {
            tables.add_rule(&table, name, anonymous(&rest)?, ledger);
        }
        ("delete" | "destroy", "rule") => tables.delete_rule(&table, name, ledger),
        ("add" | "create", "set" | "map") => {
            tables.add_set(&table, name, *object == "map", ledger);
        }
        ("flush", "set" | "map") => tables.flush_set(&table, name, ledger),
        ("delete" | "destroy", "set" | "map") => tables.delete_set(&table, name, ledger),
        ("add" | "create", "element") => {
            for key in keys(&rest)? {
                tables.add_element(&table, name, key, ledger);
            }
        }
        ("delete" | "destroy", "element") => {
            for key in keys(&rest)? {
                tables.delete_element(&table, name, &key, ledger);
            }
        }
        // Counters and the like are an entry each and nothing else.
        ("add" | "create" | "delete" | "destroy", "counter" | "quota" | "limit") => {
            ledger.entries += 1;
        }
        _ => return Err(format!("unknown command `{verb} {object}`")),
    }
    Ok(())
}

/// The anonymous sets of a rule: what is in braces, but for those after the name of a set, which
/// say what is put into that one. nft makes a comparison of a set with a single element, of a map
/// it does not.
pub(super) fn anonymous(words: &[&str]) -> Result<Anonymous, String> {
    let mut found = Anonymous::default();
    let mut rest = words.iter().enumerate();
    while let Some((at, word)) = rest.next() {
        if *word != "{" {
            continue;
        }
        let inside: Vec<&str> = rest
            .by_ref()
            .map(|(_, word)| *word)
            .take_while(|word| *word != "}")
            .collect();
        if at + 1 + inside.len() >= words.len() {
            return Err("a brace is not closed".to_owned());
        }
        if at > 0 && words[at - 1].starts_with('@') {
            continue;
        }
        let elements = inside.split(|word| *word == ",");
        let count = elements.filter(|element| !element.is_empty()).count() as u64;
        let is_map = inside.contains(&":");
        if is_map || count > 1 {
            found.sets += 1;
            found.maps += u64::from(is_map);
            found.elements += count;
        }
    }
    Ok(found)
}
