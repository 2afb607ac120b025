//! Where a data set lies, and logs may lie: a directory, or an object store.
//!
//! Credentials are taken as the stores' own clients take them, from the environment
//! (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, `GOOGLE_APPLICATION_CREDENTIALS`, `AZURE_STORAGE_ACCOUNT_KEY`
//! ...); they stand in no message. What a store refuses for the moment is asked for again.

mod address;
mod reader;

use std::path::Path;
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _};
use tokio::runtime::Runtime;
use url::Url;

use crate::error::Error;

pub use address::{base, is_url};
use address::{told, without_secrets};
pub use reader::ObjectReader;

/// Requests that are under way at a time: a store that is far away answers each of them late, but many
/// at once. Stores bear hundreds; with so many, 40 ms of way are less than one to a request.
pub const UNDER_WAY: usize = 64;

/// A directory, or a prefix in an object store.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<dyn ObjectStore>,
    under: Key,
    shown: String,
    runtime: Arc<Runtime>,
}

/// Something that lies in a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its key below the store's prefix.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// When it was written, nanoseconds since the epoch.
    pub modified_ns: Option<i64>,
}

impl Store {
    /// A directory, which is made if it is not there, or the prefix that an address names.
    ///
    /// # Errors
    /// [`Error::Store`]: no such store, or a directory that cannot be made.
    pub fn at(place: &str) -> Result<Self, Error> {
        let failed = |problem: String| Error::Store {
            place: without_secrets(place),
            problem,
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let (inner, under): (Arc<dyn ObjectStore>, Key) = if is_url(place) {
            let url = Url::parse(place).map_err(|error| failed(error.to_string()))?;
            // Paths of logs stand in reports, and in data sets.
            if !url.username().is_empty() || url.password().is_some() {
                let problem =
                    "an address holds no user and no password: give them in the environment";
                return Err(failed(problem.to_owned()));
            }
            let settings = std::env::vars().map(|(name, value)| (name.to_ascii_lowercase(), value));
            let (store, under) = object_store::parse_url_opts(&url, settings)
                .map_err(|error| failed(told(&error)))?;
            (Arc::from(store), under)
        } else {
            std::fs::create_dir_all(place).map_err(|error| failed(error.to_string()))?;
            let store =
                LocalFileSystem::new_with_prefix(place).map_err(|error| failed(told(&error)))?;
            (Arc::new(store), Key::default())
        };
        Ok(Self {
            inner,
            under,
            shown: without_secrets(place),
            runtime: Arc::new(runtime),
        })
    }

    /// Whether it is an object store and no directory: whoever reads from it waits more than works.
    #[must_use]
    pub fn is_far(&self) -> bool {
        is_url(&self.shown)
    }

    /// Its address, without what is nobody's business.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    fn key(&self, key: &str) -> Result<Key, Error> {
        let whole = match self.under.as_ref() {
            "" => key.to_owned(),
            under => format!("{under}/{key}"),
        };
        Key::parse(whole.trim_end_matches('/')).map_err(|error| self.wrong(key, &error.into()))
    }

    fn wrong(&self, key: &str, error: &object_store::Error) -> Error {
        Error::Store {
            place: format!("{}/{key}", self.shown.trim_end_matches('/')),
            problem: told(error),
        }
    }

    /// The bytes of a key; none if it is not there.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.runtime.block_on(self.got(key))
    }

    /// The bytes of several keys, in their order; [`UNDER_WAY`] are asked for at a time.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn get_all<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k str>,
    ) -> Result<Vec<Option<Vec<u8>>>, Error> {
        // Collected first: what a stream is made of lazily must live for any lifetime.
        let asked: Vec<_> = keys.into_iter().map(|key| self.got(key)).collect();
        let all = stream::iter(asked).buffered(UNDER_WAY).try_collect();
        self.runtime.block_on(all)
    }

    async fn got(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let at = self.key(key)?;
        let got = async { self.inner.get(&at).await?.bytes().await };
        match got.await {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.wrong(key, &error)),
        }
    }

    /// Writes a key as one: a reader sees what was there before, or all of it.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), Error> {
        let at = self.key(key)?;
        let put = self.runtime.block_on(self.inner.put(&at, bytes.into()));
        put.map(|_| ()).map_err(|error| self.wrong(key, &error))
    }

    /// The same with several at a time.
    ///
    /// # Errors
    /// [`Error::Store`]; some may have been written.
    pub fn put_all(&self, all: Vec<(String, Vec<u8>)>) -> Result<(), Error> {
        let put = |(key, bytes): (String, Vec<u8>)| async move {
            let at = self.key(&key)?;
            let put = self.inner.put(&at, bytes.into()).await;
            put.map(|_| ()).map_err(|error| self.wrong(&key, &error))
        };
        let puts: Vec<_> = all.into_iter().map(put).collect();
        let all = stream::iter(puts).buffered(UNDER_WAY).try_collect();
        self.runtime.block_on(all)
    }

    /// Removes a key; one that is not there is removed.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn delete(&self, key: &str) -> Result<(), Error> {
        let at = self.key(key)?;
        match self.runtime.block_on(self.inner.delete(&at)) {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.wrong(key, &error)),
        }
    }

    /// What lies below a prefix, however deep, in the order of the keys.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn list(&self, below: &str) -> Result<Vec<Stored>, Error> {
        let at = self.key(below)?;
        let list = self.runtime.block_on(async {
            let prefix = (!at.as_ref().is_empty()).then_some(&at);
            let all: Vec<ObjectMeta> = self.inner.list(prefix).try_collect().await?;
            Ok(all)
        });
        let list = list.map_err(|error| self.wrong(below, &error))?;
        let mut found: Vec<Stored> = list.iter().filter_map(|one| self.stored(one)).collect();
        found.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(found)
    }

    fn stored(&self, meta: &ObjectMeta) -> Option<Stored> {
        let whole = meta.location.as_ref();
        let key = match self.under.as_ref() {
            "" => whole,
            under => whole.strip_prefix(under)?.trim_start_matches('/'),
        };
        Some(Stored {
            key: key.to_owned(),
            size: meta.size,
            modified_ns: meta.last_modified.timestamp_nanos_opt(),
        })
    }

    /// The object that the store's own address names, if it names one: its key is empty.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn itself(&self) -> Result<Option<Stored>, Error> {
        if self.under.as_ref().is_empty() {
            return Ok(None);
        }
        match self.runtime.block_on(self.inner.head(&self.under)) {
            Ok(meta) => Ok(self.stored(&meta)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.wrong("", &error)),
        }
    }

    /// Reads a key from its beginning to its end, some of it at a time.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn reader(&self, key: &str) -> Result<ObjectReader, Error> {
        let at = self.key(key)?;
        let got = self.runtime.block_on(self.inner.get(&at));
        let got = got.map_err(|error| self.wrong(key, &error))?;
        Ok(ObjectReader::of(got, Arc::clone(&self.runtime)))
    }
}

/// Whether a directory or address holds a key at once below it, without making anything.
///
/// # Errors
/// [`Error::Store`] for an object store that does not answer.
pub fn holds(place: &Path, key: &str) -> Result<bool, Error> {
    let text = place.to_string_lossy();
    if is_url(&text) {
        return Ok(Store::at(&text)?.get(key)?.is_some());
    }
    Ok(place.join(key).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_password_is_refused_without_it() {
        for place in ["https://me:secret@host/a.log", "s3://secret@bucket/**.gz"] {
            let told = Store::at(place).unwrap_err().to_string();
            assert!(
                told.contains("environment") && !told.contains("secret"),
                "{told}"
            );
        }
    }

    #[test]
    fn a_directory_is_a_store() {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(&root.path().join("set").to_string_lossy()).unwrap();
        assert_eq!(store.get("a/b").unwrap(), None);
        store.put("a/b", b"1".to_vec()).unwrap();
        store.put("a/b", b"12".to_vec()).unwrap();
        store.put("a=c/d", b"3".to_vec()).unwrap();
        assert_eq!(store.get("a/b").unwrap().as_deref(), Some(&b"12"[..]));
        assert!(!store.is_far());
        // More than are under way at a time, in any order, one of them not there.
        let many: Vec<String> = (0..=UNDER_WAY)
            .rev()
            .map(|one| format!("m/{one}"))
            .collect();
        let bytes = |one: &String| one.as_bytes().to_vec();
        let all = many[1..].iter().map(|one| (one.clone(), bytes(one)));
        store.put_all(all.collect()).unwrap();
        let mut expected: Vec<_> = many.iter().map(|one| Some(bytes(one))).collect();
        expected[0] = None;
        let got = store.get_all(many.iter().map(String::as_str));
        assert_eq!(got.unwrap(), expected);
        for one in &many {
            store.delete(one).unwrap();
        }
        let keys = |below| -> Vec<(String, u64)> {
            let list = store.list(below).unwrap();
            list.into_iter().map(|one| (one.key, one.size)).collect()
        };
        assert_eq!(keys(""), [("a/b".to_owned(), 2), ("a=c/d".to_owned(), 1)]);
        assert_eq!(keys("a"), [("a/b".to_owned(), 2)]);
        let mut text = String::new();
        let mut reader = store.reader("a=c/d").unwrap();
        std::io::Read::read_to_string(&mut reader, &mut text).unwrap();
        assert_eq!(text, "3");
        store.delete("a/b").unwrap();
        store.delete("a/b").unwrap();
        assert_eq!(keys("a"), []);
        assert!(holds(&root.path().join("set"), "a=c/d").unwrap());
        assert!(!holds(&root.path().join("none"), "a").unwrap());
        assert!(!root.path().join("none").exists(), "asking makes nothing");
    }
}
