//! Nodes that consoles name between lines: headings of a node's output, lists of nodes.

use std::path::Path;

use crate::metadata::Cluster;
use crate::wrap::prefix;

/// The node that a heading names; none for any other line.
///
/// ```text
/// 10.0.0.9 | CHANGED | rc=0 >>                  ansible
/// ok: [node-a] => {                             ansible-playbook
/// [1] 08:09:05 [SUCCESS] node-a                 pssh
/// node-a:                                       salt
/// ==> node-a/kube-proxy.log <==                 head, tail
/// ### node: node-a
/// ## ip-10-0-1-2.ec2.internal
/// ```
pub(crate) fn of_heading(line: &str) -> Option<String> {
    const LONGEST: usize = 200;
    if line.len() > LONGEST {
        return None;
    }
    let text = line.trim_end();
    let found = ansible(text)
        .or_else(|| prefix::ansible(text))
        .or_else(|| pssh(text))
        .or_else(|| file(text))
        .or_else(|| alone(text))
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

/// `==> node-a/kube-proxy.log <==`: the folder's name, or the file's if it is no kube-proxy's.
fn file(text: &str) -> Option<&str> {
    let path = Path::new(text.strip_prefix("==> ")?.strip_suffix(" <==")?);
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

/// `### node: node-a`, `**Node node-a**`, `## ip-10-0-1-2.ec2.internal`.
fn written(text: &str) -> Option<&str> {
    let marks = |c: char| matches!(c, '#' | '*' | '=' | '`' | ' ' | '-' | ':');
    let inside = text.trim_matches(marks);
    let mark = text.starts_with(['#', '*', '=']);
    let words: Vec<&str> = inside
        .split([' ', ':', '=', ','])
        .filter(|word| !word.is_empty())
        .collect();
    let lower = words.first()?.to_ascii_lowercase();
    match (words.as_slice(), lower.as_str()) {
        ([_, node], "node" | "host" | "hostname" | "nodename") => Some(node.trim_matches(marks)),
        ([node], _) if mark && node.starts_with("ip-") => Some(node),
        ([node], _) if is_framed(text) && is_hosts_name(node) => Some(node),
        _ => None,
    }
}

/// `=== node-a ===`, `----- node-a -----`, `** node-a **`.
fn is_framed(text: &str) -> bool {
    ["==", "--", "**", "##"]
        .iter()
        .any(|mark| text.starts_with(mark) && text.ends_with(mark))
}

/// A word that no heading of another matter is: `node-a`, `worker3`, `gke-pool-1a2b`.
fn is_hosts_name(word: &str) -> bool {
    let numbered = word.bytes().any(|byte| byte.is_ascii_digit());
    let lower = !word.bytes().any(|byte| byte.is_ascii_uppercase());
    let named = word.starts_with("node") || word.contains("-node") || word.contains("worker");
    lower && (numbered || named) && !word.contains("proxy") && !word.contains(".log")
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

/// A node's name between two rules of the same length:
///
/// ```text
/// ---------------
/// node-a
/// ---------------
/// ```
pub(crate) fn between_rules(before: &str, line: &str, after: &str) -> Option<String> {
    let rule = |text: &str| text.len() >= 10 && text.bytes().all(|byte| byte == b'-');
    let (before, after) = (before.trim_end(), after.trim_end());
    (rule(before) && before == after && is_node(line.trim_end()))
        .then(|| line.trim_end().to_owned())
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

/// Takes in the nodes' kernels that `kubectl describe node` and `kubectl get nodes -o wide` print.
///
/// ```text
/// Name:               node-a
///   Kernel Version:             6.1.144
///
/// NAME     STATUS   ROLES    AGE   VERSION   INTERNAL-IP   OS-IMAGE   KERNEL-VERSION   CONTAINER-RUNTIME
/// node-a   Ready    <none>   3d    v1.32.6   10.0.0.9      Debian 12  6.1.144          containerd://1.7
/// ```
#[derive(Debug, Default)]
pub(crate) struct Lists {
    /// The node that is being described.
    described: Option<String>,
    /// Where the column of kernels begins, in characters.
    column: Option<usize>,
}

impl Lists {
    /// Takes the next line that is no log's; gives whether it is part of a list.
    pub(crate) fn push(&mut self, line: &str, cluster: &mut Cluster) -> bool {
        if let Some(name) = line.strip_prefix("Name:") {
            self.described = Some(name.trim().to_owned());
            return false;
        }
        if let Some(kernel) = line.trim_start().strip_prefix("Kernel Version:")
            && line.starts_with(' ')
            && let Some(node) = &self.described
        {
            cluster
                .kernels
                .insert(node.clone(), kernel.trim().to_owned());
            return true;
        }
        if line.starts_with("NAME ") {
            self.column = line.find("KERNEL-VERSION");
            return self.column.is_some();
        }
        let Some(column) = self.column else {
            return false;
        };
        let row: String = line.chars().skip(column).collect();
        let (node, kernel) = (
            line.split_whitespace().next(),
            row.split_whitespace().next(),
        );
        match node.zip(kernel) {
            Some((node, kernel)) if kernel.starts_with(|c: char| c.is_ascii_digit()) => {
                cluster.kernels.insert(node.to_owned(), kernel.to_owned());
                true
            }
            _ => {
                self.column = None;
                false
            }
        }
    }
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

    #[test]
    fn kernels_of_lists() {
        let mut cluster = Cluster::default();
        let mut lists = Lists::default();
        for line in [
            "Name:               node-a",
            "Roles:              <none>",
            "  Kernel Version:             6.1.144",
            "NAME     STATUS   OS-IMAGE    KERNEL-VERSION   CONTAINER-RUNTIME",
            "node-b   Ready    Debian 12   6.12.46          containerd://1.7",
            "node-c   Ready    Debian 12   6.12.55+deb12    containerd://1.7",
            "",
            "node-d   Ready    Debian 12   9.9.9            containerd://1.7",
        ] {
            lists.push(line, &mut cluster);
        }
        let found: Vec<(&str, &str)> = cluster
            .kernels
            .iter()
            .map(|(node, kernel)| (node.as_str(), kernel.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("node-a", "6.1.144"),
                ("node-b", "6.12.46"),
                ("node-c", "6.12.55+deb12")
            ]
        );
    }
}
