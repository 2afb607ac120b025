//! Where an input's kernel release is from.

use std::collections::BTreeMap;
use std::path::Path;

use super::Part;
use crate::metadata::Cluster;
use crate::read::heading::kernel_of_path;
use crate::reading::KernelFrom;

/// Gives each input its kernel release, from the weightiest source that has one.
pub(in crate::gather) fn name_kernels(parts: &mut [Part], cluster: &Cluster) {
    let mut by_folder: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for part in parts.iter().filter(|part| !part.releases.is_empty()) {
        let releases = by_folder.entry(folder(&part.input.path)).or_default();
        releases.extend(
            part.releases
                .iter()
                .filter(|r| !releases.contains(r))
                .cloned()
                .collect::<Vec<_>>(),
        );
    }
    for part in parts {
        if part.input.node.is_none() {
            let of_pod = part.pod.as_ref().and_then(|pod| cluster.node_of_pod(pod));
            part.input.node = of_pod.or_else(|| cluster.node_in_path(&part.input.path));
        }
        let listed = || part.hints.listed_kernel.clone();
        let metadata = || match &part.input.node {
            Some(node) => cluster.kernels.get(node).cloned(),
            None => cluster.only_kernel(),
        };
        let own = || part.releases.first().cloned();
        let beside = || match by_folder.get(&folder(&part.input.path)).map(Vec::as_slice) {
            Some([only]) => Some(only.clone()),
            _ => None,
        };
        let named = |release: Option<String>, from| release.map(|release| (release, from));
        part.input.kernel = named(part.hints.label.clone(), KernelFrom::Label)
            .or_else(|| named(part.hints.kernel.clone(), KernelFrom::Bundle))
            .or_else(|| named(metadata().or_else(listed), KernelFrom::Metadata))
            .or_else(|| named(own(), KernelFrom::KernelLog))
            .or_else(|| named(part.heading.clone(), KernelFrom::Heading))
            .or_else(|| named(kernel_of_path(&part.input.path), KernelFrom::Path))
            .or_else(|| named(beside(), KernelFrom::KernelLog));
    }
}

fn folder(path: &str) -> String {
    Path::new(path)
        .parent()
        .unwrap_or(Path::new(""))
        .to_string_lossy()
        .into_owned()
}
