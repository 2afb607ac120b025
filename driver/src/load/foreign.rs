//! What is in a namespace that the run did not make: every kind of object that the server knows.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{ApiResource, DynamicObject, ListParams};
use kube::{Api, Client};
use tokio_util::sync::CancellationToken;

use crate::api::answer::{Kind, kind, words};
use crate::error::Error;
use crate::load::kinds::{Listed, kinds};
use crate::load::workload::{DEPLOYMENT, service_number};
use crate::settings::owner::Owner;

/// Objects a page of a listing.
const PAGE: u32 = 500;
/// Kinds listed at once.
const AT_ONCE: usize = 8;
/// Objects that are named in a sentence; the rest are counted.
const NAMED: usize = 8;

/// What every namespace holds by itself, as (kind, name): made by the control plane, by OpenShift
/// or by Istio, and made again at once if it is removed. Names that a person may have chosen are
/// not here.
const SYSTEM: &[(&str, &str)] = &[
    ("ConfigMap", "kube-root-ca.crt"),
    ("ConfigMap", "openshift-service-ca.crt"),
    ("ConfigMap", "istio-ca-root-cert"),
    ("ServiceAccount", "default"),
];

/// What keeps a namespace: objects that are somebody else's, and kinds that nobody could look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Foreign {
    /// As `Secret/name`, sorted.
    pub objects: BTreeSet<String>,
    /// Kinds that could not be listed, each with the server's words.
    pub unseen: BTreeMap<String, String>,
}

impl Foreign {
    /// Whether nothing of others is there, for sure.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.unseen.is_empty()
    }
}

impl std::fmt::Display for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = Vec::new();
        if !self.objects.is_empty() {
            let count = self.objects.len();
            let named: Vec<&str> = self
                .objects
                .iter()
                .take(NAMED)
                .map(String::as_str)
                .collect();
            let more = match count.saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let noun = if count == 1 {
                "object is"
            } else {
                "objects are"
            };
            parts.push(format!(
                "{count} {noun} not this owner's: {}{more}",
                named.join(", ")
            ));
        }
        if !self.unseen.is_empty() {
            let unseen = self.unseen.iter().take(NAMED);
            let unseen: Vec<String> = unseen
                .map(|(kind, why)| format!("{kind} ({why})"))
                .collect();
            let more = match self.unseen.len().saturating_sub(NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            parts.push(format!(
                "what may not be looked at may be somebody's: {}{more}",
                unseen.join(", ")
            ));
        }
        write!(f, "{}", parts.join("; "))
    }
}

/// Looks for everything in `namespace` that is neither this owner's, nor the system's, nor will go
/// with something of the owner's (`ours`: the UIDs of what the owner has or had).
///
/// # Errors
/// [`Error::Interrupted`] alone: whatever else keeps a kind from being seen is in the answer.
pub async fn foreign(
    client: &Client,
    namespace: &str,
    owner: &Owner,
    ours: &BTreeSet<String>,
    shutdown: &CancellationToken,
) -> Result<Foreign, Error> {
    let mut found = Foreign::default();
    let kinds = kinds(client, shutdown, &mut found.unseen).await?;
    let mut ours = ours.clone();
    let mut strangers: Vec<(String, ObjectMeta)> = Vec::new();
    let mut listings = futures::stream::iter(kinds)
        .map(|listed| async move {
            let objects = objects(client, namespace, &listed, shutdown).await;
            (listed.resource, objects)
        })
        .buffer_unordered(AT_ONCE);
    while let Some((resource, objects)) = listings.next().await {
        let objects = match objects? {
            Ok(objects) => objects,
            Err(problem) => {
                found.unseen.insert(plural(&resource), problem);
                continue;
            }
        };
        for metadata in objects {
            if owner.owns(metadata.labels.as_ref()) {
                ours.extend(metadata.uid);
            } else if !is_system(&resource.kind, &metadata, namespace) {
                strangers.push((resource.kind.clone(), metadata));
            }
        }
    }
    // What belongs to objects of ours alone goes with them, and so what belongs to that.
    loop {
        let before = strangers.len();
        strangers.retain(|(_, metadata)| {
            let follows = follows(metadata, &ours);
            if follows {
                ours.extend(metadata.uid.clone());
            }
            !follows
        });
        if strangers.len() == before {
            break;
        }
    }
    let name = |(kind, metadata): (String, ObjectMeta)| {
        format!("{kind}/{}", metadata.name.unwrap_or_default())
    };
    found.objects = strangers.into_iter().map(name).collect();
    Ok(found)
}

/// Whether an object has owners and all of them are ours: it is removed with the last of them.
fn follows(metadata: &ObjectMeta, ours: &BTreeSet<String>) -> bool {
    let owners = metadata.owner_references.as_deref().unwrap_or_default();
    !owners.is_empty() && owners.iter().all(|owner| ours.contains(&owner.uid))
}

/// Whether an object is the system's own, by kind and name.
fn is_system(kind: &str, metadata: &ObjectMeta, namespace: &str) -> bool {
    let name = metadata.name.as_deref().unwrap_or_default();
    let listed = SYSTEM.contains(&(kind, name));
    listed || (kind == "Event" && is_about_ours(name, namespace))
}

/// Whether an Event is about an object of the load, by its name: `nginx-deployment-x.17f2a0`.
fn is_about_ours(name: &str, namespace: &str) -> bool {
    let Some((about, _)) = name.rsplit_once('.') else {
        return false;
    };
    let service = about.get(..service_length(about)).unwrap_or(about);
    let replica = about.strip_prefix(DEPLOYMENT);
    about == namespace
        || replica.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        || service_number(service).is_some()
}

/// How long the Service's name in the name of its EndpointSlice is: `nginx-service-00001-x7k2p`.
fn service_length(about: &str) -> usize {
    match about.rsplit_once('-') {
        Some((service, _)) if service_number(service).is_some() => service.len(),
        _ => about.len(),
    }
}

fn plural(resource: &ApiResource) -> String {
    match resource.group.as_str() {
        "" => resource.plural.clone(),
        group => format!("{}.{group}", resource.plural),
    }
}

/// The objects of a kind, or why they cannot be seen.
async fn objects(
    client: &Client,
    namespace: &str,
    listed: &Listed,
    shutdown: &CancellationToken,
) -> Result<Result<Vec<ObjectMeta>, String>, Error> {
    if !listed.listable {
        return Ok(Err("cannot be listed".to_owned()));
    }
    let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &listed.resource);
    let mut parameters = ListParams::default().limit(PAGE);
    let mut found = Vec::new();
    loop {
        let page = tokio::select! {
            page = api.list_metadata(&parameters) => page,
            () = shutdown.cancelled() => return Err(Error::Interrupted),
        };
        let page = match page {
            Ok(page) => page,
            // Known to discovery and served nowhere: there is nothing of it.
            Err(error) if kind(&error) == Kind::NotFound => return Ok(Ok(found)),
            Err(error) => return Ok(Err(words(&error))),
        };
        found.extend(page.items.into_iter().map(|object| object.metadata));
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => parameters = parameters.continue_token(&token),
            None => return Ok(Ok(found)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> ObjectMeta {
        ObjectMeta {
            name: Some(name.to_owned()),
            ..ObjectMeta::default()
        }
    }

    #[test]
    fn the_systems_own_objects_are_known_by_kind_and_name() {
        for (kind, name, system) in [
            ("ConfigMap", "kube-root-ca.crt", true),
            ("Secret", "kube-root-ca.crt", false),
            ("ConfigMap", "kube-root-ca", false),
            ("ServiceAccount", "default", true),
            ("ServiceAccount", "default2", false),
            ("Event", "nginx-deployment-7d4c9-x2x.17f2a01b", true),
            ("Event", "nginx-deployment.17f2a01b", true),
            ("Event", "nginx-deploymentx.17f2a01b", false),
            ("Event", "nginx-service-00001.17f2a01b", true),
            ("Event", "nginx-service-00001-x7k2p.17f2a01b", true),
            ("Event", "nginx-service-00001-x7k2p-y.17f2a01b", false),
            ("Event", "debug.17f2a01b", true),
            ("Event", "database-0.17f2a01b", false),
            ("Pod", "nginx-deployment-7d4c9-x2x", false),
        ] {
            assert_eq!(
                is_system(kind, &named(name), "debug"),
                system,
                "{kind} {name}"
            );
        }
    }

    #[test]
    fn what_keeps_a_namespace_is_said_in_one_line() {
        let mut foreign = Foreign::default();
        assert!(foreign.is_empty());
        foreign.objects.insert("Secret/s".to_owned());
        assert_eq!(
            foreign.to_string(),
            "1 object is not this owner's: Secret/s"
        );
        foreign.objects.extend((0..9).map(|n| format!("A/{n}")));
        foreign
            .unseen
            .insert("vaults".to_owned(), "forbidden".to_owned());
        let text = foreign.to_string();
        assert!(
            text.starts_with("10 objects are not this owner's: A/0, "),
            "{text}"
        );
        assert!(text.contains("A/7 and 2 more; "), "{text}");
        assert!(text.ends_with("vaults (forbidden)"), "{text}");
    }
}
