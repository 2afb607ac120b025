//! The lab's network namespaces and the links between them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::addresses::{CONTROL_PLANE, gateway, node};
use crate::error::Error;
use crate::state::{Kernel, Node, Spec};

/// Where `ip netns` keeps the names.
const NAMES: &str = "/run/netns";

/// The namespace of a lab's control plane.
#[must_use]
pub fn control_plane(lab: &str) -> String {
    format!("kpb-{lab}")
}

/// The namespace of a node that runs on this machine's kernel.
#[must_use]
pub fn of_node(lab: &str, node: &str) -> String {
    // No lab's and no node's name has a dot: two labs' names cannot collide.
    format!("kpb-{lab}.{node}")
}

/// The link of a guest: a name of at most 15 characters.
#[must_use]
pub fn link(number: u16) -> String {
    format!("node{number}")
}

/// The file that stands for a namespace.
#[must_use]
pub fn file(namespace: &str) -> PathBuf {
    Path::new(NAMES).join(namespace)
}

/// The namespaces of a lab that there are.
///
/// # Errors
/// Those of reading `/run/netns`.
pub fn existing(lab: &str) -> Result<Vec<String>, Error> {
    let names = Path::new(NAMES);
    let entries = match std::fs::read_dir(names) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io(names, "listing")(error)),
    };
    let (own, of_nodes) = (control_plane(lab), format!("kpb-{lab}."));
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names
        .filter(|name| *name == own || name.starts_with(&of_nodes))
        .collect())
}

/// Makes the namespaces and links of a lab.
///
/// # Errors
/// [`Error::Command`] with what `ip` said.
pub fn make(spec: &Spec) -> Result<(), Error> {
    let own = control_plane(&spec.name);
    ip(&format!("netns add {own}"))?;
    ip(&format!("-n {own} link set lo up"))?;
    ip(&format!("-n {own} address add {CONTROL_PLANE}/32 dev lo"))?;
    let linked = |node: &&Node| !matches!(node.kernel, Kernel::Played);
    for wanted in spec.nodes.iter().filter(linked) {
        let (number, here) = (wanted.number, link(wanted.number));
        let (near, far) = (gateway(number), node(number));
        match wanted.kernel {
            Kernel::Host { .. } => {
                let there = of_node(&spec.name, &wanted.name);
                ip(&format!("netns add {there}"))?;
                ip(&format!(
                    "-n {own} link add {here} type veth peer name eth0 netns {there}"
                ))?;
                ip(&format!("-n {there} link set lo up"))?;
                ip(&format!("-n {there} address add {far}/24 dev eth0"))?;
                ip(&format!("-n {there} link set eth0 up"))?;
                ip(&format!("-n {there} route add default via {near}"))?;
            }
            Kernel::Guest { .. } => ip(&format!("-n {own} tuntap add dev {here} mode tap"))?,
            Kernel::Played => {}
        }
        ip(&format!("-n {own} address add {near}/24 dev {here}"))?;
        ip(&format!("-n {own} link set {here} up"))?;
    }
    Ok(())
}

/// Removes the namespaces of a lab; links go with them. Returns how many there were.
///
/// # Errors
/// [`Error::Command`] with what `ip` said.
pub fn remove(lab: &str) -> Result<usize, Error> {
    let names = existing(lab)?;
    for name in &names {
        ip(&format!("netns delete {name}"))?;
    }
    Ok(names.len())
}

/// Makes the calling thread, and those it starts, live in a namespace.
///
/// # Errors
/// Those of opening and entering it.
pub fn enter(namespace: &str) -> Result<(), Error> {
    use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
    use std::os::fd::AsFd as _;
    let path = file(namespace);
    let opened = std::fs::File::open(&path).map_err(Error::io(&path, "opening"))?;
    move_into_link_name_space(opened.as_fd(), Some(LinkNameSpaceType::Network))
        .map_err(|error| Error::io(&path, "entering")(error.into()))
}

fn ip(words: &str) -> Result<(), Error> {
    let failed = |status: String, output: String| Error::Command {
        command: format!("ip {words}"),
        status,
        output,
    };
    let output = Command::new("ip")
        .args(words.split(' '))
        .output()
        .map_err(|error| failed("not started".to_owned(), error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(failed(output.status.to_string(), said))
}
