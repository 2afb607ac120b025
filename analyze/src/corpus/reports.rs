//! Reports of ours below a directory of logs: they are not read as logs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::sums::{self, Sums};

/// What the directories list as files of a report, each looked up once; nothing where none is.
#[derive(Debug, Default)]
pub(super) struct Reports(HashMap<PathBuf, Option<Sums>>);

impl Reports {
    /// Whether a file below `root` belongs to a report, or to one that is being made.
    pub(super) fn hold(&mut self, root: &Path, file: &Path) -> bool {
        let inside = |folder: &&Path| folder.starts_with(root);
        for folder in file.ancestors().skip(1).take_while(inside) {
            if folder != root && is_workplace(folder) {
                return true;
            }
            if !self.0.contains_key(folder) {
                let list = Sums::of(folder);
                let list = (list != Sums::default()).then_some(list);
                self.0.insert(folder.to_path_buf(), list);
            }
            let Some(Some(list)) = self.0.get(folder) else {
                continue;
            };
            let path = file.strip_prefix(folder).ok().and_then(Path::to_str);
            if path == Some(sums::NAME) || path.is_some_and(|path| list.get(path).is_some()) {
                return true;
            }
        }
        false
    }
}

/// A hidden directory that a report is made in: `.reports.analyze`, or `.analyze` inside.
pub(super) fn is_workplace(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') && name.ends_with(".analyze")
}
