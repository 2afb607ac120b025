//! What makes a group of nodes.

use std::collections::HashMap;

use bundle::{Bundle, Node};
use kube_proxy_logs::{Gathered, Input, LogState, Syncs};

use crate::dataset::{DataSet, Kind, Run, unpack};
use crate::error::Error;

/// A property of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Kernel release.
    Kernel,
    /// kube-proxy's version.
    KubeProxy,
    /// Instance type.
    Instance,
    /// OS image.
    Os,
    /// Zone.
    Zone,
    /// Run.
    Run,
}

impl By {
    /// All of them, in the order of the help.
    pub const ALL: &'static [Self] = &[
        Self::Kernel,
        Self::KubeProxy,
        Self::Instance,
        Self::Os,
        Self::Zone,
        Self::Run,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kernel => "kernel",
            Self::KubeProxy => "kube-proxy",
            Self::Instance => "instance",
            Self::Os => "os",
            Self::Zone => "zone",
            Self::Run => "run",
        }
    }
}

/// What a run tells of its nodes, beside each node's own logs.
pub(super) struct Facts {
    run: String,
    nodes: HashMap<String, Node>,
    /// Lists of nodes and pods that stand in logs, wherever in the run.
    lists: Vec<LogState>,
}

impl Facts {
    /// Those of a run.
    ///
    /// # Errors
    /// As [`DataSet::lists`] and [`DataSet::files`]; those of reading the manifest.
    pub(super) fn of(set: &DataSet, run: &Run) -> Result<Self, Error> {
        let mut facts = Self {
            run: run.name.clone(),
            nodes: HashMap::new(),
            lists: Vec::new(),
        };
        if run.kind == Kind::Logs {
            let state = |(source, json)| LogState { source, json };
            facts.lists = set.lists(run)?.into_iter().map(state).collect();
        }
        if run.files && run.kind == Kind::Bundle {
            let packed = set.files(run)?;
            let wrong = |error: std::io::Error| set.wrong(&run.files_key(), &error.to_string());
            let files = unpack(&packed).map_err(wrong)?;
            let nodes = Bundle::open(files.path())?.manifest.nodes;
            let named = nodes.into_iter().map(|node| (node.name.clone(), node));
            facts.nodes = named.collect();
        }
        Ok(facts)
    }

    /// Names of the nodes.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &str> {
        self.nodes.keys().map(String::as_str)
    }

    /// What was read of a part, and what the run lists, as if it were read at once.
    ///
    /// # Errors
    /// [`Error::Logs`] for a list of another layout.
    pub(super) fn joined(&self, part: Gathered) -> Result<Gathered, Error> {
        if self.lists.is_empty() {
            return Ok(part);
        }
        let lists = Gathered::of(&[], &self.lists, Syncs::default(), Vec::new())?;
        Ok(Gathered::joined(vec![part, lists]))
    }

    /// A property of the node that a log is of.
    pub(super) fn value(&self, log: &Input, by: By) -> Option<String> {
        let node = log.node.as_ref().and_then(|name| self.nodes.get(name));
        match by {
            By::Kernel => log.kernel.as_ref().map(|(kernel, _)| kernel.clone()),
            By::KubeProxy => log.version.clone(),
            By::Instance => node?.instance_type.clone(),
            By::Os => node?.os_image.clone(),
            By::Zone => node?.zone.clone(),
            By::Run => Some(self.run.clone()),
        }
    }
}
