//! Whether an input can show how long syncs take: the advice to raise the verbosity rests on it.

use super::Part;
use crate::reading::Visibility;
use crate::sync::Backend;

/// A log of a process that lived so long, and wrote so much, would tell of a sync.
const LONG_NS: i64 = 60_000_000_000;
const ENOUGH_LINES: u64 = 10;
/// One sync may be under way as a log ends.
const ENOUGH_BEGINS: u64 = 2;

impl Part {
    pub(in crate::gather) fn visibility(&self) -> Visibility {
        let needed = self.needed();
        if self.completes > 0 {
            return Visibility::Seen;
        }
        if !self.speaks && (!self.file_speaks || self.kernel_lines > 0) {
            return Visibility::Nothing;
        }
        let certain = match self.input.verbosity {
            Some(level) => level < needed,
            // It says that syncs begin, and at that level not that they end.
            None if needed > 2 && self.begins >= ENOUGH_BEGINS => true,
            // Syncs ran, and of their beginnings and ends, which the level needed prints, none is
            // told; or it lived on, and none would have run.
            None => {
                let long =
                    !self.shared && self.lived_ns >= LONG_NS && self.input.lines >= ENOUGH_LINES;
                let silent = self.begins == 0 && !self.talkative;
                silent && self.input.starts > 0 && (self.ran > 0 || long)
            }
        };
        if certain && self.exited == 0 {
            Visibility::TooLow(needed)
        } else {
            Visibility::NoSync
        }
    }

    /// Lines that a low verbosity does not print stand in it.
    pub(in crate::gather) fn talkative(&self) -> bool {
        self.talkative || self.begins > 0
    }

    /// How often it gave up, where it first did, and its words.
    pub(in crate::gather) fn gave_up(&self) -> Option<(u64, u64, &str)> {
        let (line, words) = self.last_words.as_ref()?;
        Some((self.exited, *line, words))
    }

    /// A sync began in it.
    pub(in crate::gather) fn begun(&self) -> bool {
        self.begins > 0
    }

    /// The verbosity from which durations are printed, in its mode and version.
    fn needed(&self) -> u32 {
        let level = self.input.backend.unwrap_or(Backend::Unknown).verbosity();
        let minor = self.input.version.as_deref().and_then(|version| {
            let digits = version.strip_prefix("v1.")?.split('.').next()?;
            digits.parse::<u32>().ok()
        });
        // iptables printed them at level 4 before Kubernetes 1.19.
        if minor.is_some_and(|minor| minor < 19) {
            4
        } else {
            level
        }
    }
}
