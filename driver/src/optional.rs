//! Captures that some clusters allow: kube-proxy's metrics, kubelets' kernel logs, the
//! ConfigMap. Where one is impossible the manifest says why.

use std::path::Path;
use std::time::Duration;

use kube::Client;

use crate::error::Error;
use crate::patience::words;
use crate::record::Record;
use crate::settings::Sources;
use crate::survey::Survey;

/// Longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(20);
/// kube-proxy's metrics port.
const METRICS_PORT: u16 = 10249;

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
    when: When,
) -> Result<(), Error> {
    let nodes = record.manifest().map(|m| m.nodes).unwrap_or_default();
    let name = match when {
        When::Before => bundle::METRICS_BEFORE,
        When::After => bundle::METRICS_AFTER,
    };
    for node in nodes {
        let pod = node
            .kube_proxy
            .and_then(|proxy| proxy.pod)
            .unwrap_or_default();
        let path = format!(
            "/api/v1/namespaces/{}/pods/{pod}:{METRICS_PORT}/proxy/metrics",
            sources.namespace
        );
        fetch(client, record, &node.name, name, &path).await?;
    }
    Ok(())
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
    for node in manifest.nodes {
        let path = format!(
            "/api/v1/nodes/{}/proxy/logs/?query=kernel&sinceTime={since}",
            node.name
        );
        fetch(client, record, &node.name, bundle::KERNEL_LOG, &path).await?;
    }
    Ok(())
}

/// Writes the ConfigMap as found.
///
/// # Errors
/// [`Error::CaptureStopped`] if the bundle cannot be written.
pub fn config_map(survey: &Survey, record: &Record) -> Result<(), Error> {
    let Some(directory) = record.directory() else {
        return Ok(());
    };
    let text = match &survey.configured {
        Some(Ok(configured)) => serde_saphyr::to_string(&configured.object)
            .map_err(|error| format!("cannot be written as YAML: {error}")),
        Some(Err(problem)) => Err(problem.clone()),
        None => Err("there is no kube-proxy pod".to_owned()),
    };
    match text {
        Ok(text) => write(&directory.join(bundle::KUBE_PROXY_CONFIG), &text),
        Err(problem) => note(record, bundle::KUBE_PROXY_CONFIG, &problem),
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
    std::fs::write(path, text).map_err(|error| Error::CaptureStopped {
        problem: format!("{}: {error}", path.display()),
    })
}
