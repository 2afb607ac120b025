//! The grammar of `iptables-restore`'s input, as kube-proxy writes it, with `--noflush`.

use super::count::Ledger;
use super::tables::{Anonymous, Tables};
use crate::error::Error;

pub(super) fn load(tables: &mut Tables, text: &str, ledger: &mut Ledger) -> Result<(), Error> {
    let mut table: Option<String> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let failed = |problem: &str| Error {
            line: index + 1,
            problem: problem.to_owned(),
        };
        if let Some(name) = line.strip_prefix('*') {
            tables.add_table(name, ledger);
            table = Some(name.to_owned());
            continue;
        }
        if line == "COMMIT" {
            table = None;
            continue;
        }
        let table = table.as_deref().ok_or(failed("outside of a table"))?;
        ledger.commands += 1;
        let mut words = line.split_whitespace().peekable();
        // Counts of packets and bytes may stand first, as `iptables-save -c` has them.
        words.next_if(|word| word.starts_with('['));
        let verb = words.next().unwrap_or_default();
        if let Some(chain) = verb.strip_prefix(':') {
            // A chain that is there is emptied.
            tables.flush_chain(table, chain, ledger);
            tables.add_chain(table, chain, ledger);
            continue;
        }
        let chain = words.next().ok_or(failed("no chain is named"))?;
        match verb {
            "-A" | "-I" => tables.add_rule(table, chain, Anonymous::default(), ledger),
            "-D" => tables.delete_rule(table, chain, ledger),
            "-N" => tables.add_chain(table, chain, ledger),
            "-F" => tables.flush_chain(table, chain, ledger),
            "-X" => tables.delete_chain(table, chain, ledger),
            _ => return Err(failed("unknown command")),
        }
    }
    Ok(())
}
