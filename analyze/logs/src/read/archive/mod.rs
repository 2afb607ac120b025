//! Archives: each member is opened as a file of its own is, whatever packed it.
//!
//! ```text
//! mod      the walk: archives inside archives, limits
//! tar zip  one form of archive each
//! members  what a reading makes of them: sources with their own path and line numbers
//! ```

mod members;
mod tar;
mod zip;

use std::io;
use std::path::{Component, Path, PathBuf};

use super::open::{Opened, Packing};
use crate::request::Place;

pub(super) use members::members;

/// Archives inside archives that are opened.
const DEEPEST: usize = 3;
/// Members that are looked at.
const MOST: usize = 200_000;

/// What is done with an archive's members.
pub(super) trait Visit {
    /// Whether a member counts, by its path.
    fn counts(&self, path: &Path) -> bool;

    /// Takes a member's bytes; `modified_s`: when it was last written, seconds since the epoch.
    fn content(
        &mut self,
        path: &Path,
        opened: Opened<'_>,
        modified_s: Option<u64>,
    ) -> io::Result<()>;

    /// Hears that a member could not be read.
    fn broken(&mut self, path: &Path, error: &io::Error);

    /// Hears that a member cannot be read without a password.
    fn encrypted(&mut self, path: &Path);
}

/// A walk over the members of an archive, and of archives in it.
pub(super) struct Walk<'v, V> {
    visit: &'v mut V,
    seen: usize,
    depth: usize,
}

impl<'v, V: Visit> Walk<'v, V> {
    /// Walks over what was opened at a place.
    ///
    /// # Errors
    /// That the archive itself cannot be read on. What is wrong with a member is told to `visit`.
    pub(super) fn over(
        visit: &'v mut V,
        path: &Path,
        place: &Place,
        opened: Opened<'_>,
    ) -> io::Result<()> {
        let mut walk = Walk {
            visit,
            seen: 0,
            depth: 0,
        };
        walk.archive(path, Some(place), opened)
    }

    /// `place`: where the bytes are, if nothing but the archive is there.
    fn archive(
        &mut self,
        path: &Path,
        place: Option<&Place>,
        opened: Opened<'_>,
    ) -> io::Result<()> {
        self.depth += 1;
        let result = match opened.holds {
            _ if self.depth > DEEPEST => {
                Err(io::Error::other("archives inside archives, too deep"))
            }
            Packing::Zip => zip::walk(self, path, place, opened),
            _ => tar::walk(self, path, opened),
        };
        self.depth -= 1;
        result
    }

    /// Reads a member, if it counts. What is wrong with one ends the archive only where the
    /// archive itself cannot be read on.
    fn member<'b>(
        &mut self,
        path: &Path,
        modified_s: Option<u64>,
        open: impl FnOnce() -> io::Result<Opened<'b>>,
    ) {
        if !self.visit.counts(path) {
            return;
        }
        let read = open().and_then(|opened| match opened.holds.is_archive() {
            true => self.archive(path, None, opened),
            false => self.visit.content(path, opened, modified_s),
        });
        if let Err(error) = read {
            self.visit.broken(path, &error);
        }
    }

    /// Counts a member.
    fn count(&mut self) -> io::Result<()> {
        self.seen += 1;
        if self.seen > MOST {
            return Err(io::Error::other(format!("more than {MOST} members")));
        }
        Ok(())
    }
}

/// A member's path below the archive's: no root, no `.` and no `..`.
fn inner(path: &Path) -> PathBuf {
    path.components()
        .filter(|part| matches!(part, Component::Normal(_)))
        .collect()
}
