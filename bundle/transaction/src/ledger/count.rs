//! What a transaction carries.

/// What a transaction carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Length of the file.
    pub bytes: u64,
    /// Commands.
    pub commands: u64,
    /// Chains that it makes.
    pub chains: u64,
    /// Rules that it adds.
    pub rules: u64,
    /// Sets that it makes, named and anonymous, maps among them.
    pub sets: u64,
    /// Maps among those.
    pub maps: u64,
    /// Anonymous ones among those: A.
    pub anonymous: u64,
    /// Elements that it adds.
    pub elements: u64,
    /// Entries of the kernel's transaction: T. One for each table, chain, set, rule and element
    /// made or removed; from 6.13 the kernel gathers consecutive elements of one set.
    pub entries: u64,
    /// Chains in the tables once it is loaded.
    pub table_chains: u64,
    /// Rules likewise.
    pub table_rules: u64,
    /// Sets likewise: N.
    pub table_sets: u64,
    /// Elements likewise.
    pub table_elements: u64,
}
