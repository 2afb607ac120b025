//! How the samples of one load differ between two kernels.

use std::collections::HashSet;

use inferno::differential;

use super::{ROWS, frames, load_of, options, picture};
use crate::chart::{Figures, Picture, file_name};
use crate::error::Error;
use crate::report::names::short;
use crate::report::{Profile, Trace};

/// A frame with an outline, where frames are pale.
const OUTLINED: &str = "<rect stroke=\"#b8bfc6\" stroke-width=\"0.5\" ";
/// The first as it is, coloured by what takes less (blue) and more (red) on the last: so is seen
/// what an upgrade takes away. Samples are of one load at one frequency: they are compared as they
/// are, not as shares.
pub(super) fn two(first: &Profile, last: &Profile) -> Result<Picture, Error> {
    let (before, after) = (short(&first.kernel), short(&last.kernel));
    let title = format!("{before} to {after}: blue less, red more");
    let mut out = Vec::new();
    let (a, b) = (beside(last, first), beside(first, last));
    let how = differential::Options::default();
    differential::from_readers(how, a.as_bytes(), b.as_bytes(), &mut out)
        .map_err(Error::making("a flame graph"))?;
    let text = String::from_utf8_lossy(&out).into_owned();
    // What the first has not has no width.
    let has = |line: &&str| !line.ends_with(" 0");
    let lines: Vec<String> = text.lines().filter(has).map(str::to_owned).collect();
    let mut options = options();
    // The first stands where inferno expects the last.
    options.negate_differentials = true;
    let mut frames = frames(&mut options, &lines)?;
    frames.text = frames.text.replace("<rect ", OUTLINED);
    let rows = changes(first, last);
    let told: Vec<String> = rows
        .iter()
        .take(5)
        .map(|(name, a, b)| format!("{name} {a} to {b}"))
        .collect();
    let mut figures = Figures::new(&["function", "first", "last", "change"]);
    for (name, a, b) in rows {
        figures.push_from(|| {
            let change = i128::from(b) - i128::from(a);
            let cells = [name.to_owned(), a.to_string(), b.to_string()];
            let cells = cells.into_iter().chain([format!("{change:+}")]);
            (cells.collect(), Trace::default())
        });
    }
    let (n, m) = (first.kernel_samples, last.kernel_samples);
    let described = format!(
        "Differential flame graph of the kernel's samples: {} on {before} ({n}), coloured by what \
         they are on {after} ({m}). {}.",
        first.what,
        told.join(", ")
    );
    let name = format!("{}-flame-change", file_name(&first.id));
    let below = format!("{}; {n} to {m} samples", load_of(first));
    picture(first, &name, (title, below), described, &frames, figures)
}

/// The kernel's stacks of one, as they can be put beside another's: a caller that the other has not
/// is left out, for compilers inline different functions, and all above it would differ.
fn beside(of: &Profile, other: &Profile) -> String {
    let kernel = |of: &'_ Profile| {
        let stacks = of.stacks.clone().into_iter();
        stacks.filter(|(stack, _)| !stack.ends_with(";[user]"))
    };
    let known: HashSet<String> = kernel(other)
        .flat_map(|(stack, _)| stack.split(';').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    kernel(of)
        .map(|(stack, n)| {
            let frames: Vec<&str> = stack.split(';').collect();
            let last = frames.len() - 1;
            let all = frames.iter().enumerate();
            let kept = all.filter(|(at, frame)| *at == last || known.contains(**frame));
            let kept: Vec<&str> = kept.map(|(_, frame)| *frame).collect();
            format!("{} {n}\n", kept.join(";"))
        })
        .collect()
}

/// Samples of each hot function on both kernels, those that changed most first.
fn changes<'r>(first: &'r Profile, last: &'r Profile) -> Vec<(&'r str, u64, u64)> {
    let samples = |of: &Profile, function: &str| {
        let mut all = of.functions.iter();
        all.find(|hot| hot.function == function)
            .map_or(0, |hot| hot.samples)
    };
    let hot = |of: &'r Profile| of.functions.iter().take(ROWS);
    let mut names: Vec<&str> = Vec::new();
    for hot in hot(first).chain(hot(last)) {
        if !names.contains(&hot.function.as_str()) {
            names.push(&hot.function);
        }
    }
    let row = |name: &'r str| (name, samples(first, name), samples(last, name));
    let mut rows: Vec<(&str, u64, u64)> = names.into_iter().map(row).collect();
    rows.sort_by_key(|(_, a, b)| std::cmp::Reverse(a.abs_diff(*b)));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(stacks: &[(&str, u64)]) -> Profile {
        Profile {
            id: String::new(),
            replay: None,
            study: None,
            run: None,
            what: String::new(),
            kernel: String::new(),
            path: String::new(),
            sampler: String::new(),
            samples: 0,
            kernel_samples: 0,
            outside_commits: None,
            cost_pct: None,
            functions: Vec::new(),
            causes: Vec::new(),
            stacks: stacks.iter().map(|(s, n)| ((*s).to_owned(), *n)).collect(),
        }
    }

    #[test]
    fn a_caller_that_one_kernel_inlines_does_not_part_two_stacks() {
        let one = profile(&[("nft;call;inlined;walk", 3), ("nft;[user]", 9)]);
        let other = profile(&[("nft;call;walk;gone", 2)]);
        assert_eq!(beside(&one, &other), "nft;call;walk 3\n");
        // What it is itself stays, though the other has it not.
        assert_eq!(beside(&other, &one), "nft;call;walk;gone 2\n");
    }
}
