//! Lines that the grammar reads, and what it makes of them.

use super::*;
use crate::parse::message::Mark;
use crate::parse::message::Said;
use crate::parse::transport::Transport;
use crate::reading::Fault;

const COMPLETE: &str = r#"I1129 08:37:39.988112       1 proxier.go:1193] "SyncProxyRules complete" ipFamily="IPv4" elapsed="13m15.34210662s""#;

fn of(line: &str) -> Line {
    let context = Context {
        kube_proxy: false,
        whole: true,
        columns: None,
    };
    let mut found = None;
    read(line.as_bytes(), context, &mut |line| found = Some(line));
    found.unwrap_or(Line {
        at: At::Never,
        transport: Transport::Klog,
        piece: false,
        origin: None,
        content: Content::Proxy(Said::Nothing),
    })
}

fn is_complete(line: &Line) -> bool {
    matches!(
        &line.content,
        Content::Proxy(Said::Mark {
            mark: Mark::Complete {
                elapsed_ns: 795_342_106_620
            },
            ..
        })
    )
}

#[test]
fn one_message_in_every_wrapper() {
    let quoted = COMPLETE.replace('"', "\\\"");
    let stripped = &COMPLETE[COMPLETE.find('"').unwrap()..];
    for (line, transport) in [
        (COMPLETE.to_owned(), "klog"),
        (format!("2025-11-29T08:37:39.988200001Z stderr F {COMPLETE}"), "cri"),
        (format!("2025-11-29T10:37:39.98+02:00 stdout F {COMPLETE}"), "cri"),
        (format!("2025-11-29T08:37:39.988200001Z {COMPLETE}"), "timestamps"),
        (format!("[pod/kube-proxy-x/kube-proxy] {COMPLETE}"), "kubectl-prefix"),
        (format!("[pod/kube-proxy-x/kube-proxy] 2025-11-29T08:37:39.9Z {COMPLETE}"), "kubectl-prefix"),
        (format!("Nov 29 08:37:39 node k3s[700]: {COMPLETE}"), "journal-short"),
        (format!("2025-11-29T08:37:39+0000 node k3s[700]: {COMPLETE}"), "journal-iso"),
        (format!(r#"{{"log":"{quoted}\n","stream":"stderr","time":"2025-11-29T08:37:39.9Z"}}"#), "docker"),
        (format!(r#"{{"MESSAGE":"{quoted}","__REALTIME_TIMESTAMP":"1764405459986065"}}"#), "journal-json"),
        (format!(r#"{{"textPayload":"{quoted}","timestamp":"2025-11-29T08:37:39Z"}}"#), "cloud-logging"),
        (r#"{"ts":1764405459986.065,"caller":"nftables/proxier.go:1193","msg":"SyncProxyRules complete","ipFamily":"IPv4","v":2,"elapsed":"13m15.34210662s"}"#.to_owned(), "klog-json"),
        (format!("2025-11-29T08:37:39.9Z\t{stripped}"), "cloud-logging"),
        (format!("2025-11-29 08:37:39.900 UTC{stripped}"), "cloud-logging"),
        (format!("> {COMPLETE}"), "klog"),
        (format!("    {COMPLETE}\r"), "klog"),
    ] {
        let found = of(&line);
        assert!(is_complete(&found), "{line}: {found:?}");
        assert_eq!(found.transport.name(), transport, "{line}");
    }
}

#[test]
fn look_alikes_do_not_count() {
    for line in [
        r#"I1129 08:37:39.988112 1 controller.go:313] "Syncing nftables rules" logger="nftables-sync""#,
        r#"I1129 08:37:39.988112 1 controller.go:313] "Syncing nftables rules" elapsed="2.5s""#,
        r#"I1129 08:37:39.988112 1 other.go:313] "SyncProxyRules complete" elapsed="2.5s""#,
    ] {
        assert_eq!(
            of(line).content,
            Content::Proxy(Said::Fault(Fault::LookAlike)),
            "{line}"
        );
    }
    for line in [
        "the SyncProxyRules complete message tells elapsed=1s",
        r#"I1129 08:37:39.988112 1 other.go:313] "Finished" elapsed="2.5s""#,
        "# SyncProxyRules complete",
    ] {
        let found = of(line).content;
        assert!(
            matches!(found, Content::Proxy(Said::Nothing)),
            "{line}: {found:?}"
        );
    }
}
