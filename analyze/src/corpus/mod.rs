//! From paths to bundles and logs, and to studies: which of them may be compared.

mod bundles;
mod conditions;
mod open;
mod remote;
mod reports;
mod seed;
mod sets;
mod studies;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use bundle::Bundle;
use kube_proxy_logs::{Gathered, Input, Place, Source};
use tempfile::TempDir;

pub use open::open;
pub use seed::StudySeed;
pub use sets::{Ingested, root_of};
pub use studies::{AGAIN, ByNode, Studies};

/// Everything that was given, opened but not read.
#[derive(Debug, Default)]
pub struct Corpus {
    /// Bundles, in the order of their paths.
    pub bundles: Vec<OpenBundle>,
    /// Bundles of replays, which hold no logs.
    pub replays: Vec<OpenBundle>,
    /// Logs, those of bundles first.
    pub sources: Vec<Source>,
    /// Profiles that lie beside logs.
    pub profiles: Vec<ProfileFile>,
    /// For each source the bundle that it is from: a place in `bundles`.
    pub owners: Vec<Option<usize>>,
    /// Logs that were read before.
    pub ingested: Vec<Ingested>,
    /// Directories of the bundles, links resolved: none is opened twice.
    pub(crate) opened: BTreeSet<PathBuf>,
    /// What bundles from elsewhere have beside their logs, as long as it is needed.
    unpacked: Vec<TempDir>,
    /// Names that bundles have.
    pub(crate) names: HashSet<String>,
}

/// A profile beside a log: a file whose name begins with `profile.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProfileFile {
    /// Where it lies.
    pub path: PathBuf,
    /// Its path as logs' paths are shown.
    pub display: String,
}

/// A bundle and its name in reports.
#[derive(Debug)]
pub struct OpenBundle {
    /// Its directory's name, made unique.
    pub id: String,
    /// Its path as given, with `/`.
    pub path: String,
    /// Its directory's name.
    pub name: String,
    /// The bundle.
    pub bundle: Bundle,
    /// Places of its nodes in the manifest, by name.
    nodes: HashMap<String, usize>,
}

impl Corpus {
    /// For each input the bundle that it is from: a place in `bundles`.
    #[must_use]
    pub fn owners_of(&self, inputs: &[Input]) -> Vec<Option<usize>> {
        let sources = self.sources.iter().zip(&self.owners);
        let sources = sources.map(|(source, owner)| (source.display.as_str(), *owner));
        let before = self.ingested.iter();
        let before = before.flat_map(|one| one.logs.iter().map(|log| (log.as_str(), one.bundle)));
        // Of two of one name the first counts.
        let by_path: HashMap<&str, Option<usize>> = before.rev().chain(sources.rev()).collect();
        let owner = |input: &Input| by_path.get(input.path.as_str()).copied().flatten();
        inputs.iter().map(owner).collect()
    }

    /// Paths of all logs.
    pub fn logs(&self) -> impl Iterator<Item = &str> {
        let now = self.sources.iter().map(|source| source.display.as_str());
        let before = self.ingested.iter().flat_map(|one| &one.logs);
        now.chain(before.map(String::as_str))
    }

    /// Whether the run of a path is there, from a data set.
    pub(crate) fn has_ingested(&self, path: &str) -> bool {
        self.ingested.iter().any(|one| one.path() == path)
    }

    /// Lines that were kept of logs which were read before, by path and number.
    #[must_use]
    pub fn kept_lines(&self) -> HashMap<&str, &BTreeMap<u64, String>> {
        let all = self.ingested.iter().flat_map(|one| one.lines());
        all.map(|(path, lines)| (path.as_str(), lines)).collect()
    }

    /// Logs that lie in an object store, by path.
    #[must_use]
    pub fn objects(&self) -> HashMap<&str, &Source> {
        let is_object = |source: &&Source| matches!(source.place, Place::Object(_));
        let all = self.sources.iter().filter(is_object);
        all.map(|source| (source.display.as_str(), source))
            .collect()
    }

    /// What was read of the sources, and what was read before, as if all were read at once.
    /// `given`: the paths that the corpus was opened for.
    #[must_use]
    pub fn joined(&mut self, given: &[PathBuf], now: Gathered) -> Gathered {
        match self.ingested.is_empty() {
            true => now,
            false => sets::joined(self, given, now),
        }
    }

    /// The node of a bundle that an input is from.
    #[must_use]
    pub fn node(&self, owner: Option<usize>, name: Option<&str>) -> Option<&bundle::Node> {
        let open = self.bundles.get(owner?)?;
        open.bundle.manifest.nodes.get(*open.nodes.get(name?)?)
    }
}

impl OpenBundle {
    /// The path of one of its files as reports show it, wherever it lies.
    #[must_use]
    pub fn shown(&self, file: &Path) -> String {
        let inside = file.strip_prefix(&self.bundle.directory).unwrap_or(file);
        format!(
            "{}/{}",
            self.path,
            inside.to_string_lossy().replace('\\', "/")
        )
    }

    /// A bundle under a name.
    #[must_use]
    pub fn new(id: String, (path, name): (String, String), bundle: Bundle) -> Self {
        let nodes = bundle.manifest.nodes.iter().enumerate();
        let nodes = nodes.rev().map(|(at, node)| (node.name.clone(), at));
        Self {
            id,
            path,
            name,
            nodes: nodes.collect(),
            bundle,
        }
    }
}
