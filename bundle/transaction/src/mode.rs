//! Whose language a transaction is in.

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
