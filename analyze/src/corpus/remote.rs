//! Bundles and logs in an object store.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bundle::{Bundle, KEPT_DIRECTORY, KERNEL_LOG, MANIFEST};
use globset::{Glob, GlobMatcher};
use kube_proxy_logs::{Object, Open, Place, Source, of_list};

use super::Corpus;
use super::bundles::enter;
use crate::error::Error;
use crate::store::{Store, Stored, UNDER_WAY, base};

/// An object of a store, as a log.
#[derive(Debug)]
struct Log {
    store: Store,
    stored: Stored,
}

impl Open for Log {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let reader = self.store.reader(&self.stored.key);
        reader.map_or_else(
            |error| Err(io::Error::other(error.to_string())),
            |reader| Ok(Box::new(reader) as _),
        )
    }

    fn size(&self) -> u64 {
        self.stored.size
    }

    fn modified_ns(&self) -> Option<i64> {
        self.stored.modified_ns
    }
}

/// Adds the bundles and logs that an address names: an object, all below a prefix, or what fits a
/// pattern (`s3://logs/kube-proxy/**.gz`).
///
/// # Errors
/// [`Error::Store`], also for a pattern that is none, [`Error::NothingHere`], and what a bundle may
/// fail with.
pub(super) fn add(corpus: &mut Corpus, loose: &mut Vec<Source>, given: &Path) -> Result<(), Error> {
    let address = given.to_string_lossy();
    let base = base(&address);
    let pattern = match base.len() < address.len() {
        true => Some(pattern(&address)?),
        false => None,
    };
    let store = Store::at(base)?;
    let mut objects: BTreeMap<String, Stored> = BTreeMap::new();
    let listed = match pattern.is_none() {
        true => store.itself()?,
        false => None,
    };
    match listed {
        // The address of one log.
        Some(one) => objects.insert(base.to_owned(), one).map_or((), |_| ()),
        None => {
            let all = store.list("")?.into_iter();
            let shown = |one: Stored| (format!("{base}/{}", one.key), one);
            objects.extend(all.map(shown));
        }
    }
    if let Some(pattern) = &pattern {
        objects.retain(|shown, _| pattern.is_match(shown));
    }
    let before = loose.len() + corpus.bundles.len() + corpus.replays.len();
    for folder in folders_of_bundles(&objects) {
        let below = format!("{folder}/");
        let mine = objects.keys().filter(|shown| shown.starts_with(&below));
        let mine: Vec<String> = mine.cloned().collect();
        let mine = mine
            .into_iter()
            .filter_map(|shown| objects.remove_entry(&shown));
        bundle_of(corpus, &store, (&folder, mine.collect()))?;
    }
    let paths = objects.keys().map(PathBuf::from).collect();
    loose.extend(of_list(paths).into_iter().filter_map(|source| {
        let stored = objects.remove(&source.display)?;
        Some(at(source, &store, stored))
    }));
    if before == loose.len() + corpus.bundles.len() + corpus.replays.len() {
        return Err(Error::NothingHere(given.to_path_buf()));
    }
    Ok(())
}

fn pattern(address: &str) -> Result<GlobMatcher, Error> {
    let glob = Glob::new(address).map_err(|error| Error::Store {
        place: address.to_owned(),
        problem: error.to_string(),
    })?;
    Ok(glob.compile_matcher())
}

fn at(source: Source, store: &Store, stored: Stored) -> Source {
    let store = store.clone();
    source.at(Place::Object(Object(Arc::new(Log { store, stored }))))
}

/// Addresses of bundles; one inside another is the outer one's.
fn folders_of_bundles(objects: &BTreeMap<String, Stored>) -> Vec<String> {
    let manifest = format!("/{MANIFEST}");
    let mut found: Vec<String> = Vec::new();
    let mut folders: Vec<&str> = objects
        .keys()
        .filter_map(|key| key.strip_suffix(&manifest))
        .collect();
    folders.sort_unstable_by_key(|folder| PathBuf::from(folder));
    for folder in folders {
        if !found
            .iter()
            .any(|known| folder.starts_with(&format!("{known}/")))
        {
            found.push(folder.to_owned());
        }
    }
    found
}

/// Whether a file of a bundle is read as a log, where it lies.
fn is_log(inside: &str) -> bool {
    let name = inside.rsplit('/').next().unwrap_or_default();
    inside.starts_with("nodes/")
        && (name.starts_with("kube-proxy.") || name.starts_with(KERNEL_LOG))
}

/// Brings home what a bundle has beside its logs, which stay where they are.
fn bundle_of(
    corpus: &mut Corpus,
    store: &Store,
    (folder, objects): (&str, Vec<(String, Stored)>),
) -> Result<(), Error> {
    let home = tempfile::Builder::new().prefix("analyze-").tempdir();
    let home = home.map_err(Error::file(&std::env::temp_dir()))?;
    let mut files: BTreeMap<String, Stored> = BTreeMap::new();
    for (shown, stored) in objects {
        let inside = shown[folder.len()..].trim_start_matches('/').to_owned();
        let kept = inside.split('/').any(|part| part == KEPT_DIRECTORY);
        let leads_out = inside.split('/').any(|part| part == "..");
        // Transactions that are kept for a replay are in no report.
        if !kept && !leads_out {
            files.insert(inside, stored);
        }
    }
    let (logs, beside): (Vec<_>, Vec<_>) = files.iter().partition(|(inside, _)| is_log(inside));
    for (inside, _) in logs {
        put(home.path(), inside, &[])?;
    }
    for some in beside.chunks(UNDER_WAY) {
        let bytes = store.get_all(some.iter().map(|(_, stored)| stored.key.as_str()))?;
        for ((inside, _), bytes) in some.iter().zip(bytes) {
            put(home.path(), inside, &bytes.unwrap_or_default())?;
        }
    }
    let bundle = Bundle::open(home.path())?;
    let name = folder.rsplit('/').next().unwrap_or_default().to_owned();
    let source = |file: &Path| {
        let inside = file.strip_prefix(home.path()).unwrap_or(file);
        let shown = format!("{folder}/{}", inside.to_string_lossy());
        let source = Source::file(shown);
        match files.get(inside.to_string_lossy().as_ref()) {
            Some(stored) => at(source, store, stored.clone()),
            None => source,
        }
    };
    enter(corpus, bundle, (folder.to_owned(), name), source)?;
    corpus.unpacked.push(home);
    Ok(())
}

/// Writes a file of a bundle that is brought home.
fn put(home: &Path, inside: &str, bytes: &[u8]) -> Result<(), Error> {
    let to = home.join(inside);
    let directory = to.parent().unwrap_or(home);
    std::fs::create_dir_all(directory).map_err(Error::file(directory))?;
    std::fs::write(&to, bytes).map_err(Error::file(&to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_crosses_folders() {
        let fits = |glob: &str, address: &str| pattern(glob).unwrap().is_match(address);
        assert!(fits("s3://l/kp/**.gz", "s3://l/kp/day/a.log.gz"));
        assert!(!fits("s3://l/kp/**.gz", "s3://l/kp/day/a.log"));
        assert!(pattern("s3://l/[").is_err());
    }

    #[test]
    fn a_bundle_inside_another_is_the_outer_one_s() {
        let stored = |key: &str| Stored {
            key: key.to_owned(),
            size: 1,
            modified_ns: None,
        };
        let keys = [
            "b/x/bundle.json",
            "b/x/old/bundle.json",
            "b/y/bundle.json",
            "b/z.log",
        ];
        let objects = keys
            .iter()
            .map(|key| ((*key).to_owned(), stored(key)))
            .collect();
        assert_eq!(folders_of_bundles(&objects), ["b/x", "b/y"]);
    }
}
