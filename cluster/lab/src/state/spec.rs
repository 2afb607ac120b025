//! What was asked for: nodes, kernels, kube-proxy.

use std::path::PathBuf;
use std::str::FromStr;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::{KubeProxy, Kubernetes};

/// What a lab is made of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Spec {
    /// The lab's name.
    pub name: String,
    /// Its nodes.
    pub nodes: Vec<Node>,
    /// kube-proxy's mode.
    pub mode: Mode,
    /// kube-proxy's version.
    pub kube_proxy: KubeProxy,
    /// Whether the transactions of the nodes' kube-proxies are kept.
    #[serde(default)]
    pub keep_transactions: bool,
    /// Whether the kernel is sampled under the nodes' kube-proxies.
    #[serde(default)]
    pub profile: bool,
    /// kube-proxy's `--v`.
    pub verbosity: u32,
    /// More arguments of kube-proxy.
    pub kube_proxy_args: Vec<String>,
    /// Requests a second of kube-controller-manager.
    pub controller_qps: u32,
    /// Seconds for which it gathers changes of pods before it writes an EndpointSlice.
    #[serde(default)]
    pub endpoint_batch: u32,
    /// How guests are run.
    pub guests: Guests,
    /// The API server's port on 127.0.0.1.
    pub port: u16,
    /// More arguments of the API server.
    #[serde(default)]
    pub api_server_args: Vec<String>,
    /// The control plane.
    pub kubernetes: Kubernetes,
    /// Where etcd and kwok are.
    pub programs: PathBuf,
}

/// A node.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Node {
    /// Its name in the cluster.
    pub name: String,
    /// Part of its addresses, from 1.
    pub number: u16,
    /// What it runs on.
    pub kernel: Kernel,
}

/// A node's kernel.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Kernel {
    /// This machine's own, in a network namespace.
    Host {
        /// `uname -r`.
        release: String,
    },
    /// A Debian kernel or one's own, booted under QEMU.
    Guest {
        /// `uname -r`.
        release: String,
        /// The package's version, such as `6.1.192-2`; of one's own its release.
        version: String,
        /// The bootable image.
        image: PathBuf,
        /// Its root file system in memory.
        initramfs: PathBuf,
    },
    /// None: its kube-proxy is played too, and says a line now and then.
    Played,
}

/// What a node that is played calls its kernel.
const NO_KERNEL: &str = "played";

impl Kernel {
    /// `uname -r`.
    #[must_use]
    pub fn release(&self) -> &str {
        match self {
            Self::Host { release } | Self::Guest { release, .. } => release,
            Self::Played => NO_KERNEL,
        }
    }

    /// `host`, `guest` or `played`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Host { .. } => "host",
            Self::Guest { .. } => "guest",
            Self::Played => "played",
        }
    }
}

/// How guests are run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Guests {
    /// Memory of each, in MiB.
    pub memory_mib: u64,
    /// Processors of each.
    pub cpus: u32,
    /// More parameters of its kernel.
    pub parameters: Vec<String>,
    /// What runs their instructions.
    pub accelerator: Accelerator,
}

/// What runs a guest's instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Accelerator {
    /// QEMU's emulation.
    Tcg,
    /// The processor itself.
    Kvm,
}

impl Accelerator {
    /// QEMU's name of it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcg => "tcg",
            Self::Kvm => "kvm",
        }
    }
}

/// kube-proxy's mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// nftables.
    Nftables,
    /// iptables.
    Iptables,
}

impl Mode {
    /// Its name in kube-proxy's configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nftables => "nftables",
            Self::Iptables => "iptables",
        }
    }
}

/// `NAME=KERNEL` as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The node's name.
    pub name: String,
    /// `host`, a series, a release, or a kernel of one's own: its image's path.
    pub kernel: String,
}

impl Wanted {
    /// Whether it runs on this machine's kernel.
    #[must_use]
    pub fn is_host(&self) -> bool {
        self.kernel == "host"
    }
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, kernel) = text
            .split_once('=')
            .ok_or("write it NAME=KERNEL, such as node-a=host or old=6.1")?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let sound = name.len() <= 40
            && name.chars().all(plain)
            && name.starts_with(edge)
            && name.ends_with(edge);
        if !sound {
            return Err(format!(
                "`{name}` is no node name: a-z, 0-9 and - within, at most 40"
            ));
        }
        if kernel.is_empty() {
            return Err("the kernel is missing: host, or a series such as 6.12".to_owned());
        }
        Ok(Self {
            name: name.to_owned(),
            kernel: kernel.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_named_as_the_cluster_names_them() {
        let wanted: Wanted = "old=6.1".parse().unwrap();
        assert_eq!((wanted.name.as_str(), wanted.is_host()), ("old", false));
        assert!("a=host".parse::<Wanted>().unwrap().is_host());
        for bad in [
            "old", "=host", "a=", "Old=host", "-a=host", "a/b=host", "a-=host",
        ] {
            assert!(bad.parse::<Wanted>().is_err(), "{bad}");
        }
    }
}
