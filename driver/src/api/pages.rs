//! Listings of hundreds of objects, a page at a time.

use std::fmt::Debug;

use kube::api::ListParams;
use kube::{Api, Resource};
use serde::de::DeserializeOwned;

/// Objects a page. Who set which field makes up half of an object and is dropped at once, so that
/// a thousand nodes and their pods never lie in memory whole.
pub(crate) const PAGE: u32 = 100;

/// All objects that `parameters` ask for and that are worth to `keep`, without their managed fields.
///
/// # Errors
/// The client's own.
pub(crate) async fn list<K>(
    api: &Api<K>,
    mut parameters: ListParams,
    keep: impl Fn(&K) -> bool,
) -> Result<Vec<K>, kube::Error>
where
    K: Resource + Clone + DeserializeOwned + Debug,
{
    parameters.limit = Some(PAGE);
    let mut all = Vec::new();
    loop {
        let page = api.list(&parameters).await?;
        let kept = page.items.into_iter().filter(|object| keep(object));
        all.extend(kept.map(|mut object| {
            object.meta_mut().managed_fields = None;
            object
        }));
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => parameters = parameters.continue_token(&token),
            None => return Ok(all),
        }
    }
}
