//! What nft and iptables print of a table, made into the transaction that it came from.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise

use proptest::prelude::*;
use transaction::{
    Family, Ledger, Mode, Request, Shape, Tables, cold, generate, is_dump, own, text,
};

/// What nft 1.0.6 printed of the generated transaction of 3 Services x 3.
const LISTED: [(Shape, &str, &str); 3] = [
    (
        Shape::KubeProxy1_32,
        include_str!("listed/kube-proxy-1.32-3x3.txt"),
        include_str!("listed/kube-proxy-1.32-3x3.json"),
    ),
    (
        Shape::KubeProxy1_36,
        include_str!("listed/kube-proxy-1.36-3x3.txt"),
        include_str!("listed/kube-proxy-1.36-3x3.json"),
    ),
    (
        Shape::KubeProxy1_37,
        include_str!("listed/kube-proxy-1.37-3x3.txt"),
        include_str!("listed/kube-proxy-1.37-3x3.json"),
    ),
];
/// What iptables-save printed likewise, with rules that are not kube-proxy's.
const SAVED: &str = include_str!("listed/kube-proxy-1.32-3x3.iptables-save");

fn generated(mode: Mode, shape: Shape) -> String {
    generate(&Request {
        mode,
        shape,
        services: 3,
        endpoints: 3,
        from_replicas: None,
        local: 0,
        has_api_endpoint: true,
    })
}

/// What leaves no trace in a table is left out of both.
fn ledger(text: &str) -> Ledger {
    let is_traceless = |line: &&str| !line.contains("localhost-nodeport");
    let text: Vec<&str> = text.lines().filter(is_traceless).collect();
    let ledger = Tables::default().load(&text.join("\n")).unwrap();
    Ledger { bytes: 0, ..ledger }
}

#[test]
fn a_listing_becomes_the_transaction_that_it_came_from() {
    for (shape, text, json) in LISTED {
        let wanted = generated(Mode::Nftables, shape);
        for printed in [text, json] {
            assert!(is_dump(printed) && !is_dump(&wanted));
            let (made, left_out) = cold(printed).unwrap();
            let [made] = &made[..] else {
                panic!("one family: {made:?}");
            };
            assert_eq!((made.family, made.mode), (Family::Ipv4, Mode::Nftables));
            assert!(left_out.tables.is_empty());
            assert_eq!(ledger(&made.text), ledger(&wanted), "{}", made.text);
            // nft prints other words for some, the order of commands is kube-proxy's.
            let of_services = |text: &str| -> Vec<String> {
                let lines = text.lines().filter(|line| line.contains("debug/service-"));
                lines.map(|line| line.replace(" , ", ", ")).collect()
            };
            assert_eq!(of_services(&made.text), of_services(&wanted));
        }
    }
}

#[test]
fn of_what_iptables_save_prints_kube_proxys_part_is_kept() {
    let wanted = generated(Mode::Iptables, Shape::KubeProxy1_32);
    let counted = SAVED.replace("-A KUBE-SVC", "[12:720] -A KUBE-SVC");
    for printed in [SAVED, &counted, &SAVED.replace('\n', "\r\n")] {
        assert!(is_dump(printed) && !is_dump(&wanted));
        let (made, left_out) = cold(printed).unwrap();
        assert_eq!(
            (made[0].family, made[0].mode),
            (Family::Ipv4, Mode::Iptables)
        );
        assert_eq!(ledger(&made[0].text), ledger(&wanted), "{}", made[0].text);
        assert_eq!(
            left_out.rules, 2,
            "a jump to KUBE-SERVICES, one for port 22"
        );
        assert!(!made[0].text.contains("CANARY") && !made[0].text.contains("PREROUTING"));
    }
    let v6 =
        "*nat\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -d fd00::2/128 -j KUBE-SVC-A\nCOMMIT\n";
    assert_eq!(cold(v6).unwrap().0[0].family, Family::Ipv6);
}

/// A ruleset as a node has it: other tables, both families, handles, clients that stay with an
/// endpoint, what kubectl has said before.
const RULESET: &str = "Creating debugging pod node-debugger-x with container debugger on node n.\r\n\
# Warning: table ip filter is managed by iptables-nft, do not touch!\n\
table ip filter { # handle 1\n\tchain INPUT { # handle 1\n\t\ttype filter hook input priority filter; policy accept;\n\
\t\txt match \"comment\" counter packets 5 bytes 300 jump KUBE-FIREWALL # handle 2\n\t}\n}\n\
table ip kube-proxy { # handle 2\n\tcomment \"rules for kube-proxy\"\n\
\tset affinity-AAAAAAAA-a/b/tcp/__10.0.0.1/80 {\n\t\ttype ipv4_addr\n\t\tsize 65535\n\t\tflags dynamic,timeout\n\
\t\ttimeout 3h\n\t\telements = { 10.9.9.9 expires 2h3m }\n\t}\n\
\tmap service-ips { # handle 3\n\t\ttype ipv4_addr . inet_proto . inet_service : verdict\n\
\t\telements = { 10.1.0.1 . tcp . 80 : goto service-BBBBBBBB-a/b/tcp/ }\n\t}\n\
\tchain nat-output { # handle 4\n\t\ttype nat hook output priority -100; policy accept;\n\
\t\tip daddr . meta l4proto . th dport vmap @service-ips # handle 9\n\t}\n\
\tchain service-BBBBBBBB-a/b/tcp/ { # handle 5\n\
\t\tip saddr @affinity-AAAAAAAA-a/b/tcp/__10.0.0.1/80 goto endpoint-AAAAAAAA-a/b/tcp/__10.0.0.1/80 # handle 6\n\
\t\tnumgen random mod 1 vmap { 0 : goto endpoint-AAAAAAAA-a/b/tcp/__10.0.0.1/80 } # handle 7\n\t}\n\
\tchain endpoint-AAAAAAAA-a/b/tcp/__10.0.0.1/80 { # handle 8\n\
\t\tupdate @affinity-AAAAAAAA-a/b/tcp/__10.0.0.1/80 { ip saddr }\n\
\t\tmeta l4proto tcp dnat to 10.0.0.1:80\n\t}\n}\n\
table ip6 kube-proxy {\n\tchain service-CCCCCCCC-a/c/tcp/ {\n\
\t\tmeta l4proto tcp dnat ip6 to numgen random mod 2 map { 0 : fd00::1 . 80, 1 : fd00::2 . 80 }\n\t}\n}\n";

#[test]
fn a_whole_ruleset_gives_a_transaction_a_family_and_names_what_is_left_out() {
    assert!(is_dump(RULESET));
    let (made, left_out) = cold(RULESET).unwrap();
    assert_eq!(left_out.tables, ["ip filter"]);
    let families: Vec<Family> = made.iter().map(|one| one.family).collect();
    assert_eq!(families, [Family::Ipv4, Family::Ipv6]);
    let v4 = &made[0].text;
    assert!(!v4.contains("handle") && !v4.contains("10.9.9.9"), "{v4}");
    let at = |words: &str| v4.find(words).unwrap_or_else(|| panic!("{words} in {v4}"));
    let order = [
        "add set ip kube-proxy affinity-AAAAAAAA",
        "add chain ip kube-proxy endpoint-AAAAAAAA",
        "add chain ip kube-proxy service-BBBBBBBB",
        "add element ip kube-proxy service-ips { 10.1.0.1 . tcp . 80 : goto service-BBBBBBBB",
        "add rule ip kube-proxy service-BBBBBBBB",
        "add rule ip kube-proxy endpoint-AAAAAAAA",
    ];
    assert!(order.map(at).is_sorted(), "{v4}");
    assert!(
        made[1]
            .text
            .contains("dnat ip6 addr . port to numgen random mod 2 map { 0 : fd00::1 . 80")
    );
}

#[test]
fn a_file_gives_the_transaction_of_the_family_that_is_wanted_or_of_the_longer() {
    let v6_longer = RULESET
        .replace("table ip kube-proxy", "table ip6 kube-proxy")
        .replacen(
            "table ip6 kube-proxy {\n\tchain",
            "table ip kube-proxy {\n\tchain",
            1,
        );
    let both = |other| {
        vec![
            "table ip filter".to_owned(),
            format!("kube-proxy's rules for {other}"),
        ]
    };
    let of_iptables = vec!["13 chains and 2 rules that are not kube-proxy's".to_owned()];
    for (text, family, begins, left_out) in [
        (RULESET, None, "add table ip kube-proxy", both("ipv6")),
        (
            RULESET,
            Some(Family::Ipv4),
            "add table ip kube-proxy",
            both("ipv6"),
        ),
        (
            RULESET,
            Some(Family::Ipv6),
            "add table ip6 kube-proxy",
            both("ipv4"),
        ),
        (&v6_longer, None, "add table ip6 kube-proxy", both("ipv4")),
        (SAVED, Some(Family::Ipv4), "*", of_iptables),
        (
            "*nat\n:INPUT ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n-A INPUT -j KUBE-SERVICES\n\
             -A KUBE-SERVICES -d 10.0.0.1/32 -j DROP\nCOMMIT\n",
            None,
            "*nat",
            vec!["1 chains and 1 rules that are not kube-proxy's".to_owned()],
        ),
        (
            "add table ip6 kube-proxy\n",
            Some(Family::Ipv4),
            "add table ip6",
            vec![],
        ),
    ] {
        let own = own(text, family).unwrap();
        assert!(own.text.starts_with(begins), "{}", own.text);
        assert_eq!(own.left_out, left_out, "{family:?}");
    }
    let error = own(SAVED, Some(Family::Ipv6)).unwrap_err().to_string();
    let said = format!(
        "line {}: it ends without rules of kube-proxy for ipv6",
        SAVED.lines().count()
    );
    assert!(error.starts_with(&said), "{error}");
}

#[test]
fn a_file_that_is_no_text_is_named_with_its_line() {
    assert_eq!(text("a\nä".into()).as_deref(), Ok("a\nä"));
    for (bytes, line) in [(&b"\xff"[..], 1), (b"a\n\nb\xff\n", 3), (b"a\n\xc3", 2)] {
        let error = text(bytes.to_vec()).unwrap_err();
        assert_eq!(error.line, line, "{bytes:?}: {error}");
    }
}

/// What jumps lead to is kube-proxy's with what jumps there; a policy tells a chain of the kernel's.
#[test]
fn chains_of_iptables_are_kube_proxys_by_name_or_because_its_rules_lead_there() {
    let saved = "# Generated by ip6tables-save v1.8.9\n*filter\n:INPUT ACCEPT [0:0]\n\
        :KUBE-FORWARD - [0:0]\n:KUBE-FORWARDED - [0:0]\n:MINE - [0:0]\n:ITS - [0:0]\n:ALONE - [0:0]\n\
        -A INPUT -j KUBE-FORWARD\n-A KUBE-FORWARD -g MINE\n-A MINE\n[5:60] -A MINE -j ITS\n\
        -A ITS -j ACCEPT\n-A KUBE-FORWARDED -j ALONE\nCOMMIT\n*raw\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n";
    assert!(is_dump(saved));
    let (made, left_out) = cold(saved).unwrap();
    assert_eq!(
        made[0].family,
        Family::Ipv6,
        "of the remark, where no address tells"
    );
    assert_eq!(
        made[0].text,
        "*filter\n:KUBE-FORWARD - [0:0]\n:MINE - [0:0]\n:ITS - [0:0]\n-A KUBE-FORWARD -g MINE\n-A MINE \n\
         -A MINE -j ITS\n-A ITS -j ACCEPT\nCOMMIT\n"
    );
    assert_eq!((left_out.chains, left_out.rules), (4, 2));
    let v4 = saved.replace("ip6tables", "iptables");
    assert_eq!(cold(&v4).unwrap().0[0].family, Family::Ipv4);
    for text in [
        "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n",
        "# Generated by iptables-save\n*nat\n",
    ] {
        assert!(is_dump(text), "{text}");
    }
    assert!(!is_dump("*nat\n:KUBE-SVC-A - [0:0]\nCOMMIT\n"));
}

/// Older programs print the policy in a line of its own.
#[test]
fn a_policy_is_no_rule() {
    let text = "table ip kube-proxy {\n\tchain services {\n\t\ttype nat hook output priority -100;\n\
                \t\tpolicy accept;\n\t\tcomment \"of services\"\n\t\tjump x\n\t}\n}\n";
    let (made, _) = cold(text).unwrap();
    let rules: Vec<&str> = made[0]
        .text
        .lines()
        .filter(|line| line.contains("rule"))
        .collect();
    assert_eq!(
        rules,
        [
            "add table ip kube-proxy { comment \"rules for kube-proxy\" ; }",
            "add rule ip kube-proxy services jump x"
        ]
    );
    assert!(
        made[0]
            .text
            .contains("{ type nat hook output priority -100; comment \"of services\" ; }")
    );
}

/// A table of the name without a chain is what is left when kube-proxy has gone.
#[test]
fn a_table_is_kube_proxys_by_its_name_and_with_chains() {
    let ours = "table ip6 kube-proxy {\n\tchain services {\n\t}\n}\n";
    for (other, name) in [
        ("table ip kube-proxy {\n}\n", "ip kube-proxy"),
        ("table ip mine {\n\tchain c {\n\t}\n}\n", "ip mine"),
    ] {
        let (made, left_out) = cold(&format!("{other}{ours}")).unwrap();
        let families: Vec<Family> = made.iter().map(|one| one.family).collect();
        assert_eq!(
            (families, left_out.tables),
            (vec![Family::Ipv6], vec![name.to_owned()])
        );
        let error = cold(other).unwrap_err().to_string();
        assert!(error.contains(&format!("only {name} (")), "{error}");
    }
}

/// What kubectl says stands in the first eight lines; a line of the same words further down is odd.
#[test]
fn what_kubectl_says_is_left_out_of_the_first_eight_lines() {
    let said = "Creating debugging pod node-debugger-x with container debugger on node n.";
    let table = "table ip kube-proxy {\n\tchain services {\n\t}\n}\n";
    for (before, understood) in [(0, true), (7, true), (8, false)] {
        let text = format!("{}{said}\n{table}", "\n".repeat(before));
        assert_eq!(cold(&text).is_ok(), understood, "{before}");
        let text = format!("{said}\n{}{said}\n{table}", "\n".repeat(before.max(1) - 1));
        assert_eq!(cold(&text).is_ok(), understood, "{before}");
    }
}

#[test]
fn what_is_not_understood_is_named_with_its_line() {
    let json = LISTED[0].2;
    for (text, said) in [
        (
            RULESET.replace("\tmap service-ips {", "\tmap service-ips"),
            "line 18: not as `nft list table`",
        ),
        (
            LISTED[0].1.trim_end().trim_end_matches('}').to_owned(),
            "line 192: the table's last brace",
        ),
        (
            "table ip nat {\n}\n".to_owned(),
            "line 2: it ends without a table of kube-proxy, only ip nat",
        ),
        (
            "add table ip kube-proxy\n".to_owned(),
            "line 1: neither what `nft list`",
        ),
        (
            "\n# nft\nadd table ip kube-proxy\n".to_owned(),
            "line 3: neither what `nft list`",
        ),
        (json.replace("\"numgen\"", "\"dice\""), "line 1: object "),
        (
            "{\"nftables\": [\n{\"table\": {\"family\": \"ip\"}}]}".to_owned(),
            "line 2: object 1: no `name`",
        ),
        (
            "{\"nftables\": [\n}".to_owned(),
            "line 2: not as `nft -j list` prints it",
        ),
        (
            SAVED.replace("-A KUBE-FORWARD", "-Q KUBE-FORWARD"),
            "line 22: not as `iptables-save`",
        ),
        (
            SAVED[..SAVED.rfind("COMMIT").unwrap()].to_owned(),
            "line 94: the table's COMMIT is missing",
        ),
        (
            "*nat\n:INPUT ACCEPT [0:0]\nCOMMIT\n".to_owned(),
            "line 3: it ends without a chain",
        ),
        (String::new(), "line 1: neither"),
    ] {
        let error = cold(&text).unwrap_err().to_string();
        assert!(error.starts_with(said), "{said}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Cut anywhere, with anything put in: a transaction or an error with a line of the text.
    #[test]
    fn no_text_stops_the_readers(
        which in 0usize..7, from in 0.0f64..1.0, length in 0usize..40,
        put in "[a-z{}\\[\\]@,:;\"\\n .é-]{0,12}",
    ) {
        let all: Vec<&str> = LISTED.iter().flat_map(|(_, text, json)| [*text, *json]).collect();
        let whole = all.get(which).copied().unwrap_or(SAVED);
        let at = |place: usize| (0..=place.min(whole.len())).rev().find(|at| whole.is_char_boundary(*at));
        let from = (whole.len() as f64 * from) as usize;
        let (from, to) = (at(from).unwrap(), at(from + length).unwrap());
        let text = format!("{}{put}{}", &whole[..from], &whole[to..]);
        if let Err(error) = cold(&text) {
            prop_assert!(error.line >= 1 && error.line <= text.lines().count().max(1) + 1);
        }
    }
}
