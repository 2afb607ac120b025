//! Nodes and their kube-proxies: are there any, and do they print what is measured?

use std::collections::BTreeMap;
use std::time::Duration;

use bundle::{KubeProxy, Node};
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{ListParams, LogParams};
use kube::{Api, Client};
use tokio::time::Instant;

use super::{Finding, Level};
use crate::api::answer::words;
use crate::descriptors;
use crate::settings::{Settings, Sources};
use crate::survey::Survey;
use crate::survey::kube_proxy::verbosity_needed;

/// Longest wait for the last lines of all logs.
const READING: Duration = Duration::from_secs(8);
/// Logs asked for at once: one that is not served keeps no other waiting.
const AT_ONCE: usize = 256;

pub(super) async fn check(client: &Client, survey: &Survey, settings: &Settings) -> Vec<Finding> {
    let mut findings: Vec<Finding> = survey
        .unknown_nodes
        .iter()
        .map(|node| Finding::new(Level::Fail, node, "no such node; see --nodes"))
        .collect();
    if survey.nodes.is_empty() {
        findings.push(none(client, survey, settings).await);
        return findings;
    }
    let mut unreadable = unreadable_logs(client, &settings.sources, survey).await;
    for node in &survey.nodes {
        findings.push(Finding::new(Level::Pass, &node.name, machine(node)));
        if let Some(proxy) = &node.kube_proxy {
            findings.push(kube_proxy(node, proxy));
            findings.extend(unreadable.remove(&node.name));
        }
    }
    findings.extend(open_files(survey.nodes.len()));
    findings.extend(without(survey, settings));
    if let Some(Err(problem)) = &survey.configured {
        findings.push(Finding::new(
            Level::Warn,
            "kube-proxy config",
            format!("not readable: {problem}"),
        ));
    }
    findings
}

fn machine(node: &Node) -> String {
    let known = |field: &Option<String>| field.clone().unwrap_or_else(|| "unknown".to_owned());
    format!(
        "kernel {}, {}, {}",
        known(&node.kernel_version),
        known(&node.os_image),
        node.instance_type
            .as_deref()
            .unwrap_or("instance type unknown"),
    )
}

fn kube_proxy(node: &Node, proxy: &KubeProxy) -> Finding {
    let subject = format!("{} kube-proxy", node.name);
    let mode = proxy.mode.as_deref().unwrap_or("mode unknown");
    let version = proxy.version.as_deref().unwrap_or("version unknown");
    let period = proxy.min_sync_period.as_deref().unwrap_or("default");
    let needed = verbosity_needed(mode);
    let what = format!("{version}, {mode}, minSyncPeriod {period}");
    match proxy.verbosity {
        Some(v) if v >= needed => Finding::new(Level::Pass, subject, format!("{what}, --v={v}")),
        Some(v) => Finding::new(
            Level::Fail,
            subject,
            format!("{what}, --v={v}: prints no end of a sync; {mode} needs --v={needed} or more"),
        ),
        None => Finding::new(Level::Warn, subject, format!("{what}, verbosity unknown")),
    }
}

/// Reads every log's last line, all within one deadline: a kubelet that is out of reach shows
/// itself here. By node.
async fn unreadable_logs(
    client: &Client,
    sources: &Sources,
    survey: &Survey,
) -> BTreeMap<String, Finding> {
    let deadline = Instant::now() + READING;
    let asked = survey.nodes.iter().filter_map(|node| {
        let pod = node.kube_proxy.as_ref()?.pod.as_ref()?;
        Some(async move {
            let problem = unreadable(client, sources, pod, deadline).await?;
            let detail = format!("not readable: {problem}");
            let finding = Finding::new(Level::Fail, format!("log of {pod}"), detail);
            Some((node.name.clone(), finding))
        })
    });
    let answers = futures::stream::iter(asked).buffer_unordered(AT_ONCE);
    answers.filter_map(std::future::ready).collect().await
}

async fn unreadable(
    client: &Client,
    sources: &Sources,
    pod: &str,
    deadline: Instant,
) -> Option<String> {
    let pods: Api<Pod> = Api::namespaced(client.clone(), &sources.namespace);
    let last_line = LogParams {
        container: Some(sources.container.clone()),
        tail_lines: Some(1),
        ..LogParams::default()
    };
    match tokio::time::timeout_at(deadline, pods.logs(pod, &last_line)).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(words(&error)),
        Err(_) => Some("its kubelet does not answer".to_owned()),
    }
}

/// Whether so many nodes can be followed at once; raises the limit as far as that is allowed.
fn open_files(nodes: usize) -> Option<Finding> {
    let needed = descriptors::needed(nodes);
    let limit = descriptors::raise(needed);
    let shortage = descriptors::shortage(nodes, needed, limit);
    (limit < needed).then(|| Finding::new(Level::Fail, "open files", shortage))
}

fn without(survey: &Survey, settings: &Settings) -> Option<Finding> {
    let names = survey.without_kube_proxy.join(", ");
    if names.is_empty() {
        return None;
    }
    let chosen = !settings.sources.nodes.is_empty();
    let level = if chosen { Level::Fail } else { Level::Warn };
    Some(Finding::new(level, "nodes without kube-proxy", names))
}

/// No kube-proxy at all: says what there is instead.
async fn none(client: &Client, survey: &Survey, settings: &Settings) -> Finding {
    let sources = &settings.sources;
    let mut detail = format!("no pod in {} with {}", sources.namespace, sources.selector);
    let pods: Api<Pod> = Api::namespaced(client.clone(), &sources.namespace);
    let cilium = ListParams::default().labels("k8s-app=cilium").limit(1);
    let has_cilium = pods
        .list_metadata(&cilium)
        .await
        .is_ok_and(|p| !p.items.is_empty());
    if has_cilium {
        detail.push_str(": Cilium replaces kube-proxy here, there is no log to measure");
    } else if in_process(client).await {
        detail.push_str(
            ": k3s and rke2 run kube-proxy in their own process; hand its journal to `analyze`",
        );
    } else {
        detail
            .push_str("; give --kube-proxy-namespace and --kube-proxy-selector if it is elsewhere");
    }
    if !survey.without_kube_proxy.is_empty() {
        let count = survey.without_kube_proxy.len();
        detail = format!("{detail} ({count} nodes)");
    }
    Finding::new(Level::Fail, "kube-proxy", detail)
}

/// Whether kubelets call themselves `v1.34.1+k3s1` or `+rke2r1`.
async fn in_process(client: &Client) -> bool {
    let nodes: Api<k8s_openapi::api::core::v1::Node> = Api::all(client.clone());
    let listed = nodes.list(&ListParams::default().limit(5)).await;
    let listed = listed.map(|list| list.items).unwrap_or_default();
    listed.iter().any(|node| {
        let info = node.status.as_ref().and_then(|s| s.node_info.as_ref());
        info.is_some_and(|i| {
            i.kubelet_version.contains("+k3s") || i.kubelet_version.contains("+rke2")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbosity_is_judged_by_the_mode() {
        for (mode, verbosity, level) in [
            (Some("nftables"), Some(2), Level::Pass),
            (Some("nftables"), Some(0), Level::Fail),
            (Some("iptables"), Some(3), Level::Pass),
            (Some("ipvs"), Some(2), Level::Fail),
            (Some("ipvs"), Some(4), Level::Pass),
            (None, Some(2), Level::Pass),
            (Some("nftables"), None, Level::Warn),
        ] {
            let proxy = KubeProxy {
                mode: mode.map(str::to_owned),
                verbosity,
                ..KubeProxy::default()
            };
            let finding = kube_proxy(&Node::default(), &proxy);
            assert_eq!(
                finding.level, level,
                "{mode:?} {verbosity:?}: {}",
                finding.detail
            );
        }
    }
}
