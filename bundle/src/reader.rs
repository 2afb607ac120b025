//! Reading a bundle.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::Error;
use crate::layout::{self, instance_of, node_directory};
use crate::manifest::{Manifest, Node, SCHEMA_MAJOR};
use crate::regular;
use crate::timeline::Timeline;

/// A bundle on disk, its manifest and timeline read.
#[derive(Debug, Clone, PartialEq)]
pub struct Bundle {
    /// The directory.
    pub directory: PathBuf,
    /// `bundle.json`.
    pub manifest: Manifest,
    /// `timeline.csv`; empty if there is none.
    pub timeline: Timeline,
}

/// A raw kube-proxy log in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    /// Index of its node in `manifest.nodes`.
    pub node: usize,
    /// Container instance on that node, from 0.
    pub instance: u32,
    /// The file.
    pub path: PathBuf,
}

/// Just enough of a manifest to tell whether the rest can be read.
#[derive(Deserialize)]
struct Version {
    schema_version: String,
}

impl Bundle {
    /// Opens a bundle: reads the manifest and the timeline, not the logs.
    ///
    /// # Errors
    /// [`Error::MissingManifest`], [`Error::TruncatedManifest`], [`Error::BadManifest`],
    /// [`Error::UnknownMajor`], [`Error::BadTimeline`], [`Error::MissingLog`] if a log of the
    /// manifest is absent, [`Error::Outside`] for a link that leads out of the bundle,
    /// [`Error::NotAFile`], [`Error::TooLarge`], [`Error::Io`].
    pub fn open(directory: &Path) -> Result<Self, Error> {
        let manifest = read_manifest(directory)?;
        let path = directory.join(layout::TIMELINE);
        for file in [layout::TIMELINE, layout::TRANSACTIONS, layout::REPLAYS] {
            regular::inside(directory, &directory.join(file))?;
        }
        let timeline = if path.symlink_metadata().is_ok() {
            Timeline::read(&path)?
        } else {
            Timeline::default()
        };
        let bundle = Self {
            directory: directory.to_path_buf(),
            manifest,
            timeline,
        };
        bundle.check_files()?;
        bundle.check_logs()?;
        Ok(bundle)
    }

    /// The directory of a node's files.
    #[must_use]
    pub fn node_path(&self, node: &Node) -> PathBuf {
        self.directory
            .join(layout::NODES)
            .join(node_directory(&node.name))
    }

    /// A node's optional file (kernel log, metrics) if it is there, plain or compressed.
    #[must_use]
    pub fn node_file(&self, node: &Node, name: &str) -> Option<PathBuf> {
        let plain = self.node_path(node).join(name);
        ["", ".gz", ".zst"]
            .iter()
            .map(|ending| {
                let mut path = plain.clone().into_os_string();
                path.push(ending);
                PathBuf::from(path)
            })
            .find(|path| path.is_file())
    }

    /// The raw kube-proxy logs, by node and instance.
    ///
    /// # Errors
    /// [`Error::Io`] if a node's directory cannot be listed.
    pub fn logs(&self) -> Result<Vec<LogFile>, Error> {
        let mut logs = Vec::new();
        for (index, node) in self.manifest.nodes.iter().enumerate() {
            let directory = self.node_path(node);
            if !directory.is_dir() {
                continue;
            }
            let listing = std::fs::read_dir(&directory)
                .map_err(Error::io(&directory, "listing the node's logs"))?;
            for entry in listing {
                let entry = entry.map_err(Error::io(&directory, "listing the node's logs"))?;
                if let Some(instance) = entry.file_name().to_str().and_then(instance_of) {
                    logs.push(LogFile {
                        node: index,
                        instance,
                        path: entry.path(),
                    });
                }
            }
        }
        logs.sort_by(|a, b| (a.node, a.instance, &a.path).cmp(&(b.node, b.instance, &b.path)));
        Ok(logs)
    }

    /// Folders of nodes, and nodes of captures, that the manifest's list of nodes lacks, in order:
    /// their logs are not read.
    #[must_use]
    pub fn unlisted(&self) -> Vec<String> {
        let nodes = &self.manifest.nodes;
        let captured = self.manifest.capture.iter().map(|capture| &capture.node);
        let mut names: BTreeSet<String> = captured
            .filter(|name| nodes.iter().all(|node| node.name != **name))
            .map(|name| node_directory(name))
            .collect();
        // What cannot be listed has no logs that could be read.
        let folders = std::fs::read_dir(self.directory.join(layout::NODES));
        for entry in folders.into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let listed = nodes.iter().any(|node| node_directory(&node.name) == name);
            if entry.path().is_dir() && !listed {
                names.insert(name);
            }
        }
        names.into_iter().collect()
    }

    /// No file of a node may be a link that leads out of the bundle or nowhere, nor a pipe or a device.
    fn check_files(&self) -> Result<(), Error> {
        for node in &self.manifest.nodes {
            let directory = self.node_path(node);
            regular::inside(&self.directory, &directory)?;
            let Ok(listing) = std::fs::read_dir(&directory) else {
                continue;
            };
            for entry in listing.flatten() {
                let link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
                if link {
                    regular::inside(&self.directory, &entry.path())?;
                }
                // What vanished since it was listed is no fault; what a link promised is missing.
                let refused = match std::fs::metadata(entry.path()) {
                    Ok(known) => !known.is_file() && !known.is_dir(),
                    Err(error) => regular::leads_nowhere(&entry.path(), &error),
                };
                if refused {
                    return Err(Error::NotAFile(entry.path()));
                }
            }
        }
        Ok(())
    }

    /// Every log that the manifest lists must exist, plain or compressed since.
    fn check_logs(&self) -> Result<(), Error> {
        for capture in &self.manifest.capture {
            let node = Node {
                name: capture.node.clone(),
                ..Node::default()
            };
            let name = layout::kube_proxy_log_name(capture.instance);
            if self.node_file(&node, &name).is_none() {
                return Err(Error::MissingLog(self.node_path(&node).join(name)));
            }
        }
        Ok(())
    }
}

pub(crate) fn read_manifest(directory: &Path) -> Result<Manifest, Error> {
    let path = directory.join(layout::MANIFEST);
    let doing = "reading the manifest";
    let bytes = regular::read(&path, regular::LARGEST_MANIFEST, doing)?;
    let bytes = bytes.ok_or_else(|| Error::MissingManifest(directory.to_path_buf()))?;
    let text = String::from_utf8(bytes)
        .map_err(|error| Error::io(&path, doing)(std::io::Error::other(error)))?;
    let fault = |error: serde_json::Error| {
        let (path, line, problem) = (path.clone(), error.line(), error.to_string());
        if error.is_eof() {
            Error::TruncatedManifest {
                path,
                line,
                problem,
            }
        } else {
            Error::BadManifest {
                path,
                line,
                problem,
            }
        }
    };
    // The version first: a newer major may differ in anything else.
    let version: Version = serde_json::from_str(&text).map_err(fault)?;
    let major = version
        .schema_version
        .split('.')
        .next()
        .and_then(|major| major.parse().ok());
    match major {
        Some(SCHEMA_MAJOR) => serde_json::from_str(&text).map_err(fault),
        Some(found) if found > SCHEMA_MAJOR => Err(Error::UnknownMajor {
            path,
            found: version.schema_version,
            supported: SCHEMA_MAJOR,
        }),
        _ => Err(Error::BadManifest {
            path,
            line: 1,
            problem: format!(
                "schema_version {:?} is not a version that ever was; {SCHEMA_MAJOR}.0 is the first",
                version.schema_version
            ),
        }),
    }
}
