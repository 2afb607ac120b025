//! A row of `transactions.csv`: what a transaction is and what it carries.

use serde::{Deserialize, Serialize};

/// A transaction: one file that kube-proxy hands to `nft -f` or `iptables-restore`.
///
/// The counts are its ledger, made by reading the file (and that of the transaction before it),
/// not by asking a kernel.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Transaction {
    /// Its name, unique in the bundle: `cold-1000x30-kube-proxy-1.32`.
    pub transaction: String,
    /// Whose language it is in: `nftables` or `iptables`.
    pub mode: String,
    /// Who wrote it so: `kube-proxy-1.32` (generated), `captured`, `own` (any other file).
    pub shape: String,
    /// `ipv4` or `ipv6`; empty if it holds both or none.
    #[serde(default)]
    pub family: String,
    /// Services, where known.
    #[serde(default)]
    pub services: Option<u64>,
    /// Endpoints of each Service after it, where known.
    #[serde(default)]
    pub endpoints_per_service: Option<u64>,
    /// Endpoints of each Service before it; none: the table was empty (a cold transaction).
    #[serde(default)]
    pub from_replicas: Option<u64>,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
    /// Commands (`add`, `delete`, `flush` ...; iptables: lines that are rules or chains).
    pub commands: u64,
    /// Chains that it makes.
    pub chains: u64,
    /// Rules that it adds.
    pub rules: u64,
    /// Sets that it makes: named and anonymous, maps among them.
    pub sets: u64,
    /// Maps among those.
    pub maps: u64,
    /// Anonymous sets and maps among those: A of the cost model. With kube-proxy each is the map
    /// by which a Service with more than one endpoint chooses.
    pub anonymous_maps: u64,
    /// Elements that it adds, to named and to anonymous sets.
    pub elements: u64,
    /// Entries of the kernel's transaction: T of the cost model. One for each table, chain, set,
    /// rule and lot of elements that is made or removed.
    pub entries: u64,
    /// Sets in the table once it is loaded: N of the cost model.
    pub table_sets: u64,
    /// Name of the transaction that made the table's state before it; empty: an empty table.
    #[serde(default)]
    pub after: String,
}
