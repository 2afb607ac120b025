//! Messages whose pairs stand in JSON.

use serde_json::{Map, Value as Json};

use crate::parse::fields::Fields;
use crate::parse::message::{self, Said};
use crate::parse::pairs::Key;

/// A message whose pairs a collector put beside it, or into an object of their own.
pub(super) fn structured(message: &str, map: &Map<String, Json>) -> Said {
    let own =
        |inner: &&Map<String, Json>| Key::ALL.iter().any(|key| inner.contains_key(key.name()));
    let inner: Vec<_> = map
        .values()
        .filter_map(Json::as_object)
        .filter(own)
        .collect();
    if inner.is_empty() {
        return message::structured(message.as_bytes(), Fields::Object(map));
    }
    let mut all = Map::new();
    for pairs in inner.into_iter().chain([map]) {
        all.extend(pairs.clone());
    }
    message::structured(message.as_bytes(), Fields::Object(&all))
}
