//! The literals that make a line worth reading, and the search for them.

use aho_corasick::{AhoCorasick, Input, MatchKind};

use super::memory::Memory;
use crate::error::Error;

/// What makes a line worth reading. Short enough to be common to all versions and renderings,
/// long enough to be rare.
///
/// kube-proxy's messages; the kernel's, with the program counter of arm64, the CPU of an RCU
/// stall and the callers in the modules that carry rules; sections of `kubectl cluster-info dump`; CRI lines in pieces (` stderr P`: its first
/// bytes would stop the search at every line); journald's messages in bytes.
///
/// Their order decides which of them the search (Teddy) puts into one of its eight buckets, and
/// so how often it stops in vain. This one was climbed to by swaps, on a log of verbosity 4 and
/// on all samples: a tenth and a third less time than in the order of their meanings.
const LITERALS: [&str; 41] = [
    "Syncing nftables rules",
    " idle=",
    "Linux version ",
    "Version: v",
    "tables Proxier",
    "FLAG: --v=",
    "RIP: 0010:",
    "rr P",
    "INFO: rcu_",
    "Syncing proxy rules",
    "\"MESSAGE\":[",
    "Reloading service ",
    "Deleting stale nftables",
    "nftables sync failed",
    "Unable to delete stale chains",
    "blocked for more than",
    "Syncing ipvs ",
    "ainted",
    "soft lockup - CPU#",
    "hard LOCKUP on cpu ",
    "workqueue lockup - pool ",
    "blocked in I/O wait for",
    "Syncing iptables rules",
    "\"MESSAGE\" : [",
    "ipvs Proxier",
    "==== END logs for container ",
    "Failed to execute iptables-restore",
    "==== START logs for container ",
    "Version info",
    "FLAG: --hostname-override=",
    "pc : ",
    "ut P",
    "Sync failed",
    "yncProxyRules",
    "FLAG: --proxy-mode=",
    "Using Kernelspace",
    "Using userspace",
    "running ProxyServer",
    "\"command failed\"",
    "[nf_tables]",
    "[x_tables]",
];

/// Finds relevant lines, and knows how many of them may be kept.
#[derive(Debug, Clone)]
pub(crate) struct Finder {
    search: AhoCorasick,
    pub(super) memory: Memory,
}

impl Finder {
    #[cfg(test)]
    pub(crate) fn new() -> Result<Self, Error> {
        Self::within(u64::MAX)
    }

    /// Of which no more may be kept than takes so many bytes.
    pub(crate) fn within(most: u64) -> Result<Self, Error> {
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(LITERALS)
            .map_err(|error| Error::Internal(error.to_string()))?;
        let memory = Memory::of(most);
        Ok(Self { search, memory })
    }

    pub(crate) fn is_relevant(&self, line: &[u8]) -> bool {
        self.search.is_match(line)
    }

    /// Where the next literal begins.
    pub(super) fn next(&self, block: &[u8], from: usize) -> Option<usize> {
        self.search
            .find(Input::new(block).range(from..))
            .map(|found| found.start())
    }
}
