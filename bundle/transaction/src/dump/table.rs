//! A table as it stands on a node, whatever it was printed by.

/// A table of nftables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Table {
    /// `ip`, `ip6`, `inet` ...
    pub(crate) family: String,
    pub(crate) name: String,
    pub(crate) comment: Option<String>,
    /// Sets and maps that have names.
    pub(crate) sets: Vec<Set>,
    pub(crate) chains: Vec<Chain>,
    /// Counters and the like: how many.
    pub(crate) others: Vec<Other>,
}

/// A set or map that has a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Set {
    pub(crate) is_map: bool,
    pub(crate) name: String,
    /// What it holds: `type ipv4_addr`, `flags interval`, `comment "..."`.
    pub(crate) properties: Vec<String>,
    pub(crate) elements: Vec<Element>,
}

/// An element of a set or map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// `10.0.0.1 . tcp . 80`
    pub(crate) key: String,
    /// Key, remark and value, as a batch has them.
    pub(crate) text: String,
    /// The chain that it leads to.
    pub(crate) to: Option<String>,
}

/// A chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Chain {
    pub(crate) name: String,
    /// Where packets come to it: `type nat hook output priority -100; policy accept;`.
    pub(crate) base: Option<String>,
    pub(crate) comment: Option<String>,
    pub(crate) rules: Vec<Rule>,
}

/// A rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Where it was read.
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// A counter, quota or limit that has a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Other {
    pub(crate) kind: String,
    pub(crate) name: String,
}

impl Set {
    /// Whether packets put elements into it, not kube-proxy: clients that are to stay with their
    /// endpoint.
    pub(crate) fn is_filled_by_packets(&self) -> bool {
        let has = |word: &str| {
            let flags = self
                .properties
                .iter()
                .filter(|one| one.starts_with("flags"));
            flags.into_iter().any(|one| one.contains(word))
        };
        has("dynamic") || has("timeout")
    }
}

impl Element {
    /// `10.0.0.1 . tcp . 80 comment "a/b" : goto chain`
    pub(crate) fn of(words: &[&str]) -> Self {
        let is_end = |word: &&&str| !matches!(**word, ":" | "comment");
        let key: Vec<&str> = words.iter().take_while(is_end).copied().collect();
        let to = words
            .iter()
            .rposition(|word| matches!(*word, "goto" | "jump"));
        Self {
            key: key.join(" "),
            text: words.join(" "),
            to: to
                .and_then(|at| words.get(at + 1))
                .map(|name| (*name).to_owned()),
        }
    }
}
