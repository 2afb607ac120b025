//! What stands before a line: names, times, labels, in any order.

use super::around::Around;
use super::syslog;
use crate::parse::moment;

/// What a text before, or behind, a log line tells.
///
/// ```text
/// kube-proxy-x7k2p kube-proxy                     stern
/// [kube-proxy-x7k2p kube-proxy]                   kubetail
/// kube-proxy-1  | 2026-06-12T08:02:05.25Z         docker compose
/// 2026-06-12T08:02:05Z {pod="kube-proxy-x"}       logcli
/// time="2026-06-12 08:02:05" level=info msg=      k0s, logrus
/// <30>1 2026-06-12T08:02:05.25Z n1 kube-proxy 1 - -    syslog, RFC 5424
/// 10.5.0.2: kube-system/kube-proxy-x:kube-proxy:  talosctl
/// node-a:                                         pdsh, clush
/// ```
pub(crate) fn read(text: &[u8]) -> Around {
    /// More than this is no prefix.
    const LONGEST: usize = 2_000;
    let text = &text[text.len().saturating_sub(LONGEST)..];
    let mut around = Around::default();
    let shown = String::from_utf8_lossy(text);
    around.learn_pairs(&shown);
    let stamped = moment::find(text);
    if let Some((at, start, end)) = stamped {
        around.set_time(at);
        if around.node.is_none() {
            syslog::host(&text[..start], &text[end..], &mut around);
        }
    } else if let Some(end) = uptime(text) {
        syslog::host(&text[..end], &text[end..], &mut around);
    }
    if around.pod.is_none() {
        pod(&shown, &mut around);
    }
    if let Some(node) = of_swarm(&shown) {
        around.set_node(1, node);
    }
    if around.node.is_none() {
        let rest = match stamped {
            Some((_, start, end)) => [&text[..start], b" ", &text[end..]].concat(),
            None => text.to_vec(),
        };
        lone_name(&String::from_utf8_lossy(&rest), &mut around);
    }
    around
}

/// What a text behind a log line tells. The times in it may be of others; one alone at its end, in
/// seconds or less since the epoch, is the line's, as InfluxDB's line protocol has it.
///
/// ```text
/// syslog,host=n1 message="I0612 ...",severity="info" 1781251325250000000
/// ```
pub(crate) fn behind(text: &[u8]) -> Around {
    let mut around = read(text).without_lone_time();
    let last = text.trim_ascii_end().rsplit(|byte| *byte == b' ').next();
    if let Some(last) = last
        && last.iter().all(u8::is_ascii_digit)
        && let Some((at, [])) = moment::read(last)
    {
        around.set_time(at);
    }
    around
}

/// `kube-proxy.1.x7k2p@n1    | `, as `docker service logs` has it: the node.
fn of_swarm(text: &str) -> Option<&str> {
    let (task, rest) = text.trim_start().split_once('@')?;
    let (node, bar) = rest.split_once(' ')?;
    let numbered = task.split('.').any(|part| part.parse::<u32>().is_ok());
    (numbered && !task.contains(' ') && bar.trim_start().starts_with('|')).then_some(node)
}

/// Where a kernel's clock ends that the text begins with: `[ 3267.743574]`, and with the time since
/// the line before, `[ 3267.743574 <    0.000012 >]`.
fn uptime(text: &[u8]) -> Option<usize> {
    let inside = text.trim_ascii_start().strip_prefix(b"[")?;
    let digits = inside
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'.' | b'<' | b'>' | b'0'..=b'9'))
        .count();
    let closes = inside.get(digits) == Some(&b']') && inside[..digits].contains(&b'.');
    closes.then(|| text.len() - inside.len() + digits + 1)
}

/// The first word that is the name of one of kube-proxy's pods.
fn pod(text: &str, around: &mut Around) {
    const STEM: &str = "kube-proxy";
    for (at, _) in text.match_indices(STEM) {
        let part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
        let begin = text[..at].rfind(|c| !part(c)).map_or(0, |at| {
            at + text[at..].chars().next().map_or(1, char::len_utf8)
        });
        let end = text[at..]
            .find(|c| !part(c))
            .map_or(text.len(), |end| at + end);
        let name = text[begin..end].trim_end_matches(['.', '-']);
        let file = [".log", ".txt", ".gz", ".json", ".go", ".out"];
        let is_file = file.iter().any(|ending| name.ends_with(ending));
        let suffixed = name[name.find(STEM).unwrap_or(0)..].len() > STEM.len() + 1;
        if suffixed && !is_file {
            around.pod = Some(name.to_owned());
            let rest = text[end..].trim_start_matches([' ', '/', '|', ':', '[']);
            if rest.starts_with(STEM) {
                around.container = Some(STEM.to_owned());
            }
            return;
        }
    }
}

/// `node-a: `, `10.5.0.2: `, `[node-a] `, `node-a | `: a name that stands alone, or an address.
fn lone_name(text: &str, around: &mut Around) {
    // CRI's stream and tag are nobody's name.
    let mut words = text
        .split([' ', '\t', '|'])
        .filter(|word| !matches!(*word, "" | "stderr" | "stdout" | "F" | "P"));
    if let Some(node) = ansible(text) {
        return around.set_node(1, node);
    }
    let Some(first) = words.next() else { return };
    let name = first.trim_matches(['[', ']', ':', '(', ')', '>']);
    let marked = name.len() < first.len() || text.contains('|');
    let address = name.parse::<std::net::IpAddr>().is_ok();
    let file = [".log", ".txt", ".gz", ".json", ".go", ".out", ".md"];
    let is_file = file.iter().any(|ending| name.ends_with(ending));
    let named = name.bytes().any(|byte| byte.is_ascii_alphabetic())
        && name
            .bytes()
            .any(|byte| byte.is_ascii_digit() || byte == b'-')
        && !name.contains(':')
        && !name.contains("kube-proxy")
        && !is_file;
    // fabric's `[node-a] out: `
    let alone = matches!(words.next(), None | Some("out:" | "err:"));
    if marked && (address || named && alone) {
        around.set_node(1, name);
    }
}

/// `ok: [node-a] => `, `fatal: [node-a]: FAILED! => `.
pub(crate) fn ansible(text: &str) -> Option<&str> {
    const STATES: [&str; 6] = [
        "ok",
        "changed",
        "fatal",
        "failed",
        "skipping",
        "unreachable",
    ];
    let (state, rest) = text.trim_start().split_once(": [")?;
    let (node, rest) = rest.split_once(']')?;
    (STATES.contains(&state) && rest.contains("=>")).then(|| {
        // `[node-a -> other]`: asked of another.
        node.split(" -> ").next().unwrap_or(node)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::clock::{At, nanos};

    #[test]
    fn names_and_times_of_many_tools() {
        let known = Some("2026-06-12T08:02:05Z");
        for (text, at, node, pod) in [
            (
                "kube-proxy-x7k2p kube-proxy ",
                None,
                None,
                Some("kube-proxy-x7k2p/kube-proxy"),
            ),
            (
                "[kube-proxy-x7k2p kube-proxy] ",
                None,
                None,
                Some("kube-proxy-x7k2p/kube-proxy"),
            ),
            (
                "kube-proxy-1  | 2026-06-12T08:02:05Z ",
                known,
                None,
                Some("kube-proxy-1"),
            ),
            (
                r#"2026-06-12T08:02:05Z {pod="kube-proxy-x", node_name="n1"} "#,
                known,
                Some("n1"),
                Some("kube-proxy-x"),
            ),
            (
                r#"time="2026-06-12 08:02:05" level=info msg="#,
                known,
                None,
                None,
            ),
            (
                "<30>1 2026-06-12T08:02:05Z n1 kube-proxy 1 - - ",
                known,
                Some("n1"),
                None,
            ),
            (
                "2026-06-12T08:02:05Z n1 kube-proxy[1]: ",
                known,
                Some("n1"),
                None,
            ),
            (
                "10.5.0.2: kube-system/kube-proxy-x: ",
                None,
                Some("10.5.0.2"),
                Some("kube-proxy-x"),
            ),
            ("node-a: ", None, Some("node-a"), None),
            ("kube-proxy.log:12:", None, None, None),
            ("a.log:", None, None, None),
            ("We saw this on node-a: ", None, None, None),
            (
                r#"{"host":"n1","time":1781251325,"log":"#,
                known,
                Some("n1"),
                None,
            ),
        ] {
            let around = read(text.as_bytes());
            let at = at.map_or(At::Never, |at| At::Known(nanos(at.parse().unwrap())));
            assert_eq!(around.at, at, "{text}");
            let origin = around.origin().unwrap_or_default();
            assert_eq!(
                (origin.node.as_deref(), origin.pod.as_deref()),
                (node, pod),
                "{text}"
            );
        }
    }
}
