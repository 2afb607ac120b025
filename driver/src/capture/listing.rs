//! Which kube-proxy containers there are now on the chosen nodes.

use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;

use super::Scene;
use super::instance::Identity;
use crate::api::patience::patiently;
use crate::error::Error;

/// The first listing: every chosen node has a container whose log can be taken.
///
/// # Errors
/// [`Error::NoKubeProxy`], and those of [`patiently`].
pub(super) async fn first_listing(scene: &Scene) -> Result<Vec<Identity>, Error> {
    let pods = patiently("listing kube-proxy pods", &scene.broken, || list(scene)).await?;
    let present = identities(scene, &pods);
    if present.is_empty() {
        return Err(Error::NoKubeProxy(format!(
            "no running kube-proxy pod in {} with {} on the chosen nodes; `driver check` says \
             more",
            scene.sources.namespace, scene.sources.selector
        )));
    }
    let mut chosen = scene.sources.nodes.iter();
    match chosen.find(|node| present.iter().all(|p| p.node != **node)) {
        None => Ok(present),
        Some(node) => Err(Error::NoKubeProxy(format!(
            "node {node} has no running kube-proxy pod; leave it out of --nodes"
        ))),
    }
}

/// The pods that the selector finds.
///
/// # Errors
/// The client's own.
pub(super) async fn list(scene: &Scene) -> Result<Vec<Pod>, kube::Error> {
    let parameters = ListParams::default().labels(&scene.sources.selector);
    // One node: let the server do the choosing.
    let parameters = match scene.sources.nodes.as_slice() {
        [node] => parameters.fields(&format!("spec.nodeName={node}")),
        _ => parameters,
    };
    Ok(scene.pods.list(&parameters).await?.items)
}

/// The present instances on the chosen nodes.
#[must_use]
pub(super) fn identities(scene: &Scene, pods: &[Pod]) -> Vec<Identity> {
    let nodes = &scene.sources.nodes;
    pods.iter()
        .filter_map(|pod| Identity::of(pod, &scene.sources.container))
        .filter(|identity| nodes.is_empty() || nodes.contains(&identity.node))
        .collect()
}
