//! The transactions of a kube-proxy, as its source writes them.

mod iptables;
mod names;
mod nft;
mod setup;
mod workload;

use std::str::FromStr;

pub(crate) use names::base32;

use crate::mode::Mode;

/// Whose transactions to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A chain for each endpoint of each Service.
    KubeProxy1_32,
    /// A map of addresses for each Service.
    KubeProxy1_36,
    /// The same, without a map where a Service has one endpoint.
    KubeProxy1_37,
}

impl Shape {
    /// As in a bundle.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KubeProxy1_32 => "kube-proxy-1.32",
            Self::KubeProxy1_36 => "kube-proxy-1.36",
            Self::KubeProxy1_37 => "kube-proxy-1.37",
        }
    }
}

impl FromStr for Shape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("kube-proxy-").unwrap_or(text) {
            "1.32" => Ok(Self::KubeProxy1_32),
            "1.36" => Ok(Self::KubeProxy1_36),
            "1.37" => Ok(Self::KubeProxy1_37),
            _ => Err("known shapes: kube-proxy-1.32, kube-proxy-1.36, kube-proxy-1.37".to_owned()),
        }
    }
}

/// The transaction that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    /// Its language.
    pub mode: Mode,
    /// Whose it is; iptables has not changed over these versions.
    pub shape: Shape,
    /// Services in front of one Deployment, besides that of the API server.
    pub services: u32,
    /// Replicas of the Deployment once it is loaded: endpoints of each Service.
    pub endpoints: u32,
    /// Replicas before it; none: the table is empty, and all of it is written.
    pub from_replicas: Option<u32>,
    /// Replicas on the node itself: since 1.36 each is an element of a set of its own.
    pub local: u32,
    /// Whether the API server's own Service has its endpoint, as on any cluster but some labs.
    pub has_api_endpoint: bool,
}

/// Writes the transaction.
#[must_use]
pub fn generate(request: &Request) -> String {
    match request.mode {
        Mode::Nftables => nft::transaction(request),
        Mode::Iptables => iptables::transaction(request),
    }
}
