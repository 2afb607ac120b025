//! QEMU's command line.

use std::path::Path;

use tokio::process::Command;

use crate::addresses;
use crate::error::Error;
use crate::network;
use crate::state::{Accelerator, Kernel, Node, Spec};

/// On a machine that is busy the emulated timer comes too late for the kernel's check of it, and
/// the kernel gives up; with KVM it does not check either. A panic ends QEMU.
const KERNEL_PARAMETERS: &str = "console=ttyS0 panic=-1 no_timer_check";
/// A guest with the kernel of its node, its console on standard output, its second serial port
/// on `socket`.
///
/// # Errors
/// [`Error::Usage`] if the node is none that needs QEMU.
pub(super) fn command(spec: &Spec, node: &Node, socket: &Path) -> Result<Command, Error> {
    let Kernel::Guest {
        image, initramfs, ..
    } = &node.kernel
    else {
        let problem = format!("node {} is no guest", node.name);
        return Err(Error::Usage(problem));
    };
    let (guests, link) = (&spec.guests, network::link(node.number));
    let (address, gateway) = (
        addresses::node(node.number),
        addresses::gateway(node.number),
    );
    let mut command = Command::new("qemu-system-x86_64");
    command
        .args(["-nodefaults", "-no-user-config", "-no-reboot"])
        .args(["-display", "none", "-monitor", "none"])
        .args(["-accel", guests.accelerator.name()])
        .args(["-cpu", processor(guests.accelerator)])
        .args(["-m", &guests.memory_mib.to_string()])
        .args(["-smp", &guests.cpus.to_string()])
        .arg("-kernel")
        .arg(image)
        .arg("-initrd")
        .arg(initramfs)
        .args([
            "-append",
            &format!(
                "{KERNEL_PARAMETERS} lab.name={} lab.address={address} lab.gateway={gateway} {}",
                node.name,
                guests.parameters.join(" ")
            ),
        ])
        .args(["-chardev", "stdio,id=console,signal=off"])
        .args(["-serial", "chardev:console"])
        .args([
            "-chardev",
            &format!("socket,id=orders,path={}", socket.display()),
        ])
        .args(["-serial", "chardev:orders"])
        .args([
            "-netdev",
            &format!("tap,id=net,ifname={link},script=no,downscript=no"),
        ])
        .args(["-device", "virtio-net-pci,netdev=net,romfile="]);
    Ok(command)
}

/// With an instruction that gives random numbers: without one a kernel gathers them for minutes,
/// and kube-proxy's TLS waits for that.
fn processor(accelerator: Accelerator) -> &'static str {
    match accelerator {
        Accelerator::Tcg => "qemu64,+rdrand,+rdseed",
        Accelerator::Kvm => "host",
    }
}
