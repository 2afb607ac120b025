//! Nodes that consoles and people name between lines: headings of a node's output.

use std::net::IpAddr;
use std::path::Path;

use crate::wrap::prefix;

/// The node that a heading names; none for any other line.
///
/// ```text
/// 10.0.0.9 | CHANGED | rc=0 >>                  ansible
/// ok: [node-a] => {                             ansible-playbook
/// [1] 08:09:05 [SUCCESS] node-a                 pssh
/// Common labels: {"node_name":"node-a"}         Grafana, logcli
/// node-a:                                       salt
/// ==> node-a/kube-proxy.log <==                 head, tail
/// ### node: node-a
/// ## ip-10-0-1-2.ec2.internal
/// --- node/node-a ---
/// root@node-a:~# journalctl -u kube-proxy
/// ```
pub(crate) fn of_heading(line: &str) -> Option<String> {
    const LONGEST: usize = 200;
    if line.len() > LONGEST {
        return None;
    }
    let text = line.trim_end();
    if let Some(labels) = text.strip_prefix("Common labels: ") {
        return prefix::read(labels.as_bytes()).node;
    }
    let found = ansible(text)
        .or_else(|| prefix::ansible(text))
        .or_else(|| pssh(text))
        .or_else(|| file(text))
        .or_else(|| alone(text))
        .or_else(|| command(text))
        .or_else(|| written(text))?;
    is_node(found).then(|| found.to_owned())
}

/// `node-a | CHANGED | rc=0 >>`, `node-a | FAILED! => {`.
fn ansible(text: &str) -> Option<&str> {
    const STATES: [&str; 5] = ["CHANGED", "SUCCESS", "FAILED", "FAILED!", "UNREACHABLE!"];
    let (node, rest) = text.split_once(" | ")?;
    let state = rest.split([' ', '|']).next()?;
    (STATES.contains(&state) && (text.ends_with(">>") || rest.contains("=>"))).then_some(node)
}

/// `[1] 08:09:05 [SUCCESS] node-a`.
fn pssh(text: &str) -> Option<&str> {
    let (number, rest) = text.strip_prefix('[')?.split_once("] ")?;
    let (_, node) = rest
        .split_once(" [SUCCESS] ")
        .or_else(|| rest.split_once(" [FAILURE] "))?;
    number.parse::<u32>().ok()?;
    node.split(' ').next()
}

/// `==> node-a/kube-proxy.log <==`.
fn file(text: &str) -> Option<&str> {
    of_path(text.strip_prefix("==> ")?.strip_suffix(" <==")?)
}

/// The folder's name, or the file's if it is no kube-proxy's.
fn of_path(path: &str) -> Option<&str> {
    let path = Path::new(path);
    let folder = path.parent()?.file_name().and_then(|name| name.to_str());
    let stem = path.file_name()?.to_str()?.split(".log").next()?;
    [folder, Some(stem)].into_iter().flatten().find(|name| {
        is_node(name)
            && name
                .bytes()
                .any(|byte| byte.is_ascii_digit() || byte == b'-')
            && !name.contains("kube")
            && !name.contains(['_', ' '])
    })
}

/// `node-a:` and nothing else, as salt prints it, or between two rules, as clush and dshbak do.
fn alone(text: &str) -> Option<&str> {
    let name = text.strip_suffix(':')?;
    let hyphened = name.contains('-') || name.contains('.');
    let numbered = name.bytes().any(|byte| byte.is_ascii_digit());
    (hyphened && (numbered || name.starts_with("node") || name.contains("-node"))).then_some(name)
}

/// `### node: node-a`, `**Node node-a**`, `=== kube-proxy logs on node-a ===`, `--- node/node-a ---`,
/// `## ip-10-0-1-2.ec2.internal`: one name, and nothing beside it but what headings of logs say.
fn written(text: &str) -> Option<&str> {
    // Of an object or a record of several lines.
    if text.starts_with([' ', '\t', '"']) || text.contains(['"', '{']) {
        return None;
    }
    let marks = |c: char| !c.is_ascii_alphanumeric();
    let words: Vec<&str> = text
        .split([
            ' ', '\t', ':', '=', ',', '`', '*', '#', '(', ')', '[', ']', '<', '>',
        ])
        .map(|word| word.trim_matches(marks))
        .filter(|word| !word.is_empty())
        .collect();
    let first = words.first()?.to_ascii_lowercase();
    if let [_, node] = words.as_slice()
        && matches!(first.as_str(), "node" | "host" | "hostname" | "nodename")
    {
        return Some(node);
    }
    let mut told = is_marked(text);
    let mut names = Vec::new();
    for word in words {
        let lower = word.to_ascii_lowercase();
        if KINDS.contains(&lower.as_str()) {
            told = true;
        } else if !FILLINGS.contains(&lower.as_str()) && !is_release(word) {
            names.push(word);
        }
    }
    let [name] = names.as_slice() else {
        return None;
    };
    if let Some(node) = ["node/", "nodes/"]
        .iter()
        .find_map(|kind| name.strip_prefix(kind))
    {
        return Some(node);
    }
    if told && (name.contains('/') || name.ends_with(".log")) {
        return of_path(name);
    }
    (told && is_hosts_name(name)).then_some(name)
}

/// What tells that a line without marks is a heading, too.
const KINDS: [&str; 7] = [
    "node",
    "host",
    "hostname",
    "nodename",
    "kube-proxy",
    "logs",
    "kube-proxy.log",
];
/// What else headings of logs say.
const FILLINGS: [&str; 18] = [
    "log", "from", "of", "on", "for", "the", "output", "pod", "kernel", "begin", "start", "at",
    "journal", "worker", "ec2", "instance", "with", "and",
];

/// `### node-a`, `=== node-a ===`, `[node-a]`, `// node-a`, `>>> node-a`.
fn is_marked(text: &str) -> bool {
    let begins = ["#", "*", "==", "--", ">>", "//", "++", "~~", "`"];
    let framed = [("[", "]"), ("<", ">"), ("(", ")")];
    begins.iter().any(|mark| text.starts_with(mark))
        || framed
            .iter()
            .any(|(open, close)| text.starts_with(open) && text.ends_with(close))
}

/// `6.1.144`: numbers and dots alone, and no address.
fn is_release(word: &str) -> bool {
    word.bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && word.parse::<IpAddr>().is_err()
}

/// A word that no heading of another matter is: `node-a`, `worker3`, `n1`, `gke-pool-1a2b`.
fn is_hosts_name(word: &str) -> bool {
    /// What people number that is no host.
    const NUMBERED: [&str; 26] = [
        "trial",
        "run",
        "step",
        "part",
        "test",
        "case",
        "round",
        "attempt",
        "sample",
        "phase",
        "log",
        "try",
        "ipv",
        "v",
        "section",
        "figure",
        "table",
        "day",
        "take",
        "scale",
        "batch",
        "iteration",
        "exp",
        "ramp",
        "sync",
        "k8s-v",
    ];
    let address = word.parse::<IpAddr>().is_ok();
    let letters = word.bytes().any(|byte| byte.is_ascii_alphabetic());
    let plain = word
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._".contains(&byte));
    let stem = word.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
    let stem = stem.split(|c: char| c.is_ascii_digit()).next();
    let stem = stem.unwrap_or_default().trim_end_matches(['-', '_']);
    let numbered = word.bytes().any(|byte| byte.is_ascii_digit())
        && word.starts_with(|c: char| c.is_ascii_lowercase())
        && !NUMBERED.contains(&stem);
    let named = word.starts_with("node") || word.contains("-node") || word.contains("worker");
    let other = word.contains("proxy") || word.contains(".log") || word.starts_with("kernel");
    address || letters && plain && (numbered || named) && !other
}

/// A command that is run on a node, and what it prints stands below.
///
/// ```text
/// $ ssh node-a journalctl -u kube-proxy
/// root@node-a:~# crictl logs 0a1b2c
/// ```
fn command(text: &str) -> Option<&str> {
    /// What people read a log with on its own node; kubectl is run anywhere.
    const READERS: [&str; 8] = [
        "journalctl",
        "crictl logs",
        "docker logs",
        "nerdctl logs",
        "cat /var/log",
        "tail ",
        "dmesg",
        "less /var/log",
    ];
    if !READERS.iter().any(|reader| text.contains(reader)) {
        return None;
    }
    let after = |target: &'static str| text.split_once(target).map(|(_, rest)| rest);
    if let Some(rest) = after("ssh ") {
        let mut words = rest.split(' ').filter(|word| !word.is_empty());
        let target = words.find(|word| !word.starts_with('-'))?;
        return target.rsplit('@').next();
    }
    let (user, rest) = text.trim_start_matches('[').split_once('@')?;
    let host = rest.split([':', ' ', ']']).next()?;
    let prompt = rest.contains("# ") || rest.contains("$ ");
    (prompt && !user.contains(' ')).then_some(host)
}

/// The node that a heading names beside a kernel: `## Node node-a, kernel 6.1.144`.
pub(crate) fn beside_kernel(text: &str) -> Option<String> {
    let mut words = text
        .split([' ', ':', '=', ',', '*', '#', '`', '(', ')'])
        .filter(|word| !word.is_empty());
    words.find(|word| {
        matches!(
            word.to_ascii_lowercase().as_str(),
            "node" | "host" | "hostname"
        )
    })?;
    words
        .next()
        .filter(|node| is_node(node) && is_hosts_name(node))
        .map(str::to_owned)
}

/// A node's name, or a file's that names it, between two rules of the same length:
///
/// ```text
/// ---------------
/// node-a
/// ---------------
/// ```
pub(crate) fn between_rules(before: &str, line: &str, after: &str) -> Option<String> {
    const RULES: [u8; 5] = [b'-', b'=', b':', b'*', b'#'];
    let rule = |text: &str| {
        let mark = text.bytes().next().filter(|mark| RULES.contains(mark));
        text.len() >= 10 && mark.is_some_and(|mark| text.bytes().all(|byte| byte == mark))
    };
    let (before, after, line) = (before.trim_end(), after.trim_end(), line.trim_end());
    let name = match line.ends_with(".log") {
        true => of_path(line)?,
        false => line,
    };
    (rule(before) && before == after && is_node(name)).then(|| name.to_owned())
}

fn is_node(name: &str) -> bool {
    (1..=253).contains(&name.len())
        && name
            .bytes()
            .any(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'.' | b':'))
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':'))
        && !name.starts_with("kube-proxy")
        && !name.starts_with("kernel")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_tools_and_people() {
        for (line, node) in [
            ("10.0.0.9 | CHANGED | rc=0 >>", Some("10.0.0.9")),
            ("node-a | SUCCESS | rc=0 >>", Some("node-a")),
            ("node-a | FAILED! => {", Some("node-a")),
            ("ok: [node-a] => {", Some("node-a")),
            ("[1] 08:09:05 [SUCCESS] node-a", Some("node-a")),
            ("node-a:", Some("node-a")),
            ("==> node-a/kube-proxy.log <==", Some("node-a")),
            ("==> logs/ip-10-0-1-2.log <==", Some("ip-10-0-1-2")),
            ("==> kube-proxy.log <==", None),
            ("==> kube-proxy [0a1b2c3d] <==", None),
            (
                "==> /var/log/pods/kube-system_kube-proxy-x_0a/kube-proxy/0.log <==",
                None,
            ),
            ("### node: node-a", Some("node-a")),
            ("**Node node-a**", Some("node-a")),
            (
                "## ip-10-0-1-2.ec2.internal",
                Some("ip-10-0-1-2.ec2.internal"),
            ),
            ("# here it hangs", None),
            ("We saw this on node-a:", None),
            ("logs:", None),
            ("kube-proxy-x:", None),
            ("Conditions:", None),
            ("Node we use", None),
            ("## Kernel 6.12.46", None),
        ] {
            assert_eq!(of_heading(line).as_deref(), node, "{line}");
        }
        assert_eq!(
            between_rules("---------------", "node-a", "---------------").as_deref(),
            Some("node-a")
        );
        assert_eq!(between_rules("---", "a", "---"), None);
        assert_eq!(between_rules("----------", "two words", "----------"), None);
    }
}
