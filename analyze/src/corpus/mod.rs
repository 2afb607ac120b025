//! From paths to bundles and logs, and to studies: which of them may be compared.

mod open;
mod reports;
mod studies;

use bundle::Bundle;
use kube_proxy_logs::{Input, Source};

pub use open::open;
pub use studies::{Studies, StudySeed};

/// Everything that was given, opened but not read.
#[derive(Debug, Default)]
pub struct Corpus {
    /// Bundles, in the order of their paths.
    pub bundles: Vec<OpenBundle>,
    /// Bundles of replays, which hold no logs.
    pub replays: Vec<OpenBundle>,
    /// Logs, those of bundles first.
    pub sources: Vec<Source>,
    /// For each source the bundle that it is from: a place in `bundles`.
    pub owners: Vec<Option<usize>>,
    /// Directories of the bundles, links resolved: none is opened twice.
    pub(crate) opened: std::collections::BTreeSet<std::path::PathBuf>,
}

/// A bundle and its name in reports.
#[derive(Debug)]
pub struct OpenBundle {
    /// Its directory's name, made unique.
    pub id: String,
    /// Its path as given, with `/`.
    pub path: String,
    /// The bundle.
    pub bundle: Bundle,
}

impl Corpus {
    /// The bundle that an input is from: a place in `bundles`.
    #[must_use]
    pub fn owner(&self, input: &Input) -> Option<usize> {
        let place = self
            .sources
            .iter()
            .position(|source| source.display == input.path)?;
        self.owners.get(place).copied().flatten()
    }

    /// The node of a bundle that an input is from.
    #[must_use]
    pub fn node(&self, owner: Option<usize>, name: Option<&str>) -> Option<&bundle::Node> {
        let manifest = &self.bundles.get(owner?)?.bundle.manifest;
        manifest
            .nodes
            .iter()
            .find(|node| Some(node.name.as_str()) == name)
    }
}
