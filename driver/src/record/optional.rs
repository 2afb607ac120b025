//! Captures that some clusters allow: kube-proxy's metrics, kubelets' kernel logs, the
//! ConfigMap, the node objects. Where one is impossible the manifest says why.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use kube::{Client, Resource};
use tokio::time::Instant;

use crate::api::answer::words;
use crate::error::Error;
use crate::health::some_of;
use crate::record::Record;
use crate::record::copies::Places;
use crate::settings::Sources;
use crate::survey::Survey;

/// Nodes asked at once: few enough that the logs, which are asked for at the same time, come first.
const AT_ONCE: usize = 16;
/// Longest wait for one node; those behind it wait too.
const ANSWER: Duration = Duration::from_secs(2);
/// kube-proxy's metrics port.
const METRICS_PORT: u16 = 10249;

/// Annotations that are kept of an object: they say what kind of node it is, and no more.
const ANNOTATIONS: &[&str] = &["kwok.x-k8s.io/node", "node.alpha.kubernetes.io/ttl"];

/// Whether metrics are taken before or after the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Before.
    Before,
    /// After.
    After,
}

/// What every optional capture works with.
pub struct Asking<'a> {
    /// The client.
    pub client: &'a Client,
    /// Where it goes.
    pub record: &'a Record,
    /// When all of them together are over, however many kubelets are silent.
    pub deadline: Instant,
}

/// A file that is asked of a node.
struct Wish<'a> {
    node: &'a str,
    name: &'static str,
    path: String,
}

impl Asking<'_> {
    /// Takes kube-proxy's metrics through the API server's pod proxy.
    ///
    /// # Errors
    /// [`Error::CaptureStopped`] if the bundle cannot be written.
    pub async fn metrics(
        &self,
        sources: &Sources,
        nodes: &[bundle::Node],
        when: When,
    ) -> Result<(), Error> {
        let name = match when {
            When::Before => bundle::METRICS_BEFORE,
            When::After => bundle::METRICS_AFTER,
        };
        // What an earlier process of the same run took before the load stays.
        let is_there = |node: &bundle::Node| {
            when == When::Before && self.record.has(&node.name, bundle::METRICS_BEFORE)
        };
        let nodes = nodes.iter().filter(|node| !is_there(node));
        let proxies = nodes.filter_map(|node| {
            let pod = node.kube_proxy.as_ref()?.pod.as_ref()?;
            let namespace = &sources.namespace;
            let path =
                format!("/api/v1/namespaces/{namespace}/pods/{pod}:{METRICS_PORT}/proxy/metrics");
            let node = node.name.as_str();
            Some(Wish { node, name, path })
        });
        self.fetch_all(proxies).await
    }

    /// Takes the nodes' kernel logs through the kubelets' log query.
    ///
    /// # Errors
    /// [`Error::CaptureStopped`] if the bundle cannot be written.
    pub async fn kernel_logs(&self) -> Result<(), Error> {
        let Some(manifest) = self.record.manifest() else {
            return Ok(());
        };
        let since = manifest.started;
        let since = since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let wishes = manifest.nodes.iter().map(|node| {
            let node = node.name.as_str();
            let path = format!("/api/v1/nodes/{node}/proxy/logs/?query=kernel&sinceTime={since}");
            let name = bundle::KERNEL_LOG;
            Wish { node, name, path }
        });
        self.fetch_all(wishes).await
    }

    /// Asks many nodes at once; what does not come is noted, the nodes of one problem together.
    async fn fetch_all<'a>(&self, wishes: impl Iterator<Item = Wish<'a>>) -> Result<(), Error> {
        let answers = futures::stream::iter(wishes).map(|wish| async move {
            let problem = self.fetch(&wish).await?;
            Ok::<_, Error>(problem.map(|problem| (wish.name, problem, wish.node)))
        });
        let mut answers = answers.buffer_unordered(AT_ONCE);
        let mut problems: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
        while let Some(answer) = answers.try_next().await? {
            if let Some((name, problem, node)) = answer {
                problems.entry((name, problem)).or_default().push(node);
            }
        }
        for ((name, problem), mut nodes) in problems {
            nodes.sort_unstable();
            tracing::info!("not captured: {name} of {}: {problem}", some_of(&nodes));
            note(
                self.record,
                &format!("{name} of {}", nodes.join(", ")),
                &problem,
            );
        }
        self.record.flush()
    }

    /// Fetches a file; returns why that is not possible.
    async fn fetch(&self, wish: &Wish<'_>) -> Result<Option<String>, Error> {
        let request = match http::Request::get(&wish.path).body(Vec::new()) {
            Ok(request) => request,
            Err(error) => return Ok(Some(error.to_string())),
        };
        let until = self.deadline.min(Instant::now() + ANSWER);
        let asked = tokio::time::timeout_at(until, self.client.request_text(request));
        let problem = match asked.await {
            Ok(Ok(text)) if text.is_empty() => "the answer was empty".to_owned(),
            Ok(Ok(text)) => {
                let Some(log) = self.record.log_places(wish.node, 0)? else {
                    return Ok(None);
                };
                return log.named(wish.name).write(&text).map(|()| None);
            }
            Ok(Err(error)) => in_general(&words(&error), wish.node),
            Err(_) => "no answer in time".to_owned(),
        };
        Ok(Some(problem))
    }
}

/// What a node says with its own name and addresses, as every node with that problem says it.
///
/// ```text
/// error trying to reach service: dial tcp 10.2.0.201:10249: connect: network is unreachable (503)
/// ```
fn in_general(problem: &str, node: &str) -> String {
    let words = problem.split(' ').map(|word| {
        let bare = word.trim_end_matches([':', ',']);
        let is_address = bare.parse::<SocketAddr>().is_ok() || bare.parse::<IpAddr>().is_ok();
        match is_address {
            true => word.replace(bare, "its address"),
            false => word.replace(node, "it"),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Writes the ConfigMap and the node objects as found.
///
/// # Errors
/// [`Error::CaptureStopped`] if the bundle cannot be written.
pub fn objects(survey: &Survey, record: &Record) -> Result<(), Error> {
    let Some(config) = record.places(Path::new(bundle::KUBE_PROXY_CONFIG)) else {
        return Ok(());
    };
    let problem = match &survey.configured {
        Some(Ok(configured)) => as_found(&configured.object, &config)?,
        Some(Err(problem)) => Some(problem.clone()),
        None => Some("there is no kube-proxy pod".to_owned()),
    };
    if let Some(problem) = problem {
        tracing::info!("not captured: {}: {problem}", bundle::KUBE_PROXY_CONFIG);
        note(record, bundle::KUBE_PROXY_CONFIG, &problem);
    }
    for object in &survey.objects {
        let node = object.metadata.name.as_deref().unwrap_or_default();
        // As the server had it when the run began.
        if record.has(node, bundle::NODE_OBJECT) {
            continue;
        }
        let Some(log) = record.log_places(node, 0)? else {
            continue;
        };
        if let Some(problem) = as_found(object, &log.named(bundle::NODE_OBJECT))? {
            note(
                record,
                &format!("{} of {node}", bundle::NODE_OBJECT),
                &problem,
            );
        }
    }
    record.flush()
}

/// Writes an object as YAML, without the server's bookkeeping of who set which field. Returns
/// why that is not possible.
fn as_found<K>(object: &K, places: &Places) -> Result<Option<String>, Error>
where
    K: Resource + Clone + serde::Serialize,
{
    let mut object = object.clone();
    let metadata = object.meta_mut();
    metadata.managed_fields = None;
    // Whatever else people write there, whole objects and secrets among it, stays theirs.
    if let Some(annotations) = &mut metadata.annotations {
        annotations.retain(|key, _| ANNOTATIONS.contains(&key.as_str()));
    }
    metadata.annotations = metadata.annotations.take().filter(|kept| !kept.is_empty());
    match serde_saphyr::to_string(&object) {
        Ok(text) => places.write(&text).map(|()| None),
        Err(error) => Ok(Some(format!("cannot be written as YAML: {error}"))),
    }
}

fn note(record: &Record, what: &str, problem: &str) {
    // An HTML or JSON error page is of no use beyond its first words.
    let problem: String = problem.chars().take(300).collect();
    let text = format!("Not captured: {what}: {problem}");
    record.amend(|manifest| {
        if !manifest.notes.contains(&text) {
            manifest.notes.push(text);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::Node;

    #[test]
    fn one_problem_of_many_nodes_is_one() {
        let dial = |node: u8| {
            let said = format!("dial tcp 10.2.0.{node}:10249: connect: no route to node-{node}");
            in_general(&said, &format!("node-{node}"))
        };
        assert_eq!(dial(1), dial(2));
        assert_eq!(dial(1), "dial tcp its address: connect: no route to it");
        assert_eq!(
            in_general("[::1]:80, ::1 (503)", "n"),
            "its address, its address (503)"
        );
    }

    #[test]
    fn annotations_of_others_stay_out_and_files_are_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("node.yaml");
        let node: Node = serde_json::from_value(serde_json::json!({"metadata": {
            "name": "a", "labels": {"zone": "z"},
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "{\"secret\":1}",
                "example.org/token": "t", "kwok.x-k8s.io/node": "fake"
            }
        }}))
        .unwrap();
        assert_eq!(as_found(&node, &Places::alone(&path)).unwrap(), None);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            text.contains("kwok.x-k8s.io/node") && text.contains("zone"),
            "{text}"
        );
        assert!(
            !text.contains("secret") && !text.contains("token"),
            "{text}"
        );
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
