//! The kube-proxy pods, looked at twice a second; less often where there are hundreds.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::api::ListParams;
use kube::{Api, Client};
use tokio::sync::watch;

/// Time between two looks.
const LOOKING: Duration = Duration::from_millis(500);
/// What is added to that for each pod: a thousand take a server some 50 ms.
const EACH: Duration = Duration::from_millis(3);
/// Where kube-proxy lives.
pub(super) const NAMESPACE: &str = "kube-system";
const SELECTOR: &str = "k8s-app=kube-proxy";

/// The pods of one look.
#[derive(Debug, Default)]
pub(crate) struct Pods {
    by_node: HashMap<String, Vec<Pod>>,
    /// UIDs of those that are there and not being deleted.
    wanted: HashSet<String>,
}

impl Pods {
    fn of(pods: Vec<Pod>) -> Self {
        let mut all = Self::default();
        for pod in pods {
            if pod.metadata.deletion_timestamp.is_none() {
                all.wanted.extend(pod.metadata.uid.clone());
            }
            let node = pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
            if let Some(node) = node {
                all.by_node.entry(node).or_default().push(pod);
            }
        }
        all
    }

    /// The pod that is to run on `node`: the youngest that is not being deleted.
    pub(super) fn living(&self, node: &str) -> Option<Pod> {
        let here = self.by_node.get(node).into_iter().flatten();
        let living = here.filter(|pod| pod.metadata.deletion_timestamp.is_none());
        let age = |pod: &&Pod| pod.metadata.creation_timestamp.clone().map(|time| time.0);
        living.max_by_key(age).cloned()
    }

    /// Whether a pod is being deleted, or is gone.
    pub(super) fn is_deleted(&self, uid: &str) -> bool {
        !self.wanted.contains(uid)
    }
}

/// Lists pods for ever; while the API server is away the last list stands.
pub(crate) fn watch(client: Client) -> watch::Receiver<Pods> {
    let (sender, receiver) = watch::channel(Pods::default());
    tokio::spawn(async move {
        let api: Api<Pod> = Api::namespaced(client, NAMESPACE);
        let selected = ListParams::default().labels(SELECTOR);
        let mut count = 0;
        loop {
            let listing = tokio::time::timeout(Duration::from_secs(10), api.list(&selected));
            if let Ok(Ok(list)) = listing.await {
                count = u32::try_from(list.items.len()).unwrap_or(u32::MAX);
                if sender.send(Pods::of(list.items)).is_err() {
                    return;
                }
            }
            tokio::time::sleep(LOOKING + EACH.saturating_mul(count)).await;
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_youngest_that_is_not_being_deleted_runs() {
        let pod = |uid: &str, node: &str, made: &str, deleted: Option<&str>| -> Pod {
            serde_json::from_value(serde_json::json!({
                "metadata": {"name": uid, "uid": uid, "creationTimestamp": made, "deletionTimestamp": deleted},
                "spec": {"nodeName": node, "containers": []}
            }))
            .unwrap()
        };
        let (early, late) = ("2026-11-24T11:00:00Z", "2026-11-24T11:00:01Z");
        let pods = Pods::of(vec![
            pod("old", "a", early, None),
            pod("new", "a", late, None),
            pod("going", "b", late, Some(late)),
        ]);
        let living = |node: &str| pods.living(node).and_then(|pod| pod.metadata.uid);
        assert_eq!(living("a").as_deref(), Some("new"));
        assert_eq!((living("b"), living("c")), (None, None));
        let deleted = ["old", "going", "unknown"].map(|uid| pods.is_deleted(uid));
        assert_eq!(deleted, [false, true, true]);
    }
}
