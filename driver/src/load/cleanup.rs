//! Removing what carries the owner's label, and nothing else; as often as one likes.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt as _;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, Pod, Service};
use kube::api::{DeleteParams, ListParams, Preconditions};
use kube::{Api, Client, Resource};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::answer::{Kind, kind};
use crate::api::patience::patiently;
use crate::error::Error;
use crate::load::foreign::{Foreign, foreign};
use crate::settings::Load;
use crate::span::Span;

/// Longest wait for the cluster to have removed what was deleted.
const LIMIT: Span = Span::seconds(1800);
/// Time between two lines about how far a removal has come.
const TELLING: Duration = Duration::from_secs(10);
/// Objects a page of a listing.
const PAGE: u32 = 500;

/// What a cleanup did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    /// What was the owner's, and is gone.
    pub count: Count,
    /// Why the namespace that the owner made stays, if it does.
    pub stays: Option<Foreign>,
}

/// What is there of an owner, or was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Services.
    pub services: usize,
    /// Deployments.
    pub deployments: usize,
    /// Pods of the Deployment.
    pub pods: usize,
    /// Whether the namespace is the owner's.
    pub namespace: bool,
}

impl Count {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let namespace = if self.namespace {
            ", the namespace"
        } else {
            ""
        };
        let Self {
            services,
            deployments,
            pods,
            ..
        } = self;
        write!(
            f,
            "{services} Services, {deployments} Deployments, {pods} pods{namespace}"
        )
    }
}

/// An owner's objects in one namespace.
struct Owned<'a> {
    client: &'a Client,
    load: &'a Load,
    shutdown: &'a CancellationToken,
}

/// Name and UID of an object.
type Handle = (String, Option<String>);

/// Counts what is there of the owner.
///
/// # Errors
/// Those of [`patiently`].
pub async fn leftovers(
    client: &Client,
    load: &Load,
    shutdown: &CancellationToken,
) -> Result<Count, Error> {
    let owned = Owned {
        client,
        load,
        shutdown,
    };
    Ok(Count {
        services: owned.list::<Service>().await?.len(),
        deployments: owned.list::<Deployment>().await?.len(),
        pods: owned.list::<Pod>().await?.len(),
        namespace: owned.namespace().await?.is_some(),
    })
}

/// Removes everything of the owner, waits until it is gone, and returns what it was.
///
/// A namespace is removed if the owner made it and nothing else is in it, of any kind that the
/// server knows; what may not be looked at counts as somebody else's.
///
/// # Errors
/// [`Error::TooLong`] if the cluster does not remove what was deleted; those of [`patiently`].
pub async fn cleanup(
    client: &Client,
    load: &Load,
    shutdown: &CancellationToken,
) -> Result<Removed, Error> {
    let mut count = leftovers(client, load, shutdown).await?;
    let owned = Owned {
        client,
        load,
        shutdown,
    };
    // Whatever the system made for these objects, as EndpointSlices, goes with them.
    let ours = owned.uids().await?;
    // The Deployment first: every pod that goes would touch every Service's EndpointSlice.
    owned.delete_all::<Deployment>().await?;
    owned.delete_all::<Service>().await?;
    owned.wait_until_gone().await?;
    let stays = match owned.namespace().await? {
        Some(handle) => owned.remove_namespace(handle, &ours).await?,
        None => None,
    };
    count.namespace &= stays.is_none();
    Ok(Removed { count, stays })
}

/// Whether a deletion met another object of the same name.
fn replaced(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(s) if s.code == 409 && s.message.contains("recondition"))
}

impl Owned<'_> {
    fn api<K>(&self) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), &self.load.namespace)
    }

    /// The owner's objects of a kind.
    async fn list<K>(&self) -> Result<Vec<Handle>, Error>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + std::fmt::Debug
            + serde::de::DeserializeOwned,
    {
        let api = self.api::<K>();
        let selector = self.load.owner.selector();
        let mut parameters = ListParams::default().labels(&selector).limit(PAGE);
        let doing = format!("listing {} in {}", K::plural(&()), self.load.namespace);
        let mut handles = Vec::new();
        loop {
            let page = patiently(&doing, self.shutdown, || api.list_metadata(&parameters)).await?;
            let named = page
                .items
                .into_iter()
                .map(|o| (o.metadata.name.unwrap_or_default(), o.metadata.uid));
            handles.extend(named);
            match page.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => parameters = parameters.continue_token(&token),
                None => return Ok(handles),
            }
        }
    }

    async fn delete_all<K>(&self) -> Result<(), Error>
    where
        K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
            + Clone
            + std::fmt::Debug
            + serde::de::DeserializeOwned,
    {
        let api = self.api::<K>();
        let handles = self.list::<K>().await?;
        if !handles.is_empty() {
            tracing::info!("removing {} {}", handles.len(), K::plural(&()));
        }
        let mut deletions = futures::stream::iter(&handles)
            .map(|handle| self.delete(&api, handle))
            .buffer_unordered(self.load.concurrency);
        let (mut done, mut told) = (0, Instant::now());
        while let Some(deleted) = deletions.next().await {
            deleted?;
            done += 1;
            if told.elapsed() > TELLING {
                told = Instant::now();
                tracing::info!("removed {done} of {} {}", handles.len(), K::plural(&()));
            }
        }
        Ok(())
    }

    /// Deletes exactly the object that was listed: one of the same name made since stays.
    async fn delete<K>(&self, api: &Api<K>, (name, uid): &Handle) -> Result<(), Error>
    where
        K: Clone + std::fmt::Debug + serde::de::DeserializeOwned,
    {
        let parameters = DeleteParams::background().preconditions(Preconditions {
            uid: uid.clone(),
            ..Preconditions::default()
        });
        patiently(&format!("removing {name}"), self.shutdown, || async {
            match api.delete(name, &parameters).await {
                Err(error) if kind(&error) == Kind::NotFound || replaced(&error) => Ok(()),
                other => other.map(|_| ()),
            }
        })
        .await
    }

    async fn wait_until_gone(&self) -> Result<(), Error> {
        let began = Instant::now();
        loop {
            let pods = self.list::<Pod>().await?.len();
            let services = self.list::<Service>().await?.len();
            if pods + services == 0 {
                return Ok(());
            }
            if began.elapsed() > LIMIT.0 {
                return Err(Error::TooLong {
                    doing: format!("removing {services} Services and {pods} pods"),
                    limit: LIMIT,
                });
            }
            self.pause().await?;
        }
    }

    async fn pause(&self) -> Result<(), Error> {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => Ok(()),
            () = self.shutdown.cancelled() => Err(Error::Interrupted),
        }
    }

    /// The namespace, if the owner made it.
    async fn namespace(&self) -> Result<Option<Handle>, Error> {
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        let name = &self.load.namespace;
        let doing = format!("looking for namespace {name}");
        let there = patiently(&doing, self.shutdown, || namespaces.get_opt(name)).await?;
        let ours = there.filter(|n| self.load.owner.owns(n.metadata.labels.as_ref()));
        Ok(ours.map(|n| (name.clone(), n.metadata.uid)))
    }

    /// Removes the namespace unless something of others is in it; returns what that is.
    async fn remove_namespace(
        &self,
        handle: Handle,
        ours: &BTreeSet<String>,
    ) -> Result<Option<Foreign>, Error> {
        let Load {
            namespace, owner, ..
        } = self.load;
        let found = foreign(self.client, namespace, owner, ours, self.shutdown).await?;
        if !found.is_empty() {
            tracing::warn!("namespace {namespace} stays: {found}");
            return Ok(Some(found));
        }
        tracing::info!("removing namespace {}", handle.0);
        let namespaces: Api<Namespace> = Api::all(self.client.clone());
        self.delete(&namespaces, &handle).await?;
        let began = Instant::now();
        while self.namespace().await?.is_some() {
            if began.elapsed() > LIMIT.0 {
                return Err(Error::TooLong {
                    doing: format!("removing namespace {}", handle.0),
                    limit: LIMIT,
                });
            }
            self.pause().await?;
        }
        Ok(None)
    }

    /// The UIDs of the owner's objects.
    async fn uids(&self) -> Result<BTreeSet<String>, Error> {
        let mut handles = self.list::<Service>().await?;
        handles.extend(self.list::<Deployment>().await?);
        handles.extend(self.list::<Pod>().await?);
        Ok(handles.into_iter().filter_map(|(_, uid)| uid).collect())
    }
}
