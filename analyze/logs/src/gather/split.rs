//! What a stream says, by who says it.

use super::inputs;
use crate::pair::Step;
use crate::parse::kernel::KernelSaid;
use crate::parse::message::Mark;
use crate::read::scan::{Entry, Found};
use crate::sync::{Backend, Family};

/// A kernel line with its place and time.
pub(super) struct KernelLine {
    pub(super) input: u32,
    pub(super) line: u64,
    pub(super) time: Option<i64>,
    pub(super) said: KernelSaid,
}

/// Separates the steps of syncs from the kernel's lines. A process start stands for the first
/// of the lines that tell of it.
///
/// A step is no larger than what it is made of, so that the list of steps takes the place of the
/// list of lines: no second one is made.
pub(super) fn split(found: Vec<Found>) -> (Vec<Step>, Vec<KernelLine>) {
    let mut kernel = Vec::new();
    let mut fresh = false;
    let steps = found
        .into_iter()
        .filter_map(|found| {
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
        .collect();
    (steps, kernel)
}
