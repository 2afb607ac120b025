//! Opening what was given.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bundle::is_bundle;
use kube_proxy_logs::{Place, Source, discover};

use super::bundles::add_bundle;
use super::reports::{self, Reports};
use super::{Corpus, ProfileFile, remote, sets};
use crate::dataset;
use crate::error::Error;
use crate::plan::{Plan, is_meant};
use crate::store;

/// Opens every path of a plan: bundles are opened, directories searched for bundles and logs.
///
/// # Errors
/// [`Error::NoSuchPath`], [`Error::NothingHere`], [`Error::Bundle`] for a broken bundle,
/// [`Error::Logs`], [`Error::Option`] for a label that fits no log.
pub fn open(plan: &Plan) -> Result<Corpus, Error> {
    let mut corpus = Corpus::default();
    let mut loose = Vec::new();
    // The order in which they are given says nothing: the report is the same in any.
    let mut paths: Vec<&PathBuf> = plan.paths.iter().collect();
    paths.sort();
    for path in paths {
        if path.as_os_str() == "-" {
            loose.push(Source::stdin());
        } else if dataset::is_at(path)? {
            sets::add(&mut corpus, path)?;
        } else if store::is_url(&path.to_string_lossy()) {
            remote::add(&mut corpus, &mut loose, path)?;
        } else if !path.exists() {
            return Err(Error::NoSuchPath(path.clone()));
        } else if is_bundle(path) {
            add_bundle(&mut corpus, path)?;
        } else if path.is_dir() {
            directory(&mut corpus, &mut loose, path)?;
        } else {
            loose.extend(discover(path)?);
        }
    }
    // One tree holds each file once.
    if plan.paths.len() > 1 {
        drop_repeated(&mut loose);
    }
    loose.retain(|source| !is_profile(source));
    corpus.owners.extend(loose.iter().map(|_| None));
    corpus.sources.extend(loose);
    corpus.profiles.extend(profiles(&corpus.sources));
    if !corpus.ingested.is_empty() {
        sets::arrange(&mut corpus);
    }
    label(&mut corpus, plan)?;
    runs_of_logs(&corpus, plan)?;
    Ok(corpus)
}

/// How the name of a profile beside a log begins.
const PROFILE: &str = "profile.";

fn is_profile(source: &Source) -> bool {
    let name = source.display.rsplit('/').next().unwrap_or_default();
    name.starts_with(PROFILE)
}

/// Profiles in the directories of logs.
fn profiles<'s>(sources: &'s [Source]) -> Vec<ProfileFile> {
    let in_folder = |source: &'s Source| match &source.place {
        Place::File(path) => path.parent().zip(Path::new(&source.display).parent()),
        Place::Object(_) | Place::Stdin => None,
    };
    let mut folders: Vec<(&Path, &Path)> = sources.iter().filter_map(in_folder).collect();
    // Neighbours lie side by side: most are dropped before they are sorted.
    folders.dedup_by(|a, b| a.0.as_os_str() == b.0.as_os_str() && a.1 == b.1);
    let folders: BTreeSet<(&Path, &Path)> = folders.into_iter().collect();
    let mut found = BTreeSet::new();
    for (folder, shown) in folders {
        let here = match folder.as_os_str().is_empty() {
            true => Path::new("."),
            false => folder,
        };
        // What cannot be listed has been told of where its logs were read.
        let entries = std::fs::read_dir(here).into_iter().flatten().flatten();
        found.extend(entries.filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            let display = shown.join(&name).to_string_lossy().into_owned();
            (name.starts_with(PROFILE) && path.is_file()).then_some(ProfileFile { path, display })
        }));
    }
    found.into_iter().collect()
}

/// A directory of bundles, of logs, or of both.
fn directory(corpus: &mut Corpus, loose: &mut Vec<Source>, root: &Path) -> Result<(), Error> {
    let opened = |corpus: &Corpus| corpus.bundles.len() + corpus.replays.len();
    let before = (opened(corpus), loose.len());
    let known = !corpus.opened.is_empty() || !corpus.ingested.is_empty() || !loose.is_empty();
    let bundles = bundles_below(root)?;
    for path in &bundles {
        add_bundle(corpus, path)?;
    }
    let known_bundles: BTreeSet<&Path> = bundles.iter().map(PathBuf::as_path).collect();
    let inside = |source: &Source| match &source.place {
        Place::File(path) => {
            let mut folders = path.ancestors();
            !known_bundles.is_empty() && folders.any(|folder| known_bundles.contains(folder))
        }
        Place::Object(_) | Place::Stdin => false,
    };
    let mut reports = Reports::default();
    let found = discover(root)?.into_iter().filter(|one| !inside(one));
    loose.extend(found.filter(|one| match &one.place {
        Place::File(path) => !reports.hold(root, path),
        Place::Object(_) | Place::Stdin => true,
    }));
    let nothing = before == (opened(corpus), loose.len());
    // Nothing new is fine where all that lies here was opened before.
    let opened_before = known && !bundles.is_empty();
    if nothing && !opened_before {
        return Err(Error::NothingHere(root.to_path_buf()));
    }
    Ok(())
}

fn bundles_below(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut waiting = vec![root.to_path_buf()];
    while let Some(directory) = waiting.pop() {
        if is_bundle(&directory) {
            found.push(directory);
            continue;
        }
        let listing = std::fs::read_dir(&directory).map_err(Error::file(&directory))?;
        for entry in listing {
            let entry = entry.map_err(Error::file(&directory))?;
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_directory && !reports::is_workplace(&entry.path()) {
                waiting.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The same file given twice is one log.
fn drop_repeated(sources: &mut Vec<Source>) {
    let mut seen = BTreeSet::new();
    sources.retain(|source| match &source.place {
        Place::File(path) => seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())),
        Place::Object(_) => seen.insert(PathBuf::from(&source.display)),
        Place::Stdin => seen.insert(PathBuf::from("-")),
    });
}

/// Hands out the user's labels: to the log of that path, or to all whose path ends so.
fn label(corpus: &mut Corpus, plan: &Plan) -> Result<(), Error> {
    for (file, kernel) in &plan.labels {
        let exact = corpus.logs().any(|log| log == file);
        let mut fits = 0;
        let meant = |log: &str| log == file || !exact && is_meant(log, file);
        for source in &mut corpus.sources {
            if meant(&source.display) {
                source.hints.label = Some(kernel.clone());
                fits += 1;
            }
        }
        for one in &mut corpus.ingested {
            fits += one.logs.iter().filter(|log| meant(log)).count();
            one.gathered.label(|log| meant(log).then(|| kernel.clone()));
        }
        if fits == 0 {
            return Err(Error::Option {
                option: "label",
                value: format!("{file}={kernel}"),
                problem: format!("no log is named {file}"),
            });
        }
    }
    Ok(())
}

/// A run that is told of no log is a slip of the pen.
fn runs_of_logs(corpus: &Corpus, plan: &Plan) -> Result<(), Error> {
    let known = |file: &str| corpus.logs().any(|log| is_meant(log, file));
    match plan.runs.iter().find(|(file, _)| !known(file)) {
        None => Ok(()),
        Some((file, name)) => Err(Error::Option {
            option: "run",
            value: format!("{file}={name}"),
            problem: format!("no log is named {file}"),
        }),
    }
}
