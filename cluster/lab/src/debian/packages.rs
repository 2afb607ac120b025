//! What must be installed on a Debian machine.

use crate::debian::apt::Apt;
use crate::error::Error;
use crate::preflight;

/// Programs the lab runs, and the packages that have them.
const PACKAGES: [(&str, &str); 9] = [
    // namespaces and links
    ("ip", "iproute2"),
    // kube-proxy's modes
    ("nft", "nftables"),
    ("iptables", "iptables"),
    // a guest's root file system
    ("busybox", "busybox-static"),
    ("depmod", "kmod"),
    ("xz", "xz-utils"),
    // an apt that knows its archive
    ("apt-get", "ca-certificates"),
    // guests
    ("qemu-system-x86_64", "qemu-system-x86"),
    // where a kernel's time goes
    ("perf", "linux-perf"),
];

/// Prints the packages.
pub fn list() {
    for (program, package) in PACKAGES {
        println!("{package:<18} {program}");
    }
}

/// Installs what is missing.
///
/// # Errors
/// [`Error::NotRoot`]; what `apt` says.
pub async fn install() -> Result<(), Error> {
    if !rustix::process::geteuid().is_root() {
        return Err(Error::NotRoot);
    }
    let missing: Vec<&str> = PACKAGES
        .iter()
        .filter(|(program, _)| !preflight::is_installed(program))
        .map(|(_, package)| *package)
        .collect();
    let old_qemu = preflight::qemu().is_err();
    if missing.is_empty() && !old_qemu {
        println!("nothing is missing");
        return Ok(());
    }
    let apt = Apt::fresh().await?;
    let plain: Vec<&str> = missing
        .iter()
        .copied()
        .filter(|package| *package != "qemu-system-x86")
        .collect();
    if !plain.is_empty() {
        println!("installing {}", plain.join(" "));
        apt.install(&plain, None).await?;
    }
    if old_qemu {
        // Debian 12 has 7.2, which is too old; later ones have what is needed.
        let release = (apt.codename() == "bookworm").then_some("bookworm-backports");
        println!("installing qemu-system-x86 {}", release.unwrap_or_default());
        apt.install(&["qemu-system-x86"], release).await?;
    }
    preflight::qemu()
}
