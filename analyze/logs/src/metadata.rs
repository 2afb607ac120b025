//! What Kubernetes' own lists tell: kernel releases by node, nodes by pod.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::Error;
use crate::read::regular;

/// Kernel release by node name, from a list of nodes or a single node.
///
/// # Errors
/// [`Error::Metadata`] with the line if the file is no such JSON, or holds no node.
pub fn kernels_of_nodes(path: &Path) -> Result<BTreeMap<String, String>, Error> {
    let fault = |line, problem: String| Error::Metadata {
        path: path.to_path_buf(),
        line,
        problem,
    };
    let text =
        regular::whole(path, regular::LARGEST_LIST).map_err(|error| fault(0, error.to_string()))?;
    let json: Json =
        serde_json::from_slice(&text).map_err(|error| fault(error.line(), error.to_string()))?;
    let mut cluster = Cluster::default();
    cluster.learn(&json);
    if cluster.kernels.is_empty() {
        let problem =
            "no node with status.nodeInfo.kernelVersion; make it with `kubectl get nodes -o json`";
        return Err(fault(1, problem.to_owned()));
    }
    Ok(cluster.kernels)
}

/// Nodes and pods, as `nodes.json` and `pods.json` of a dump list them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cluster {
    /// Kernel release by node.
    pub(crate) kernels: BTreeMap<String, String>,
    /// Node by pod.
    pub(crate) pods: BTreeMap<String, String>,
}

impl Cluster {
    /// Takes in a list of nodes or pods, or a single one; gives whether it is one.
    pub(crate) fn learn(&mut self, json: &Json) -> bool {
        let single = std::slice::from_ref(json);
        let items = match json.get("items") {
            // Go prints an empty list as null.
            Some(items) => items.as_array().map_or(&[][..], Vec::as_slice),
            None => single,
        };
        let text = |item: &Json, pointer: &str| item.pointer(pointer)?.as_str().map(str::to_owned);
        for item in items {
            let Some(name) = text(item, "/metadata/name") else {
                continue;
            };
            if let Some(kernel) = text(item, "/status/nodeInfo/kernelVersion") {
                self.kernels.insert(name, kernel);
            } else if let Some(node) = text(item, "/spec/nodeName") {
                self.pods.insert(name, node);
            }
        }
        json.get("kind").is_some() && (json.get("items").is_some() || json.get("spec").is_some())
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.kernels.append(&mut other.kernels);
        self.pods.append(&mut other.pods);
    }

    /// The node of a pod: as listed, or as a static pod's name ends.
    pub(crate) fn node_of_pod(&self, pod: &str) -> Option<String> {
        let listed = || self.pods.get(pod).cloned();
        let named = || {
            let node = pod.strip_prefix("kube-proxy-")?;
            self.kernels.contains_key(node).then(|| node.to_owned())
        };
        listed().or_else(named)
    }

    /// The node whose name stands in a path, if there is just one such.
    pub(crate) fn node_in_path(&self, path: &str) -> Option<String> {
        let bytes = path.as_bytes();
        let part_of_name = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at))
                .is_some_and(|byte| byte.is_ascii_alphanumeric())
        };
        let mut named = self.kernels.keys().filter(|node| {
            path.match_indices(node.as_str()).any(|(at, _)| {
                !part_of_name(at.checked_sub(1)) && !part_of_name(Some(at + node.len()))
            })
        });
        let mut longest = named.next()?;
        for other in named {
            // `node-1` stands in `node-1-b` too: the longer name is meant.
            longest = match (longest.contains(other.as_str()), other.contains(longest)) {
                (true, _) => longest,
                (false, true) => other,
                (false, false) => return None,
            };
        }
        Some(longest.clone())
    }

    /// The kernel that all nodes run, if it is one.
    pub(crate) fn only_kernel(&self) -> Option<String> {
        let mut kernels = self.kernels.values();
        let first = kernels.next()?;
        kernels.all(|kernel| kernel == first).then(|| first.clone())
    }
}
