//! Lines that the grammar reads, and what it makes of them.

use super::*;

fn mark(mark: Mark, family: Family, backend: Backend) -> Said {
    Said::Mark {
        mark,
        family,
        backend,
    }
}

#[test]
fn messages_of_every_version() {
    use Backend::{Iptables, Ipvs, Nftables, Unknown as NoMode, Winkernel};
    use Family::{Ipv4, Ipv6, Unknown};
    let second = Mark::Complete {
        elapsed_ns: 1_500_000_000,
    };
    for (body, said) in [
        (
            r#""SyncProxyRules complete" ipFamily="IPv4" elapsed="1.5s""#,
            mark(second, Ipv4, NoMode),
        ),
        (
            r#""SyncProxyRules complete" elapsed="1.5s""#,
            mark(second, Unknown, NoMode),
        ),
        (
            r#"SyncProxyRules complete ipFamily="IPv6" elapsed="1.5s""#,
            mark(second, Ipv6, NoMode),
        ),
        (
            r#""syncProxyRules complete" elapsed="1.5s""#,
            mark(second, Unknown, NoMode),
        ),
        (
            r#""Syncing proxy rules complete" elapsed="1.5s""#,
            mark(second, Unknown, Winkernel),
        ),
        ("syncProxyRules took 1.5s", mark(second, Unknown, NoMode)),
        (
            "syncProxyRules(EndpointsUpdate) took 1.5s",
            mark(second, Unknown, NoMode),
        ),
        (
            r#""Syncing nftables rules" ipFamily="IPv4" fullSync=false"#,
            mark(Mark::Syncing { full: Some(false) }, Ipv4, Nftables),
        ),
        (
            r#""Syncing iptables rules""#,
            mark(Mark::Syncing { full: None }, Unknown, Iptables),
        ),
        (
            r#""Syncing ipvs Proxier rules""#,
            mark(Mark::Syncing { full: None }, Unknown, Ipvs),
        ),
        (
            r#""Reloading service nftables data" ipFamily="IPv4" numServices=8001 numEndpoints=240000"#,
            mark(
                Mark::Reloading {
                    counts: Some((8001, 240_000)),
                },
                Ipv4,
                Nftables,
            ),
        ),
        (
            r#""Reloading service iptables data" numServices=3 numEndpoints=4 numFilterChains=4 numNATRules=7"#,
            mark(
                Mark::Reloading {
                    counts: Some((3, 4)),
                },
                Unknown,
                Iptables,
            ),
        ),
        (
            r#""Deleting stale nftables chains" ipFamily="IPv4" numChains=142642"#,
            mark(Mark::Stale { chains: 142_642 }, Ipv4, Nftables),
        ),
        (
            r#""Unable to delete stale chains; will retry later" err="x" ipFamily="IPv4""#,
            mark(Mark::ForcedFull, Ipv4, Nftables),
        ),
        (
            r#""Sync failed" ipFamily="IPv6" retryingTime="30s""#,
            mark(Mark::Failed, Ipv6, NoMode),
        ),
        (
            "Sync failed; retrying in 30s",
            mark(Mark::Failed, Unknown, NoMode),
        ),
        (
            r#""Version info" version="v1.36.1""#,
            Said::Fact(Fact::Version("v1.36.1".into())),
        ),
        (r#"FLAG: --v="3""#, Said::Fact(Fact::Verbosity(3))),
        (
            r#""Using nftables Proxier""#,
            Said::Fact(Fact::Mode(Nftables)),
        ),
        ("Using iptables Proxier.", Said::Fact(Fact::Mode(Iptables))),
        (
            r#""SyncProxyRules complete" ipFamily="IPv4""#,
            Said::Fault(Fault::NoDuration),
        ),
        (
            r#""SyncProxyRules complete" elapsed=12.345"#,
            Said::Fault(Fault::NoDuration),
        ),
        (
            r#""SyncProxyRules complete" elapsed="1.5"#,
            Said::Fault(Fault::NoDuration),
        ),
        (r#""SyncProxyRules comp"#, Said::Fault(Fault::Cut)),
        (
            r#""Syncing nftables rules" logger="nftables-sync""#,
            Said::Fault(Fault::LookAlike),
        ),
        (
            r#""Syncing nftables rules" logger="nftables-sync" elapsed="2.5s""#,
            Said::Fault(Fault::LookAlike),
        ),
        (
            r#""Not syncing nftables until Services and Endpoints have been received from master""#,
            Said::Nothing,
        ),
        (
            r#""Network programming" endpoint="a/b" elapsed=12.345"#,
            Said::Nothing,
        ),
        (
            "sync-runner: ran, next possible in 1s, periodic in 1h0m0s",
            Said::Nothing,
        ),
    ] {
        assert_eq!(text(body.as_bytes(), true), said, "{body}");
    }
}

#[test]
fn a_cut_count_is_no_count() {
    let body = br#""Reloading service nftables data" numServices=8001 numEndpoints=2400"#;
    let Said::Mark { mark, .. } = text(body, false) else {
        panic!()
    };
    assert_eq!(mark, Mark::Reloading { counts: None });
}
