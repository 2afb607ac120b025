//! What kube-proxy's iptables mode writes.

use std::fmt::{Result, Write as _};

use super::Request;
use super::names::hash;
use super::workload::{Service, services};

/// Characters of the hash in a chain's name.
const HASH: usize = 16;
const MARK: &str = "0x00004000";

pub(super) fn transaction(request: &Request) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    write_tables(request, &mut text).unwrap_or_default();
    text
}

fn write_tables(request: &Request, text: &mut String) -> Result {
    text.push_str("*filter\n");
    for chain in [
        "KUBE-NODEPORTS",
        "KUBE-SERVICES",
        "KUBE-EXTERNAL-SERVICES",
        "KUBE-FORWARD",
        "KUBE-PROXY-FIREWALL",
    ] {
        writeln!(text, ":{chain} - [0:0]")?;
    }
    writeln!(
        text,
        "-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP\n\
         -A KUBE-FORWARD -m comment --comment \"kubernetes forwarding rules\" -m mark --mark \
         {MARK}/{MARK} -j ACCEPT\n\
         -A KUBE-FORWARD -m comment --comment \"kubernetes forwarding conntrack rule\" -m \
         conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\nCOMMIT\n*nat"
    )?;
    for chain in [
        "KUBE-NODEPORTS",
        "KUBE-SERVICES",
        "KUBE-POSTROUTING",
        "KUBE-MARK-MASQ",
    ] {
        writeln!(text, ":{chain} - [0:0]")?;
    }
    writeln!(
        text,
        "-A KUBE-POSTROUTING -m mark ! --mark {MARK}/{MARK} -j RETURN\n\
         -A KUBE-POSTROUTING -j MARK --xor-mark {MARK}\n\
         -A KUBE-POSTROUTING -m comment --comment \"kubernetes service traffic requiring SNAT\" \
         -j MASQUERADE --random-fully\n\
         -A KUBE-MARK-MASQ -j MARK --or-mark {MARK}"
    )?;
    let mut rules = String::new();
    for service in services(request.services) {
        let changed = service.scaled || request.from_replicas.is_none();
        write_service(request, &service, changed, text, &mut rules)?;
    }
    text.push_str(&rules);
    writeln!(
        text,
        "-A KUBE-SERVICES -m comment --comment \"kubernetes service nodeports; NOTE: this must be \
         the last rule in this chain\" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS\nCOMMIT"
    )
}

/// Chains first in the file, rules after all chains. A Service that has not changed has its
/// dispatching rule alone.
fn write_service(
    request: &Request,
    service: &Service,
    changed: bool,
    chains: &mut String,
    rules: &mut String,
) -> Result {
    let label = service.label();
    let endpoints = service.endpoints(request);
    if endpoints.is_empty() {
        // kube-proxy rejects it in the table `filter`; here it is not dispatched.
        return Ok(());
    }
    let of_service = format!("KUBE-SVC-{}", hash(&format!("{label}tcp"), HASH));
    let (address, port) = (&service.address, service.port);
    let to = format!("-m tcp -p tcp -d {address} --dport {port}");
    let comment = format!("-m comment --comment \"{label} cluster IP\"");
    writeln!(rules, "-A KUBE-SERVICES {comment} {to} -j {of_service}")?;
    if !changed {
        return Ok(());
    }
    writeln!(chains, ":{of_service} - [0:0]")?;
    writeln!(
        rules,
        "-A {of_service} {comment} {to} ! -s 10.0.0.0/16 -j KUBE-MARK-MASQ"
    )?;
    write_endpoints((&label, &of_service), &endpoints, chains, rules)
}

/// A chain for each endpoint, and the rules that choose one of them.
fn write_endpoints(
    (label, of_service): (&str, &str),
    endpoints: &[(String, u16)],
    chains: &mut String,
    rules: &mut String,
) -> Result {
    let named: Vec<_> = endpoints
        .iter()
        .map(|(address, port)| {
            let endpoint = format!("{address}:{port}");
            (
                format!("KUBE-SEP-{}", hash(&format!("{label}tcp{endpoint}"), HASH)),
                endpoint,
            )
        })
        .collect();
    for (at, (chain, endpoint)) in named.iter().enumerate() {
        writeln!(chains, ":{chain} - [0:0]")?;
        write!(
            rules,
            "-A {of_service} -m comment --comment \"{label} -> {endpoint}\""
        )?;
        let left = named.len() - at;
        if left > 1 {
            let share = 1.0 / left as f64;
            write!(
                rules,
                " -m statistic --mode random --probability {share:.10}"
            )?;
        }
        writeln!(rules, " -j {chain}")?;
    }
    for ((chain, endpoint), (address, _)) in named.iter().zip(endpoints) {
        writeln!(
            rules,
            "-A {chain} -m comment --comment {label} -s {address} -j KUBE-MARK-MASQ\n\
             -A {chain} -m comment --comment {label} -m tcp -p tcp -j DNAT --to-destination \
             {endpoint}"
        )?;
    }
    Ok(())
}
