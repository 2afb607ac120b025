//! What is in tables as they stand, counted as the transaction that would make them from nothing.

use super::count::Ledger;
use super::nft::anonymous;
use super::tables::Tables;
use crate::dump::{Table, read_listing};
use crate::error::Error;
use crate::words::words;

pub(super) fn load(tables: &mut Tables, text: &str, ledger: &mut Ledger) -> Result<(), Error> {
    for table in read_listing(text)? {
        load_table(tables, &table, ledger)?;
    }
    Ok(())
}

fn load_table(tables: &mut Tables, table: &Table, ledger: &mut Ledger) -> Result<(), Error> {
    let name = format!("{} {}", table.family, table.name);
    tables.add_table(&name, ledger);
    let others = table.others.len() as u64;
    ledger.entries += others;
    let made = 1 + table.sets.len() + table.chains.len();
    ledger.commands += made as u64 + others;
    for set in &table.sets {
        tables.add_set(&name, &set.name, set.is_map, ledger);
        for element in &set.elements {
            tables.add_element(&name, &set.name, element.key.clone(), ledger);
            ledger.commands += 1;
        }
    }
    for chain in &table.chains {
        tables.add_chain(&name, &chain.name, ledger);
        for rule in &chain.rules {
            let holds = anonymous(&words(&rule.text)).map_err(|problem| Error {
                line: rule.line,
                problem,
            })?;
            tables.add_rule(&name, &chain.name, holds, ledger);
            ledger.commands += 1;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dump::is_listing;

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
        // Those, but the anonymous sets, are a command each.
        assert_eq!(ledger.commands, 1 + 2 + 2 + 4 + 3);
        assert_eq!(ledger.table_sets, 4);
        let counter = "\tcounter a {\n\t\tpackets 0 bytes 0\n\t}\n";
        let more =
            read(&LISTING.replacen("\tset", &format!("{counter}{counter}\tset"), 1)).unwrap();
        assert_eq!(more.commands, ledger.commands + 2);
        assert_eq!(more.entries, ledger.entries + 2);
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
