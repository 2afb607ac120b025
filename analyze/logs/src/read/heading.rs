//! Kernel releases that people write down: in headings of pasted logs, in paths.

use std::sync::LazyLock;

use regex::Regex;

use super::begins;
use super::lists::Lists;
use super::nodes;
use crate::metadata::Cluster;
use crate::parse::clock;

/// A release: 3.10 to 9.x, three numbers, and what a distribution appends: a build number or a
/// flavour that is known, so that `6.1.144-node-a` names 6.1.144.
const RELEASE: &str = r"([3-9]\.\d{1,3}\.\d{1,4}(?:[-+~_](?:\d|rc\d|deb|generic|cloud|amd64|arm64|aws|azure|gcp|gke|eks|flatcar|talos|microsoft|rt|lts|el\d|fc\d|amzn|bpo|default|kvm|virtual)[0-9A-Za-z.+~_-]*)?)";

/// A pattern of this file; none would be a fault of the program that its tests find.
fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(&format!(
        r"(?i)(?:kernel|linux|uname(?: -r)?)(?:[ _-]?(?:version|release))?[\s:=_`*'-]{{0,4}}v?{RELEASE}"
    ))
});
static BARE: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(&format!(r"^[#>*=\s`-]*v?{RELEASE}[\s:=*`,-]*$")));
static IN_PATH: LazyLock<Option<Regex>> =
    LazyLock::new(|| pattern(&format!(r"(?:^|[^0-9.vV]){RELEASE}")));

/// A heading: what follows is a kernel's or a node's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heading {
    /// Line in its block, from 0.
    pub(crate) line: u64,
    pub(crate) name: String,
    pub(crate) kernel: Option<String>,
    pub(crate) node: Option<String>,
}

/// The headings among the lines of a block; nodes that are listed there go to `cluster`.
pub(crate) fn headings(block: &[u8], cluster: &mut Cluster) -> Vec<Heading> {
    let mut found = Vec::new();
    let mut lists = Lists::default();
    // The last lines that are no log's, with their numbers.
    let (mut before, mut last) = (None, None);
    // Line ends are counted up to a line that is looked at.
    let (mut number, mut counted) = (0, 0);
    begins::unlike(block, |start| {
        let rest = &block[start..];
        if !may_be_heading(rest) {
            return;
        }
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let Ok(text) = std::str::from_utf8(&rest[..end]) else {
            return;
        };
        number += bytecount::count(&block[counted..start], b'\n') as u64;
        counted = start;
        if !lists.push(text, cluster)
            && let Some(heading) = heading(text.trim_end(), number, before, last)
        {
            found.push(heading);
        }
        (before, last) = (last, Some((number, text)));
    });
    found
}

/// A line and those two before it, with their numbers.
fn heading(
    text: &str,
    line: u64,
    before: Option<(u64, &str)>,
    last: Option<(u64, &str)>,
) -> Option<Heading> {
    let mut kernel = kernel_of_heading(text.trim());
    let (mut name, mut node);
    name = text.trim();
    if kernel.is_some() {
        node = nodes::beside_kernel(text);
    } else {
        node = nodes::of_heading(text);
        if let (None, Some((first, rule)), Some((second, inside))) = (&node, before, last)
            && first + 2 == line
            && second + 1 == line
        {
            node = nodes::between_rules(rule, inside, text);
            name = inside.trim();
        }
        // `# node-a (6.1.144)`
        if node.is_some() && text.starts_with('#') {
            kernel = IN_PATH
                .as_ref()
                .and_then(|regex| regex.captures(text))
                .and_then(|found| found.get(1).map(|release| tidy(release.as_str())));
        }
    }
    (kernel.is_some() || node.is_some()).then(|| Heading {
        line,
        name: name.to_owned(),
        kernel,
        node,
    })
}

/// Whether no time stamp, no klog header and no object begins here; nearly all lines of a log
/// are told apart by their first bytes.
fn may_be_heading(rest: &[u8]) -> bool {
    let [first, second, ..] = rest else {
        return false;
    };
    let log = match first {
        b'I' | b'W' | b'E' | b'F' => second.is_ascii_digit(),
        b'0'..=b'9' => rest.get(4) == Some(&b'-') && rest.get(7) == Some(&b'-'),
        // `[1] 08:09:05 [SUCCESS] node-a`, `[node-a]`
        b'[' => {
            let numbered = rest.get(2) == Some(&b']') || rest.get(3) == Some(&b']');
            !(second.is_ascii_digit() && numbered || is_alone_in_brackets(rest))
        }
        b'{' | b'\t' | b'"' | b'\n' => true,
        _ => false,
    };
    !log && clock::syslog(rest).is_none()
}

/// Whether the line ends where a bracket does that it began with.
fn is_alone_in_brackets(rest: &[u8]) -> bool {
    const LONGEST: usize = 64;
    let window = &rest[..rest.len().min(LONGEST)];
    memchr::memchr2(b']', b'\n', window).is_some_and(|end| {
        window[end] == b']' && matches!(window.get(end + 1), None | Some(b'\n' | b'\r'))
    })
}

/// The kernel that a heading names; none for a line of a log.
///
/// ```text
/// kernel-6.1.144, m6i.8xlarge
/// ## Kernel 6.12.46
/// # 6.1.144
/// ```
pub(crate) fn kernel_of_heading(line: &str) -> Option<String> {
    const LONGEST: usize = 160;
    if line.len() > LONGEST || line.contains("] \"") {
        return None;
    }
    let named = NAMED.as_ref().and_then(|regex| regex.captures(line));
    let bare = || BARE.as_ref().and_then(|regex| regex.captures(line));
    let found = named.or_else(bare)?;
    found.get(1).map(|release| tidy(release.as_str()))
}

/// The kernel that a path names, the last component first.
///
/// ```text
/// logs/kernel-6.1.144/kube-proxy.log
/// 6.12.46.log.gz
/// ```
pub(crate) fn kernel_of_path(path: &str) -> Option<String> {
    path.rsplit('/').find_map(|part| {
        let named = NAMED.as_ref().and_then(|regex| regex.captures(part));
        let bare = || IN_PATH.as_ref().and_then(|regex| regex.captures(part));
        let found = named.or_else(bare)?;
        found.get(1).map(|release| tidy(release.as_str()))
    })
}

/// Without the file's ending and what closes a sentence.
fn tidy(release: &str) -> String {
    let mut release = release;
    while let Some(shorter) = [".gz", ".zst", ".log", ".txt", ".md", ".json", ".", "-", "_"]
        .iter()
        .find_map(|ending| release.strip_suffix(ending))
    {
        release = shorter;
    }
    release.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_heading() {
        for (line, kernel) in [
            ("kernel-6.1.144, m6i.8xlarge", Some("6.1.144")),
            ("## Kernel 6.12.46", Some("6.12.46")),
            ("### kernel version: `6.12.55`", Some("6.12.55")),
            ("# 6.1.144", Some("6.1.144")),
            ("**6.1.144**", Some("6.1.144")),
            (
                "uname -r: 6.1.0-54-cloud-amd64",
                Some("6.1.0-54-cloud-amd64"),
            ),
            ("Linux 6.6.87.2-microsoft", Some("6.6.87")),
            ("kube-proxy v1.32.6-eksbuild.12", None),
            ("took 6.1.144 or so, I believe", None),
            (r#"I1129 08:37:39.9 1 a.go:1] "kernel 6.1.144""#, None),
        ] {
            assert_eq!(kernel_of_heading(line).as_deref(), kernel, "{line}");
        }
    }

    #[test]
    fn headings_among_log_lines() {
        let text = "# kernel-6.1.144, m6i.8xlarge\n\
            I1129 08:37:39.9 1 a.go:1] kernel 6.6.1\n\
            2025-11-29T08:37:39.9Z stderr F kernel 6.6.2\n\
            [    1.2] usb usb1: Manufacturer: Linux 6.6.3 ohci_hcd\n\
            Nov 29 10:00:26 host kernel: Manufacturer: Linux 6.6.4 ohci_hcd\n\
            6.12.46\n";
        let found: Vec<(u64, Option<String>)> = headings(text.as_bytes(), &mut Cluster::default())
            .into_iter()
            .map(|heading| (heading.line, heading.kernel))
            .collect();
        assert_eq!(
            found,
            [
                (0, Some("6.1.144".to_owned())),
                (5, Some("6.12.46".to_owned()))
            ]
        );
    }

    #[test]
    fn nodes_and_kernels_are_headings_and_lists_are_none() {
        let text = "---------------\nnode-a\n---------------\nI1129 08:37:39.9 1 a.go:1] x\n\
            Name: node-b\n  Kernel Version:  6.1.144\n==> node-c/x.log <==\n";
        let mut cluster = Cluster::default();
        let found: Vec<(u64, Option<String>)> = headings(text.as_bytes(), &mut cluster)
            .into_iter()
            .map(|heading| (heading.line, heading.node))
            .collect();
        let name = |name: &str| Some(name.to_owned());
        assert_eq!(found, [(2, name("node-a")), (6, name("node-c"))]);
        assert_eq!(
            cluster.kernels.get("node-b").map(String::as_str),
            Some("6.1.144")
        );
    }

    #[test]
    fn paths() {
        for (path, kernel) in [
            ("logs/kernel-6.1.144/kube-proxy.log", Some("6.1.144")),
            ("6.12.46.log.gz", Some("6.12.46")),
            ("nodes/kernel-6.1.144-a/kube-proxy.0.log", Some("6.1.144")),
            (
                "6.1.144-170.251.amzn2023.x86_64.log",
                Some("6.1.144-170.251.amzn2023.x86_64"),
            ),
            (
                "6.12.43+deb12-cloud-amd64.log",
                Some("6.12.43+deb12-cloud-amd64"),
            ),
            (
                "kube-proxy-v1.32.6-5.15.0-91-generic.log",
                Some("5.15.0-91-generic"),
            ),
            ("kube-proxy-1.32.6.log", None),
            ("v1.33.4/kube-proxy.log", None),
            ("node-6-1.log", None),
            ("/var/log/pods/a_b_c/kube-proxy/0.log.20251015-123456", None),
            (
                "linux_6.1.0-54-cloud-amd64.txt",
                Some("6.1.0-54-cloud-amd64"),
            ),
        ] {
            assert_eq!(kernel_of_path(path).as_deref(), kernel, "{path}");
        }
    }
}
