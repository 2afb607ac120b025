//! What the lab puts into its cluster: nodes, kube-proxy, kwok's rights.

use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::core::v1::Node as NodeObject;
use kube::api::{DynamicObject, Patch, PatchParams, PostParams};
use kube::core::GroupVersionKind;
use kube::{Api, Client};
use serde_json::{Value, json};

use crate::addresses;
use crate::error::Error;
use crate::kubelet::kwok::PLAYED;
use crate::state::{Kernel, Node, Spec};

const KUBE_PROXY: &str = include_str!("../manifests/kube-proxy.yaml");
const KWOK: &str = include_str!("../manifests/kwok.yaml");

/// Nodes that are registered at once.
const AT_ONCE: usize = 16;

/// How long an API server that is just up may refuse what it does not know yet.
const PATIENCE: Duration = Duration::from_secs(30);

/// Puts kwok's rights and kind into the cluster.
///
/// # Errors
/// [`Error::Api`] with the server's words.
pub async fn prepare(client: &Client) -> Result<(), Error> {
    apply(client, KWOK).await
}

/// Puts kube-proxy into the cluster.
///
/// # Errors
/// [`Error::Api`] with the server's words.
pub async fn kube_proxy(client: &Client, spec: &Spec) -> Result<(), Error> {
    let mut command = vec![
        "kube-proxy".to_owned(),
        format!("--v={}", spec.verbosity),
        "--config=/var/lib/kube-proxy-config/config".to_owned(),
        "--hostname-override=$(NODE_NAME)".to_owned(),
    ];
    command.extend(spec.kube_proxy_args.iter().cloned());
    let text = KUBE_PROXY
        .replace("MODE", spec.mode.name())
        .replace("POD_RANGE", addresses::POD_RANGE)
        .replace("VERSION", &spec.kube_proxy.tag)
        .replace("COMMAND", &json!(command).to_string());
    apply(client, &text).await
}

/// Registers the nodes, as their kubelets would.
///
/// # Errors
/// [`Error::Api`] with the server's words.
pub async fn nodes(client: &Client, spec: &Spec) -> Result<(), Error> {
    let api: Api<NodeObject> = Api::all(client.clone());
    let registered = futures::stream::iter(&spec.nodes)
        .map(|node| register(&api, spec, node))
        .buffer_unordered(AT_ONCE);
    registered.try_collect().await
}

async fn register(api: &Api<NodeObject>, spec: &Spec, node: &Node) -> Result<(), Error> {
    let doing = format!("registering node {}", node.name);
    let wrong = |error: serde_json::Error| Error::Api {
        doing: doing.clone(),
        problem: error.to_string(),
    };
    let object = serde_json::from_value(registration(spec, node)).map_err(wrong)?;
    let created = api.create(&PostParams::default(), &object).await;
    created.map_err(Error::api(&doing))?;
    let status = Patch::Merge(json!({"status": status(spec, node)}));
    let patched = api
        .patch_status(&node.name, &PatchParams::default(), &status)
        .await;
    patched.map(|_| ()).map_err(Error::api(&doing))
}

fn registration(spec: &Spec, node: &Node) -> Value {
    let kind = match node.kernel {
        Kernel::Host { .. } | Kernel::Played => format!("lab.{}", node.kernel.kind()),
        Kernel::Guest { .. } => {
            let guests = &spec.guests;
            let accelerator = guests.accelerator.name();
            format!(
                "lab.{accelerator}-{}cpu-{}mib",
                guests.cpus, guests.memory_mib
            )
        }
    };
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": node.name,
            "labels": {
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": node.name,
                "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": kind,
                "topology.kubernetes.io/region": "lab",
                "topology.kubernetes.io/zone": format!("lab-{}", node.number),
            },
            "annotations": {(PLAYED.0): PLAYED.1},
        },
        "spec": {"providerID": format!("lab:///{}/{}", spec.name, node.name)},
    })
}

fn status(spec: &Spec, node: &Node) -> Value {
    let (cpus, memory_kib) = match node.kernel {
        Kernel::Host { .. } | Kernel::Played => {
            (crate::preflight::cpus(), crate::preflight::memory_kib())
        }
        Kernel::Guest { .. } => (u64::from(spec.guests.cpus), spec.guests.memory_mib * 1024),
    };
    // The pods take none of it: they are played. Their number is what a node of the published
    // cluster takes.
    let size = json!({"cpu": cpus.to_string(), "memory": format!("{memory_kib}Ki"), "pods": "250"});
    json!({
        // The kubelet is played beside the node: it answers at the other end of its link.
        "addresses": [
            {"type": "InternalIP", "address": addresses::node(node.number).to_string()},
            {"type": "Hostname", "address": node.name},
            {"type": "InternalDNS", "address": addresses::gateway(node.number).to_string()},
        ],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": addresses::KUBELET_PORT}},
        "capacity": size,
        "allocatable": size,
        "nodeInfo": {
            "architecture": "amd64",
            "operatingSystem": "linux",
            "kernelVersion": node.kernel.release(),
            // Also that of guests: their programs are this machine's, only the kernel is not.
            "osImage": crate::preflight::os_image(),
            "containerRuntimeVersion": concat!("lab://", env!("CARGO_PKG_VERSION")),
            // The kubelet that is played speaks as one of the control plane's version.
            "kubeletVersion": spec.kubernetes.tag,
            "kubeProxyVersion": "",
            "machineID": crate::preflight::random_id(),
            "systemUUID": crate::preflight::random_id(),
            "bootID": crate::preflight::random_id(),
        },
    })
}

async fn apply(client: &Client, manifest: &str) -> Result<(), Error> {
    for document in manifest.split("\n---\n") {
        let object: DynamicObject =
            serde_saphyr::from_str(document).map_err(|error| Error::Api {
                doing: "reading a manifest".to_owned(),
                problem: error.to_string(),
            })?;
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            match apply_one(client, &object).await {
                Ok(()) => break,
                Err(error) if tokio::time::Instant::now() > until => return Err(error),
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }
    Ok(())
}

async fn apply_one(client: &Client, object: &DynamicObject) -> Result<(), Error> {
    let name = object.metadata.name.clone().unwrap_or_default();
    let types = object.types.clone().unwrap_or_default();
    let doing = format!("applying {} {name}", types.kind);
    let kind = GroupVersionKind::try_from(&types).map_err(|error| Error::Api {
        doing: doing.clone(),
        problem: error.to_string(),
    })?;
    let resource = kube::core::ApiResource::from_gvk(&kind);
    let api: Api<DynamicObject> = match &object.metadata.namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
        None => Api::all_with(client.clone(), &resource),
    };
    let parameters = PatchParams::apply("lab").force();
    let applied = api.patch(&name, &parameters, &Patch::Apply(object)).await;
    applied.map(|_| ()).map_err(Error::api(&doing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_are_sound() {
        for manifest in [KUBE_PROXY, KWOK] {
            for document in manifest.split("\n---\n") {
                let document = document.replace("COMMAND", "[a]");
                let object: DynamicObject = serde_saphyr::from_str(&document).unwrap();
                assert!(object.metadata.name.is_some() && object.types.is_some());
            }
        }
    }
}
