//! The three messages that the driver knows; it reads nothing else of a log.

/// Where a sync of one IP family stands, as a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// A sync has begun.
    Begins(Family),
    /// The sync under way has failed; it ends all the same.
    Fails(Family),
    /// A sync is over.
    Ends(Family),
}

/// The IP family a line names; kube-proxy before 1.31 names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// `ipFamily="IPv4"`
    V4,
    /// `ipFamily="IPv6"`
    V6,
    /// None named.
    Unnamed,
}

/// Recognises a message by its text.
///
/// ```text
/// I1124 11:02:03.000001  1 proxier.go:1193] "Syncing nftables rules" ipFamily="IPv4"
/// I1124 11:02:04.000001  1 proxier.go:1199] "SyncProxyRules complete" ipFamily="IPv4" elapsed="1s"
/// ```
#[must_use]
pub fn recognise(line: &[u8]) -> Option<Message> {
    // The messages are short; an error dump of megabytes holds none at its start.
    let line = &line[..line.len().min(512)];
    let text = String::from_utf8_lossy(line);
    if text.contains("yncProxyRules complete") || text.contains("syncProxyRules took") {
        return Some(Message::Ends(family(&text)));
    }
    // kube-proxy up to 1.20 says `Sync failed; retrying in 30s`.
    if text.contains("\"Sync failed\"") || text.contains("Sync failed; retrying") {
        return Some(Message::Fails(family(&text)));
    }
    let begins = ["nftables rules", "iptables rules", "ipvs proxier rules"];
    begins
        .iter()
        .any(|what| text.contains(&format!("Syncing {what}")))
        .then(|| Message::Begins(family(&text)))
}

fn family(text: &str) -> Family {
    if text.contains("IPv6") {
        Family::V6
    } else if text.contains("IPv4") {
        Family::V4
    } else {
        Family::Unnamed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_recognised() {
        for (line, message) in [
            (
                r#"I1015 12:31:00.123456       1 proxier.go:1168] "SyncProxyRules complete" ipFamily="IPv4" elapsed="5m6.3s""#,
                Some(Message::Ends(Family::V4)),
            ),
            (
                r#"I1015 12:31:00.1       1 proxier.go:950] "Syncing nftables rules" ipFamily="IPv6" fullSync=true"#,
                Some(Message::Begins(Family::V6)),
            ),
            (
                r#"{"ts":1764405459986.065,"caller":"nftables/proxier.go:1193","msg":"SyncProxyRules complete","ipFamily":"IPv4","v":2,"elapsed":"13m15s"}"#,
                Some(Message::Ends(Family::V4)),
            ),
            (
                r#"I0101 00:00:00.0       1 proxier.go:1] "Syncing iptables rules""#,
                Some(Message::Begins(Family::Unnamed)),
            ),
            (
                r#"I0101 00:00:00.0       1 proxier.go:1] "syncProxyRules complete" elapsed="1s""#,
                Some(Message::Ends(Family::Unnamed)),
            ),
            (
                r#"I0101 00:00:00.0       1 proxier.go:1] "Sync failed" ipFamily="IPv6" retryingTime="30s""#,
                Some(Message::Fails(Family::V6)),
            ),
            (
                r#"{"ts":1.0,"msg":"Sync failed","ipFamily":"IPv4","v":0,"retryingTime":"30s"}"#,
                Some(Message::Fails(Family::V4)),
            ),
            (
                r#"I0101 00:00:00.0       1 proxier.go:1] Sync failed; retrying in 30s"#,
                Some(Message::Fails(Family::Unnamed)),
            ),
            // The refusal itself: the failure is said by the line after it.
            (
                r#"E0101 00:00:00.0       1 proxier.go:1] "nftables sync failed" ipFamily="IPv4""#,
                None,
            ),
            (
                r#"I0101 00:00:00.0       1 proxier.go:1] "Not syncing nftables until Services and Endpoints have been received from master""#,
                None,
            ),
            (
                r#"I0101 proxier.go:1] "Reloading service nftables data" numServices=1"#,
                None,
            ),
        ] {
            assert_eq!(recognise(line.as_bytes()), message, "{line}");
        }
    }
}
