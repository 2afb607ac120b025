//! What a report's directory holds of the user's, carried from the old directory to the new one.
//!
//! Before the switch the new directory gets a second name (a hard link) for each of the user's
//! files, so that at no moment a file is missing or half there. After the switch what the old
//! directory still holds is swept: the report's own goes, a second name goes, and what somebody
//! made or changed meanwhile is moved to the new one. Links are never followed.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::error::Error;
use crate::sums::{self, Sums};

/// The report's own files as they were looked at: device's inode to size and time of change.
#[derive(Debug, Default)]
pub(super) struct Seen(HashMap<u64, (u64, i64, i64)>);

impl Seen {
    pub(super) fn note(&mut self, what: &Metadata) {
        self.0
            .insert(what.ino(), (what.size(), what.ctime(), what.ctime_nsec()));
    }

    fn holds(&self, what: &Metadata) -> bool {
        self.0.get(&what.ino()) == Some(&(what.size(), what.ctime(), what.ctime_nsec()))
    }
}

/// Carries the user's files.
pub(super) struct Carrier<'a> {
    /// Lists of the report's own files.
    pub(super) lists: [&'a Sums; 2],
    /// The report's own files that were met.
    pub(super) seen: Seen,
    /// Paths below the directory of those.
    pub(super) own: Vec<String>,
    /// Files that had to take another name.
    pub(super) kept: Vec<PathBuf>,
}

impl<'a> Carrier<'a> {
    pub(super) fn new(lists: [&'a Sums; 2]) -> Self {
        Self {
            lists,
            seen: Seen::default(),
            own: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// Gives all that is not the report's a second name below `to`. `below` is the way from the
    /// report's directory, with a `/` at its end.
    pub(super) fn link(&mut self, from: &Path, to: &Path, below: &str) -> io::Result<()> {
        let device = fs::metadata(from)?.dev();
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            let (source, what) = (entry.path(), entry.path().symlink_metadata()?);
            if what.dev() != device {
                return Err(io::Error::other("something is mounted in it"));
            }
            let name = entry.file_name();
            let path = format!("{below}{}", name.to_string_lossy());
            if what.is_dir() {
                self.link_directory(&source, to, &name, &path, &what)?;
            } else if name.to_str().is_some() && self.owns(&source, &path) {
                self.seen.note(&what);
                self.own.push(path);
            } else {
                fs::create_dir_all(to)?;
                let target = self.free(from, to, &name);
                fs::hard_link(&source, to.join(target))?;
            }
        }
        Ok(())
    }

    fn link_directory(
        &mut self,
        source: &Path,
        to: &Path,
        name: &OsStr,
        path: &str,
        what: &Metadata,
    ) -> io::Result<()> {
        let there = to.join(name);
        let ours = self.lists.iter().any(|list| list.has_folder(path));
        if there.symlink_metadata().is_ok_and(|there| there.is_dir()) || ours && !exists(&there) {
            return self.link(source, &there, &format!("{path}/"));
        }
        fs::create_dir_all(to)?;
        let from = source.parent().unwrap_or(source);
        let target = to.join(self.free(from, to, name));
        fs::create_dir(&target)?;
        self.link(source, &target, &format!("{path}/"))?;
        like(&target, what)
    }

    /// Whether a file is the report's own, its content as written.
    pub(super) fn owns(&self, file: &Path, path: &str) -> bool {
        owned(&self.lists, file, path)
    }

    /// The name, or one that is free in both directories if it is taken; notes that.
    fn free(&mut self, from: &Path, to: &Path, name: &OsStr) -> OsString {
        if !exists(&to.join(name)) {
            return name.to_owned();
        }
        let free = aside(to, name, |other| {
            let before = from.join(other.file_name().unwrap_or_default());
            !exists(other) && !exists(&before)
        });
        self.kept.push(to.join(&free));
        free
    }
}

fn owned(lists: &[&Sums], file: &Path, path: &str) -> bool {
    lists.iter().any(|list| {
        let mut root = file;
        for _ in path.split('/') {
            root = root.parent().unwrap_or(Path::new(""));
        }
        list.owns(root, path)
    })
}

/// `name.yours`, `name.yours-2` ...: the first that will do.
pub(super) fn aside(to: &Path, name: &OsStr, will_do: impl Fn(&Path) -> bool) -> OsString {
    let mut number = 1;
    loop {
        let mut other = name.to_owned();
        other.push(".yours");
        if number > 1 {
            other.push(format!("-{number}"));
        }
        if will_do(&to.join(&other)) {
            return other;
        }
        number += 1;
    }
}

pub(super) fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Gives a directory the mode and owner of another.
pub(super) fn like(path: &Path, what: &Metadata) -> io::Result<()> {
    let now = fs::metadata(path)?;
    if (now.uid(), now.gid()) != (what.uid(), what.gid()) {
        chown(path, Some(what.uid()), Some(what.gid()))?;
    }
    fs::set_permissions(path, what.permissions())
}

/// Moves what is left of a directory that a report has taken the place of to `target`, and
/// removes it.
///
/// # Errors
/// [`Error::File`]; all that is not swept stays where it is, for the next run.
pub(super) fn sweep(old: &Path, target: &Path, seen: &Seen) -> Result<Vec<PathBuf>, Error> {
    let list = Sums::of(old);
    let mut kept = Vec::new();
    fs::create_dir_all(target).map_err(Error::file(target))?;
    below(old, target, "", &list, seen, &mut kept).map_err(Error::file(old))?;
    // The list goes last: until then it tells what is the report's.
    let own = old.join(sums::NAME);
    if exists(&own) {
        fs::remove_file(&own).map_err(Error::file(&own))?;
    }
    fs::remove_dir(old).map_err(Error::file(old))?;
    Ok(kept)
}

fn below(
    old: &Path,
    target: &Path,
    way: &str,
    list: &Sums,
    seen: &Seen,
    kept: &mut Vec<PathBuf>,
) -> io::Result<()> {
    for entry in fs::read_dir(old)? {
        let entry = entry?;
        let (source, name) = (entry.path(), entry.file_name());
        let what = source.symlink_metadata()?;
        let path = format!("{way}{}", name.to_string_lossy());
        if way.is_empty() && path == sums::NAME && list.owns(old, sums::NAME) {
            continue;
        }
        let there = target.join(&name);
        let now = there.symlink_metadata().ok();
        if what.is_dir() {
            let taken = now.is_some_and(|now| !now.is_dir());
            let there = if taken {
                target.join(aside(target, &name, |other| {
                    other.is_dir() || !exists(other)
                }))
            } else {
                there
            };
            below(&source, &there, &format!("{path}/"), list, seen, kept)?;
            fs::remove_dir(&source)?;
            continue;
        }
        let second = |other: &Metadata| (other.dev(), other.ino()) == (what.dev(), what.ino());
        let ours = seen.holds(&what) || owned(&[list], &source, &path);
        if ours || now.as_ref().is_some_and(second) {
            fs::remove_file(&source)?;
            continue;
        }
        move_in(&source, &what, target, &name, kept)?;
    }
    Ok(())
}

/// Moves a file of the user's in, under its own name or one beside; a second name of what is
/// there already only goes.
fn move_in(
    source: &Path,
    what: &Metadata,
    target: &Path,
    name: &OsStr,
    kept: &mut Vec<PathBuf>,
) -> io::Result<()> {
    fs::create_dir_all(target)?;
    let same = |other: &Path| {
        let other = other.symlink_metadata();
        other.is_ok_and(|other| (other.dev(), other.ino()) == (what.dev(), what.ino()))
    };
    if !exists(&target.join(name)) {
        return rename_new(source, &target.join(name));
    }
    let other = aside(target, name, |other| !exists(other) || same(other));
    let other = target.join(other);
    if same(&other) {
        return fs::remove_file(source);
    }
    rename_new(source, &other)?;
    kept.push(other);
    Ok(())
}

/// Renames to a name that nobody has.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // A file system that cannot promise it.
        Err(rustix::io::Errno::INVAL) if !exists(to) => fs::rename(from, to),
        renamed => Ok(renamed?),
    }
}
