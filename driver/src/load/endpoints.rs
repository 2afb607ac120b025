//! How many endpoints EndpointSlices carry, counted without holding them.

use kube::Client;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::api::patience::patiently;
use crate::error::Error;
use crate::settings::owner::Owner;

/// Slices a page: about 3 MB of JSON at 30 endpoints each, so that memory stays bounded.
const PAGE: u32 = 250;

/// What of a page matters. Everything else is skipped while it is read.
#[derive(Deserialize)]
struct Page {
    metadata: PageMetadata,
    items: Vec<Slice>,
}

#[derive(Deserialize)]
struct PageMetadata {
    #[serde(default, rename = "continue")]
    next: Option<String>,
}

#[derive(Deserialize)]
struct Slice {
    #[serde(default)]
    endpoints: Option<Vec<Endpoint>>,
}

#[derive(Deserialize)]
struct Endpoint {
    #[serde(default)]
    conditions: Conditions,
}

#[derive(Default, Deserialize)]
struct Conditions {
    #[serde(default)]
    ready: Option<bool>,
}

impl Slice {
    /// Ready endpoints: those that kube-proxy programs. No word about it means ready.
    fn ready(&self) -> u64 {
        let endpoints = self.endpoints.as_deref().unwrap_or_default();
        let ready = endpoints
            .iter()
            .filter(|e| e.conditions.ready != Some(false));
        ready.count() as u64
    }
}

/// Counts the ready endpoints of the owner's Services, page by page: all pages of a large
/// cluster together may take minutes, one may not.
///
/// The EndpointSlice controller copies a Service's labels to its slices, so the ownership label
/// selects them. A listing that took so long that its token expired begins anew.
///
/// # Errors
/// Those of [`patiently`].
pub async fn count(
    client: &Client,
    namespace: &str,
    owner: &Owner,
    shutdown: &CancellationToken,
) -> Result<u64, Error> {
    let mut total = 0;
    let mut next = None;
    loop {
        let page = patiently("counting endpoints", shutdown, || async {
            let request = request(namespace, owner, next.as_deref())?;
            match client.request::<Page>(request).await {
                Err(error) if has_expired(&error) => Ok(None),
                page => page.map(Some),
            }
        });
        let Some(page) = page.await? else {
            (total, next) = (0, None);
            continue;
        };
        total += page.items.iter().map(Slice::ready).sum::<u64>();
        next = page.metadata.next.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(total);
        }
    }
}

/// Whether a page's token is too old: etcd compacts what it names away after some minutes.
fn has_expired(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 410)
}

fn request(
    namespace: &str,
    owner: &Owner,
    next: Option<&str>,
) -> Result<http::Request<Vec<u8>>, kube::Error> {
    let list = kube::api::ListParams {
        continue_token: next.map(str::to_owned),
        ..kube::api::ListParams::default()
            .labels(&owner.selector())
            .limit(PAGE)
    };
    let path = format!("/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices");
    kube::core::Request::new(path)
        .list(&list)
        .map_err(kube::Error::BuildRequest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_endpoints_are_counted() {
        for (json, ready) in [
            (r#"{"items":[],"metadata":{}}"#, 0),
            (
                r#"{"items":[{"endpoints":null},{}],"metadata":{"continue":""}}"#,
                0,
            ),
            (
                r#"{"metadata":{},"items":[{"metadata":{"name":"a"},"endpoints":[
                    {"addresses":["10.0.0.1"],"conditions":{"ready":true,"serving":true}},
                    {"addresses":["10.0.0.2"],"conditions":{"ready":false}},
                    {"addresses":["10.0.0.3"],"conditions":{}},
                    {"addresses":["10.0.0.4"]}]}]}"#,
                3,
            ),
        ] {
            let page: Page = serde_json::from_str(json).unwrap();
            assert_eq!(
                page.items.iter().map(Slice::ready).sum::<u64>(),
                ready,
                "{json}"
            );
        }
    }

    #[test]
    fn the_request_asks_for_the_owners_slices_page_by_page() {
        let owner = Owner::new("driver").unwrap();
        let request = request("debug", &owner, Some("abc")).unwrap();
        let uri = request.uri().to_string();
        assert!(
            uri.starts_with("/apis/discovery.k8s.io/v1/namespaces/debug/endpointslices?"),
            "{uri}"
        );
        for part in [
            "limit=250",
            "continue=abc",
            "labelSelector=kube-proxy-bench%2Fowner%3Ddriver",
        ] {
            assert!(uri.contains(part), "{uri}");
        }
    }
}
