//! Every kind of object that a namespace can hold, as the server's discovery lists them.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::APIResource;
use kube::Client;
use kube::api::ApiResource;
use tokio_util::sync::CancellationToken;

use crate::api::answer::words;
use crate::api::patience::patiently;
use crate::error::Error;

/// A kind of namespaced object as discovery lists it.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) resource: ApiResource,
    /// Whether the server says that it can be listed.
    pub(super) listable: bool,
}

/// Every kind of namespaced object, in one version each. What cannot be found out goes to
/// `unseen`.
pub(super) async fn kinds(
    client: &Client,
    shutdown: &CancellationToken,
    unseen: &mut BTreeMap<String, String>,
) -> Result<Vec<Listed>, Error> {
    let doing = "asking which kinds of objects there are";
    let core = patiently(doing, shutdown, || client.list_core_api_versions()).await?;
    let groups = patiently(doing, shutdown, || client.list_api_groups()).await?;
    let mut versions: Vec<String> = core.versions;
    for group in groups.groups {
        // The preferred one first: what is in several versions is listed in that.
        let preferred = group.preferred_version.map(|version| version.group_version);
        let others = group
            .versions
            .into_iter()
            .map(|version| version.group_version);
        let others = others.filter(|version| Some(version) != preferred.as_ref());
        let others: Vec<String> = others.collect();
        versions.extend(preferred);
        versions.extend(others);
    }
    let mut found: BTreeMap<(String, String), Listed> = BTreeMap::new();
    for version in versions {
        let asked = tokio::select! {
            asked = resources(client, &version) => asked,
            () = shutdown.cancelled() => return Err(Error::Interrupted),
        };
        match asked {
            Ok(resources) => {
                for resource in resources {
                    if let Some(listed) = listed(&version, &resource) {
                        let key = (
                            listed.resource.group.clone(),
                            listed.resource.plural.clone(),
                        );
                        found.entry(key).or_insert(listed);
                    }
                }
            }
            Err(error) => {
                unseen.insert(version, words(&error));
            }
        }
    }
    Ok(found.into_values().collect())
}

async fn resources(client: &Client, version: &str) -> Result<Vec<APIResource>, kube::Error> {
    let list = if version.contains('/') {
        client.list_api_group_resources(version).await
    } else {
        client.list_core_api_resources(version).await
    };
    list.map(|list| list.resources)
}

/// A namespaced kind that may hold objects: no subresource, and no mere question such as
/// `localsubjectaccessreviews` or `bindings`, which can only be created and are kept nowhere.
fn listed(version: &str, resource: &APIResource) -> Option<Listed> {
    let questions = resource.verbs.iter().all(|verb| verb == "create");
    if !resource.namespaced || resource.name.contains('/') || questions {
        return None;
    }
    let (group, number) = version.split_once('/').unwrap_or(("", version));
    Some(Listed {
        resource: ApiResource {
            group: group.to_owned(),
            version: number.to_owned(),
            api_version: version.to_owned(),
            kind: resource.kind.clone(),
            plural: resource.name.clone(),
        },
        listable: resource.verbs.iter().any(|verb| verb == "list"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_and_subresources_hold_no_objects() {
        let resource = |name: &str, namespaced, verbs: &[&str]| APIResource {
            name: name.to_owned(),
            kind: "K".to_owned(),
            namespaced,
            verbs: verbs.iter().map(|verb| (*verb).to_owned()).collect(),
            ..APIResource::default()
        };
        let is = |r: &APIResource| listed("apps/v1", r).map(|l| l.listable);
        assert_eq!(is(&resource("bindings", true, &["create"])), None);
        assert_eq!(is(&resource("pods/log", true, &["get"])), None);
        assert_eq!(is(&resource("nodes", false, &["list"])), None);
        assert_eq!(is(&resource("secrets", true, &["get", "list"])), Some(true));
        // Can be fetched by name and not listed: nobody knows what there is.
        assert_eq!(is(&resource("drawers", true, &["get"])), Some(false));
    }
}
