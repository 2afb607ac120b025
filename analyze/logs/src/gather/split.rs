//! What a stream says, by who says it.

use super::inputs;
use crate::pair::Step;
use crate::parse::kernel::KernelSaid;
use crate::parse::message::Mark;
use crate::read::founds::Entry;
use crate::read::founds::Founds;
use crate::sync::{Backend, Family};

/// A kernel line with its place and time.
pub(super) struct KernelLine {
    pub(super) input: u32,
    pub(super) line: u64,
    pub(super) time: Option<i64>,
    pub(super) said: KernelSaid,
}

/// The steps of syncs, one by one; the kernel's lines among them go to `kernel`. A process start
/// stands for the first of the lines that tell of it.
pub(super) fn steps(found: Founds, kernel: &mut Vec<KernelLine>) -> impl Iterator<Item = Step> {
    let mut fresh = false;
    found.into_iter().filter_map(move |found| {
        let step = |mark, family, backend| Step {
            input: found.input,
            line: found.line,
            time: found.at.known(),
            mark,
            family,
            backend,
        };
        match found.entry {
            Entry::Mark {
                mark,
                family,
                backend,
            } => {
                fresh = false;
                Some(step(mark, family, backend))
            }
            Entry::Fact(fact) => {
                let start = inputs::starts(&fact) && !fresh;
                fresh |= start;
                start.then(|| step(Mark::Start, Family::Unknown, Backend::Unknown))
            }
            Entry::Kernel(said) => {
                kernel.push(KernelLine {
                    input: found.input,
                    line: found.line,
                    time: found.at.known(),
                    said: *said,
                });
                None
            }
            Entry::Section(_) => None,
        }
    })
}
