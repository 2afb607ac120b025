//! What values are called in tables: kube-proxy's own names, where it has them.

use kube_proxy_logs::{Backend, Family, KernelKind, Outcome};

/// A kind of value that tables have by name.
pub(super) trait Named: Copy + PartialEq + 'static {
    /// Each value's name.
    const NAMES: &'static [(Self, &'static str)];

    /// Its name.
    fn called(self) -> Option<String> {
        let found = Self::NAMES.iter().find(|(one, _)| *one == self);
        found.map(|(_, name)| (*name).to_owned())
    }

    /// The value of that name.
    fn named(name: Option<&String>) -> Result<Self, String> {
        let name = name.map_or("", String::as_str);
        let found = Self::NAMES.iter().find(|(_, known)| *known == name);
        found
            .map(|(one, _)| *one)
            .ok_or_else(|| format!("no such value: {name:?}"))
    }
}

impl Named for Family {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::Ipv4, "IPv4"),
        (Self::Ipv6, "IPv6"),
        (Self::Unknown, "unknown"),
    ];
}

impl Named for Backend {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::Nftables, "nftables"),
        (Self::Iptables, "iptables"),
        (Self::Ipvs, "ipvs"),
        (Self::Winkernel, "kernelspace"),
        (Self::Userspace, "userspace"),
        (Self::Unknown, "unknown"),
    ];
}

impl Named for Outcome {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::Ok, "ok"),
        (Self::Failed, "failed"),
        (Self::Unfinished, "unfinished"),
    ];
}

impl Named for KernelKind {
    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::SoftLockup, "soft lockup"),
        (Self::HardLockup, "hard lockup"),
        (Self::WorkqueueLockup, "workqueue lockup"),
        (Self::RcuStall, "rcu stall"),
        (Self::HungTask, "hung task"),
    ];
}
