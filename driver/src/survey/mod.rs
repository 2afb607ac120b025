//! What the cluster is: its nodes and their kube-proxies, as the manifest records them.

pub mod kube_proxy;

use k8s_openapi::api::core::v1::{Node, Pod};
use kube::api::ListParams;
use kube::{Api, Client};

use crate::api::answer::words;
use crate::api::pages::list;
use crate::settings::Sources;
use crate::survey::kube_proxy::{Configured, configured, describe};

/// Nodes and kube-proxies as found, and what could not be found out.
#[derive(Debug, Default)]
pub struct Survey {
    /// The chosen nodes.
    pub nodes: Vec<bundle::Node>,
    /// Nodes without a kube-proxy pod among all or the chosen ones.
    pub without_kube_proxy: Vec<String>,
    /// Chosen nodes that do not exist.
    pub unknown_nodes: Vec<String>,
    /// The same nodes' objects, as found.
    pub objects: Vec<Node>,
    /// kube-proxy pods found.
    pub pods: Vec<Pod>,
    /// kube-proxy's ConfigMap, or why there is none.
    pub configured: Option<Result<Configured, String>>,
    /// Who runs the cluster: `aws`, `kwok`.
    pub provider: Option<String>,
}

/// Looks at nodes and kube-proxy pods.
///
/// # Errors
/// What was asked and the server's words.
pub async fn survey(client: &Client, sources: &Sources) -> Result<Survey, String> {
    let nodes: Api<Node> = Api::all(client.clone());
    let pods: Api<Pod> = Api::namespaced(client.clone(), &sources.namespace);
    let selected = ListParams::default().labels(&sources.selector);
    // Of a thousand nodes a shard keeps its own.
    let is_node = |node: &Node| {
        node.metadata
            .name
            .as_deref()
            .is_some_and(|name| sources.is_asked(name))
    };
    let is_there = |pod: &Pod| {
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
        sources.shard.is_none() || node.is_some_and(|node| sources.is_asked(node))
    };
    let (nodes, pods) = tokio::join!(
        list(&nodes, ListParams::default(), is_node),
        list(&pods, selected, is_there)
    );
    let nodes = nodes.map_err(|e| said("listing nodes", &e))?;
    let pods = pods.map_err(|e| said("listing kube-proxy pods", &e))?;
    let configured = match pods.first() {
        Some(pod) => Some(configured(client, pod).await),
        None => None,
    };
    Ok(assemble(&nodes, pods, configured, sources))
}

fn said(doing: &str, error: &kube::Error) -> String {
    format!("{doing}: {}", words(error))
}

fn assemble(
    nodes: &[Node],
    pods: Vec<Pod>,
    configured: Option<Result<Configured, String>>,
    sources: &Sources,
) -> Survey {
    let mut survey = Survey {
        provider: nodes.iter().find_map(provider),
        ..Survey::default()
    };
    let names: Vec<&str> = nodes
        .iter()
        .filter_map(|n| n.metadata.name.as_deref())
        .collect();
    let chosen = sources.nodes.iter().filter(|node| sources.is_asked(node));
    let unknown = chosen.filter(|n| !names.contains(&n.as_str()));
    survey.unknown_nodes = unknown.cloned().collect();
    let config = configured
        .as_ref()
        .and_then(|c| c.as_ref().ok())
        .map(|c| &c.configuration);
    for node in nodes {
        let mut described = describe_node(node);
        if !sources.takes(&described.name) {
            continue;
        }
        let here = |pod: &&Pod| {
            let spec = pod.spec.as_ref();
            spec.and_then(|s| s.node_name.as_deref()) == Some(described.name.as_str())
        };
        match pods.iter().find(here) {
            Some(pod) => {
                described.kube_proxy = Some(describe(pod, &sources.container, config));
                survey.nodes.push(described);
                survey.objects.push(node.clone());
            }
            None => survey.without_kube_proxy.push(described.name),
        }
    }
    survey.pods = pods;
    survey.configured = configured;
    survey
}

/// A node of which only the name is known.
#[must_use]
pub fn unknown(name: &str) -> bundle::Node {
    bundle::Node {
        name: name.to_owned(),
        ..bundle::Node::default()
    }
}

/// Adds to the manifest's nodes those that are new, and what was not known of the others. One
/// that has left the cluster since stays: its log is there.
pub fn merge(known: &mut Vec<bundle::Node>, found: &[bundle::Node]) {
    for node in found {
        match known.iter_mut().find(|k| k.name == node.name) {
            Some(before) if before.kernel_version.is_none() => before.clone_from(node),
            Some(_) => {}
            None => known.push(node.clone()),
        }
    }
}

fn describe_node(node: &Node) -> bundle::Node {
    let label = |key: &str| {
        node.metadata
            .labels
            .as_ref()
            .and_then(|l| l.get(key).cloned())
    };
    let info = node
        .status
        .as_ref()
        .and_then(|status| status.node_info.as_ref());
    let mut other = serde_json::Map::new();
    if let Some(id) = node.spec.as_ref().and_then(|spec| spec.provider_id.clone()) {
        other.insert("provider_id".to_owned(), id.into());
    }
    if let Some(capacity) = node.status.as_ref().and_then(|s| s.capacity.as_ref()) {
        let capacity = capacity
            .iter()
            .map(|(k, v)| (k.clone(), v.0.clone().into()));
        other.insert(
            "capacity".to_owned(),
            serde_json::Value::Object(capacity.collect()),
        );
    }
    if let Some(info) = info {
        let runtime = info.container_runtime_version.clone();
        other.insert("container_runtime".to_owned(), runtime.into());
    }
    bundle::Node {
        name: node.metadata.name.clone().unwrap_or_default(),
        kernel_version: info.map(|i| i.kernel_version.clone()),
        os_image: info.map(|i| i.os_image.clone()),
        instance_type: label("node.kubernetes.io/instance-type"),
        zone: label("topology.kubernetes.io/zone"),
        architecture: info.map(|i| i.architecture.clone()),
        kubelet_version: info.map(|i| i.kubelet_version.clone()),
        other,
        ..bundle::Node::default()
    }
}

/// `aws` of `aws:///us-east-1a/i-0abc`; the kwok annotation where a kubelet is played.
fn provider(node: &Node) -> Option<String> {
    let id = node
        .spec
        .as_ref()
        .and_then(|spec| spec.provider_id.as_deref());
    let scheme = id
        .and_then(|id| id.split_once("://"))
        .map(|(scheme, _)| scheme.to_owned());
    let played = node
        .metadata
        .annotations
        .iter()
        .flatten()
        .any(|(key, _)| key.contains("kwok"));
    scheme.or_else(|| played.then(|| "kwok".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_that_come_and_go_stay_described() {
        let node = |name: &str, kernel: &str| bundle::Node {
            kernel_version: Some(kernel.to_owned()),
            ..unknown(name)
        };
        let mut known = vec![node("a", "6.1"), unknown("b")];
        merge(
            &mut known,
            &[unknown("a"), node("b", "6.12"), node("c", "6.18")],
        );
        assert_eq!(
            known,
            [node("a", "6.1"), node("b", "6.12"), node("c", "6.18")]
        );
        merge(&mut known, &[node("c", "6.19")]);
        assert_eq!(known.len(), 3);
        assert_eq!(known[2], node("c", "6.18"));
    }
}
