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
pub(super) fn split(found: Vec<Found>, times: &[Option<i64>]) -> (Vec<Step>, Vec<KernelLine>) {
    let marks = found
        .iter()
        .filter(|found| matches!(found.entry, Entry::Mark { .. }))
        .count();
    let mut steps = Vec::with_capacity(marks + 16);
    let mut kernel = Vec::new();
    let mut fresh = false;
    for (found, time) in found.into_iter().zip(times) {
        let (input, line, time) = (found.input, found.line, *time);
        match found.entry {
            Entry::Mark {
                mark,
                family,
                backend,
            } => {
                fresh = false;
                steps.push(Step {
                    input,
                    line,
                    time,
                    mark,
                    family,
                    backend,
                });
            }
            Entry::Fact(fact) => {
                if inputs::starts(&fact) && !fresh {
                    fresh = true;
                    let family = Family::Unknown;
                    let backend = Backend::Unknown;
                    steps.push(Step {
                        input,
                        line,
                        time,
                        mark: Mark::Start,
                        family,
                        backend,
                    });
                }
            }
            Entry::Kernel(said) => kernel.push(KernelLine {
                input,
                line,
                time,
                said: *said,
            }),
            Entry::Section(_) => {}
        }
    }
    (steps, kernel)
}
