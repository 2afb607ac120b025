//! What kube-proxy's nftables mode writes for its Services.

use std::fmt::Write as _;

use super::names::hash;
use super::setup::setup;
use super::workload::{Service, pod, services};
use super::{Request, Shape};

const TABLE: &str = "ip kube-proxy";
/// Characters of the hash before a name.
const HASH: usize = 8;

/// Address and port.
type Endpoint = (String, u16);

pub(super) fn transaction(request: &Request) -> String {
    let mut lines = Vec::new();
    if request.from_replicas.is_none() {
        setup(request.shape, &mut lines);
    }
    let mut text = lines.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    hairpins(request, &mut text);
    for service in services(request.services) {
        // A step is written for the Services whose endpoints it changes.
        if service.scaled || request.from_replicas.is_none() {
            // Writing to a String cannot fail.
            write_service(request, &service, &mut text).unwrap_or_default();
        }
    }
    text
}

/// Replicas on the node reach themselves through a Service: since 1.36 by a set of their own.
fn hairpins(request: &Request, text: &mut String) {
    if request.shape == Shape::KubeProxy1_32 {
        return;
    }
    for number in 0..request.local.min(request.endpoints) {
        let (address, port) = pod(number);
        writeln!(
            text,
            "add element {TABLE} hairpin-connections {{ {address} . {address} . tcp . {port} }}"
        )
        .unwrap_or_default();
    }
}

fn write_service(request: &Request, service: &Service, text: &mut String) -> std::fmt::Result {
    let path = format!(
        "{}/{}/tcp/{}",
        service.namespace, service.name, service.port_name
    );
    let chain = format!("service-{}-{path}", hash(&path, HASH));
    let endpoints = service.endpoints(request);
    let (address, port) = (&service.address, service.port);
    if endpoints.is_empty() {
        return writeln!(
            text,
            "add element {TABLE} cluster-ips {{ {address} }}\n\
             add element {TABLE} no-endpoint-services {{ {address} . tcp . {port} comment \
             \"{}\" : goto reject-chain }}",
            service.label()
        );
    }
    let old = request.shape == Shape::KubeProxy1_32;
    let chains: Vec<String> = match old {
        true => endpoints
            .iter()
            .map(|at| endpoint_chain(&path, at))
            .collect(),
        false => Vec::new(),
    };
    for chain in chains.iter().chain([&chain]) {
        writeln!(
            text,
            "add chain {TABLE} {chain}\nflush chain {TABLE} {chain}"
        )?;
    }
    let is_new = request.from_replicas.is_none() || request.from_replicas == Some(0);
    if is_new {
        writeln!(text, "add element {TABLE} cluster-ips {{ {address} }}")?;
        writeln!(
            text,
            "add element {TABLE} service-ips {{ {address} . tcp . {port} : goto {chain} }}"
        )?;
    }
    match old {
        true => write_by_chains(service, &chain, &chains, &endpoints, text),
        false => write_by_map(request, &chain, &endpoints, text),
    }
}

/// Up to 1.35: a rule chooses one of the endpoints' chains.
fn write_by_chains(
    service: &Service,
    chain: &str,
    chains: &[String],
    endpoints: &[Endpoint],
    text: &mut String,
) -> std::fmt::Result {
    let (address, port) = (&service.address, service.port);
    writeln!(
        text,
        "add rule {TABLE} {chain} ip daddr {address} tcp dport {port} ip saddr != \
         10.0.0.0/16 jump mark-for-masquerade"
    )?;
    let elements = chains.iter().enumerate();
    let elements: Vec<String> = elements
        .map(|(at, to)| format!("{at} : goto {to}"))
        .collect();
    writeln!(
        text,
        "add rule {TABLE} {chain} numgen random mod {} vmap {{ {} }}",
        endpoints.len(),
        elements.join(" , ")
    )?;
    for (chain, (address, port)) in chains.iter().zip(endpoints) {
        writeln!(
            text,
            "add rule {TABLE} {chain} ip saddr {address} jump mark-for-masquerade\n\
             add rule {TABLE} {chain} meta l4proto tcp dnat to {address}:{port}"
        )?;
    }
    Ok(())
}

/// Since 1.36: a rule chooses one of the endpoints; 1.37 writes a single one as it is.
fn write_by_map(
    request: &Request,
    chain: &str,
    endpoints: &[Endpoint],
    text: &mut String,
) -> std::fmt::Result {
    write!(text, "add rule {TABLE} {chain} meta l4proto tcp dnat ")?;
    match endpoints {
        [(address, port)] if request.shape == Shape::KubeProxy1_37 => {
            writeln!(text, "to {address}:{port}")
        }
        _ => {
            let elements = endpoints.iter().enumerate();
            let elements: Vec<String> = elements
                .map(|(at, (address, port))| format!("{at} : {address} . {port}"))
                .collect();
            writeln!(
                text,
                "ip addr . port to numgen random mod {} map {{ {} }}",
                endpoints.len(),
                elements.join(" , ")
            )
        }
    }
}

fn endpoint_chain(path: &str, (address, port): &Endpoint) -> String {
    let path = format!("{path}__{address}/{port}");
    format!("endpoint-{}-{path}", hash(&path, HASH))
}
