//! Addresses of object stores, and how they and what goes wrong there may be shown.

use url::Url;

/// Whether a path is the address of an object store: `s3://`, `gs://`, `az://`, `https://` ...
#[must_use]
pub fn is_url(place: &str) -> bool {
    place.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Where the part of an address ends that is the same for all that it names: before the first
/// component with a mark of a pattern.
#[must_use]
pub fn base(address: &str) -> &str {
    match address.find(['*', '?', '[', '{']) {
        None => address,
        Some(mark) => address[..mark]
            .rsplit_once('/')
            .map_or("", |(base, _)| base),
    }
}

/// An address without user, password and query.
pub(super) fn without_secrets(place: &str) -> String {
    let Ok(mut url) = Url::parse(place) else {
        return place.to_owned();
    };
    if !is_url(place) {
        return place.to_owned();
    }
    // An address that can have neither has none.
    url.set_username("").unwrap_or_default();
    url.set_password(None).unwrap_or_default();
    url.set_query(None);
    url.to_string()
}

/// An error in words, without the query of an address in it, which may be signed.
pub(super) fn told(error: &object_store::Error) -> String {
    let mut words = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let inner_words = inner.to_string();
        if !words.contains(&inner_words) {
            words = format!("{words}: {inner_words}");
        }
        source = inner.source();
    }
    let mut clean = String::with_capacity(words.len());
    for word in words.split_inclusive(char::is_whitespace) {
        match word.split_once('?') {
            Some((before, rest)) if before.contains("://") => {
                clean.push_str(before);
                clean.extend(rest.chars().last().filter(|last| last.is_whitespace()));
            }
            _ => clean.push_str(word),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_secrets() {
        for (place, shown) in [
            ("s3://bucket/a/b", "s3://bucket/a/b"),
            (
                "https://me:secret@host/a?X-Amz-Signature=1",
                "https://host/a",
            ),
            ("some/dir", "some/dir"),
            ("C:name", "C:name"),
        ] {
            assert_eq!(without_secrets(place), shown);
        }
        let error = object_store::Error::Generic {
            store: "S3",
            source: "GET https://h/b?X-Amz-Signature=abc failed".into(),
        };
        let told = told(&error);
        assert!(
            told.contains("https://h/b failed") && !told.contains("abc"),
            "{told}"
        );
    }

    #[test]
    fn a_base_ends_before_the_pattern() {
        for (address, expected) in [
            ("s3://logs/kube-proxy", "s3://logs/kube-proxy"),
            ("s3://logs/kube-proxy/**.gz", "s3://logs/kube-proxy"),
            ("s3://logs/kube-*/a.log", "s3://logs"),
            ("s3://logs/a{1,2}/x", "s3://logs"),
        ] {
            assert_eq!(base(address), expected);
        }
    }
}
