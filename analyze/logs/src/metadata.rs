//! `kubectl get nodes -o json`: kernel releases by node.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;

use crate::error::Error;

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
    let text = std::fs::read(path).map_err(|error| fault(0, error.to_string()))?;
    let json: Json =
        serde_json::from_slice(&text).map_err(|error| fault(error.line(), error.to_string()))?;
    let nodes = match json.get("items").and_then(Json::as_array) {
        Some(items) => items.as_slice(),
        None => std::slice::from_ref(&json),
    };
    let kernels: BTreeMap<String, String> = nodes
        .iter()
        .filter_map(|node| {
            let name = node.pointer("/metadata/name")?.as_str()?;
            let kernel = node.pointer("/status/nodeInfo/kernelVersion")?.as_str()?;
            Some((name.to_owned(), kernel.to_owned()))
        })
        .collect();
    if kernels.is_empty() {
        let problem =
            "no node with status.nodeInfo.kernelVersion; make it with `kubectl get nodes -o json`";
        return Err(fault(1, problem.to_owned()));
    }
    Ok(kernels)
}
