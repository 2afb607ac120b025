//! The new report takes the place of the old one.
//!
//! The two directories exchange their names in one step (`renameat2`, `RENAME_EXCHANGE`): a reader
//! and a kill at any moment find the old report or the new one, whole. Where the directory cannot
//! change its name (a mount point, the working directory, no right in its parent), its files are
//! replaced one by one, and the next run ends what a killed one began.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::Published;
use super::carry::{self, Carrier, exists};
use super::place::Place;
use super::stage::Staged;
use super::workplace::Workplace;
use crate::error::Error;
use crate::sums::{self, Sums};

/// Puts a report in its place.
pub(super) fn switch(
    place: &Place,
    workplace: &Workplace,
    staged: &Staged,
) -> Result<Published, Error> {
    let target = &place.directory;
    if !exists(target) {
        carry::rename_new(&staged.directory, target).map_err(Error::file(target))?;
        return Ok(Published::default());
    }
    let listed = Sums::of(target);
    let lists = [&listed, &workplace.pending];
    let fixed = place.fixed().map(str::to_owned);
    let fixed = fixed.or_else(|| {
        workplace
            .inside
            .then(|| "its parent takes no files".to_owned())
    });
    let reason = match fixed {
        Some(reason) => reason,
        None => match as_one(target, staged, lists)? {
            Ok(published) => return Ok(published),
            Err(reason) => reason.to_string(),
        },
    };
    one_by_one(target, staged, lists, reason)
}

/// Exchanges the directories. The inner error says why that cannot be done; nothing is done then.
fn as_one(
    target: &Path,
    staged: &Staged,
    lists: [&Sums; 2],
) -> Result<io::Result<Published>, Error> {
    let mut carrier = Carrier::new(lists);
    if let Err(error) = prepare(target, staged, &mut carrier) {
        return Ok(Err(error));
    }
    if same(target, staged, &carrier) {
        return Ok(Ok(Published::default()));
    }
    let exchanged = renameat_with(CWD, &staged.directory, CWD, target, RenameFlags::EXCHANGE);
    if let Err(error) = exchanged {
        return Ok(Err(error.into()));
    }
    let mut kept = below(&staged.directory, target, &carrier.kept);
    kept.extend(carry::sweep(&staged.directory, target, &carrier.seen)?);
    Ok(Ok(Published {
        kept,
        piecemeal: None,
    }))
}

fn prepare(target: &Path, staged: &Staged, carrier: &mut Carrier<'_>) -> io::Result<()> {
    carrier.link(target, &staged.directory, "")?;
    carry::like(&staged.directory, &fs::metadata(target)?)?;
    // What has not changed stays the file that it was.
    for path in &carrier.own {
        if staged.sums.get(path).is_some() && carrier.lists[0].get(path) == staged.sums.get(path) {
            let new = staged.directory.join(path);
            fs::remove_file(&new)?;
            fs::hard_link(target.join(path), &new)?;
            carrier.seen.note(&new.symlink_metadata()?);
        }
    }
    Ok(())
}

/// Whether the old report is the new one, to the byte.
fn same(target: &Path, staged: &Staged, carrier: &Carrier<'_>) -> bool {
    let own = carrier.own.iter().filter(|path| *path != sums::NAME);
    *carrier.lists[0] == staged.sums
        && own.count() == staged.sums.iter().count()
        && carrier.lists[0].owns(target, sums::NAME)
        && carrier.kept.is_empty()
}

fn below(from: &Path, to: &Path, paths: &[PathBuf]) -> Vec<PathBuf> {
    paths
        .iter()
        .map(|path| to.join(path.strip_prefix(from).unwrap_or(path)))
        .collect()
}

/// Replaces the files one by one, the list last: until then the next run knows from the list of
/// this run, which lies in the workplace, what of it is there already.
fn one_by_one(
    target: &Path,
    staged: &Staged,
    lists: [&Sums; 2],
    reason: String,
) -> Result<Published, Error> {
    let mut kept = Vec::new();
    let owns = |path: &str| lists.iter().any(|list| list.owns(target, path));
    let index = "index.html";
    let pages = staged.sums.iter().filter(|(path, _)| *path != index);
    let last = staged.sums.iter().filter(|(path, _)| *path == index);
    for (path, digest) in pages.chain(last) {
        let own = owns(path);
        let there = target.join(path);
        if own && sums::digest_of(&there).is_ok_and(|known| known == digest) {
            continue;
        }
        folders(target, path, &mut kept).map_err(Error::file(&there))?;
        put(&staged.directory.join(path), &there, own, &mut kept).map_err(Error::file(&there))?;
    }
    for (path, _) in lists.iter().flat_map(|list| list.iter()) {
        if staged.sums.get(path).is_none() && owns(path) {
            let gone = target.join(path);
            fs::remove_file(&gone).map_err(Error::file(&gone))?;
            empty(target, path);
        }
    }
    let list = target.join(sums::NAME);
    let own = owns(sums::NAME);
    put(&staged.directory.join(sums::NAME), &list, own, &mut kept).map_err(Error::file(&list))?;
    Ok(Published {
        kept,
        piecemeal: Some(reason),
    })
}

/// Removes the folders of a file that was the last in them.
fn empty(target: &Path, path: &str) {
    let mut folder = Path::new(path).parent();
    while let Some(inner) = folder.filter(|inner| !inner.as_os_str().is_empty()) {
        if fs::remove_dir(target.join(inner)).is_err() {
            return;
        }
        folder = inner.parent();
    }
}

/// Makes the folders that a file lies in, real ones: what stands in the way takes another name.
fn folders(target: &Path, path: &str, kept: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut folder = target.to_path_buf();
    let parts: Vec<&str> = path.split('/').collect();
    for part in &parts[..parts.len().saturating_sub(1)] {
        folder.push(part);
        let what = folder.symlink_metadata();
        if what.as_ref().is_ok_and(|what| !what.is_dir()) {
            out_of_the_way(&folder, kept)?;
        }
        if !exists(&folder) {
            fs::create_dir(&folder)?;
        }
    }
    Ok(())
}

fn put(new: &Path, there: &Path, own: bool, kept: &mut Vec<PathBuf>) -> io::Result<()> {
    if exists(there) && !own {
        out_of_the_way(there, kept)?;
    }
    fs::rename(new, there)
}

fn out_of_the_way(path: &Path, kept: &mut Vec<PathBuf>) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = path.file_name().unwrap_or_default();
    let other = folder.join(carry::aside(folder, name, |other| !exists(other)));
    carry::rename_new(path, &other)?;
    kept.push(other);
    Ok(())
}
