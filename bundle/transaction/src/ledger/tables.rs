//! The tables as the transactions so far have made them.

use std::collections::{BTreeMap, BTreeSet};

use super::count::Ledger;

/// The tables as the transactions so far have made them.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    tables: BTreeMap<String, Table>,
}

#[derive(Debug, Clone, Default)]
struct Table {
    chains: BTreeMap<String, Chain>,
    sets: BTreeMap<String, BTreeSet<String>>,
}

/// The rules of a chain, and the anonymous sets that live as long as those.
#[derive(Debug, Clone, Default)]
struct Chain {
    rules: u64,
    sets: u64,
    elements: u64,
}

/// Anonymous sets in a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Anonymous {
    pub(super) sets: u64,
    pub(super) maps: u64,
    pub(super) elements: u64,
}

impl Tables {
    /// Counts what is in the tables.
    pub(super) fn count(&self, ledger: &mut Ledger) {
        for table in self.tables.values() {
            let chains = table.chains.values();
            ledger.table_chains += table.chains.len() as u64;
            ledger.table_rules += chains.clone().map(|chain| chain.rules).sum::<u64>();
            ledger.table_sets += table.sets.len() as u64;
            ledger.table_sets += chains.clone().map(|chain| chain.sets).sum::<u64>();
            let named = table.sets.values().map(|set| set.len() as u64);
            ledger.table_elements += named.sum::<u64>();
            ledger.table_elements += chains.map(|chain| chain.elements).sum::<u64>();
        }
    }

    pub(super) fn add_table(&mut self, table: &str, ledger: &mut Ledger) {
        if !self.tables.contains_key(table) {
            self.tables.insert(table.to_owned(), Table::default());
            ledger.entries += 1;
        }
    }

    pub(super) fn delete_table(&mut self, table: &str, ledger: &mut Ledger) {
        if let Some(table) = self.tables.remove(table) {
            let rules: u64 = table.chains.values().map(|chain| chain.rules).sum();
            ledger.entries += 1 + rules + (table.chains.len() + table.sets.len()) as u64;
        }
    }

    pub(super) fn add_chain(&mut self, table: &str, chain: &str, ledger: &mut Ledger) {
        let chains = &mut self.table(table).chains;
        if !chains.contains_key(chain) {
            chains.insert(chain.to_owned(), Chain::default());
            ledger.chains += 1;
        }
        // One that is there already is updated, which is an entry too.
        ledger.entries += 1;
    }

    pub(super) fn flush_chain(&mut self, table: &str, chain: &str, ledger: &mut Ledger) {
        if let Some(chain) = self.table(table).chains.get_mut(chain) {
            ledger.entries += chain.rules;
            *chain = Chain::default();
        }
    }

    pub(super) fn delete_chain(&mut self, table: &str, chain: &str, ledger: &mut Ledger) {
        self.flush_chain(table, chain, ledger);
        self.table(table).chains.remove(chain);
        ledger.entries += 1;
    }

    pub(super) fn add_rule(
        &mut self,
        table: &str,
        chain: &str,
        holds: Anonymous,
        ledger: &mut Ledger,
    ) {
        let chain = self
            .table(table)
            .chains
            .entry(chain.to_owned())
            .or_default();
        chain.rules += 1;
        chain.sets += holds.sets;
        chain.elements += holds.elements;
        ledger.rules += 1;
        ledger.sets += holds.sets;
        ledger.maps += holds.maps;
        ledger.anonymous += holds.sets;
        ledger.elements += holds.elements;
        ledger.entries += 1 + holds.sets + holds.elements;
    }

    /// One rule less; which one, and with it its sets, the command does not say.
    pub(super) fn delete_rule(&mut self, table: &str, chain: &str, ledger: &mut Ledger) {
        if let Some(chain) = self.table(table).chains.get_mut(chain) {
            chain.rules = chain.rules.saturating_sub(1);
        }
        ledger.entries += 1;
    }

    pub(super) fn add_set(&mut self, table: &str, set: &str, is_map: bool, ledger: &mut Ledger) {
        let sets = &mut self.table(table).sets;
        if !sets.contains_key(set) {
            sets.insert(set.to_owned(), BTreeSet::new());
            ledger.sets += 1;
            ledger.maps += u64::from(is_map);
        }
        ledger.entries += 1;
    }

    pub(super) fn flush_set(&mut self, table: &str, set: &str, ledger: &mut Ledger) {
        if let Some(elements) = self.table(table).sets.get_mut(set) {
            ledger.entries += elements.len() as u64;
            elements.clear();
        }
    }

    pub(super) fn delete_set(&mut self, table: &str, set: &str, ledger: &mut Ledger) {
        self.table(table).sets.remove(set);
        ledger.entries += 1;
    }

    pub(super) fn add_element(&mut self, table: &str, set: &str, key: String, ledger: &mut Ledger) {
        let elements = self.table(table).sets.entry(set.to_owned()).or_default();
        if elements.insert(key) {
            ledger.elements += 1;
            ledger.entries += 1;
        }
    }

    pub(super) fn delete_element(
        &mut self,
        table: &str,
        set: &str,
        key: &str,
        ledger: &mut Ledger,
    ) {
        if let Some(elements) = self.table(table).sets.get_mut(set) {
            elements.remove(key);
        }
        ledger.entries += 1;
    }

    fn table(&mut self, table: &str) -> &mut Table {
        self.tables.entry(table.to_owned()).or_default()
    }
}
