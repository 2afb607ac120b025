//! What is to be ingested: runs, their logs, and in which part each is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use kube_proxy_logs::{Place, Source};
use walkdir::WalkDir;

use super::Shard;
use crate::corpus::{Corpus, OpenBundle, ProfileFile, root_of};
use crate::dataset::{FileOf, Held, Kind, Packed, ReadFile, Run, SCHEMA, bin};
use crate::error::Error;
use crate::plan::Plan;

/// A run, and which of its logs are in which part.
#[derive(Debug)]
pub(super) struct Share {
    pub(super) run: Run,
    /// Its bundle: a place in the corpus, among bundles or replays.
    pub(super) bundle: Option<usize>,
    /// Its logs, in the order in which reports name them.
    pub(super) sources: Vec<Source>,
    /// Places of the logs of each part.
    pub(super) bins: BTreeMap<u32, Vec<u32>>,
}

impl Share {
    fn of(
        (kind, bundle): (Kind, Option<usize>),
        (path, name): (&str, &str),
        sources: Vec<Source>,
        plan: &Plan,
    ) -> Self {
        let mut bins: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (place, source) in (0..).zip(&sources) {
            bins.entry(bin(whose(source))).or_default().push(place);
        }
        Self {
            run: Run {
                schema: SCHEMA,
                id: Run::id_of(name, path),
                kind,
                path: path.to_owned(),
                name: name.to_owned(),
                logs: u32::try_from(sources.len()).unwrap_or(u32::MAX),
                parts: bins.keys().copied().collect(),
                files: kind != Kind::Logs,
                profiles: Vec::new(),
                kernels: plan.kernels.clone(),
            },
            bundle,
            sources,
            bins,
        }
    }

    /// Bytes of a shard's logs.
    pub(super) fn bytes(&self, shard: Shard) -> u64 {
        let mine = self.bins.iter().filter(|(bin, _)| shard.has(**bin));
        mine.map(|(_, places)| self.bytes_of(places)).sum()
    }

    /// Bytes of the logs at some places.
    pub(super) fn bytes_of(&self, places: &[u32]) -> u64 {
        let sources = places
            .iter()
            .filter_map(|place| self.sources.get(*place as usize));
        sources.map(|source| file(source, 0).bytes).sum()
    }
}

/// By what a log's part is known: its node; of a log without one its stream, so that rotations of
/// one log stay together.
fn whose(source: &Source) -> &str {
    let hints = &source.hints;
    let node = hints.node.as_deref();
    node.or(hints.stream.as_deref()).unwrap_or(&source.display)
}

/// A log as it is on disk, or in its store, now.
pub(super) fn file(source: &Source, place: u32) -> ReadFile {
    let (bytes, modified_ns) = match &source.place {
        Place::File(path) => on_disk(path),
        Place::Object(object) => (object.0.size(), object.0.modified_ns()),
        Place::Stdin => (0, None),
    };
    ReadFile {
        path: source.display.clone(),
        place,
        bytes,
        modified_ns,
    }
}

fn on_disk(path: &Path) -> (u64, Option<i64>) {
    let Ok(known) = std::fs::metadata(path) else {
        return (0, None);
    };
    let age = known
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    (
        known.len(),
        age.and_then(|age| i64::try_from(age.as_nanos()).ok()),
    )
}

/// The runs of a corpus: each bundle is one, and all logs without a bundle that one path was given
/// for.
pub(super) fn shares(plan: &Plan, corpus: &Corpus) -> Result<Vec<Share>, Error> {
    let mut of_bundles: Vec<Vec<Source>> = vec![Vec::new(); corpus.bundles.len()];
    let mut loose: BTreeMap<&PathBuf, Vec<Source>> = BTreeMap::new();
    for (source, owner) in corpus.sources.iter().zip(&corpus.owners) {
        match owner {
            Some(at) => of_bundles[*at].push(source.clone()),
            None => {
                let root = root_of(source, &plan.paths);
                let root = root.ok_or_else(|| Error::DataSet {
                    place: source.display.clone(),
                    problem: "cannot be ingested: what is told of a file that is not there again \
                              is lost; save it as a file"
                        .to_owned(),
                })?;
                loose.entry(root).or_default().push(source.clone());
            }
        }
    }
    let mut all = Vec::new();
    for (place, (open, sources)) in corpus.bundles.iter().zip(of_bundles).enumerate() {
        let of = (Kind::Bundle, Some(place));
        all.push(Share::of(of, (&open.path, &open.name), sources, plan));
    }
    for (place, open) in corpus.replays.iter().enumerate() {
        let of = (Kind::Replay, Some(place));
        all.push(Share::of(of, (&open.path, &open.name), Vec::new(), plan));
    }
    for (root, sources) in loose {
        let path = root.to_string_lossy();
        let path = path.trim_end_matches('/');
        let full = root.canonicalize().unwrap_or_else(|_| root.clone());
        let name = full.file_name().unwrap_or_default().to_string_lossy();
        all.push(Share::of((Kind::Logs, None), (path, &name), sources, plan));
    }
    for share in &mut all {
        share.run.profiles = profiles(corpus, share);
        share.run.files |= !share.run.profiles.is_empty();
    }
    Ok(all)
}

/// Profiles that lie beside a run's logs, and what they are called among its files.
fn profiles(corpus: &Corpus, share: &Share) -> Vec<Packed> {
    let folder = |path: &str| Path::new(path).parent().map(Path::to_path_buf);
    let folders: BTreeSet<_> = share
        .sources
        .iter()
        .map(|source| folder(&source.display))
        .collect();
    let mine = corpus
        .profiles
        .iter()
        .filter(|one| folders.contains(&folder(&one.display)));
    let packed = |(at, one): (usize, &ProfileFile)| {
        let inside = Path::new(&one.display).strip_prefix(&share.run.path).ok();
        let inside = inside.filter(|_| share.run.kind != Kind::Logs);
        Packed {
            path: one.display.clone(),
            packed: match inside {
                Some(inside) => inside.to_string_lossy().into_owned(),
                None => format!("profiles/{at}"),
            },
        }
    };
    mine.enumerate().map(packed).collect()
}

/// What a run has beside its logs.
pub(super) fn beside(corpus: &Corpus, share: &Share) -> Result<Vec<FileOf>, Error> {
    let open = match (share.run.kind, share.bundle) {
        (Kind::Bundle, Some(at)) => corpus.bundles.get(at),
        (Kind::Replay, Some(at)) => corpus.replays.get(at),
        _ => None,
    };
    if let Some(open) = open {
        return of_bundle(open, share);
    }
    let path_of = |shown: &str| {
        let mut profiles = corpus.profiles.iter();
        profiles
            .find(|one| one.display == shown)
            .map(|one| one.path.clone())
    };
    let profile = |one: &Packed| {
        Some(FileOf {
            name: one.packed.clone(),
            held: Held::Whole(path_of(&one.path)?),
        })
    };
    Ok(share.run.profiles.iter().filter_map(profile).collect())
}

/// All of a bundle but its logs, and transactions that were kept for a replay: no report is made
/// of those.
fn of_bundle(open: &OpenBundle, share: &Share) -> Result<Vec<FileOf>, Error> {
    let root = &open.bundle.directory;
    let logs: BTreeSet<&str> = share
        .sources
        .iter()
        .map(|source| source.display.as_str())
        .collect();
    let failed = |error: walkdir::Error| Error::DataSet {
        place: root.display().to_string(),
        problem: error.to_string(),
    };
    let mut found = Vec::new();
    for entry in WalkDir::new(root).follow_links(true) {
        let entry = entry.map_err(failed)?;
        let inside = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let kept = inside
            .components()
            .any(|part| part.as_os_str() == bundle::KEPT_DIRECTORY);
        if !entry.file_type().is_file() || kept {
            continue;
        }
        found.push(FileOf {
            name: inside.to_string_lossy().into_owned(),
            held: match logs.contains(open.shown(entry.path()).as_str()) {
                true => Held::Name,
                false => Held::Whole(entry.path().to_path_buf()),
            },
        });
    }
    Ok(found)
}
