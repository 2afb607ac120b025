//! The literals that make a line worth reading, and the search for them.

use aho_corasick::{AhoCorasick, Input, MatchKind};

use crate::error::Error;

/// What makes a line worth reading. Short enough to be common to all versions and renderings,
/// long enough to be rare.
const LITERALS: [&str; 24] = [
    "yncProxyRules",
    "Syncing nftables rules",
    "Syncing iptables rules",
    "Syncing ipvs ",
    "Syncing proxy rules",
    "Reloading service ",
    "Deleting stale nftables",
    "Unable to delete stale chains",
    "Sync failed",
    "nftables sync failed",
    "Failed to execute iptables-restore",
    "Version info",
    "Version: v",
    "FLAG: --v=",
    "FLAG: --hostname-override=",
    "tables Proxier",
    "ipvs Proxier",
    // The kernel.
    "soft lockup - CPU#",
    "INFO: rcu_",
    "blocked for more than",
    "blocked in I/O wait for",
    "Linux version ",
    "RIP: 0010:",
    "ainted",
];

/// Further literals: the arm64 program counter, the CPU of an RCU stall, sections of
/// `kubectl cluster-info dump`, CRI lines in pieces (` stderr P`; its first bytes would stop the
/// search at every line), journald's messages in bytes.
const MORE: [&str; 8] = [
    "pc : ",
    " idle=",
    "==== START logs for container ",
    "==== END logs for container ",
    "rr P",
    "ut P",
    "\"MESSAGE\":[",
    "\"MESSAGE\" : [",
];

/// Finds relevant lines.
#[derive(Debug, Clone)]
pub(crate) struct Finder(AhoCorasick);

impl Finder {
    pub(crate) fn new() -> Result<Self, Error> {
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(LITERALS.iter().chain(&MORE))
            .map(Self)
            .map_err(|error| Error::Internal(error.to_string()))
    }

    pub(crate) fn is_relevant(&self, line: &[u8]) -> bool {
        self.0.is_match(line)
    }

    /// Where the next literal begins.
    pub(super) fn next(&self, block: &[u8], from: usize) -> Option<usize> {
        self.0
            .find(Input::new(block).range(from..))
            .map(|found| found.start())
    }
}
