//! Archives: each member that is a log is a source of its own, with its path and line numbers.
//!
//! A member counts by its name as a file below a directory does, and in a tree as below
//! `/var/log/pods` only kube-proxy's count.

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use tar::EntryType;

use super::discover;
use super::finder::Finder;
use super::open::{self, Bytes, Opened, Packing};
use super::scan::Scan;
use super::stream::{self, FileScan};
use crate::error::Error;
use crate::metadata::Cluster;
use crate::request::Source;

/// Archives inside archives that are opened.
const DEEPEST: usize = 3;
/// Members that are looked at.
const MOST: usize = 200_000;
/// Longest name that is kept, and longest record that may hold one.
const LONGEST_NAME: u64 = 64 * 1024;
/// Largest list of nodes or pods.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Reads the logs of an archive.
pub(super) fn members(
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
        seen: 0,
        depth: 0,
        modified_ns,
    };
    let layers = opened.layers.clone();
    let result = reader.archive(Path::new(&source.display), opened);
    let mut read = reader.chosen();
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
    seen: usize,
    depth: usize,
    modified_ns: Option<i64>,
}

impl Reader<'_> {
    fn archive(&mut self, path: &Path, opened: Opened<'_>) -> io::Result<()> {
        self.depth += 1;
        let result = if self.depth > DEEPEST {
            Err(io::Error::other("archives inside archives, too deep"))
        } else {
            self.tar(path, opened)
        };
        self.depth -= 1;
        result
    }

    /// Names are put together here and not by the crate, which keeps records of any length.
    fn tar(&mut self, path: &Path, opened: Opened<'_>) -> io::Result<()> {
        let (raw, layers) = (opened.raw, opened.layers);
        let mut archive = tar::Archive::new(opened.bytes);
        let mut long_name: Option<PathBuf> = None;
        for entry in archive.entries()?.raw(true) {
            let mut entry = entry?;
            match entry.header().entry_type() {
                EntryType::GNULongName => long_name = Some(name(&mut entry)?),
                EntryType::XHeader => long_name = pax_name(&mut entry)?.or(long_name),
                EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                    let name = match long_name.take() {
                        Some(name) => name,
                        None => entry.path()?.into_owned(),
                    };
                    let modified = entry.header().mtime().ok();
                    self.member(&path.join(inner(&name)), |this, path| {
                        let opened = open::unpack(Box::new(&mut entry), &raw, layers.clone())?;
                        this.content(path, opened, modified)
                    })?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads a member, if it counts. What is wrong with one ends the archive only where the
    /// archive itself cannot be read on.
    fn member(
        &mut self,
        path: &Path,
        read: impl FnOnce(&mut Self, &Path) -> io::Result<()>,
    ) -> io::Result<()> {
        self.seen += 1;
        if self.seen > MOST {
            return Err(io::Error::other(format!("more than {MOST} members")));
        }
        if !discover::is_log(path) && !discover::is_list(path) && !is_named_so(path) {
            return Ok(());
        }
        if let Err(error) = read(self, path) {
            let scan = nothing(Vec::new(), Some(error.to_string()));
            self.scans.insert(path.to_path_buf(), scan);
        }
        Ok(())
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
        if opened.holds == Packing::Tar {
            return self.archive(path, opened);
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

/// A member's path below the archive's: no root, no `.` and no `..`.
fn inner(path: &Path) -> PathBuf {
    path.components()
        .filter(|part| matches!(part, std::path::Component::Normal(_)))
        .collect()
}

fn record(entry: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    entry.take(LONGEST_NAME).read_to_end(&mut text)?;
    Ok(text)
}

/// A GNU record that holds the next member's name.
fn name(entry: &mut impl Read) -> io::Result<PathBuf> {
    let text = record(entry)?;
    let end = memchr::memchr(0, &text).unwrap_or(text.len());
    Ok(String::from_utf8_lossy(&text[..end]).into_owned().into())
}

/// The next member's name, if a POSIX record holds it.
fn pax_name(entry: &mut impl Read) -> io::Result<Option<PathBuf>> {
    let text = record(entry)?;
    let mut extensions = tar::PaxExtensions::new(&text).filter_map(Result::ok);
    let path = extensions.find(|extension| extension.key_bytes() == b"path");
    Ok(path.map(|path| {
        String::from_utf8_lossy(path.value_bytes())
            .into_owned()
            .into()
    }))
}
