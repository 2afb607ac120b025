//! Which kube-proxy containers there are now on the chosen nodes.

use std::cell::Cell;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Pod, PodSpec, PodStatus};
use kube::api::ListParams;
use kube::runtime::watcher::Config;

use super::Scene;
use super::instance::Identity;
use crate::api::pages;
use crate::api::patience::patiently;
use crate::api::watching::Watched;
use crate::error::Error;
use crate::settings::Sources;

/// Pause after an error, and between two listings where watching is not allowed.
const PAUSE: Duration = Duration::from_secs(2);

/// The first listing: every chosen node has a container whose log can be taken. A shard may have
/// none: nodes of its may come later.
///
/// # Errors
/// [`Error::NoKubeProxy`], and those of [`patiently`].
pub(super) async fn first_listing(scene: &Scene) -> Result<Vec<Identity>, Error> {
    let (pods, any) = patiently("listing kube-proxy pods", &scene.broken, || list(scene)).await?;
    let present = identities(scene, &pods);
    if let (Some(shard), true, true) = (scene.sources.shard, present.is_empty(), any) {
        tracing::warn!("no node falls into shard {shard} yet: it waits for nodes that do");
        return Ok(present);
    }
    if present.is_empty() {
        return Err(Error::NoKubeProxy(format!(
            "no running kube-proxy pod in {} with {} on the chosen nodes; `driver check` says \
             more",
            scene.sources.namespace, scene.sources.selector
        )));
    }
    let chosen = scene.sources.nodes.iter();
    let mut chosen = chosen.filter(|node| scene.sources.is_asked(node));
    match chosen.find(|node| present.iter().all(|p| p.node != **node)) {
        None => Ok(present),
        Some(node) => Err(Error::NoKubeProxy(format!(
            "node {node} has no running kube-proxy pod; leave it out of --nodes"
        ))),
    }
}

/// The shard's pods that the selector finds, and whether it finds any of any shard.
///
/// # Errors
/// The client's own.
async fn list(scene: &Scene) -> Result<(Vec<Pod>, bool), kube::Error> {
    let mut parameters = ListParams::default().labels(&scene.sources.selector);
    parameters.field_selector = one_node(&scene.sources);
    let any = Cell::new(false);
    let keep = |pod: &Pod| {
        any.set(true);
        is_asked(&scene.sources, pod)
    };
    let pods = pages::list(&scene.pods, parameters, keep).await?;
    Ok((pods, any.get()))
}

/// Whether a pod is of this shard; one that has no node yet is of none.
fn is_asked(sources: &Sources, pod: &Pod) -> bool {
    let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
    node.is_some_and(|node| sources.is_asked(node))
}

/// The same pods, watched.
pub(super) fn watched(scene: &Scene) -> Watched<Pod> {
    let mut config = Config::default()
        .labels(&scene.sources.selector)
        .page_size(pages::PAGE);
    config.field_selector = one_node(&scene.sources);
    let sources = scene.sources.clone();
    let keep = move |pod: &mut Pod| {
        if !is_asked(&sources, pod) {
            return false;
        }
        pod.metadata.managed_fields = None;
        pod.metadata.annotations = None;
        pod.spec = pod.spec.take().map(|spec| PodSpec {
            node_name: spec.node_name,
            ..PodSpec::default()
        });
        if let Some(status) = &mut pod.status {
            *status = PodStatus {
                container_statuses: status.container_statuses.take(),
                ..PodStatus::default()
            };
        }
        true
    };
    Watched::new(scene.pods.clone(), config, PAUSE, Box::new(keep))
}

/// One node: let the server do the choosing.
fn one_node(sources: &Sources) -> Option<String> {
    match sources.nodes.as_slice() {
        [node] => Some(format!("spec.nodeName={node}")),
        _ => None,
    }
}

/// The present instances on the chosen nodes.
#[must_use]
pub(super) fn identities<'a>(
    scene: &Scene,
    pods: impl IntoIterator<Item = &'a Pod>,
) -> Vec<Identity> {
    pods.into_iter()
        .filter_map(|pod| Identity::of(pod, &scene.sources.container))
        .filter(|identity| scene.sources.takes(&identity.node))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use crate::settings::choices::Choices;

    fn sources(nodes: &[&str], shard: Option<&str>) -> Sources {
        let choices = Choices {
            nodes: Some(nodes.iter().map(|node| (*node).to_owned()).collect()),
            ..Choices::default()
        };
        let mut sources = Settings::from_choices(choices).unwrap().sources;
        sources.shard = shard.map(|shard| shard.parse().unwrap());
        sources
    }

    #[test]
    fn the_server_chooses_where_there_is_one_node() {
        for (nodes, selector) in [
            (&[][..], None),
            (&["a"], Some("spec.nodeName=a")),
            (&["a", "b"], None),
        ] {
            let found = one_node(&sources(nodes, None));
            assert_eq!(found.as_deref(), selector, "{nodes:?}");
        }
    }

    #[test]
    fn a_pod_is_of_one_shard_and_without_a_node_of_none() {
        let pod = |node: Option<&str>| Pod {
            spec: Some(PodSpec {
                node_name: node.map(str::to_owned),
                ..PodSpec::default()
            }),
            ..Pod::default()
        };
        for node in ["a", "b", "c", "d"] {
            let shards = ["0/2", "1/2"].map(|shard| sources(&[], Some(shard)));
            let of = shards.iter().filter(|one| is_asked(one, &pod(Some(node))));
            assert_eq!(of.count(), 1, "{node}");
        }
        assert!(is_asked(&sources(&[], None), &pod(Some("a"))));
        assert!(!is_asked(&sources(&[], None), &pod(None)));
        assert!(!is_asked(&sources(&[], None), &Pod::default()));
    }
}
