//! Data sets among what was given: their runs take the places that their bundles and logs had.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bundle::Bundle;
use kube_proxy_logs::{Gathered, Place, Source};

use super::seed::free;
use super::{Corpus, OpenBundle, ProfileFile};
use crate::dataset::{DataSet, FETCHED, KeptLines, Kind, Run, unpack};
use crate::error::Error;
use crate::store::{base, is_url};

/// Logs that were read before: those of a data set's run.
#[derive(Debug)]
pub struct Ingested {
    /// The path that the run was read from.
    pub(super) path: String,
    /// Its bundle: a place in the corpus.
    pub(super) bundle: Option<usize>,
    /// What was read.
    pub(super) gathered: Gathered,
    /// Paths of its logs.
    pub(super) logs: Vec<String>,
    /// Lines of them that were kept, by path and number.
    lines: KeptLines,
    /// Logs that the run has.
    count: u32,
}

impl Ingested {
    /// The path that the run was read from.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Lines that were kept of its logs, by path.
    pub(super) fn lines(&self) -> &KeptLines {
        &self.lines
    }
}

/// Opens all runs of a data set.
pub(super) fn add(corpus: &mut Corpus, place: &Path) -> Result<(), Error> {
    let set = DataSet::open(&place.to_string_lossy())?;
    let runs = set.runs()?;
    if runs.is_empty() {
        return Err(Error::NothingHere(place.to_path_buf()));
    }
    for run in &runs {
        add_run(corpus, &set, run)?;
    }
    Ok(())
}

fn add_run(corpus: &mut Corpus, set: &DataSet, run: &Run) -> Result<(), Error> {
    // What is given twice is one, as it lies or from a data set.
    let opened = corpus.bundles.iter().chain(&corpus.replays);
    if opened.map(|open| &open.path).any(|path| *path == run.path) || corpus.has_ingested(&run.path)
    {
        return Ok(());
    }
    let files = match run.files {
        true => Some(
            unpack(&set.files(run)?)
                .map_err(|error| set.wrong(&run.files_key(), &error.to_string()))?,
        ),
        false => None,
    };
    let mut place = None;
    if let (Some(files), Kind::Bundle | Kind::Replay) = (&files, run.kind) {
        let mut bundle = Bundle::open(files.path())?;
        if let Some(clock) = bundle.manifest.clock_of_logs().cloned() {
            bundle.timeline.show_by(&clock);
        }
        let id = free(&run.name, &mut corpus.names);
        let open = OpenBundle::new(id, (run.path.clone(), run.name.clone()), bundle);
        if run.kind == Kind::Bundle {
            place = Some(corpus.bundles.len());
            corpus.bundles.push(open);
        } else {
            corpus.replays.push(open);
        }
    }
    if let Some(files) = &files {
        corpus
            .profiles
            .extend(run.profiles.iter().map(|one| ProfileFile {
                path: files.path().join(&one.packed),
                display: one.path.clone(),
            }));
    }
    let (mut parts, mut lines) = (Vec::new(), KeptLines::new());
    for bins in run.parts.chunks(FETCHED) {
        for part in set.fetched(&run.id, bins)? {
            let (gathered, kept) = part.decoded()?;
            parts.push(gathered);
            lines.extend(kept);
        }
    }
    let mut gathered = Gathered::joined(parts);
    gathered.list(&run.kernels);
    corpus.ingested.push(Ingested {
        path: run.path.clone(),
        bundle: place,
        logs: gathered.logs().map(|log| log.path.clone()).collect(),
        gathered,
        lines,
        count: run.logs,
    });
    corpus.unpacked.extend(files);
    Ok(())
}

/// Puts bundles in the order of their paths and names them in it, as if all lay there.
pub(super) fn arrange(corpus: &mut Corpus) {
    let path = |open: &OpenBundle| PathBuf::from(&open.path);
    let mut order: Vec<usize> = (0..corpus.bundles.len()).collect();
    order.sort_by_key(|at| path(&corpus.bundles[*at]));
    let mut new = vec![0; order.len()];
    for (place, at) in order.iter().enumerate() {
        new[*at] = place;
    }
    for owner in corpus.owners.iter_mut().flatten() {
        *owner = new[*owner];
    }
    for one in &mut corpus.ingested {
        one.bundle = one.bundle.map(|at| new[at]);
    }
    corpus.bundles.sort_by_key(path);
    corpus.replays.sort_by_key(path);
    corpus
        .profiles
        .sort_by(|a, b| Path::new(&a.display).cmp(Path::new(&b.display)));
    let Corpus {
        bundles,
        replays,
        names,
        ..
    } = corpus;
    let mut all: Vec<&mut OpenBundle> = bundles.iter_mut().chain(replays).collect();
    all.sort_by_key(|open| PathBuf::from(&open.path));
    names.clear();
    for open in all {
        open.id = free(&open.name, names);
    }
}

/// Of what was given the first that a log lies below.
#[must_use]
pub fn root_of<'p>(source: &Source, given: &'p [PathBuf]) -> Option<&'p PathBuf> {
    let is_below = |root: &&PathBuf| match &source.place {
        Place::File(file) => file.starts_with(root),
        Place::Object(_) => {
            let root = root.to_string_lossy();
            is_url(&root) && Path::new(&source.display).starts_with(base(&root))
        }
        Place::Stdin => false,
    };
    given.iter().filter(is_below).min()
}

/// Whose a log is: bundles by their paths, then logs without one by what was given.
type Owner = (bool, PathBuf);

/// What was read now, and what was read before, each log where it would stand if all were read now.
pub(super) fn joined(corpus: &mut Corpus, given: &[PathBuf], mut now: Gathered) -> Gathered {
    let of_source = |(source, owner): (&Source, &Option<usize>)| -> Owner {
        match owner.and_then(|at| corpus.bundles.get(at)) {
            Some(open) => (false, PathBuf::from(&open.path)),
            None => (true, root_of(source, given).cloned().unwrap_or_default()),
        }
    };
    let sources = corpus.sources.iter().zip(&corpus.owners);
    let owners: Vec<Owner> = sources.map(of_source).collect();
    let of_run = |one: &Ingested| (one.bundle.is_none(), PathBuf::from(&one.path));
    let mut counts: BTreeMap<Owner, u32> = BTreeMap::new();
    let mut within = Vec::new();
    for owner in &owners {
        let count = counts.entry(owner.clone()).or_default();
        within.push(*count);
        *count += 1;
    }
    let mut behind = Vec::new();
    for one in &corpus.ingested {
        let count = counts.entry(of_run(one)).or_default();
        behind.push(*count);
        *count += one.count;
    }
    let mut first: BTreeMap<Owner, u32> = BTreeMap::new();
    let mut next = 0;
    for (owner, count) in counts {
        first.insert(owner, next);
        next += count;
    }
    let base = |owner: &Owner| first.get(owner).copied().unwrap_or_default();
    let places: Vec<u32> = owners
        .iter()
        .map(base)
        .zip(&within)
        .map(|(a, b)| a + b)
        .collect();
    now.place(|source| places.get(source as usize).copied().unwrap_or(source));
    let mut all = vec![now];
    for (one, behind) in corpus.ingested.iter_mut().zip(behind) {
        let base = first.get(&(one.bundle.is_none(), PathBuf::from(&one.path)));
        let base = base.copied().unwrap_or_default() + behind;
        let mut gathered = std::mem::take(&mut one.gathered);
        gathered.place(|source| base.saturating_add(source));
        all.push(gathered);
    }
    Gathered::joined(all)
}
