//! Is this machine fit for what was asked? Each answer is an error that says what mends it.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

use crate::cli::Up;
use crate::error::Error;
use crate::state::Mode;

/// The oldest QEMU that works: 7.2 miscompiles `cmpxchg16b`, and the guest's kernel crashes.
const OLDEST_QEMU: u32 = 10;
/// What the control plane takes besides the guests, in MiB: etcd, API server and controllers
/// with a few thousand Services in them.
const CONTROL_PLANE_MIB: u64 = 1200;
/// What a node that is played adds to it, in MiB.
const PLAYED_MIB: u64 = 1;
/// The API server's usual port.
const USUAL_PORT: u16 = 6443;
/// The command that installs what the lab needs.
const PREPARE: &str = "`lab prepare` installs it";

/// Checks all of it, before anything is built or started.
///
/// # Errors
/// The first thing that is missing.
pub fn check(up: &Up, guests: u64, nodes: u64) -> Result<(), Error> {
    if !rustix::process::geteuid().is_root() {
        return Err(Error::NotRoot);
    }
    program("ip", "version")?;
    program("nft", "--version")?;
    if up.mode == Mode::Iptables {
        program("iptables", "--version")?;
    }
    if guests > 0 {
        for name in ["busybox", "depmod", "xz", "dpkg-deb", "apt-get", "iptables"] {
            if !is_installed(name) {
                return Err(missing(name));
            }
        }
        qemu()?;
    }
    let most = crate::addresses::MOST_NODES;
    if nodes > u64::from(most) {
        let problem = format!("at most {most} nodes with a kernel; --kwok-nodes has more");
        return Err(Error::Usage(problem));
    }
    memory(guests, up.cluster.guest_memory, up.kwok_nodes.into())
}

/// Whether Go is there.
///
/// # Errors
/// [`Error::Missing`].
pub fn go() -> Result<(), Error> {
    answer("go", "version")
        .map(|_| ())
        .ok_or_else(|| Error::Missing {
            program: "go".to_owned(),
            mend: "the control plane is built from Go modules once; install Go 1.24 or newer from \
                   https://go.dev/dl and put it on PATH"
                .to_owned(),
        })
}

/// The API server's port on this machine, taken: the one asked for, else the usual one or a free one.
/// Returns it with its number. It is held from here on: a port that was only found free may be
/// another lab's by the time it is needed. All other ports of a lab are in its own namespaces.
///
/// # Errors
/// [`Error::PortTaken`].
pub fn door(wanted: Option<u16>) -> Result<(TcpListener, u16), Error> {
    let bound = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = match wanted {
        Some(port) => bound(port),
        None => bound(USUAL_PORT).or_else(|_| bound(0)),
    };
    let taken = |_| Error::PortTaken {
        port: wanted.unwrap_or(USUAL_PORT),
    };
    let listener = listener.map_err(taken)?;
    let port = listener.local_addr().map_err(taken)?.port();
    Ok((listener, port))
}

fn program(name: &str, version_flag: &str) -> Result<String, Error> {
    answer(name, version_flag).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Error {
    Error::Missing {
        program: name.to_owned(),
        mend: PREPARE.to_owned(),
    }
}

/// Whether a program is on PATH or where Debian keeps those of administrators.
#[must_use]
pub fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<_> = std::env::split_paths(&path).collect();
    places.extend(["/usr/sbin", "/sbin"].map(Into::into));
    places.iter().any(|place| place.join(program).is_file())
}

fn answer(program: &str, flag: &str) -> Option<String> {
    // `ip version` knows no flag of that name, but says that it is there.
    let output = Command::new(program).arg(flag).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// QEMU's name and version.
#[must_use]
pub fn qemu_name() -> String {
    let said = answer("qemu-system-x86_64", "--version").unwrap_or_default();
    format!("qemu {}", qemu_version(&said).unwrap_or_default())
}

/// The processor's model.
#[must_use]
pub fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut lines = text.lines().filter(|line| line.starts_with("model name"));
    let model = lines.next().and_then(|line| line.split_once(": "));
    model.map_or_else(|| "unknown".to_owned(), |(_, model)| model.to_owned())
}

/// Whether QEMU is there and new enough.
///
/// # Errors
/// [`Error::Missing`], [`Error::TooOld`].
pub fn qemu() -> Result<(), Error> {
    let said = program("qemu-system-x86_64", "--version")?;
    let found = qemu_version(&said).unwrap_or_default();
    let major = found.split('.').next().and_then(|major| major.parse().ok());
    if major.is_some_and(|major: u32| major >= OLDEST_QEMU) {
        return Ok(());
    }
    Err(Error::TooOld {
        program: "qemu-system-x86_64".to_owned(),
        found,
        needed: format!("{OLDEST_QEMU} (older ones crash the guest's kernel)"),
        mend: format!("{PREPARE} from backports"),
    })
}

/// `QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2+deb13u1~bpo12+1)`
fn qemu_version(said: &str) -> Option<String> {
    let (_, rest) = said.split_once("version ")?;
    rest.split_whitespace().next().map(str::to_owned)
}

fn memory(guests: u64, guest_mib: u64, played: u64) -> Result<(), Error> {
    let needed_mib = CONTROL_PLANE_MIB + guests * guest_mib + played * PLAYED_MIB;
    let available_mib = meminfo("MemAvailable:") / 1024;
    if needed_mib <= available_mib {
        return Ok(());
    }
    Err(Error::TooLittleMemory {
        needed_mib,
        available_mib,
        guest_mib,
    })
}

/// This machine's memory in KiB.
#[must_use]
pub fn memory_kib() -> u64 {
    meminfo("MemTotal:")
}

/// `MemAvailable:   22954108 kB`
fn meminfo(field: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// This machine's processors.
#[must_use]
pub fn cpus() -> u64 {
    std::thread::available_parallelism().map_or(1, |count| count.get() as u64)
}

/// `uname -r`.
#[must_use]
pub fn kernel_release() -> String {
    let name = rustix::system::uname();
    name.release().to_string_lossy().into_owned()
}

/// `PRETTY_NAME` of `/etc/os-release`, as a kubelet reports it.
#[must_use]
pub fn os_image() -> String {
    os_release("PRETTY_NAME").unwrap_or_else(|| "Linux".to_owned())
}

/// A field of `/etc/os-release`: `VERSION_CODENAME=bookworm`.
#[must_use]
pub fn os_release(field: &str) -> Option<String> {
    let text = std::fs::read_to_string("/etc/os-release").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix('='));
    line.map(|value| value.trim_matches('"').to_owned())
}

/// A random UUID, from the kernel.
#[must_use]
pub fn random_id() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/uuid").unwrap_or_default();
    id.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qemu_tells_its_version() {
        let debian = "QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2+deb13u1~bpo12+1)\n";
        assert_eq!(qemu_version(debian).as_deref(), Some("10.0.2"));
        assert_eq!(qemu_version("something else"), None);
    }

    #[test]
    fn a_taken_port_is_said_and_another_one_found() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let number = taken.local_addr().unwrap().port();
        let error = door(Some(number)).unwrap_err();
        assert!(matches!(error, Error::PortTaken { port } if port == number));
        assert_ne!(door(None).unwrap().1, number);
    }

    #[test]
    fn labs_that_begin_at_once_have_each_their_own_port() {
        let labs: Vec<_> = (0..8)
            .map(|_| std::thread::spawn(|| door(None).unwrap()))
            .collect();
        let doors: Vec<_> = labs.into_iter().map(|lab| lab.join().unwrap()).collect();
        let ports: std::collections::BTreeSet<u16> = doors.iter().map(|(_, port)| *port).collect();
        assert_eq!(ports.len(), doors.len());
        let (_, held) = doors.first().unwrap();
        assert!(matches!(door(Some(*held)), Err(Error::PortTaken { .. })));
    }
}
