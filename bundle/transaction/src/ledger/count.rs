//! What a transaction is in, what it carries, what is wrong with it.

/// Whose language a transaction is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A batch for `nft -f`.
    Nftables,
    /// The input of `iptables-restore`.
    Iptables,
}

impl Mode {
    /// The mode of a file: `iptables-restore` reads tables that begin with `*`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let first = text.lines().map(str::trim);
        let first = first.filter(|line| !line.is_empty() && !line.starts_with('#'));
        match first.take(1).any(|line| line.starts_with('*')) {
            true => Self::Iptables,
            false => Self::Nftables,
        }
    }

    /// kube-proxy's name for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nftables => "nftables",
            Self::Iptables => "iptables",
        }
    }
}

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

/// A line that is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct Error {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}
