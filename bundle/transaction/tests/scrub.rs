//! Nothing of the originals is left, and the kernel has the same to do.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise

use std::collections::BTreeSet;

use proptest::prelude::*;
use transaction::{Ledger, Mode, Request, Shape, Tables, generate, scrub};

const KEY: [u8; 32] = [42; 32];

fn batch(mode: Mode, shape: Shape, services: u32, endpoints: u32) -> String {
    generate(&Request {
        mode,
        shape,
        services,
        endpoints,
        from_replicas: None,
        local: 2,
        has_api_endpoint: true,
    })
}

fn ledger(text: &str) -> Ledger {
    let ledger = Tables::default().load(text).unwrap();
    Ledger { bytes: 0, ..ledger }
}

/// Every address that stands in a text, however it is written.
fn addresses(text: &str) -> BTreeSet<String> {
    let parts = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    let whole = parts.filter(|part| part.parse::<std::net::Ipv4Addr>().is_ok());
    whole.map(str::to_owned).collect()
}

#[test]
fn no_name_and_no_address_of_the_originals_is_left() {
    for (mode, shape) in [
        (Mode::Nftables, Shape::KubeProxy1_32),
        (Mode::Nftables, Shape::KubeProxy1_36),
        (Mode::Nftables, Shape::KubeProxy1_37),
        (Mode::Iptables, Shape::KubeProxy1_32),
    ] {
        let text = batch(mode, shape, 90, 7).replace("debug/service-", "payments/ledger-db-");
        let made = scrub(&[&text], &KEY).unwrap().remove(0);
        assert_eq!(ledger(&made), ledger(&text));
        let before = addresses(&text);
        assert!(before.len() > 90);
        for address in &before {
            assert!(!addresses(&made).contains(address), "{address}");
        }
        assert_eq!(addresses(&made).len(), before.len());
        for name in ["payments", "ledger-db", "rules for", "Active", "forwarding"] {
            assert!(!made.contains(name), "{name} in {mode:?}");
        }
        // Hashes are of names: whoever guesses a name could make sure.
        let hashes = |text: &str| -> BTreeSet<String> {
            let words = text.split(|c: char| !c.is_ascii_alphanumeric());
            let long = words.filter(|word| {
                matches!(word.len(), 8 | 16)
                    && word
                        .bytes()
                        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
                    && word.bytes().any(|b| b.is_ascii_digit())
                    && !word.starts_with('0')
            });
            long.filter(|word| *word != "10000000")
                .map(str::to_owned)
                .collect()
        };
        let (old, new) = (hashes(&text), hashes(&made));
        assert!(old.len() > 60 && old.is_disjoint(&new));
    }
}

#[test]
fn the_same_comes_out_for_the_same_in_all_files_of_a_call() {
    let (cold, step) = (
        batch(Mode::Nftables, Shape::KubeProxy1_32, 20, 3),
        generate(&Request {
            mode: Mode::Nftables,
            shape: Shape::KubeProxy1_32,
            services: 20,
            endpoints: 4,
            from_replicas: Some(3),
            local: 0,
            has_api_endpoint: true,
        }),
    );
    let made = scrub(&[&cold, &step], &KEY).unwrap();
    assert_eq!(made, scrub(&[&cold, &step], &KEY).unwrap());
    assert_ne!(made, scrub(&[&cold, &step], &[1; 32]).unwrap());
    let (mut before, mut after) = (Tables::default(), Tables::default());
    for (text, made) in [&cold, &step].iter().zip(&made) {
        let (a, b) = (before.load(text).unwrap(), after.load(made).unwrap());
        assert_eq!(Ledger { bytes: 0, ..a }, Ledger { bytes: 0, ..b });
    }
}

#[test]
fn what_each_form_becomes() {
    for (text, wanted) in [
        (
            "add rule ip t c tcp dport 80 drop",
            "add rule ip t c tcp dport 80 drop",
        ),
        (
            "-A KUBE-NODEPORTS -d 127.0.0.0/8 -p tcp",
            "-A KUBE-NODEPORTS -d 127.0.0.0/8 -p tcp",
        ),
        ("ip saddr 0.0.0.0/0 accept", "ip saddr 0.0.0.0/0 accept"),
        (
            "--mask 255.255.255.255 --rsource",
            "--mask 255.255.255.255 --rsource",
        ),
    ] {
        assert_eq!(scrub(&[text], &KEY).unwrap(), [wanted]);
    }
    // Length of what is changed stays, what is around it too.
    for (text, begins, ends) in [
        ("iifname \"eth0\" accept", "iifname \"", "\" accept"),
        ("iifname != \"cali*\" accept", "iifname != \"", "*\" accept"),
        (
            "-A C ! -i cali+ -j KUBE-MARK-MASQ",
            "-A C ! -i ",
            "+ -j KUBE-MARK-MASQ",
        ),
        (
            "-m comment --comment shop/db:sql -j X",
            "-m comment --comment ",
            " -j X",
        ),
        ("goto service-ABCDEFGH-shop/db/tcp/sql", "goto service-", ""),
        (
            "goto endpoint-ABCDEFGH-shop/very-long-na...",
            "goto endpoint-",
            "...",
        ),
        ("-j KUBE-SVC-ABCDEFGHIJKLMNOP", "-j KUBE-SVC-", ""),
    ] {
        let made = scrub(&[text], &KEY).unwrap().remove(0);
        assert!(made.starts_with(begins) && made.ends_with(ends), "{made}");
        assert_eq!(made.len(), text.len(), "{made}");
        for word in ["eth", "cali", "shop", "db", "sql", "very", "ABCDEFGH"] {
            assert!(!made.contains(word), "{made}");
        }
    }
    let text = "dnat to [fd00::1]:80 fd00::1 fd00::/64 endpoint-ABCDEFGH-a/b/tcp/__fd00..1/80";
    let made = scrub(&[text], &KEY).unwrap().remove(0);
    let words: Vec<&str> = made.split(' ').collect();
    assert_eq!(words[2], format!("[{}]:80", words[3]));
    assert!(
        words[5].ends_with(&format!("__{}/80", words[3].replace(':', "."))),
        "{made}"
    );
    assert!(!made.contains("fd00:"), "{made}");
    let ranges = "{ 10.0.0.0-10.0.0.191, 10.0.0.5 }";
    let made = scrub(&[ranges], &KEY).unwrap().remove(0);
    assert!(
        made.contains(".0-240.") && made.contains(".191, 240."),
        "{made}"
    );
}

/// A network is one from its first octet (of IPv6: its first group) on; what is wider is nobody's.
#[test]
fn networks_that_are_wider_than_their_first_octet_stay() {
    for (text, stays) in [
        ("10.0.0.0/7", true),
        ("10.0.0.0/8", false),
        ("fd00::/15", true),
        ("fd00::/16", false),
        ("::1/128", true),
        ("ffff::1", true),
        ("127.0.0.1", true),
        ("0.0.0.1", true),
        ("255.0.0.1", true),
        ("128.0.0.1", false),
    ] {
        let made = scrub(&[text], &KEY).unwrap().remove(0);
        assert_eq!(made == text, stays, "{text}: {made}");
        let length = |text: &str| text.split_once('/').map(|(_, length)| length.to_owned());
        assert_eq!(length(&made), length(text));
    }
}

/// Addresses that share their first bits share as many afterwards.
#[test]
fn a_network_stays_one() {
    let made = |text: &str| scrub(&[text], &KEY).unwrap().remove(0);
    let v4 = |text: &str| -> Vec<u32> {
        let parts = text.split(' ');
        parts
            .map(|at| at.parse::<std::net::Ipv4Addr>().unwrap().to_bits())
            .collect()
    };
    let v6 = |text: &str| -> Vec<u128> {
        let parts = text.split(' ');
        parts
            .map(|at| at.parse::<std::net::Ipv6Addr>().unwrap().to_bits())
            .collect()
    };
    for text in [
        "10.0.0.1 10.0.0.2 10.0.0.3",
        "10.0.0.1 10.0.128.1 10.128.0.1",
        "10.1.2.3 10.1.2.131 11.1.2.3",
    ] {
        let (before, after) = (v4(text), v4(&made(text)));
        for at in 1..before.len() {
            let shared = |of: &[u32]| (of[0] ^ of[at]).leading_zeros();
            // What differs in the first octet has another one each, however alike those were.
            let (before, after) = (shared(&before), shared(&after));
            assert!(
                before == after || (before < 8 && after < 8),
                "{text}: {before} {after}"
            );
        }
    }
    for text in ["fd00::1 fd00::3 fd00:8000::1", "fd00:1::1 fd00:1:8000::1"] {
        let (before, after) = (v6(text), v6(&made(text)));
        for at in 1..before.len() {
            let shared = |of: &[u128]| (of[0] ^ of[at]).leading_zeros();
            assert_eq!(shared(&before), shared(&after), "{text}");
        }
    }
}

#[test]
fn a_network_has_no_bits_behind_its_length_and_a_range_stays_as_long() {
    let made = |text: &str| scrub(&[text], &KEY).unwrap().remove(0);
    assert!(made("10.77.3.0/24").ends_with(".0/24"));
    assert!(made("10.77.0.0/16").ends_with(".0.0/16"));
    assert!(made("fd00:77:1::/48").ends_with("::/48"));
    // The range, how long it is, how large the network that holds both ends.
    for (text, length, network) in [
        ("10.0.0.16-10.0.0.31", 15, 16),
        ("10.0.0.17-10.0.0.30", 13, 16),
        ("10.0.0.17-10.0.0.17", 0, 1),
        ("fd00::10-fd00::1f", 15, 16),
        ("fd00::11-fd00::1e", 13, 16),
    ] {
        let made = made(text);
        let end = |at: &str| match at.parse::<std::net::IpAddr>().unwrap() {
            std::net::IpAddr::V4(at) => u128::from(at.to_bits()),
            std::net::IpAddr::V6(at) => at.to_bits(),
        };
        let (from, to) = made.split_once('-').unwrap();
        assert_eq!(end(to) - end(from), length, "{text}: {made}");
        let last = |text: &str| end(text.split_once('-').unwrap().0) % network;
        assert_eq!(last(&made), last(text), "{text}: {made}");
        assert_ne!(made, text);
        // The network of a range is that of the addresses in it.
        let beside = scrub(
            &[&format!("{text} {}", text.split_once('-').unwrap().0)],
            &KEY,
        )
        .unwrap();
        let (range, one) = beside[0].split_once(' ').unwrap();
        let (from, to) = range.split_once('-').unwrap();
        assert_eq!(end(from) / network, end(to) / network, "{beside:?}");
        assert_eq!(end(from) / network, end(one) / network, "{beside:?}");
    }
}

/// 255 characters.
#[test]
fn a_name_stays_as_long_as_the_kernel_takes() {
    for (letters, cut, length) in [
        (228, "/tcp/", 255),
        (229, "/tcp/", 255),
        (230, "...", 255),
        (231, "...", 255),
    ] {
        let name = format!("service-ABCDEFGH-shop/{}{cut}", "b".repeat(letters));
        let made = scrub(&[&format!("goto {name}")], &KEY).unwrap().remove(0);
        let made = made.strip_prefix("goto ").unwrap();
        assert_eq!(made.len(), length, "{made}");
        let ends_so = made.ends_with("...");
        assert_eq!(ends_so, name.len() > 255 || cut == "...", "{made}");
    }
}

/// A letter of two bytes stands over the place of the cut.
#[test]
fn a_name_is_cut_between_letters() {
    for odd in ["", "x"] {
        let name = format!(
            "endpoint-ABCDEFGH-a/b/tcp/__10.0.0.1/{odd}{}",
            "é".repeat(150)
        );
        let made = scrub(&[&name], &KEY).unwrap().remove(0);
        assert!(
            made.ends_with("é...") && (254..=255).contains(&made.len()),
            "{made}"
        );
    }
}

/// Between namespace, Service and port the protocol alone says nothing of whose it is.
#[test]
fn a_protocol_stays_where_a_protocol_stands() {
    for (name, stays) in [
        (
            "service-ABCDEFGH-shop/db/tcp/sql",
            [false, false, true, false],
        ),
        (
            "service-ABCDEFGH-shop/db/sctp/sql",
            [false, false, true, false],
        ),
        (
            "service-ABCDEFGH-tcp/udp/udp/tcp",
            [false, false, true, false],
        ),
        (
            "service-ABCDEFGH-shop/db/http/sql",
            [false, false, false, false],
        ),
    ] {
        let made = scrub(&[name], &KEY).unwrap().remove(0);
        let parts = |name: &str| -> Vec<String> {
            let path = name.splitn(3, '-').nth(2).unwrap();
            path.split('/').map(str::to_owned).collect()
        };
        let same: Vec<bool> = parts(&made)
            .iter()
            .zip(parts(name))
            .map(|(a, b)| *a == b)
            .collect();
        assert_eq!(same, stays, "{made}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_text_stops_it_and_different_names_stay_different(
        text in "(add|[0-9.:/-]|\"|[a-c]/[a-c]|[a-z{}@,;\"\\n ]|endpoint-ABCDEFGH-|__|é)*",
        names in proptest::collection::btree_set("[a-z0-9]{1,3}", 1..80),
    ) {
        prop_assert_eq!(scrub(&[&text], &KEY).is_ok(), true);
        let lines = names.iter().map(|name| format!("comment \"{name}\""));
        let text = lines.collect::<Vec<_>>().join("\n");
        let made = scrub(&[&text], &KEY).unwrap().remove(0);
        let found: BTreeSet<&str> = made.lines().map(|line| line.split('"').nth(1).unwrap()).collect();
        prop_assert_eq!(found.len(), names.len());
        prop_assert!(names.iter().all(|name| !found.contains(name.as_str())));
    }
}
