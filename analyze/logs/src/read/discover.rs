//! Directory trees: which files are logs, what their paths tell, which are rotations of one.

use std::collections::HashSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use rayon::prelude::*;
use walkdir::WalkDir;

use super::regular;
use super::stream::HEAD;
use crate::error::Error;
use crate::metadata::Cluster;
use crate::request::{Hints, Source};

/// The logs at a path: the file itself, or those below a directory, in order.
///
/// Below a directory, files count by their names: `*.log`, `*.txt`, `*.json`, `*.jsonl`,
/// `*.out`, `*.md`, journal exports, rotations (`0.log.20251015-123456`, `x-json.log.1`), each
/// also with `.gz`, `.zst`, `.xz` or `.bz2`; tables and pages (`*.csv`, `*.html`, `*.yaml` ...) that
/// hold lines of kube-proxy's; archives, by their members. In a tree as below `/var/log/pods` only kube-proxy's pods count.
///
/// # Errors
/// [`Error::Walk`] if the path is not there or a directory cannot be listed.
pub fn discover(path: &Path) -> Result<Vec<Source>, Error> {
    if path.is_dir() {
        tree(path)
    } else {
        Ok(vec![source(path, &Cluster::default())])
    }
}

/// The logs among paths that a store lists, by their names alone, in order: as below a directory,
/// but for tables, pages and lists of nodes, which would have to be looked into.
#[must_use]
pub fn of_list(paths: Vec<PathBuf>) -> Vec<Source> {
    let mut files = paths;
    files.retain(|path| is_log(path));
    let cluster = Cluster::default();
    chosen(&mut files, &cluster);
    files.iter().map(|file| source(file, &cluster)).collect()
}

fn tree(root: &Path) -> Result<Vec<Source>, Error> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut cluster = Cluster::default();
    for entry in WalkDir::new(root).sort_by_file_name() {
        let entry = entry.map_err(|error| Error::Walk {
            path: root.to_path_buf(),
            problem: error.to_string(),
        })?;
        if !entry.file_type().is_file() {
            continue;
        }
        if is_list(entry.path()) {
            learn(&mut cluster, entry.path());
        } else if is_log(entry.path()) || is_export(entry.path()) && speaks(entry.path()) {
            files.push(entry.into_path());
        }
    }
    chosen(&mut files, &cluster);
    Ok(files
        .par_iter()
        .map(|file| source(file, &cluster))
        .collect())
}

/// Of a tree's logs those that are kube-proxy's, if it tells; in order, without twins.
pub(super) fn chosen(files: &mut Vec<PathBuf>, cluster: &Cluster) {
    let packed = |file: &&PathBuf| PACKED.iter().any(|ending| name(file).ends_with(ending));
    let all: HashSet<PathBuf> = files.iter().filter(packed).cloned().collect();
    files.retain(|file| !is_twin(file, &all));
    // A dump of the cluster holds lists and every pod's log.
    if !cluster.kernels.is_empty() && files.iter().any(|file| dumped_pod(file).is_some()) {
        files.retain(|file| dumped_pod(file).is_some());
    }
    if files.iter().any(|file| is_kube_proxy_pod(file))
        && files.iter().all(|file| pod_of(file).is_some())
    {
        files.retain(|file| is_kube_proxy_pod(file));
    }
    files.sort_by_cached_key(|file| rotation_key(file));
}

/// Whether it is a list of nodes or pods as `kubectl get -o json` prints it.
pub(super) fn is_list(path: &Path) -> bool {
    matches!(name(path), "nodes.json" | "pods.json")
}

/// A list that cannot be read tells nothing; the logs beside it are read all the same.
fn learn(cluster: &mut Cluster, path: &Path) {
    let json = regular::whole(path, regular::LARGEST_LIST)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok());
    if let Some(json) = json {
        cluster.learn(&json);
    }
}

/// A tree's log, with what its path and the lists beside it tell.
pub(super) fn source(path: &Path, cluster: &Cluster) -> Source {
    let pod = pod_of(path).map_or_else(|| dumped_pod(path), pod_in_folder);
    let node = pod
        .and_then(|pod| cluster.node_of_pod(pod))
        .or_else(|| cluster.node_in_path(&path.to_string_lossy()));
    let listed = node.as_ref().and_then(|node| cluster.kernels.get(node));
    let hints = Hints {
        kube_proxy: is_kube_proxy_pod(path),
        stream: is_log_or_rotation(path).then(|| stream_of(path)),
        kernel_log: is_kernel_log(path),
        listed_kernel: listed.cloned().or_else(|| cluster.only_kernel()),
        node,
        near_ns: rotated_at(path),
        ..Hints::default()
    };
    Source::file(path).with(hints)
}

/// When the kubelet rotated a log, as its name tells: `0.log.20251015-123456`, in the node's
/// local time.
fn rotated_at(path: &Path) -> Option<i64> {
    let (_, time) = bare(name(path)).split_once(".log.")?;
    let time = NaiveDateTime::parse_from_str(time, "%Y%m%d-%H%M%S").ok()?;
    time.and_utc().timestamp_nanos_opt()
}

fn is_log_or_rotation(path: &Path) -> bool {
    let bare = bare(name(path));
    bare.ends_with(".log") || is_rotation(bare)
}

/// `kube-proxy-x` of `<ns>/kube-proxy-x/logs.txt`, as `kubectl cluster-info dump` lays it out.
fn dumped_pod(path: &Path) -> Option<&str> {
    let pod = name(path.parent()?);
    (name(path) == "logs.txt" && pod.starts_with("kube-proxy")).then_some(pod)
}

/// `kube-proxy-x` of `kube-system_kube-proxy-x_0a1b`.
fn pod_in_folder(folder: &str) -> Option<&str> {
    folder.split('_').nth(1)
}

/// `dmesg`, `kernel.log`, `kern.log`: a kernel log by its name.
fn is_kernel_log(path: &Path) -> bool {
    let name = name(path).to_ascii_lowercase();
    ["dmesg", "kernel.log", "kern.log", "console.log"]
        .iter()
        .any(|start| name.starts_with(start))
}

fn name(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
}

/// The name without what compression appended.
fn bare(name: &str) -> &str {
    PACKED
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(name)
}

/// What compression appends to a name.
const PACKED: [&str; 4] = [".gz", ".zst", ".xz", ".bz2"];

/// `x.tar.gz`, `x.tgz`: an archive by its name.
pub(super) fn is_archive(path: &Path) -> bool {
    let bare = bare(name(path));
    [".tar", ".tgz", ".txz", ".tbz2", ".zip"]
        .iter()
        .any(|ending| bare.ends_with(ending))
}

pub(super) fn is_log(path: &Path) -> bool {
    let name = name(path);
    if name.starts_with('.')
        || name.ends_with(".tmp")
        || name == "bundle.json"
        || name == "nodes.json"
    {
        return false;
    }
    let bare = bare(name);
    let ending = [
        ".log",
        ".txt",
        ".json",
        ".jsonl",
        ".ndjson",
        ".out",
        ".md",
        ".export",
        ".journal.txt",
    ]
    .iter()
    .any(|ending| bare.ends_with(ending));
    ending || is_archive(path) || is_rotation(bare) || bare.starts_with("dmesg")
}

/// What consoles and databases export logs as, and much else.
fn is_export(path: &Path) -> bool {
    let bare = bare(name(path));
    [
        ".csv", ".tsv", ".html", ".htm", ".xml", ".yaml", ".yml", ".eml",
    ]
    .iter()
    .any(|ending| bare.ends_with(ending))
}

/// Whether a line of kube-proxy's syncs stands at the beginning of a file.
fn speaks(path: &Path) -> bool {
    let read = regular::open(path).and_then(|file| {
        let mut head = Vec::new();
        file.take(HEAD).read_to_end(&mut head).map(|_| head)
    });
    // A table can name the source files of lines that somebody typed off: their words stand in logs.
    const WORDS: [&str; 4] = [
        "SyncProxyRules",
        "Syncing ",
        "Sync failed",
        "Reloading service",
    ];
    let holds = |head: &[u8], words: &str| memchr::memmem::find(head, words.as_bytes()).is_some();
    let packed = PACKED.iter().any(|ending| name(path).ends_with(ending));
    packed
        || read.is_ok_and(|head| {
            holds(&head, "proxier.go") && WORDS.iter().any(|words| holds(&head, words))
        })
}

/// `0.log.20251015-123456`, `kube-proxy-json.log.1`.
fn is_rotation(name: &str) -> bool {
    name.split_once(".log.").is_some_and(|(_, rest)| {
        !rest.is_empty()
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-')
    })
}

/// Of `x` and `x.gz` the plain one is what a failed compression left behind.
fn is_twin(path: &Path, all: &HashSet<PathBuf>) -> bool {
    is_rotation(name(path))
        && PACKED.iter().any(|ending| {
            let mut packed = path.as_os_str().to_owned();
            packed.push(ending);
            let packed = PathBuf::from(packed);
            all.contains(&packed)
        })
}

/// `<ns>_<pod>_<uid>` of `.../<ns>_<pod>_<uid>/<container>/N.log`.
fn pod_of(path: &Path) -> Option<&str> {
    let pod = path.parent()?.parent()?.file_name()?.to_str()?;
    let number = bare(name(path)).split('.').next()?;
    (pod.matches('_').count() == 2 && number.bytes().all(|byte| byte.is_ascii_digit()))
        .then_some(pod)
}

fn is_kube_proxy_pod(path: &Path) -> bool {
    let container = path.parent().map(name).unwrap_or_default();
    pod_of(path).is_some() && container == "kube-proxy"
}

/// Rotations of one log are one stream: the same folder and what stands before `.log`.
fn stream_of(path: &Path) -> String {
    let bare = bare(name(path));
    let stem = bare.split_once(".log").map_or(bare, |(stem, _)| stem);
    let folder = path.parent().unwrap_or(Path::new(""));
    format!("{}/{stem}", folder.display())
}

/// Folder, instance number, then rotations by name and the live file last.
fn rotation_key(path: &Path) -> (PathBuf, String, u64, bool, String) {
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let bare = bare(name(path));
    if let Some((stem, rest)) = bare.split_once(".log.").filter(|_| is_rotation(bare)) {
        let instance = stem.parse().unwrap_or(0);
        let stem_key = if stem.parse::<u64>().is_ok() {
            String::new()
        } else {
            stem.to_owned()
        };
        // docker numbers rotations backwards: .2 is older than .1.
        let order = match rest.parse::<u64>() {
            Ok(number) if rest.len() < 6 => format!("{:020}", u64::MAX - number),
            _ => rest.to_owned(),
        };
        return (folder, stem_key, instance, false, order);
    }
    let stem = bare.strip_suffix(".log").unwrap_or(bare);
    let instance = stem.parse().unwrap_or(0);
    let stem_key = if stem.parse::<u64>().is_ok() {
        String::new()
    } else {
        stem.to_owned()
    };
    (folder, stem_key, instance, true, String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_tree_in_order_without_twins() {
        let root = tempfile::tempdir().unwrap();
        let pod = root.path().join("kube-system_kube-proxy-x_0a/kube-proxy");
        let other = root.path().join("kube-system_coredns-y_0b/coredns");
        std::fs::create_dir_all(&pod).unwrap();
        std::fs::create_dir_all(&other).unwrap();
        for name in [
            "1.log",
            "0.log",
            "0.log.20251015-123456.gz",
            "0.log.20251015-123456",
            "0.log.20251016-000000",
            "0.log.20251014-000000.gz",
            "0.log.20251017-000000.tmp",
        ] {
            std::fs::write(pod.join(name), "x").unwrap();
        }
        std::fs::write(other.join("0.log"), "x").unwrap();
        let found: Vec<String> = discover(root.path())
            .unwrap()
            .iter()
            .map(|source| source.display.rsplit('/').next().unwrap().to_owned())
            .collect();
        assert_eq!(
            found,
            [
                "0.log.20251014-000000.gz",
                "0.log.20251015-123456.gz",
                "0.log.20251016-000000",
                "0.log",
                "1.log",
            ]
        );
    }
}
