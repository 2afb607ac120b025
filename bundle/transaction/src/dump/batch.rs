//! A table of kube-proxy as the batch by which kube-proxy makes it from nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};

use super::table::{Chain, Element, Set, Table};
use crate::words::words;

/// Sets and maps whose elements come with the Service that they are about.
const OF_SERVICES: [&str; 5] = [
    "cluster-ips",
    "service-ips",
    "firewall-ips",
    "no-endpoint-services",
    "service-nodeports",
];
/// What kube-proxy 1.32 empties in a full sync.
const FLUSHED: [&str; 6] = [
    "cluster-ips",
    "service-ips",
    "firewall-ips",
    "no-endpoint-services",
    "no-endpoint-nodeports",
    "service-nodeports",
];

/// The batch, a command a line, in kube-proxy's order: base chains, checks and dispatch, then a
/// Service after another.
pub(super) fn batch(table: &Table) -> String {
    let mut writer = Writer {
        name: format!("{} {}", table.family, table.name),
        table,
        text: String::new(),
    };
    // Writing to a String cannot fail.
    writer.write().unwrap_or_default();
    writer.text
}

/// Chains and sets of a Service have its namespace and name in theirs.
fn is_of_service(name: &str) -> bool {
    name.contains('/')
}

struct Writer<'a> {
    table: &'a Table,
    name: String,
    text: String,
}

impl<'a> Writer<'a> {
    fn write(&mut self) -> fmt::Result {
        self.setup()?;
        let mut left: BTreeMap<&str, &'a Chain> = BTreeMap::new();
        let own = |chain: &&Chain| is_of_service(&chain.name);
        let chains: Vec<&'a Chain> = self.table.chains.iter().filter(own).collect();
        left.extend(chains.iter().map(|chain| (chain.name.as_str(), *chain)));
        let elements = Elements::of(self.table);
        let mut done = BTreeSet::new();
        // A Service's chains are made in one go, so that their first one tells the order.
        for chain in chains.iter().filter(|chain| elements.leads_to(&chain.name)) {
            let group = group(chain, &mut left);
            self.service(&group, &elements, &mut done)?;
        }
        // Those that nothing leads to any more.
        let rest: Vec<&Chain> = left.into_values().collect();
        self.chains(&rest)?;
        self.rules(&rest)?;
        for (set, element) in &elements.all {
            self.element_of_service(set, element, &elements, &mut done)?;
        }
        Ok(())
    }

    /// What does not depend on Services.
    fn setup(&mut self) -> fmt::Result {
        let (table, name) = (self.table, self.name.clone());
        let comment = table
            .comment
            .as_deref()
            .unwrap_or("\"rules for kube-proxy\"");
        writeln!(self.text, "add table {name} {{ comment {comment} ; }}")?;
        let of_setup = |chain: &&Chain| !is_of_service(&chain.name);
        let chains: Vec<&Chain> = table.chains.iter().filter(of_setup).collect();
        let bases = || chains.iter().filter(|chain| chain.base.is_some());
        for chain in bases() {
            writeln!(
                self.text,
                "add chain {name} {0}\ndelete chain {name} {0}",
                chain.name
            )?;
        }
        for other in &table.others {
            writeln!(self.text, "add {} {name} {}", other.kind, other.name)?;
        }
        self.chains(&chains)?;
        let sets: Vec<&Set> = table
            .sets
            .iter()
            .filter(|set| !is_of_service(&set.name))
            .collect();
        for set in &sets {
            self.set(set)?;
        }
        let nodeports = sets.iter().filter(|set| set.name == "nodeport-ips");
        for set in nodeports {
            writeln!(self.text, "flush set {name} {}", set.name)?;
        }
        // Affinity's, which rules of Services name.
        for set in table.sets.iter().filter(|set| is_of_service(&set.name)) {
            self.set(set)?;
        }
        self.rules(&chains)?;
        if chains
            .iter()
            .any(|chain| chain.name == "mark-for-masquerade")
        {
            for set in sets
                .iter()
                .filter(|set| FLUSHED.contains(&set.name.as_str()))
            {
                let kind = kind(set);
                writeln!(self.text, "flush {kind} {name} {}", set.name)?;
            }
        }
        let own = |set: &&&Set| !OF_SERVICES.contains(&set.name.as_str());
        for set in sets.iter().filter(own) {
            let own = set.elements.iter().filter(|_| !set.is_filled_by_packets());
            for element in own {
                self.element(set, element)?;
            }
        }
        Ok(())
    }

    fn chains(&mut self, chains: &[&Chain]) -> fmt::Result {
        for chain in chains {
            let mut inside = Vec::new();
            inside.extend(chain.base.clone());
            inside.extend(
                chain
                    .comment
                    .as_ref()
                    .map(|text| format!("comment {text} ;")),
            );
            let (table, chain) = (&self.name, &chain.name);
            match inside.is_empty() {
                true => writeln!(self.text, "add chain {table} {chain}")?,
                false => {
                    let inside = inside.join(" ");
                    writeln!(self.text, "add chain {table} {chain} {{ {inside} }}")?;
                }
            }
            writeln!(self.text, "flush chain {table} {chain}")?;
        }
        Ok(())
    }

    fn rules(&mut self, chains: &[&Chain]) -> fmt::Result {
        for chain in chains {
            for rule in &chain.rules {
                let rule = loadable(&rule.text);
                writeln!(self.text, "add rule {} {} {rule}", self.name, chain.name)?;
            }
        }
        Ok(())
    }

    fn set(&mut self, set: &Set) -> fmt::Result {
        let properties = set.properties.join(" ; ");
        let (kind, table) = (kind(set), &self.name);
        writeln!(
            self.text,
            "add {kind} {table} {} {{ {properties} ; }}",
            set.name
        )
    }

    fn element(&mut self, set: &Set, element: &Element) -> fmt::Result {
        let table = &self.name;
        writeln!(
            self.text,
            "add element {table} {} {{ {} }}",
            set.name, element.text
        )
    }

    /// Unless it is written already. A Service's address goes with what is said of it.
    fn element_of_service(
        &mut self,
        set: &'a Set,
        one: &'a Element,
        all: &Elements<'a>,
        done: &mut BTreeSet<(&'a str, &'a str)>,
    ) -> fmt::Result {
        if !done.insert((&set.name, &one.key)) {
            return Ok(());
        }
        let address = one.key.split(' ').next().unwrap_or_default();
        if let Some((addresses, found)) = all.addresses.get(address).filter(|_| set.is_map) {
            done.insert((&addresses.name, &found.key));
            self.element(addresses, found)?;
        }
        self.element(set, one)
    }

    fn service(
        &mut self,
        group: &[&'a Chain],
        elements: &Elements<'a>,
        done: &mut BTreeSet<(&'a str, &'a str)>,
    ) -> fmt::Result {
        self.chains(group)?;
        let to = group
            .iter()
            .filter_map(|chain| elements.to.get(chain.name.as_str()));
        for (set, element) in to.flatten() {
            self.element_of_service(set, element, elements, done)?;
        }
        // The Service's own rules come before those of its endpoints.
        let (own, others): (Vec<&Chain>, Vec<&Chain>) = group
            .iter()
            .partition(|chain| !chain.name.starts_with("endpoint-"));
        self.rules(&own)?;
        self.rules(&others)
    }
}

const fn kind(set: &Set) -> &'static str {
    if set.is_map { "map" } else { "set" }
}

/// A chain and those that it leads to, which have not been taken yet: those of endpoints first.
fn group<'a>(root: &'a Chain, left: &mut BTreeMap<&str, &'a Chain>) -> Vec<&'a Chain> {
    let mut found = Vec::new();
    let mut next = vec![root.name.as_str()];
    while let Some(name) = next.pop() {
        let Some(chain) = left.remove(name) else {
            continue;
        };
        found.push(chain);
        let to = chain.rules.iter().flat_map(|rule| words(&rule.text));
        let to: Vec<&str> = to.filter(|word| is_of_service(word)).collect();
        next.extend(to.into_iter().rev());
    }
    found.sort_by_key(|chain| !chain.name.starts_with("endpoint-"));
    found
}

/// Elements of the sets that are about Services.
struct Elements<'a> {
    all: Vec<(&'a Set, &'a Element)>,
    /// By the chain that they lead to.
    to: BTreeMap<&'a str, Vec<(&'a Set, &'a Element)>>,
    /// Addresses of Services.
    addresses: BTreeMap<&'a str, (&'a Set, &'a Element)>,
}

impl<'a> Elements<'a> {
    fn of(table: &'a Table) -> Self {
        let of_services = |set: &&Set| OF_SERVICES.contains(&set.name.as_str());
        let sets = table.sets.iter().filter(of_services);
        let all = sets.flat_map(|set| set.elements.iter().map(move |element| (set, element)));
        let mut all: Vec<(&Set, &Element)> = all.collect();
        // An address that nothing else names is written at the end.
        all.sort_by_key(|(set, _)| !set.is_map);
        let mut to: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        let mut addresses = BTreeMap::new();
        for (set, element) in &all {
            if let Some(chain) = &element.to {
                to.entry(chain).or_default().push((*set, *element));
            }
            if !set.is_map {
                addresses.insert(element.key.as_str(), (*set, *element));
            }
        }
        Self { all, to, addresses }
    }

    fn leads_to(&self, chain: &str) -> bool {
        self.to.contains_key(chain)
    }
}

/// nft before 1.1 prints `dnat ip to` where a map gives address and port, which it does not read
/// as that.
fn loadable(rule: &str) -> String {
    for family in ["ip", "ip6"] {
        let Some((before, after)) = rule.split_once(&format!("dnat {family} to ")) else {
            continue;
        };
        let in_map = after.split_once(" map {");
        if in_map.is_some_and(|(_, in_map)| in_map.contains(" . ")) {
            return format!("{before}dnat {family} addr . port to {after}");
        }
    }
    rule.to_owned()
}
