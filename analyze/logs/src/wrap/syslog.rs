//! Syslog: the host behind the time, frames that tell their length.

use super::around::Around;

/// Notes a syslog's host behind its time; before it stands nothing but a priority or the uptime.
///
/// ```text
/// <30>Jun 12 08:02:05 n1 kube-proxy[1]: I0612 ...
/// <30>1 2026-06-12T08:02:05.25Z n1 kube-proxy 1 - - I0612 ...
/// [ 3267.743574] n1 kube-proxy[1]: I0612 ...               journalctl -o short-monotonic
/// Jun 12 08:02:05 n1 user.info kube-proxy[1]: I0612 ...    BusyBox
/// <30>2026-06-12T08:02:05 10.1.2.3 I0612 ...
/// ```
pub(crate) fn host(before: &[u8], after: &[u8], around: &mut Around) {
    let before = before.trim_ascii();
    let uptime = before.starts_with(b"[") && before.ends_with(b"]");
    let priority = before.is_empty() || before.starts_with(b"<") && before.len() < 12;
    let Ok(after) = std::str::from_utf8(after) else {
        return;
    };
    let words: Vec<&str> = after.split_ascii_whitespace().take(6).collect();
    let [host, rest @ ..] = words.as_slice() else {
        return;
    };
    // `worker-0 Jun 12 08:02:05 worker-0 kube-proxy[1]: I0612 ...`: oc adm node-logs, of several nodes.
    let twice = before == host.as_bytes();
    if !priority && !uptime && !twice {
        return;
    }
    let told = match rest {
        [] => host.parse::<std::net::IpAddr>().is_ok(),
        // Behind a priority the colon may be missing.
        [program] => is_program(program) || before.starts_with(b"<"),
        // RFC 5424: host, program, process, message id, data.
        [program, next, ..] => {
            is_program(program)
                || is_facility(program) && is_program(next)
                || before.starts_with(b"<") && rest.len() >= 4
        }
    };
    if told && !host.ends_with([':', ',', ']', '|']) {
        around.set_node(2, host);
    }
}

/// `kube-proxy[1]:`, `kube-proxy:`, `k3s[1]`, `CEF:0|...`.
fn is_program(word: &str) -> bool {
    let numbered = word
        .strip_suffix(']')
        .and_then(|word| word.split_once('['))
        .is_some_and(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
    word.ends_with(':') || numbered || word.starts_with("CEF:") || word.starts_with("LEEF:")
}

/// `user.info`.
fn is_facility(word: &str) -> bool {
    const LEVELS: [&str; 10] = [
        "emerg", "alert", "crit", "err", "error", "warn", "warning", "notice", "info", "debug",
    ];
    word.split_once('.')
        .is_some_and(|(_, level)| LEVELS.contains(&level))
}

/// Messages that each begin with their length, as syslog over TCP has them (RFC 6587): `169 <30>1
/// 2026-...`; none if the text does not begin so.
///
/// Each with whether it has its length.
pub(crate) fn frames(text: &[u8]) -> Option<Vec<(&[u8], bool)>> {
    let mut frames = Vec::new();
    let mut rest = text;
    while let Some((length, message)) = counted(rest) {
        let (frame, next) = message.split_at(length.min(message.len()));
        frames.push((frame, frame.len() == length));
        rest = next.trim_ascii_start();
    }
    (!frames.is_empty()).then(|| {
        if !rest.is_empty() {
            frames.push((rest, false));
        }
        frames
    })
}

fn counted(text: &[u8]) -> Option<(usize, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let message = text.get(digits..)?.strip_prefix(b" ")?;
    let begins = message.first() == Some(&b'<')
        && message.get(1).is_some_and(u8::is_ascii_digit)
        && memchr::memchr(b'>', message.get(2..6.min(message.len()))?).is_some();
    let length = std::str::from_utf8(&text[..digits]).ok()?.parse().ok()?;
    (begins && (1..=6).contains(&digits) && length > 8).then_some((length, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_what_is_none() {
        for (before, after, node) in [
            ("", " n1 kube-proxy[1]: ", Some("n1")),
            ("<30>1", " n1 kube-proxy 1 - - ", Some("n1")),
            ("[ 3267.743574]", " n1 kube-proxy[1]: ", Some("n1")),
            ("", " n1 user.info kube-proxy[1]: ", Some("n1")),
            ("<30>", " 10.1.2.3 ", Some("10.1.2.3")),
            ("<30>", " word ", None),
            ("kube-proxy-x", " n1 kube-proxy[1]: ", None),
            ("", " INFO something else ", None),
        ] {
            let mut around = Around::default();
            host(before.as_bytes(), after.as_bytes(), &mut around);
            assert_eq!(around.node.as_deref(), node, "{before}{after}");
        }
    }

    #[test]
    fn frames_by_their_length() {
        let found = frames(b"14 <30>1 first one9 <30>1 two").unwrap();
        assert_eq!(found[0], (&b"<30>1 first on"[..], true));
        let found = frames(b"15 <30>1 first one9 <30>1 two").unwrap();
        assert_eq!(
            found,
            [(&b"<30>1 first one"[..], true), (b"<30>1 two", true)]
        );
        assert_eq!(frames(b"15 apples"), None);
        assert_eq!(
            frames(b"99 <30>1 short"),
            Some(vec![(&b"<30>1 short"[..], false)])
        );
    }
}
