//! Choices among a few words.

/// What makes a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    /// Kernel release.
    Kernel,
    /// Node.
    Node,
    /// kube-proxy's mode.
    Mode,
    /// kube-proxy's version.
    KubeProxy,
    /// Instance type.
    Instance,
    /// OS image.
    Os,
    /// Bundle.
    Bundle,
    /// What --label says.
    Label,
}

impl GroupBy {
    /// All of them, in the order of the help.
    pub const ALL: &'static [Self] = &[
        Self::Kernel,
        Self::Node,
        Self::Mode,
        Self::KubeProxy,
        Self::Instance,
        Self::Os,
        Self::Bundle,
        Self::Label,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::Node => "node",
            Self::Mode => "mode",
            Self::KubeProxy => "kube-proxy",
            Self::Instance => "instance",
            Self::Os => "os",
            Self::Bundle => "bundle",
            Self::Label => "label",
        }
    }
}

/// Whose syncs are trials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FamilyChoice {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
    /// Both.
    All,
}

impl FamilyChoice {
    /// All of them, in the order of the help.
    pub const ALL: &'static [Self] = &[Self::Ipv4, Self::Ipv6, Self::All];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::All => "all",
        }
    }
}
