//! In which order runs were made, and which of them make a block.
//!
//! Both are read from times alone, never from what was measured, so that no outcome can choose
//! how it is judged.

use std::collections::{HashMap, HashSet};

/// From first to last moment of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Start of the first trial.
    pub start_ns: i64,
    /// End of the last one.
    pub end_ns: i64,
}

/// A run, as its order is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timed {
    /// Its group: any number.
    pub group: usize,
    /// Its bundle: runs of one are made at one time.
    pub bundle: Option<usize>,
    /// When it was.
    pub span: Option<Span>,
}

/// Where each run of a study stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    /// Place in time, from 0; runs that overlap, or are of one bundle, share one. All are 0 where
    /// a run tells no time.
    pub places: Vec<usize>,
    /// The block, from 0: consecutive places until a group would run again.
    pub blocks: Vec<usize>,
    /// Whether each block holds each group exactly once, and there are two blocks at least: a
    /// design in blocks, as `lab bench` makes it.
    pub complete: bool,
}

impl Order {
    /// Finds the order of runs.
    #[must_use]
    pub fn of(runs: &[Timed]) -> Self {
        let places = places(runs);
        let blocks = blocks(runs, &places);
        let complete = complete(runs, &blocks);
        Self {
            places,
            blocks,
            complete,
        }
    }
}

fn places(runs: &[Timed]) -> Vec<usize> {
    let Some(spans) = runs
        .iter()
        .map(|run| run.span)
        .collect::<Option<Vec<Span>>>()
    else {
        return vec![0; runs.len()];
    };
    // A run counts from the first to the last moment of its bundle.
    let mut of_bundle: HashMap<usize, Span> = HashMap::new();
    for (run, span) in runs.iter().zip(&spans) {
        if let Some(bundle) = run.bundle {
            let whole = of_bundle.entry(bundle).or_insert(*span);
            whole.start_ns = whole.start_ns.min(span.start_ns);
            whole.end_ns = whole.end_ns.max(span.end_ns);
        }
    }
    let whole = |(at, run): (usize, &Timed)| {
        let bundle = run.bundle.and_then(|bundle| of_bundle.get(&bundle));
        (bundle.copied().unwrap_or(spans[at]), at)
    };
    let mut order: Vec<(Span, usize)> = runs.iter().enumerate().map(whole).collect();
    order.sort_by_key(|(span, at)| (span.start_ns, *at));
    let mut places = vec![0; runs.len()];
    let mut place = 0;
    let mut until = order.first().map_or(0, |(span, _)| span.end_ns);
    for (span, at) in order {
        if span.start_ns >= until {
            place += 1;
        }
        until = until.max(span.end_ns);
        places[at] = place;
    }
    places
}

fn blocks(runs: &[Timed], places: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..runs.len()).collect();
    order.sort_by_key(|run| places[*run]);
    let mut blocks = vec![0; runs.len()];
    let (mut block, mut seen) = (0, HashSet::new());
    for at_once in order.chunk_by(|one, other| places[*one] == places[*other]) {
        if at_once.iter().any(|run| seen.contains(&runs[*run].group)) {
            block += 1;
            seen.clear();
        }
        for run in at_once {
            seen.insert(runs[*run].group);
            blocks[*run] = block;
        }
    }
    blocks
}

fn complete(runs: &[Timed], blocks: &[usize]) -> bool {
    let mut groups: Vec<usize> = runs.iter().map(|run| run.group).collect();
    groups.sort_unstable();
    groups.dedup();
    let count = blocks.iter().max().map_or(0, |last| last + 1);
    let mut inside: Vec<(usize, usize)> = blocks
        .iter()
        .zip(runs)
        .map(|(block, run)| (*block, run.group))
        .collect();
    inside.sort_unstable();
    let mut each = inside.chunk_by(|one, other| one.0 == other.0);
    let whole = |block: &[(usize, usize)]| block.iter().map(|(_, group)| group).eq(&groups);
    count >= 2 && groups.len() >= 2 && each.all(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(groups: &[usize]) -> Vec<Timed> {
        let run = |(at, group): (usize, &usize)| Timed {
            group: *group,
            bundle: Some(at),
            span: Some(Span {
                start_ns: 100 * at as i64,
                end_ns: 100 * at as i64 + 50,
            }),
        };
        groups.iter().enumerate().map(run).collect()
    }

    #[test]
    fn repetitions_in_any_order_are_blocks() {
        let order = Order::of(&runs(&[2, 0, 1, 1, 2, 0]));
        assert_eq!(order.blocks, [0, 0, 0, 1, 1, 1]);
        assert_eq!(order.places, [0, 1, 2, 3, 4, 5]);
        assert!(order.complete);
        // One after the other there are none.
        assert!(!Order::of(&runs(&[0, 0, 0, 1, 1, 1])).complete);
        // A run is missing.
        assert!(!Order::of(&runs(&[0, 1, 2, 0, 2, 1, 0])).complete);
        assert!(!Order::of(&runs(&[0, 1])).complete);
    }

    #[test]
    fn what_overlaps_or_is_of_one_bundle_is_at_one_time() {
        let mut two = runs(&[0, 1, 0, 1]);
        two[1].span = two[0].span;
        two[3].bundle = two[2].bundle;
        let order = Order::of(&two);
        assert_eq!(order.places, [0, 0, 1, 1]);
        assert!(order.complete);
        let mut unknown = runs(&[0, 1, 0]);
        unknown[1].span = None;
        assert_eq!(Order::of(&unknown).places, [0, 0, 0]);
        assert_eq!(Order::of(&[]), Order::default());
    }
}
