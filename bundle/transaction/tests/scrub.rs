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
