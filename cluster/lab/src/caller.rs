//! The person behind `sudo`: what the lab makes for a person to use is theirs, and lies below their
//! home whatever HOME `sudo` leaves.

use std::os::unix::fs::lchown;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Who called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Their id.
    pub uid: u32,
    /// Their group's.
    pub gid: u32,
    /// Their home.
    pub home: PathBuf,
}

impl Caller {
    /// Who called `sudo`; none where nobody did, or root itself.
    #[must_use]
    pub fn known() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        Self::of(std::env::var("SUDO_UID").ok()?.parse().ok()?, &users)
    }

    /// A user by their id.
    ///
    /// ```text
    /// ann:x:1000:1000:Ann:/home/ann:/bin/bash
    /// ```
    fn of(uid: u32, users: &str) -> Option<Self> {
        let fields = users
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>());
        let mut found =
            fields.filter(|fields| fields.get(2).is_some_and(|id| id.parse() == Ok(uid)));
        let fields = found.next().filter(|_| uid != 0)?;
        Some(Self {
            uid,
            gid: fields.get(3)?.parse().ok()?,
            home: PathBuf::from(fields.get(5)?),
        })
    }

    /// Makes a file or directory theirs, and what is in it.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn give(&self, path: &Path) -> Result<(), Error> {
        let failed = || Error::io(path, "giving to who called");
        lchown(path, Some(self.uid), Some(self.gid)).map_err(failed())?;
        // What a link leads to may be anybody's.
        if !path.symlink_metadata().map_err(failed())?.is_dir() {
            return Ok(());
        }
        for entry in std::fs::read_dir(path).map_err(failed())? {
            self.give(&entry.map_err(failed())?.path())?;
        }
        Ok(())
    }

    /// Runs a program as them.
    pub fn runs<'a>(
        &self,
        command: &'a mut tokio::process::Command,
    ) -> &'a mut tokio::process::Command {
        command.uid(self.uid).gid(self.gid).env("HOME", &self.home)
    }
}

/// Makes a directory with those above it, all of them the caller's.
///
/// # Errors
/// Those of the file system.
pub fn directory(path: &Path) -> Result<(), Error> {
    let absent = path.ancestors().filter(|path| !path.as_os_str().is_empty());
    let absent: Vec<&Path> = absent.take_while(|path| !path.exists()).collect();
    std::fs::create_dir_all(path).map_err(Error::io(path, "making the directory"))?;
    match (Caller::known(), absent.last()) {
        (Some(caller), Some(first)) => caller.give(first),
        _ => Ok(()),
    }
}

/// Makes what was written the caller's.
///
/// # Errors
/// Those of the file system.
pub fn hand_over(path: &Path) -> Result<(), Error> {
    match Caller::known().filter(|_| path.exists()) {
        Some(caller) => caller.give(path),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_id_and_root_is_nobody() {
        let users = "root:x:0:0:root:/root:/bin/bash\nbad\nann:x:1000:1001:Ann:/home/ann:/bin/sh\n";
        let ann = Caller {
            uid: 1000,
            gid: 1001,
            home: "/home/ann".into(),
        };
        for (uid, found) in [(1000, Some(ann)), (1001, None), (0, None)] {
            assert_eq!(Caller::of(uid, users), found, "{uid}");
        }
    }
}
