//! Each member that is a log is a source of its own, with its path and line numbers.
//!
//! A member counts by its name as a file below a directory does, and in a tree as below
//! `/var/log/pods` only kube-proxy's count.

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{Visit, Walk};
use crate::error::Error;
use crate::metadata::Cluster;
use crate::read::discover;
use crate::read::finder::Finder;
use crate::read::open::{Bytes, Opened};
use crate::read::scan::Scan;
use crate::read::stream::{self, FileScan};
use crate::request::Source;

/// Largest list of nodes or pods.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Reads the logs of an archive.
pub(in crate::read) fn members(
    source: &Source,
    opened: Opened<'_>,
    finder: &Finder,
    modified_ns: Option<i64>,
) -> Result<Vec<(Source, FileScan)>, Error> {
    let mut reader = Reader {
        source,
        finder,
        scans: HashMap::new(),
        cluster: Cluster::default(),
        encrypted: 0,
        first_encrypted: None,
        modified_ns,
    };
    let layers = opened.layers.clone();
    let path = Path::new(&source.display);
    let result = Walk::over(&mut reader, path, &source.place, opened);
    let mut read = reader.chosen();
    if let Some(problem) = reader.locked() {
        read.push((source.clone(), nothing(layers.clone(), Some(problem))));
    }
    if let Err(error) = result {
        if read.is_empty() {
            return Err(Error::io(source, error));
        }
        // What stands before the fault counts, and the fault is told.
        read.push((source.clone(), nothing(layers, Some(error.to_string()))));
    } else if read.is_empty() {
        read.push((source.clone(), nothing(layers, None)));
    }
    Ok(read)
}

/// An archive in which no log was read.
fn nothing(packing: Vec<&'static str>, broken: Option<String>) -> FileScan {
    FileScan {
        scan: Scan::default(),
        packing,
        modified_ns: None,
        broken,
    }
}

struct Reader<'a> {
    source: &'a Source,
    finder: &'a Finder,
    scans: HashMap<PathBuf, FileScan>,
    /// Lists of nodes and pods among the members.
    cluster: Cluster,
    /// Members that cannot be read without a password, and the first of them.
    encrypted: u64,
    first_encrypted: Option<PathBuf>,
    modified_ns: Option<i64>,
}

impl Visit for Reader<'_> {
    fn counts(&self, path: &Path) -> bool {
        discover::is_log(path) || discover::is_list(path) || is_named_so(path)
    }

    fn broken(&mut self, path: &Path, error: &io::Error) {
        let scan = nothing(Vec::new(), Some(error.to_string()));
        self.scans.insert(path.to_path_buf(), scan);
    }

    fn encrypted(&mut self, path: &Path) {
        self.encrypted += 1;
        self.first_encrypted
            .get_or_insert_with(|| path.to_path_buf());
    }

    fn content(
        &mut self,
        path: &Path,
        opened: Opened<'_>,
        modified_s: Option<u64>,
    ) -> io::Result<()> {
        if discover::is_list(path) {
            return self.list(opened.bytes);
        }
        let source = self.named(path, &Cluster::default());
        let modified_ns = modified_s
            .and_then(|s| i64::try_from(s).ok()?.checked_mul(1_000_000_000))
            .or(self.modified_ns);
        let scan = stream::streamed(&source, self.finder, opened, modified_ns).map_err(
            |error| match error {
                Error::Io { source, .. } => source,
                other => io::Error::other(other.to_string()),
            },
        )?;
        self.scans.insert(path.to_path_buf(), scan);
        Ok(())
    }
}

impl Reader<'_> {
    fn list(&mut self, bytes: Bytes<'_>) -> io::Result<()> {
        let mut text = Vec::new();
        bytes.take(LARGEST).read_to_end(&mut text)?;
        // A list that cannot be read tells nothing; the logs beside it are read all the same.
        if let Ok(json) = serde_json::from_slice(&text) {
            self.cluster.learn(&json);
        }
        Ok(())
    }

    /// A member as a source: what is known of the archive, and what the member's path tells.
    fn named(&self, path: &Path, cluster: &Cluster) -> Source {
        let mut member = discover::source(path, cluster);
        let (own, outer) = (member.hints, self.source.hints.clone());
        member.place = self.source.place.clone();
        member.hints = crate::request::Hints {
            listed_kernel: own.listed_kernel.or(outer.listed_kernel),
            node: own.node.or(outer.node),
            near_ns: own.near_ns.or(outer.near_ns),
            stream: own.stream,
            kube_proxy: own.kube_proxy || outer.kube_proxy,
            kernel_log: own.kernel_log,
            ..outer
        };
        member
    }

    /// How many members need a password.
    fn locked(&self) -> Option<String> {
        let first = self.first_encrypted.as_ref()?;
        let first = first.strip_prefix(&self.source.display).unwrap_or(first);
        let first = first.display();
        Some(match self.encrypted {
            1 => format!("1 member is encrypted, {first}: unpack it and give its files"),
            count => format!(
                "{count} members are encrypted, the first {first}: unpack them and give their files"
            ),
        })
    }

    /// The members that count, in order. Where some speak of kube-proxy or the kernel, those
    /// that do not are left out.
    fn chosen(&mut self) -> Vec<(Source, FileScan)> {
        let mut paths: Vec<PathBuf> = self.scans.keys().cloned().collect();
        discover::chosen(&mut paths, &self.cluster);
        let tells = |scan: &FileScan| {
            !scan.scan.found.is_empty() || scan.scan.speaks || !scan.scan.faults.is_empty()
        };
        let some = paths.iter().any(|path| tells(&self.scans[path]));
        let mut read = Vec::new();
        for path in paths {
            let Some(mut scan) = self.scans.remove(&path) else {
                continue;
            };
            if tells(&scan) || scan.broken.is_some() || !some {
                if read.is_empty() {
                    scan.scan.cluster.append(self.cluster.clone());
                }
                read.push((self.named(&path, &self.cluster), scan));
            }
        }
        read
    }
}

/// A name without an ending, or kube-proxy's own: a log all the same.
fn is_named_so(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| !name.contains('.') || name.contains("kube-proxy"))
}
