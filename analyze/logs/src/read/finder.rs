//! The literals that make a line worth reading, and the search for them.

use aho_corasick::{AhoCorasick, Input, MatchKind, packed};

use super::memory::Memory;
use crate::error::Error;

/// What makes a line worth reading. Short enough to be common to all versions and renderings,
/// long enough to be rare.
///
/// kube-proxy's messages; the kernel's, with the program counter of arm64, the CPU of an RCU
/// stall and the callers in the modules that carry rules; sections of `kubectl cluster-info dump`; CRI lines in pieces (` stderr P`: its first
/// bytes would stop the search at every line); journald's messages in bytes.
///
/// The search (Teddy) looks at their first four bytes, and puts them by their order into eight
/// buckets: order and first bytes decide how often it stops in vain. Both were climbed to by swaps,
/// on a log of verbosity 4, plain and as JSON, and on all samples: so some begin in the middle of a
/// word. It takes half as long as with whole words in the order of their meanings.
const LITERALS: [&str; 40] = [
    "RIP: 0010:",
    "Syncing nftables rules",
    "blocked for more than",
    "INFO: rcu_",
    "loading service ",
    "ut P",
    "ainted",
    "ng proxy rules",
    "Using Kernelspace",
    "Syncing iptables rules",
    "nf_tables]",
    "ue lockup - pool ",
    "blocked in I/O wait for",
    "yncProxyRules",
    "Syncing ipvs ",
    "[x_tables]",
    "Version: v",
    "ync failed",
    "pvs Proxier",
    "==== START logs for container ",
    "leting stale nftables",
    "es Proxier",
    "Version info",
    "nable to delete stale chains",
    "Linux version ",
    "ng ProxyServer",
    "ommand failed\"",
    "pc : ",
    "--hostname-override=",
    "ft lockup - CPU#",
    "FLAG: --v=",
    "hard LOCKUP on cpu ",
    "\"MESSAGE\":[",
    "==== END logs for container ",
    "\"MESSAGE\" : [",
    "Failed to execute iptables-restore",
    " idle=",
    "FLAG: --proxy-mode=",
    "Using userspace",
    "rr P",
];

/// Finds relevant lines, and knows how many of them may be kept.
#[derive(Debug, Clone)]
pub(crate) struct Finder {
    search: Search,
    pub(super) memory: Memory,
}

/// The search: with wide registers, or without where the processor has none.
#[derive(Debug, Clone)]
enum Search {
    Wide(packed::Searcher),
    Narrow(AhoCorasick),
}

impl Search {
    fn new() -> Result<Self, Error> {
        // With eight buckets, for which the literals are arranged, and not sixteen: they are looked at
        // twice as many bytes at a time.
        let wide = packed::Config::new()
            .match_kind(packed::MatchKind::LeftmostFirst)
            .only_teddy_fat(Some(false))
            .builder()
            .extend(LITERALS)
            .build();
        if let Some(search) = wide {
            return Ok(Self::Wide(search));
        }
        let narrow = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(LITERALS);
        narrow
            .map(Self::Narrow)
            .map_err(|error| Error::Internal(error.to_string()))
    }

    /// Where the next literal begins.
    fn next(&self, block: &[u8], from: usize) -> Option<usize> {
        let span = from..block.len();
        let found = match self {
            Self::Wide(search) => search.find_in(block, span.into()),
            Self::Narrow(search) => search.find(Input::new(block).range(span)),
        };
        found.map(|found| found.start())
    }
}

impl Finder {
    #[cfg(test)]
    pub(crate) fn new() -> Result<Self, Error> {
        Self::within(u64::MAX)
    }

    /// Of which no more may be kept than takes so many bytes.
    pub(crate) fn within(most: u64) -> Result<Self, Error> {
        let search = Search::new()?;
        let memory = Memory::of(most);
        Ok(Self { search, memory })
    }

    pub(crate) fn is_relevant(&self, line: &[u8]) -> bool {
        self.search.next(line, 0).is_some()
    }

    /// Where the next literal begins.
    pub(super) fn next(&self, block: &[u8], from: usize) -> Option<usize> {
        self.search.next(block, from)
    }
}
