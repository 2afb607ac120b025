//! What a full sync writes before it comes to the Services: base chains, dispatch, checks.

use super::Shape;

const TABLE: &str = "ip kube-proxy";
/// With the bit 14, as kube-proxy's default is.
const MARK: &str = "0x00004000";
/// The node's address: where NodePorts are served.
const NODE: &str = "192.168.0.1";

/// Base chains: name, type, hook, priority.
type Base = (&'static str, &'static str, &'static str, &'static str);
/// A jump: to, from, when.
type Jump = (&'static str, &'static str, &'static str);

const NAT: [Base; 3] = [
    ("nat-prerouting", "nat", "prerouting", "-100"),
    ("nat-output", "nat", "output", "-100"),
    ("nat-postrouting", "nat", "postrouting", "100"),
];
const FILTER_1_32: [Base; 5] = [
    ("filter-prerouting", "filter", "prerouting", "-110"),
    ("filter-input", "filter", "input", "-110"),
    ("filter-forward", "filter", "forward", "-110"),
    ("filter-output", "filter", "output", "-110"),
    ("filter-output-post-dnat", "filter", "output", "-90"),
];
const FILTER: [Base; 5] = [
    ("filter-prerouting-pre-dnat", "filter", "prerouting", "-110"),
    ("filter-output-pre-dnat", "filter", "output", "-110"),
    ("filter-input", "filter", "input", "0"),
    ("filter-forward", "filter", "forward", "0"),
    ("filter-output", "filter", "output", "0"),
];
const NEW: &str = "ct state new ";

/// Writes them.
pub(super) fn setup(shape: Shape, lines: &mut Vec<String>) {
    let old = shape == Shape::KubeProxy1_32;
    let bases = if old { FILTER_1_32 } else { FILTER };
    let mut say = |text: String| lines.push(text);
    say(format!(
        "add table {TABLE} {{ comment \"rules for kube-proxy\" ; }}"
    ));
    for (name, ..) in bases.iter().chain(&NAT) {
        say(format!("add chain {TABLE} {name}"));
        say(format!("delete chain {TABLE} {name}"));
    }
    for (name, kind, hook, priority) in bases.iter().chain(&NAT) {
        say(format!(
            "add chain {TABLE} {name} {{ type {kind} hook {hook} priority {priority} ; }}"
        ));
        say(format!("flush chain {TABLE} {name}"));
    }
    jumps(old, lines);
    masquerading(old, lines);
    checks(lines);
    if shape == Shape::KubeProxy1_37 {
        local_node_ports(lines);
    }
    dispatch(old, lines);
    if old {
        for (kind, name) in [
            ("set", "cluster-ips"),
            ("map", "service-ips"),
            ("map", "firewall-ips"),
            ("map", "no-endpoint-services"),
            ("map", "no-endpoint-nodeports"),
            ("map", "service-nodeports"),
        ] {
            lines.push(format!("flush {kind} {TABLE} {name}"));
        }
    }
}

fn ensure(name: &str, lines: &mut Vec<String>) {
    let flush = format!("flush chain {TABLE} {name}");
    if !lines.contains(&flush) {
        lines.push(format!("add chain {TABLE} {name}"));
        lines.push(flush);
    }
}

fn rule(chain: &str, text: &str, lines: &mut Vec<String>) {
    lines.push(format!("add rule {TABLE} {chain} {text}"));
}

fn jumps(old: bool, lines: &mut Vec<String>) {
    let (before, output, after) = if old {
        (
            "filter-prerouting",
            "filter-output",
            "filter-output-post-dnat",
        )
    } else {
        (
            "filter-prerouting-pre-dnat",
            "filter-output-pre-dnat",
            "filter-output",
        )
    };
    let all: [Jump; 11] = [
        ("nodeport-endpoints-check", "filter-input", NEW),
        ("service-endpoints-check", "filter-input", NEW),
        ("service-endpoints-check", "filter-forward", NEW),
        ("service-endpoints-check", "filter-output", NEW),
        ("firewall-check", before, NEW),
        ("firewall-check", output, NEW),
        ("services", "nat-output", ""),
        ("services", "nat-prerouting", ""),
        ("masquerading", "nat-postrouting", ""),
        ("cluster-ips-check", "filter-forward", NEW),
        ("cluster-ips-check", after, NEW),
    ];
    for (to, from, when) in all {
        ensure(to, lines);
        rule(from, &format!("{when}jump {to}"), lines);
    }
}

fn masquerading(old: bool, lines: &mut Vec<String>) {
    if old {
        ensure("mark-for-masquerade", lines);
        rule(
            "mark-for-masquerade",
            &format!("mark set mark or {MARK}"),
            lines,
        );
        rule(
            "masquerading",
            &format!("mark and {MARK} == 0 return"),
            lines,
        );
        rule("masquerading", &format!("mark set mark xor {MARK}"), lines);
        rule("masquerading", "masquerade fully-random", lines);
    } else {
        lines.push(format!(
            "add set {TABLE} hairpin-connections {{ type ipv4_addr . ipv4_addr . inet_proto . \
             inet_service ; comment \"service hairpin connections\" ; }}"
        ));
        let marked =
            format!("mark and {MARK} != 0 mark set mark xor {MARK} masquerade fully-random");
        rule("masquerading", &marked, lines);
        let hairpin = "ct status dnat ip saddr . ip daddr . meta l4proto . th dport \
                       @hairpin-connections masquerade fully-random";
        rule("masquerading", hairpin, lines);
    }
    lines.push(format!(
        "add set {TABLE} cluster-ips {{ type ipv4_addr ; comment \"Active ClusterIPs\" ; }}"
    ));
    let reject = "ip daddr @cluster-ips reject comment \"Reject traffic to invalid ports of \
                  ClusterIPs\"";
    rule("cluster-ips-check", reject, lines);
    if !old {
        // Of the ServiceCIDR objects that every cluster since 1.33 has.
        let drop = "ip daddr { 172.20.0.0/16 } drop comment \"Drop traffic to unallocated \
                    ClusterIPs\"";
        rule("cluster-ips-check", drop, lines);
    }
}

fn map(name: &str, keys: &str, comment: &str, lines: &mut Vec<String>) {
    lines.push(format!(
        "add map {TABLE} {name} {{ type {keys} : verdict ; comment \"{comment}\" ; }}"
    ));
}

const SERVICE_KEYS: &str = "ipv4_addr . inet_proto . inet_service";
const PORT_KEYS: &str = "inet_proto . inet_service";

fn checks(lines: &mut Vec<String>) {
    lines.push(format!(
        "add set {TABLE} nodeport-ips {{ type ipv4_addr ; comment \"IPs that accept NodePort \
         traffic\" ; }}"
    ));
    lines.push(format!("flush set {TABLE} nodeport-ips"));
    lines.push(format!("add element {TABLE} nodeport-ips {{ {NODE} }}"));
    let comment = "vmap to drop or reject packets to services with no endpoints";
    map("no-endpoint-services", SERVICE_KEYS, comment, lines);
    let comment = "vmap to drop or reject packets to service nodeports with no endpoints";
    map("no-endpoint-nodeports", PORT_KEYS, comment, lines);
    lines.push(format!(
        "add chain {TABLE} reject-chain {{ comment \"helper for @no-endpoint-services / \
         @no-endpoint-nodeports\" ; }}"
    ));
    lines.push(format!("flush chain {TABLE} reject-chain"));
    rule("reject-chain", "reject", lines);
    let by_service = "ip daddr . meta l4proto . th dport vmap @no-endpoint-services";
    rule("service-endpoints-check", by_service, lines);
    let by_port = "ip daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports";
    rule("nodeport-endpoints-check", by_port, lines);
}

/// Since 1.37: what an earlier sync may have left of a feature that is off is made and removed.
fn local_node_ports(lines: &mut Vec<String>) {
    let name = "localhost-nodeport-reject-ports";
    map(
        name,
        PORT_KEYS,
        "localhost NodePorts rejected by kube-proxy",
        lines,
    );
    lines.push(format!("delete map {TABLE} {name}"));
    for protocol in ["tcp", "udp", "sctp"] {
        for (kind, name) in [
            ("chain", format!("localhost-nodeport-reject-{protocol}")),
            ("counter", format!("localhost-nodeport-rejected-{protocol}")),
        ] {
            lines.push(format!("add {kind} {TABLE} {name}"));
            lines.push(format!("delete {kind} {TABLE} {name}"));
        }
    }
}

fn dispatch(old: bool, lines: &mut Vec<String>) {
    let comment = "destinations that are subject to LoadBalancerSourceRanges";
    map("firewall-ips", SERVICE_KEYS, comment, lines);
    let firewall = "ip daddr . meta l4proto . th dport vmap @firewall-ips";
    rule("firewall-check", firewall, lines);
    if !old {
        let outside = format!(
            "ip daddr @cluster-ips ip saddr != 10.0.0.0/16 mark set mark or {MARK} comment \
             \"masquerade clusterIP traffic from outside cluster\""
        );
        rule("services", &outside, lines);
    }
    let comment = "ClusterIP, ExternalIP and LoadBalancer IP traffic";
    map("service-ips", SERVICE_KEYS, comment, lines);
    map("service-nodeports", PORT_KEYS, "NodePort traffic", lines);
    let by_service = "ip daddr . meta l4proto . th dport vmap @service-ips";
    rule("services", by_service, lines);
    let by_port = "ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports";
    rule("services", by_port, lines);
}
