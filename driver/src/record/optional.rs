//! Captures that some clusters allow: kube-proxy's metrics, kubelets' kernel logs, the
//! ConfigMap, the node objects. Where one is impossible the manifest says why.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use futures::TryStreamExt as _;
use kube::{Client, Resource};

use crate::api::answer::words;
use crate::error::Error;
use crate::record::Record;
use crate::settings::Sources;
use crate::survey::Survey;

/// Longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(20);
/// Nodes asked at once.
const AT_ONCE: usize = 4;
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

/// Takes kube-proxy's metrics through the API server's pod proxy.
///
/// # Errors
/// [`Error::CaptureStopped`] if the bundle cannot be written.
pub async fn metrics(
    client: &Client,
    sources: &Sources,
    record: &Record,
    nodes: &[bundle::Node],
    when: When,
) -> Result<(), Error> {
    let name = match when {
        When::Before => bundle::METRICS_BEFORE,
        When::After => bundle::METRICS_AFTER,
    };
    let proxies = nodes.iter().filter_map(|node| {
        let pod = node.kube_proxy.as_ref()?.pod.as_ref()?;
        let path = format!(
            "/api/v1/namespaces/{}/pods/{pod}:{METRICS_PORT}/proxy/metrics",
            sources.namespace
        );
        Some(Ok((node.name.as_str(), path)))
    });
    futures::stream::iter(proxies)
        .try_for_each_concurrent(AT_ONCE, |(node, path)| async move {
            fetch(client, record, node, name, &path).await
        })
        .await
}

/// Takes the nodes' kernel logs through the kubelets' log query.
///
/// # Errors
/// [`Error::CaptureStopped`] if the bundle cannot be written.
pub async fn kernel_logs(client: &Client, record: &Record) -> Result<(), Error> {
    let manifest = record.manifest();
    let Some(manifest) = manifest else {
        return Ok(());
    };
    let since = manifest
        .started
        .to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let nodes = manifest.nodes.iter().map(Ok);
    futures::stream::iter(nodes)
        .try_for_each_concurrent(AT_ONCE, |node| {
            let (name, since) = (node.name.as_str(), since.as_str());
            let path = format!("/api/v1/nodes/{name}/proxy/logs/?query=kernel&sinceTime={since}");
            async move { fetch(client, record, name, bundle::KERNEL_LOG, &path).await }
        })
        .await
}

/// Writes the ConfigMap and the node objects as found.
///
/// # Errors
/// [`Error::CaptureStopped`] if the bundle cannot be written.
pub fn objects(survey: &Survey, record: &Record) -> Result<(), Error> {
    let Some(directory) = record.directory() else {
        return Ok(());
    };
    let config = directory.join(bundle::KUBE_PROXY_CONFIG);
    let problem = match &survey.configured {
        Some(Ok(configured)) => as_found(&configured.object, &config)?,
        Some(Err(problem)) => Some(problem.clone()),
        None => Some("there is no kube-proxy pod".to_owned()),
    };
    if let Some(problem) = problem {
        note(record, bundle::KUBE_PROXY_CONFIG, &problem)?;
    }
    for object in &survey.objects {
        let node = object.metadata.name.as_deref().unwrap_or_default();
        let path = record
            .log_path(node, 0)?
            .with_file_name(bundle::NODE_OBJECT);
        if let Some(problem) = as_found(object, &path)? {
            note(record, &format!("{node} {}", bundle::NODE_OBJECT), &problem)?;
        }
    }
    Ok(())
}

/// Writes an object as YAML, without the server's bookkeeping of who set which field. Returns
/// why that is not possible.
fn as_found<K>(object: &K, path: &Path) -> Result<Option<String>, Error>
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
        Ok(text) => write(path, &text).map(|()| None),
        Err(error) => Ok(Some(format!("cannot be written as YAML: {error}"))),
    }
}

async fn fetch(
    client: &Client,
    record: &Record,
    node: &str,
    name: &str,
    path: &str,
) -> Result<(), Error> {
    let what = format!("{node} {name}");
    let request = match http::Request::get(path).body(Vec::new()) {
        Ok(request) => request,
        Err(error) => return note(record, &what, &error.to_string()),
    };
    match tokio::time::timeout(ANSWER, client.request_text(request)).await {
        Ok(Ok(text)) if text.is_empty() => note(record, &what, "the answer was empty"),
        Ok(Ok(text)) => {
            let log = record.log_path(node, 0)?;
            write(&log.with_file_name(name), &text)
        }
        Ok(Err(error)) => note(record, &what, &words(&error)),
        Err(_) => note(record, &what, &format!("no answer in {ANSWER:?}")),
    }
}

fn note(record: &Record, what: &str, problem: &str) -> Result<(), Error> {
    // An HTML or JSON error page is of no use beyond its first words.
    let problem: String = problem.chars().take(300).collect();
    tracing::info!("not captured: {what}: {problem}");
    let text = format!("Not captured: {what}: {problem}");
    record.edit(|manifest| {
        if !manifest.notes.contains(&text) {
            manifest.notes.push(text);
        }
    })
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    let file = std::fs::OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(bundle::FILE_MODE)
        .open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Error::CaptureStopped {
        problem: format!("{}: {error}", path.display()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::Node;

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
        assert_eq!(as_found(&node, &path).unwrap(), None);
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
