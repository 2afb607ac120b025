//! The addresses of a lab, all of them in network namespaces of its own.
//!
//! The control plane lives in one namespace and has one address there; each node has a link of
//! its own to it, `10.1.N.0/24`, with the control plane's end at `.1` and the node at `.2`. Nodes that
//! are played have no link: their kubelets answer at `127.1.x.y`, and nobody has their own addresses.

use std::net::Ipv4Addr;

/// The API server, and everything of the control plane.
pub const CONTROL_PLANE: Ipv4Addr = Ipv4Addr::new(10, 1, 0, 1);
/// The API server's port in the lab's namespace.
pub const API_PORT: u16 = 6443;
/// First address of the Service range: the API server's own Service.
pub const FIRST_SERVICE: Ipv4Addr = Ipv4Addr::new(172, 20, 0, 1);
/// The Service range: 65,534 addresses.
pub const SERVICE_RANGE: &str = "172.20.0.0/16";
/// The pods' range.
pub const POD_RANGE: &str = "10.0.0.0/16";
/// A kubelet's port.
pub const KUBELET_PORT: u16 = 10250;
/// Where kwok, which plays the kubelets, is reached from within the namespace.
pub const KWOK_PORT: u16 = 10247;
/// kube-proxy's health port.
pub const HEALTH_PORT: u16 = 10256;
/// kube-proxy's metrics port.
pub const METRICS_PORT: u16 = 10249;
/// etcd's client port.
pub const ETCD_PORT: u16 = 2379;
/// Most nodes with a kernel: their number is part of an address.
pub const MOST_NODES: u16 = 200;
/// Most nodes that are played; their numbers follow those of the others.
pub const MOST_PLAYED: u16 = 1000;

/// Where the `number`th node (from 1) has its link to the control plane: its kubelet's address.
#[must_use]
pub fn gateway(number: u16) -> Ipv4Addr {
    let [high, low] = number.to_be_bytes();
    match number {
        ..=MOST_NODES => Ipv4Addr::new(10, 1, low, 1),
        _ => Ipv4Addr::new(127, 1, high, low),
    }
}

/// The `number`th node's own address (from 1).
#[must_use]
pub fn node(number: u16) -> Ipv4Addr {
    let [high, low] = number.to_be_bytes();
    match number {
        ..=MOST_NODES => Ipv4Addr::new(10, 1, low, 2),
        _ => Ipv4Addr::new(10, 2, high, low),
    }
}

/// Which node's kubelet has this address.
#[must_use]
pub fn number_of(gateway: Ipv4Addr) -> Option<u16> {
    let number = match gateway.octets() {
        [10, 1, number, 1] => u16::from(number),
        [127, 1, high, low] => u16::from_be_bytes([high, low]),
        _ => return None,
    };
    (number > 0 && self::gateway(number) == gateway).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_has_addresses_of_its_own() {
        let numbers = 1..=MOST_NODES + MOST_PLAYED;
        let mut known = std::collections::BTreeSet::new();
        for number in numbers {
            assert_eq!(number_of(gateway(number)), Some(number));
            assert!(known.insert(gateway(number)) && known.insert(node(number)));
        }
        for other in ["10.1.0.1", "127.1.0.1", "127.0.0.1", "10.1.3.2"] {
            assert_eq!(number_of(other.parse().unwrap()), None, "{other}");
        }
    }
}
