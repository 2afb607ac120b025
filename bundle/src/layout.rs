//! Names on disk. Node names come from a cluster and are treated as hostile.

use std::fmt::Write as _;
use std::path::Path;

/// The manifest's file name.
pub const MANIFEST: &str = "bundle.json";
/// The timeline's file name.
pub const TIMELINE: &str = "timeline.csv";
/// The file name of the table of transactions that were replayed.
pub const TRANSACTIONS: &str = "transactions.csv";
/// The file name of the table of measurements of a replay.
pub const REPLAYS: &str = "replays.csv";
/// The file name of the table of a replay's own builds of nf_tables.
pub const BUILDS: &str = "builds.csv";
/// The directory of the edits that those were built with, as they were given.
pub const EDITS: &str = "edits";
/// The file name of the table of a replay's profiles.
pub const PROFILES: &str = "profiles.csv";
/// The directory of their stacks.
pub const PROFILE_DIRECTORY: &str = "profiles";
/// A node's profile by the lab: folded stacks, one sample a line with its time in front.
pub(crate) const NODE_PROFILE: &str = "profile.folded.gz";
/// The directory of a node's transactions that were kept.
pub const KEPT_DIRECTORY: &str = "transactions";
/// The table of those.
pub const KEPT_INDEX: &str = "index.csv";
/// The kube-proxy ConfigMap's file name.
pub const KUBE_PROXY_CONFIG: &str = "kube-proxy-config.yaml";
/// The directory that holds one directory a node.
pub const NODES: &str = "nodes";
/// A node's object as the API server had it when the run began.
pub const NODE_OBJECT: &str = "node.yaml";
/// A node's kernel log.
pub const KERNEL_LOG: &str = "kernel.log";
/// A node's kube-proxy metrics before the load.
pub const METRICS_BEFORE: &str = "metrics.before.prom";
/// A node's kube-proxy metrics after the load.
pub const METRICS_AFTER: &str = "metrics.after.prom";

/// Permissions of a bundle's files: logs name addresses and Services, for their owner to hand on.
pub const FILE_MODE: u32 = 0o600;
/// Permissions of its directories.
pub const DIRECTORY_MODE: u32 = 0o700;

/// Longest directory name made from a node name, in bytes; file systems stop at 255.
const LONGEST: usize = 253;

/// Whether `directory` is a bundle: it holds a manifest. A pipe, a device or a link of that name that
/// leads nowhere is one that cannot be read, and no reason to take the bundle for a directory of
/// logs.
#[must_use]
pub fn is_bundle(directory: &Path) -> bool {
    let manifest = directory.join(MANIFEST);
    match std::fs::metadata(&manifest) {
        Ok(known) => !known.is_dir(),
        Err(_) => std::fs::symlink_metadata(&manifest).is_ok(),
    }
}

/// The file name of the log of a node's `instance`-th kube-proxy container in the run, from 0.
///
/// Instances count across restarts and across pods of one node, so a replaced pod never
/// writes over its predecessor's log.
#[must_use]
pub fn kube_proxy_log_name(instance: u32) -> String {
    format!("kube-proxy.{instance}.log")
}

/// The instance number in a log's file name, compressed or not.
pub(crate) fn instance_of(file_name: &str) -> Option<u32> {
    let rest = file_name.strip_prefix("kube-proxy.")?;
    let number = rest
        .strip_suffix(".log")
        .or_else(|| rest.strip_suffix(".log.gz"))
        .or_else(|| rest.strip_suffix(".log.zst"))?;
    number.parse().ok()
}

/// A directory name for a node: the name itself where it is a DNS name, else with every other
/// byte as `%XX`, so that no name leaves `nodes/` or collides with another.
///
/// Names that would be longer than 253 bytes are cut and end in a hash of the whole name.
#[must_use]
pub fn node_directory(node: &str) -> String {
    let mut name = String::with_capacity(node.len());
    for (at, byte) in node.bytes().enumerate() {
        let plain =
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || (byte == b'.' && at > 0);
        if plain {
            name.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            write!(name, "%{byte:02X}").unwrap_or_default();
        }
    }
    if name.is_empty() {
        // An empty name would be `nodes/` itself; `%` alone is never an encoding.
        name.push('%');
    }
    if name.len() > LONGEST {
        name.truncate(LONGEST - 17);
        write!(name, "%{:016x}", fnv1a(node.as_bytes())).unwrap_or_default();
    }
    name
}

/// FNV-1a, 64 bits: stable across versions of this program, which the standard hasher is not.
/// Source: <http://www.isthe.com/chongo/tech/comp/fnv/>.
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_stay_inside_nodes() {
        for (node, directory) in [
            ("ip-10-0-1-17.ec2.internal", "ip-10-0-1-17.ec2.internal"),
            ("..", "%2E."),
            (".", "%2E"),
            ("", "%"),
            ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"),
            ("a%2Fb", "a%252Fb"),
            ("<script>", "%3Cscript%3E"),
            ("knoten-ä", "knoten-%C3%A4"),
            ("a\0b", "a%00b"),
        ] {
            assert_eq!(node_directory(node), directory, "{node:?}");
        }
    }

    /// 253 bytes are taken as they are; of 254 the first 236 stay, for people to know the node by.
    #[test]
    fn a_name_too_long_for_a_directory_keeps_its_beginning() {
        let longest = "n".repeat(LONGEST);
        assert_eq!(node_directory(&longest), longest);
        let cut = node_directory(&(longest.clone() + "n"));
        assert_eq!(cut.len(), LONGEST);
        let (name, hash) = cut.split_once('%').unwrap();
        assert_eq!((name, hash.len()), (&longest[..236], 16));
    }

    #[test]
    fn instances_are_read_back() {
        for (name, instance) in [
            ("kube-proxy.0.log", Some(0)),
            ("kube-proxy.12.log.gz", Some(12)),
            ("kube-proxy.3.log.zst", Some(3)),
            ("kube-proxy.log", None),
            ("kube-proxy.x.log", None),
            ("kernel.log", None),
        ] {
            assert_eq!(instance_of(name), instance, "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_name_is_one_safe_component(node in "\\PC{0,400}") {
            let directory = node_directory(&node);
            prop_assert!(!directory.is_empty() && directory.len() <= LONGEST);
            prop_assert!(directory != "." && directory != "..");
            prop_assert!(directory.bytes().all(|b| b.is_ascii_graphic() && b != b'/' && b != b'\\'));
        }

        #[test]
        fn different_names_get_different_directories(a in "\\PC{0,300}", b in "\\PC{0,300}") {
            prop_assert_eq!(a == b, node_directory(&a) == node_directory(&b));
        }
    }
}
