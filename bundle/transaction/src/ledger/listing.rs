//! The grammar of what `nft list table` prints: a table as it stands, read as the transaction that
//! would make it from nothing.

use super::count::{Error, Ledger};
use super::nft::{anonymous, keys, words};
use super::tables::Tables;

/// Whether a text is a listing and no batch: its first words are `table FAMILY NAME {`.
pub(super) fn is_listing(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| line.starts_with("table ") && line.ends_with('{'))
}

/// Where a line stands.
enum Inside {
    Nothing,
    Table,
    Chain(String),
    Set(String),
    /// A counter and the like.
    Other,
}

pub(super) fn load(tables: &mut Tables, text: &str, ledger: &mut Ledger) -> Result<(), Error> {
    let mut table = String::new();
    let mut inside = Inside::Nothing;
    // Elements go on over lines until their brace is closed.
    let mut elements: Vec<&str> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let failed = |problem: String| Error {
            line: index + 1,
            problem,
        };
        let words = words(line);
        if !elements.is_empty() {
            elements.extend(&words);
        } else if let (Inside::Set(_), ["elements", "=", rest @ ..]) = (&inside, &words[..]) {
            elements.extend(rest);
        }
        if let (Inside::Set(set), false) = (&inside, elements.is_empty()) {
            if elements.last() == Some(&"}") {
                for key in keys(&elements).map_err(failed)? {
                    tables.add_element(&table, set, key, ledger);
                }
                elements.clear();
            }
            continue;
        }
        match (&inside, &words[..]) {
            (Inside::Nothing, ["table", family, name, "{"]) => {
                table = format!("{family} {name}");
                tables.add_table(&table, ledger);
                inside = Inside::Table;
            }
            (Inside::Table, ["chain", name, "{"]) => {
                tables.add_chain(&table, name, ledger);
                inside = Inside::Chain((*name).to_owned());
            }
            (Inside::Table, [kind @ ("set" | "map"), name, "{"]) => {
                tables.add_set(&table, name, *kind == "map", ledger);
                inside = Inside::Set((*name).to_owned());
            }
            (Inside::Table, [.., "{"]) => {
                ledger.entries += 1;
                inside = Inside::Other;
            }
            (Inside::Table, ["}"]) => inside = Inside::Nothing,
            (Inside::Chain(_) | Inside::Set(_) | Inside::Other, ["}"]) => inside = Inside::Table,
            // What a base chain hangs on, what a set holds, remarks.
            (Inside::Chain(_), ["type" | "comment" | "policy", ..])
            | (Inside::Set(_) | Inside::Other, _)
            | (Inside::Table, ["comment" | "flags", ..]) => {}
            (Inside::Chain(chain), rule) => {
                let holds = anonymous(rule).map_err(failed)?;
                tables.add_rule(&table, chain, holds, ledger);
            }
            _ => return Err(failed("not as `nft list table` prints it".to_owned())),
        }
        ledger.commands += 1;
    }
    match inside {
        Inside::Nothing => Ok(()),
        _ => Err(Error {
            line: text.lines().count(),
            problem: "the table's last brace is missing".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: &str = "table ip kube-proxy {\n\tcomment \"rules { for\"\n\tset cluster-ips {\n\
        \t\ttype ipv4_addr\n\t\tcomment \"Active ClusterIPs\"\n\t\telements = { 10.0.0.1, 10.0.0.2,\n\
        \t\t\t     10.0.0.3 }\n\t}\n\n\tmap service-ips {\n\
        \t\ttype ipv4_addr . inet_proto . inet_service : verdict\n\
        \t\telements = { 10.0.0.1 . tcp . 80 : goto service-a }\n\t}\n\n\tchain nat-prerouting {\n\
        \t\ttype nat hook prerouting priority dstnat; policy accept;\n\t\tjump services\n\t}\n\n\
        \tchain service-a {\n\t\tip saddr { 10.0.0.9, 10.0.0.8 } jump mark\n\
        \t\tnumgen random mod 2 vmap { 0 : goto endpoint-b, 1 : goto endpoint-c } comment \"}\"\n\
        \t}\n}\n";

    fn read(text: &str) -> Result<Ledger, Error> {
        Tables::default().load(text)
    }

    #[test]
    fn a_listing_is_counted_as_the_batch_that_makes_it() {
        let ledger = read(LISTING).unwrap();
        assert_eq!(
            (ledger.chains, ledger.rules, ledger.sets, ledger.maps),
            (2, 3, 4, 2)
        );
        assert_eq!((ledger.anonymous, ledger.elements), (2, 3 + 1 + 2 + 2));
        // A table, two chains, two sets, four elements; three rules with two sets of two.
        assert_eq!(ledger.entries, 1 + 2 + 2 + 4 + 3 + 2 + 4);
        assert_eq!(ledger.table_sets, 4);
    }

    #[test]
    fn what_is_no_listing_is_named_with_its_line() {
        let lines = LISTING.lines().count();
        for (text, line) in [
            (LISTING.trim_end_matches("}\n").to_owned(), lines - 1),
            (LISTING.replace("\tset cluster-ips {", "\tset"), 3),
            (format!("{LISTING}add chain ip t c\n"), lines + 1),
        ] {
            assert_eq!(read(&text).unwrap_err().line, line, "{text}");
        }
        assert!(is_listing("# a\n\ntable ip kube-proxy {\n"));
        assert!(!is_listing("add table ip kube-proxy\n"));
    }
}
