//! How much may be kept of what is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::Error;
use crate::request::Source;

/// What a relevant line takes at most until it is a row of a report, in bytes: as it was found,
/// its part of a sync, and what is derived for that. A third of it was measured.
const LINE: u64 = 256;

/// More lines are not kept, whatever memory there is: places of syncs are numbers of 32 bits.
const MOST_LINES: u64 = 1 << 32;

/// The memory that relevant lines may take, all logs together.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    most: u64,
    lines: Arc<AtomicU64>,
}

impl Memory {
    /// So many bytes.
    pub(crate) fn of(most: u64) -> Self {
        Self {
            most: most.min(MOST_LINES * LINE),
            lines: Arc::default(),
        }
    }

    /// Takes room for lines of a source.
    ///
    /// # Errors
    /// [`Error::Memory`] if there is none.
    pub(super) fn take(&self, lines: usize, source: &Source) -> Result<(), Error> {
        let lines = lines as u64;
        let all = self.lines.fetch_add(lines, Ordering::Relaxed) + lines;
        if all.saturating_mul(LINE) <= self.most {
            return Ok(());
        }
        Err(Error::Memory {
            path: source.display.clone(),
            most_mib: self.most >> 20,
        })
    }
}
