//! The kube-proxy pods, looked at twice a second: there are few.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, Client};
use tokio::sync::watch;

/// Time between two looks.
const LOOKING: Duration = Duration::from_millis(500);
/// Where kube-proxy lives.
pub(super) const NAMESPACE: &str = "kube-system";
const SELECTOR: &str = "k8s-app=kube-proxy";

/// Lists pods for ever; while the API server is away the last list stands.
pub(crate) fn watch(client: Client) -> watch::Receiver<Vec<Pod>> {
    let (sender, receiver) = watch::channel(Vec::new());
    tokio::spawn(async move {
        let api: Api<Pod> = Api::namespaced(client, NAMESPACE);
        let selected = ListParams::default().labels(SELECTOR);
        loop {
            let listing = tokio::time::timeout(Duration::from_secs(10), api.list(&selected));
            if let Ok(Ok(list)) = listing.await
                && sender.send(list.items).is_err()
            {
                return;
            }
            tokio::time::sleep(LOOKING).await;
        }
    });
    receiver
}

/// The pod that is to run on `node`: the youngest that is not being deleted.
pub(super) fn living(pods: &[Pod], node: &str) -> Option<Pod> {
    let here = |pod: &&Pod| {
        let spec = pod.spec.as_ref();
        spec.and_then(|spec| spec.node_name.as_deref()) == Some(node)
            && pod.metadata.deletion_timestamp.is_none()
    };
    let age = |pod: &&Pod| pod.metadata.creation_timestamp.clone().map(|time| time.0);
    pods.iter().filter(here).max_by_key(age).cloned()
}

/// Whether a pod is being deleted, or is gone.
pub(super) fn is_deleted(pods: &[Pod], uid: &str) -> bool {
    let found = pods
        .iter()
        .find(|pod| pod.metadata.uid.as_deref() == Some(uid));
    found.is_none_or(|pod| pod.metadata.deletion_timestamp.is_some())
}
