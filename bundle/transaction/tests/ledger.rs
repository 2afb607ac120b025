//! Ledgers: tables of commands, and the generated transactions in closed form.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise

use proptest::prelude::*;
use transaction::{Family, Ledger, Mode, Request, Shape, Tables, fingerprint, generate};

fn request(mode: Mode, shape: Shape, services: u32, endpoints: u32) -> Request {
    Request {
        mode,
        shape,
        services,
        endpoints,
        from_replicas: None,
        local: 0,
        has_api_endpoint: true,
    }
}

#[test]
fn a_shape_has_the_name_that_a_bundle_calls_it_by() {
    for (shape, version) in [
        (Shape::KubeProxy1_32, "1.32"),
        (Shape::KubeProxy1_36, "1.36"),
        (Shape::KubeProxy1_37, "1.37"),
    ] {
        assert_eq!(shape.name(), format!("kube-proxy-{version}"));
        assert_eq!(shape.name().parse(), Ok(shape));
        assert_eq!(version.parse(), Ok(shape));
    }
    let error = "1.31".parse::<Shape>().unwrap_err();
    assert!(error.contains("kube-proxy-1.36"), "{error}");
}

/// Addresses follow one another over the borders of their last numbers.
#[test]
fn each_service_and_each_replica_has_an_address_of_its_own() {
    for (services, endpoints, address) in [
        (1, 1, "172.20.1.0 . tcp"),
        (256, 1, "172.20.1.255 . tcp"),
        (257, 1, "172.20.2.0 . tcp"),
        (1, 1, "10.0.0.2"),
        (1, 254, "10.0.0.255"),
        (1, 255, "10.0.1.0"),
        (1, 600, "10.0.2.89"),
    ] {
        for shape in [
            Shape::KubeProxy1_32,
            Shape::KubeProxy1_36,
            Shape::KubeProxy1_37,
        ] {
            let text = generate(&request(Mode::Nftables, shape, services, endpoints));
            assert!(
                text.contains(address),
                "{services} x {endpoints}: {address}"
            );
        }
    }
}

#[test]
fn each_command_counts_as_the_kernel_does() {
    // text, (commands, chains, rules, sets, anonymous, elements, entries)
    for (text, counts) in [
        ("add table ip t", (1, 0, 0, 0, 0, 0, 1)),
        (
            "add chain ip t c\nflush chain ip t c",
            (2, 1, 0, 0, 0, 0, 1),
        ),
        (
            "add rule ip t c ip daddr { 10.0.0.1, 10.0.0.2 } drop",
            (1, 0, 1, 1, 1, 2, 4),
        ),
        (
            "add rule ip t c ip daddr { 10.0.0.1 } drop",
            (1, 0, 1, 0, 0, 0, 1),
        ),
        (
            "add rule ip t c numgen random mod 1 vmap { 0 : goto d }",
            (1, 0, 1, 1, 1, 1, 3),
        ),
        (
            "add rule ip t c update @s { ip saddr }",
            (1, 0, 1, 0, 0, 0, 1),
        ),
        (
            "add rule ip t c drop comment \"{ 1 : 2, 3 }\"",
            (1, 0, 1, 0, 0, 0, 1),
        ),
        (
            "add rule ip t c drop\nadd rule ip t c drop\nflush chain ip t c",
            (3, 0, 2, 0, 0, 0, 4),
        ),
        (
            "add map ip t m { type ipv4_addr : verdict ; }\nadd element ip t m { 1.1.1.1 : drop }\n\
             delete element ip t m { 1.1.1.1 }",
            (3, 0, 0, 1, 0, 1, 3),
        ),
        (
            "*nat\n:C - [0:0]\n-A C -j RETURN\nCOMMIT",
            (2, 1, 1, 0, 0, 0, 3),
        ),
    ] {
        let ledger = Tables::default().load(text).unwrap();
        let found = (
            ledger.commands,
            ledger.chains,
            ledger.rules,
            ledger.sets,
            ledger.anonymous,
            ledger.elements,
            ledger.entries,
        );
        assert_eq!(found, counts, "{text}");
    }
}

#[test]
fn what_is_taken_away_or_there_already_counts_as_the_kernel_does() {
    // text, (commands, entries), what is in the tables: (chains, rules, sets, elements)
    for (text, counts, left) in [
        (
            "add table ip t\nadd chain ip t c\nadd rule ip t c drop\nadd set ip t s { type x ; }\n\
             delete table ip t",
            (5, 4 + 4),
            (0, 0, 0, 0),
        ),
        ("add table ip t\nadd table t", (2, 1), (0, 0, 0, 0)),
        ("add table ip6 t\nadd table t", (2, 2), (0, 0, 0, 0)),
        ("delete table ip t", (1, 0), (0, 0, 0, 0)),
        (
            "add set ip t s { type x ; }\ncreate set ip t s { type x ; }",
            (2, 2),
            (0, 0, 1, 0),
        ),
        (
            "add set ip t s { type x ; }\ndestroy set ip t s",
            (2, 2),
            (0, 0, 0, 0),
        ),
        (
            "add element ip t s { 1, 2 }\nadd element ip t s { 2, 3 }\nflush set ip t s",
            (3, 3 + 3),
            (0, 0, 1, 0),
        ),
        (
            "add element ip t s { 1, 2 }\ndestroy element ip t s { 1 }",
            (2, 2 + 1),
            (0, 0, 1, 1),
        ),
        (
            "add rule ip t c drop\nadd rule ip t c drop\ndelete rule ip t c handle 5",
            (3, 3),
            (1, 1, 0, 0),
        ),
        (
            "add chain ip t c\nadd rule ip t c drop\ndestroy chain ip t c",
            (3, 2 + 2),
            (0, 0, 0, 0),
        ),
        (
            "create counter ip t n\ndelete quota ip t n",
            (2, 2),
            (0, 0, 0, 0),
        ),
        (
            "add table ip t\nadd chain ip t c\n\n# all of it\nflush ruleset",
            (3, 2),
            (0, 0, 0, 0),
        ),
        (
            "insert rule inet t c ip daddr { 1, 2 } ip saddr vmap { 3 : drop }",
            (1, 1 + 2 + 3),
            (1, 1, 2, 3),
        ),
        (
            "*nat\n\n# counted\n[1:60] -A C -j RETURN\n-I C -j DROP\n-D C -j DROP\n-N D\n-F C\n-X D\n\
             COMMIT",
            (6, 1 + 4 + 1 + 1),
            (1, 0, 0, 0),
        ),
        (
            "*nat\n:C - [0:0]\n-A C -j DROP\n:C - [0:0]\nCOMMIT",
            (3, 1 + 2 + 2),
            (1, 0, 0, 0),
        ),
    ] {
        let ledger = Tables::default().load(text).unwrap();
        let found = (ledger.commands, ledger.entries);
        assert_eq!(found, counts, "{text}");
        let found = (
            ledger.table_chains,
            ledger.table_rules,
            ledger.table_sets,
            ledger.table_elements,
        );
        assert_eq!(found, left, "{text}");
        assert_eq!(ledger.bytes, text.len() as u64);
    }
}

#[test]
fn a_transactions_family_is_its_tables_or_its_addresses() {
    for (text, family) in [
        ("add table ip kube-proxy\n", Some(Family::Ipv4)),
        (
            "add table ip6 kube-proxy\nadd chain ip6 kube-proxy c\n",
            Some(Family::Ipv6),
        ),
        ("add table ip kube-proxy\nadd table ip6 kube-proxy\n", None),
        ("add table inet t\n", None),
        ("", None),
        (
            "*nat\n-A C -d fd00::1/128 -j D\nCOMMIT\n",
            Some(Family::Ipv6),
        ),
        (
            "*nat\n-A C -s 10.0.0.1/32 -d fd00::1/128 -j D\nCOMMIT\n",
            Some(Family::Ipv4),
        ),
        ("*nat\nCOMMIT\n", Some(Family::Ipv4)),
    ] {
        assert_eq!(Family::of(text), family, "{text}");
    }
    assert_eq!(
        [Family::Ipv4, Family::Ipv6].map(Family::name),
        ["ipv4", "ipv6"]
    );
}

#[test]
fn what_is_not_understood_is_named_with_its_line() {
    for (text, said) in [
        (
            "add table ip t\nfrob chain ip t c",
            "line 2: unknown command",
        ),
        ("add", "line 1: a command is a verb"),
        (
            "add rule ip t c ip daddr { 1.1.1.1",
            "line 1: a brace is not closed",
        ),
        (
            "add element ip t s 1.1.1.1",
            "line 1: no elements in braces",
        ),
        (
            "# one\n\nadd rule ip t c ip daddr { 1.1.1.1 }\nadd element ip t s { 1 } 2",
            "line 4: no elements in braces",
        ),
        ("flush table ip t", "line 1: `flush table` is not read"),
        ("frob table ip t", "line 1: unknown command `frob table`"),
        ("add chain ip", "line 1: no table is named"),
        ("add chain ip t", "line 1: nothing in the table is named"),
        (
            "table ip t {\n\tchain c {\n\t\tip daddr { 1\n\t}\n}\n",
            "line 3: a brace is not closed",
        ),
        ("*nat\nCOMMIT\n-A C -j DROP", "line 3: outside of a table"),
        ("*nat\n\n# c\n-A", "line 4: no chain is named"),
        ("*nat\n-Z C", "line 2: unknown command"),
    ] {
        let error = Tables::default().load(text).unwrap_err().to_string();
        assert!(error.starts_with(said), "{error}");
    }
}

#[test]
fn a_cold_transaction_has_a_map_a_service_and_1_32_a_chain_an_endpoint() {
    let (s, e) = (40, 30);
    let mut tables = Tables::default();
    let old = generate(&request(Mode::Nftables, Shape::KubeProxy1_32, 40, 30));
    let ledger = tables.load(&old).unwrap();
    assert_eq!(
        ledger.anonymous,
        s + 1,
        "one map a Service, and the API server's"
    );
    // Of 8 base chains, each made, removed and made again, one is left; 7 others are made once.
    let chains = ledger.table_chains;
    assert_eq!(chains, 8 + 8 + (s + 1) + (s * e + 1));
    assert_eq!(ledger.elements, 1 + 2 * (s + 1) + s * e + 1);
    let step = Request {
        from_replicas: Some(30),
        endpoints: 31,
        ..request(Mode::Nftables, Shape::KubeProxy1_32, 40, 30)
    };
    let step = tables.load(&generate(&step)).unwrap();
    assert_eq!((step.anonymous, step.chains), (s, s));
    assert_eq!(step.table_chains, chains + s);
    assert_eq!(
        step.table_sets, ledger.table_sets,
        "old maps go with their rules"
    );
}

#[test]
fn newer_shapes_have_no_chains_of_endpoints_and_1_37_no_map_for_one() {
    let count = |shape, endpoints| {
        let text = generate(&request(Mode::Nftables, shape, 10, endpoints));
        Tables::default().load(&text).unwrap()
    };
    let (a, b) = (
        count(Shape::KubeProxy1_36, 30),
        count(Shape::KubeProxy1_37, 30),
    );
    assert_eq!((a.anonymous, b.anonymous), (11, 10));
    assert_eq!(count(Shape::KubeProxy1_37, 1).anonymous, 0);
    assert!(a.table_chains < 30 && b.table_chains < 30);
}

/// Each rule chooses among those that are left; the last one takes what comes to it.
#[test]
fn of_endpoints_in_iptables_each_is_as_likely() {
    let text = generate(&request(Mode::Iptables, Shape::KubeProxy1_32, 1, 3));
    let rules = text.lines().filter(|line| line.contains(" -> 10.0.0."));
    let chances: Vec<Option<&str>> = rules
        .map(|rule| Some(rule.split_once("--probability ")?.1.split_once(' ')?.0))
        .collect();
    assert_eq!(chances, [Some("0.3333333333"), Some("0.5000000000"), None]);
}

#[test]
fn iptables_has_a_chain_an_endpoint() {
    let text = generate(&request(Mode::Iptables, Shape::KubeProxy1_32, 10, 3));
    assert_eq!(Mode::of(&text), Mode::Iptables);
    let ledger = Tables::default().load(&text).unwrap();
    assert_eq!(ledger.chains, 9 + 11 + 31);
    assert_eq!((ledger.sets, ledger.elements), (0, 0));
}

#[test]
fn a_fingerprint_is_sha_256() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(fingerprint(""), empty);
}

/// What a real kube-proxy 1.32.6 sent for an empty table: 5 Services with 3 endpoints each, and the
/// API server's without any.
const CAPTURED: &str = include_str!("captured/kube-proxy-1.32.6-cold-5x3.nft");

/// A command without what names one cluster: addresses, hashes, names of Services.
fn anonymous(line: &str) -> String {
    let kind = |word: &str| {
        let is_address = word.contains('.') && word.starts_with(|c: char| c.is_ascii_digit());
        match word {
            _ if word.starts_with("service-") && word.contains('/') => "SERVICE".to_owned(),
            _ if word.starts_with("endpoint-") && word.contains('/') => "ENDPOINT".to_owned(),
            _ if is_address && !word.starts_with("10.0.0.0/16") => "ADDRESS".to_owned(),
            _ => word.to_owned(),
        }
    };
    let words: Vec<String> = line.split_whitespace().map(kind).collect();
    words.join(" ")
}

/// The same kube-proxy's next one: one Service from 3 endpoints to 4.
const CAPTURED_STEP: &str = include_str!("captured/kube-proxy-1.32.6-step-1x3-4.nft");

fn sorted(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(anonymous).collect();
    lines.sort();
    lines
}

#[test]
fn the_generated_transactions_are_the_captured_ones_but_for_names() {
    let cold = Request {
        has_api_endpoint: false,
        ..request(Mode::Nftables, Shape::KubeProxy1_32, 5, 3)
    };
    let step = Request {
        services: 1,
        endpoints: 4,
        from_replicas: Some(3),
        ..cold
    };
    let (mut made, mut captured) = (Tables::default(), Tables::default());
    for (request, text) in [(cold, CAPTURED), (step, CAPTURED_STEP)] {
        let generated = generate(&request);
        let a = made.load(&generated).unwrap();
        let b = captured.load(text).unwrap();
        let bytes = 0;
        assert_eq!(Ledger { bytes, ..a }, Ledger { bytes, ..b });
        assert_eq!(sorted(&generated), sorted(text));
    }
}

#[test]
fn those_of_newer_ones_are_too() {
    for (shape, text) in [
        (
            Shape::KubeProxy1_36,
            include_str!("captured/kube-proxy-1.36.3-cold-5x5.nft"),
        ),
        (
            Shape::KubeProxy1_37,
            include_str!("captured/kube-proxy-1.37.2-cold-5x5.nft"),
        ),
    ] {
        let generated = generate(&Request {
            local: 5,
            has_api_endpoint: false,
            ..request(Mode::Nftables, shape, 5, 5)
        });
        let a = Tables::default().load(&generated).unwrap();
        let b = Tables::default().load(text).unwrap();
        let bytes = 0;
        assert_eq!(Ledger { bytes, ..a }, Ledger { bytes, ..b });
        assert_eq!(sorted(&generated), sorted(text));
    }
}

proptest! {
    #[test]
    fn no_text_stops_the_reader(text in "(add|flush|delete|[*:-]|[a-z{}@,;\"\\n ])*") {
        let first: Result<Ledger, _> = Tables::default().load(&text);
        prop_assert_eq!(first, Tables::default().load(&text));
    }
}
