//! A sync, as the log tells it.

use serde::{Deserialize, Serialize};

/// One run of `syncProxyRules` for one IP family.
///
/// Times are nanoseconds since the epoch (UTC), durations nanoseconds. A time is absent where
/// the log has none at all (a header stripped and nothing put in its place).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sync {
    /// Place of its log in [`crate::Reading::inputs`].
    pub input: u32,
    /// Which process start of that log it belongs to, from 0.
    pub process: u32,
    /// Line of the complete message, from 1; of its last known line if unfinished.
    pub line: u64,
    /// Line of `Syncing ... rules`.
    pub syncing_line: Option<u64>,
    /// Line of `Reloading service ... data`.
    pub reloading_line: Option<u64>,
    /// `end - elapsed`; of an unfinished sync the time of its first line.
    pub start_ns: Option<i64>,
    /// Time of the complete message; absent if unfinished.
    pub end_ns: Option<i64>,
    /// As printed by kube-proxy; of an unfinished sync the least it can be.
    pub elapsed_ns: Option<u64>,
    /// `Reloading - start`.
    pub build_ns: Option<u64>,
    /// `complete - Reloading`: `nft -f -` or `iptables-restore` whole, and what follows it.
    pub commit_ns: Option<u64>,
    /// `numServices`: Service ports.
    pub services: Option<u64>,
    /// `numEndpoints`: endpoints, summed over Service ports.
    pub endpoints: Option<u64>,
    /// `numChains` of `Deleting stale nftables chains` inside this sync.
    pub stale_chains: Option<u64>,
    /// IP family.
    pub family: Family,
    /// Who programs the rules.
    pub backend: Backend,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether every rule was written anew, where the log tells: `fullSync`, a failed deletion
    /// of stale chains (which makes a sync full after it said otherwise), a first sync.
    pub full: Option<bool>,
}

/// IP family of a sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Family {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
    /// Not said, as before Kubernetes 1.31, and not to be told from the order of lines.
    Unknown,
}

/// kube-proxy's mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Backend {
    /// `nftables`.
    Nftables,
    /// `iptables`.
    Iptables,
    /// `ipvs`.
    Ipvs,
    /// `kernelspace` on Windows.
    Winkernel,
    /// `userspace`, before Kubernetes 1.26.
    Userspace,
    /// The log does not tell.
    Unknown,
}

impl Backend {
    /// The mode's name as in `--proxy-mode`.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Nftables => Some("nftables"),
            Self::Iptables => Some("iptables"),
            Self::Ipvs => Some("ipvs"),
            Self::Winkernel => Some("kernelspace"),
            Self::Userspace => Some("userspace"),
            Self::Unknown => None,
        }
    }

    /// The verbosity from which it prints its durations.
    #[must_use]
    pub fn verbosity(self) -> u32 {
        match self {
            Self::Ipvs | Self::Winkernel | Self::Userspace => 4,
            Self::Nftables | Self::Iptables | Self::Unknown => 2,
        }
    }
}

/// How a sync ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Outcome {
    /// Rules are in the kernel.
    Ok,
    /// kube-proxy said so; without a duration where its verbosity prints none.
    Failed,
    /// The log ends, or the process does, before the complete message.
    Unfinished,
}
