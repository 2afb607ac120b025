//! What a kube-proxy pod and its ConfigMap say of mode, verbosity and version.

use k8s_openapi::api::core::v1::{ConfigMap, Container, Pod};
use kube::{Api, Client};
use serde::Deserialize;

/// What of a `KubeProxyConfiguration` matters.
///
/// ```yaml
/// kind: KubeProxyConfiguration
/// mode: nftables
/// logging: {verbosity: 2}
/// nftables: {minSyncPeriod: 1s}
/// ```
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Configuration {
    mode: String,
    logging: Logging,
    iptables: Backend,
    ipvs: Backend,
    nftables: Backend,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
struct Logging {
    verbosity: Option<u32>,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Backend {
    min_sync_period: Option<String>,
}

/// The ConfigMap that a kube-proxy pod mounts, and what it says.
#[derive(Debug, Clone)]
pub struct Configured {
    /// The object as found.
    pub object: ConfigMap,
    /// Its configuration.
    pub configuration: Configuration,
}

/// Finds the ConfigMap with the configuration among those that `pod` mounts: kubeadm calls it
/// `kube-proxy`, EKS `kube-proxy-config`.
///
/// # Errors
/// Why there is none, in a sentence.
pub async fn configured(client: &Client, pod: &Pod) -> Result<Configured, String> {
    let namespace = pod.metadata.namespace.clone().unwrap_or_default();
    let maps: Api<ConfigMap> = Api::namespaced(client.clone(), &namespace);
    let mut problem = "the pod mounts no ConfigMap".to_owned();
    for name in mounted(pod) {
        match maps.get(&name).await {
            Ok(object) => match read(&object) {
                Some(configuration) => {
                    return Ok(Configured {
                        object,
                        configuration,
                    });
                }
                None => problem = format!("ConfigMap {name} holds no KubeProxyConfiguration"),
            },
            Err(error) => {
                problem = format!("ConfigMap {name}: {}", crate::api::answer::words(&error));
            }
        }
    }
    Err(problem)
}

fn mounted(pod: &Pod) -> Vec<String> {
    let volumes = pod.spec.as_ref().and_then(|spec| spec.volumes.clone());
    let maps = volumes.unwrap_or_default().into_iter();
    let names = maps.filter_map(|volume| volume.config_map.map(|map| map.name));
    // Every pod has the cluster's CA; kube-proxy's own maps are called after it.
    names.filter(|name| name != "kube-root-ca.crt").collect()
}

fn read(object: &ConfigMap) -> Option<Configuration> {
    let data = object.data.as_ref()?;
    let text = data
        .values()
        .find(|text| text.contains("KubeProxyConfiguration"))?;
    serde_saphyr::from_str(text).ok()
}

/// What is known of a kube-proxy, for the manifest.
#[must_use]
pub fn describe(
    pod: &Pod,
    container: &str,
    configured: Option<&Configuration>,
) -> bundle::KubeProxy {
    let spec = pod.spec.as_ref();
    let containers = spec
        .map(|spec| spec.containers.as_slice())
        .unwrap_or_default();
    let container = containers.iter().find(|c| c.name == container);
    let image = container.and_then(|c| c.image.clone());
    let flag = |names: &[&str]| container.and_then(|c| value_of(c, names));
    let mode = flag(&["--proxy-mode"])
        .or_else(|| configured.map(|c| c.mode.clone()))
        .map(|mode| {
            if mode.is_empty() {
                "iptables".to_owned()
            } else {
                mode
            }
        });
    let backend = configured.map(|c| match mode.as_deref() {
        Some("nftables") => &c.nftables,
        Some("ipvs") => &c.ipvs,
        _ => &c.iptables,
    });
    // With neither flag nor field, kube-proxy's default is 0. Without a container to look at,
    // nothing is known.
    let verbosity = flag(&["--v", "-v"])
        .and_then(|v| v.parse().ok())
        .or_else(|| configured.and_then(|c| c.logging.verbosity))
        .or(container.map(|_| 0));
    bundle::KubeProxy {
        version: image.as_deref().and_then(version_in),
        image,
        mode,
        verbosity,
        min_sync_period: flag(&["--iptables-min-sync-period", "--ipvs-min-sync-period"])
            .or_else(|| backend.and_then(|b| b.min_sync_period.clone())),
        pod: pod.metadata.name.clone(),
        pod_uid: pod.metadata.uid.clone(),
        ..bundle::KubeProxy::default()
    }
}

/// The value of a flag in a container's command line: `--v=2`, `-v 2`.
fn value_of(container: &Container, names: &[&str]) -> Option<String> {
    let command = container.command.iter().flatten();
    let words: Vec<&String> = command.chain(container.args.iter().flatten()).collect();
    // A shell line holds all flags in one word.
    let words: Vec<&str> = words
        .iter()
        .flat_map(|word| word.split_whitespace())
        .collect();
    words.iter().enumerate().rev().find_map(|(at, word)| {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        if !names.contains(&name) {
            return None;
        }
        match value {
            "" => words.get(at + 1).map(|next| (*next).to_owned()),
            value => Some(value.to_owned()),
        }
    })
}

/// The version in an image's tag: `registry/kube-proxy:v1.32.6-eksbuild.12`.
fn version_in(image: &str) -> Option<String> {
    let name = image.split('@').next()?;
    let (_, tag) = name.rsplit_once(':')?;
    let is_tag = tag.starts_with('v') && !tag.contains('/');
    is_tag.then(|| tag.to_owned())
}

/// The verbosity at which `mode` prints the end of a sync.
#[must_use]
pub fn verbosity_needed(mode: &str) -> u32 {
    if mode == "ipvs" { 4 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pod(command: &[&str], image: &str) -> Pod {
        serde_json::from_value(json!({
            "metadata": {"name": "kube-proxy-x", "namespace": "kube-system", "uid": "u"},
            "spec": {
                "containers": [{"name": "kube-proxy", "image": image, "command": command}],
                "volumes": [{"name": "c", "configMap": {"name": "kube-proxy-config"}}]
            }
        }))
        .unwrap()
    }

    fn configuration(text: &str) -> Configuration {
        let object = ConfigMap {
            data: Some([("config".to_owned(), text.to_owned())].into()),
            ..ConfigMap::default()
        };
        read(&object).unwrap()
    }

    #[test]
    fn flags_and_config_map_are_read() {
        let eks = "kube-proxy --v=2 --config=/var/lib/kube-proxy-config/config --hostname-override=$(NODE_NAME)";
        let nft = configuration(
            "kind: KubeProxyConfiguration\nmode: nftables\nnftables:\n  minSyncPeriod: 1s\n",
        );
        let image =
            "602401143452.dkr.ecr.us-east-1.amazonaws.com/eks/kube-proxy:v1.32.6-eksbuild.12";
        for (command, configured, verbosity, mode, period) in [
            (
                vec!["sh", "-c", eks],
                Some(&nft),
                Some(2),
                Some("nftables"),
                Some("1s"),
            ),
            (
                vec!["kube-proxy", "-v", "4", "--proxy-mode", "ipvs"],
                None,
                Some(4),
                Some("ipvs"),
                None,
            ),
            // kubeadm: no --v at all
            (vec!["kube-proxy", "--config=/c"], None, Some(0), None, None),
        ] {
            let described = describe(&pod(&command, image), "kube-proxy", configured);
            assert_eq!(described.verbosity, verbosity, "{command:?}");
            assert_eq!(described.mode.as_deref(), mode, "{command:?}");
            assert_eq!(described.min_sync_period.as_deref(), period, "{command:?}");
            assert_eq!(described.version.as_deref(), Some("v1.32.6-eksbuild.12"));
        }
    }

    #[test]
    fn an_empty_mode_is_iptables_and_verbosity_may_stand_in_the_file() {
        let c =
            configuration("kind: KubeProxyConfiguration\nmode: \"\"\nlogging:\n  verbosity: 3\n");
        let described = describe(
            &pod(&["kube-proxy"], "kube-proxy:v1.34.1"),
            "kube-proxy",
            Some(&c),
        );
        assert_eq!(described.mode.as_deref(), Some("iptables"));
        assert_eq!(described.verbosity, Some(3));
    }

    #[test]
    fn versions_are_in_tags_only() {
        for (image, version) in [
            ("registry.k8s.io/kube-proxy:v1.34.1", Some("v1.34.1")),
            ("host:5000/kube-proxy", None),
            ("kube-proxy:v1.34.1@sha256:abc", Some("v1.34.1")),
            ("kube-proxy@sha256:abc", None),
        ] {
            assert_eq!(version_in(image).as_deref(), version, "{image}");
        }
    }
}
