//! Do the nodes whose logs are taken stay?

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use chrono::Utc;
use k8s_openapi::api::core::v1::{Node, NodeStatus};
use kube::runtime::watcher::Config;
use kube::{Api, Client};

use super::{Lost, Teller};
use crate::api::pages::PAGE;
use crate::api::watching::Watched;
use crate::settings::Sources;
use crate::span::moment;

/// Pause after an error, and between two listings where watching is not allowed.
const PAUSE: Duration = Duration::from_secs(5);

/// How a node stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    /// Its kubelet says that it is ready, or nothing is known.
    Ready,
    /// Its kubelet says that it is not.
    NotReady(String),
    /// The control plane does not hear of its kubelet.
    Unreachable(String),
    /// There is no such object.
    Deleted,
}

impl Standing {
    fn of(node: &Node) -> Self {
        let conditions = node.status.as_ref().and_then(|s| s.conditions.as_ref());
        let ready = conditions.and_then(|all| all.iter().find(|c| c.type_ == "Ready"));
        let Some(ready) = ready else {
            return Self::Ready;
        };
        let why = ready.message.clone().or_else(|| ready.reason.clone());
        let why = why.unwrap_or_else(|| "no reason given".to_owned());
        match ready.status.as_str() {
            "False" => Self::NotReady(why),
            "Unknown" => Self::Unreachable(why),
            _ => Self::Ready,
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Ready => "is ready again".to_owned(),
            Self::NotReady(why) => format!("is not ready: {why}"),
            Self::Unreachable(why) => format!("is unreachable for the control plane: {why}"),
            Self::Deleted => "left the cluster: its Node object was deleted".to_owned(),
        }
    }
}

/// Watches nodes for ever.
pub(super) async fn watch((client, sources): (Client, Sources), teller: Teller, lost: Lost) {
    let keep = move |node: &mut Node| {
        let name = node.metadata.name.as_deref();
        if !name.is_some_and(|name| sources.takes(name)) {
            return false;
        }
        node.metadata.managed_fields = None;
        node.metadata.annotations = None;
        node.metadata.labels = None;
        node.spec = None;
        if let Some(status) = &mut node.status {
            *status = NodeStatus {
                conditions: status.conditions.take(),
                ..NodeStatus::default()
            };
        }
        true
    };
    let config = Config::default().page_size(PAGE);
    let mut nodes = Watched::new(Api::<Node>::all(client), config, PAUSE, Box::new(keep));
    let mut known: BTreeMap<String, Standing> = BTreeMap::new();
    loop {
        if let Err(problem) = nodes.changed().await {
            tracing::debug!("watching nodes: {problem}");
            continue;
        }
        let present: BTreeMap<&str, &Node> = nodes
            .objects()
            .filter_map(|node| Some((node.metadata.name.as_deref()?, node)))
            .collect();
        for name in teller.board.node_names() {
            let now = present
                .get(name.as_str())
                .map_or(Standing::Deleted, |node| Standing::of(node));
            let before = known.insert(name.clone(), now.clone());
            if before.unwrap_or(Standing::Ready) != now {
                note(&teller, &lost, &name, &now);
            }
        }
    }
}

fn note(teller: &Teller, lost: &Lost, name: &str, now: &Standing) {
    let text = format!("{name} {}", now.words());
    let at = moment(Utc::now());
    let mut lost = lost.lock().unwrap_or_else(PoisonError::into_inner);
    match now {
        Standing::Ready | Standing::NotReady(_) => {
            lost.remove(name);
            teller.board.node_returns(name);
        }
        Standing::Unreachable(_) | Standing::Deleted => {
            lost.insert(name.to_owned(), format!("at {at}: {text}"));
            teller.board.node_leaves(name, now.words());
        }
    }
    drop(lost);
    let action = match now {
        Standing::Ready => "node_back",
        Standing::NotReady(_) => "node_not_ready",
        Standing::Unreachable(_) => "node_unreachable",
        Standing::Deleted => "node_deleted",
    };
    teller.tell(action, &text, None);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ready_condition_tells() {
        for (status, standing) in [
            ("True", Standing::Ready),
            ("False", Standing::NotReady("m".to_owned())),
            ("Unknown", Standing::Unreachable("m".to_owned())),
        ] {
            let node: Node = serde_json::from_value(serde_json::json!({
                "metadata": {"name": "a"},
                "status": {"conditions": [
                    {"type": "MemoryPressure", "status": "False", "message": "x"},
                    {"type": "Ready", "status": status, "message": "m"}
                ]}
            }))
            .unwrap();
            assert_eq!(Standing::of(&node), standing, "{status}");
        }
        assert_eq!(Standing::of(&Node::default()), Standing::Ready);
    }
}
