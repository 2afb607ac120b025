//! How much of the time kube-proxy was in a sync: what an operator feels. And whether the log is
//! whole: a sample from which short syncs were left out flatters nobody and tells no share.

use std::collections::BTreeMap;

use kube_proxy_logs::{Outcome, Sync};

use super::runs::Sources;
use crate::corpus::OpenBundle;
use crate::report::{Places, TimeInSync};

/// kube-proxy syncs once an hour whatever happens (`FullSyncPeriod`): more than that, and a little,
/// without a sync is a gap in the log.
const SILENT_NS: i64 = 3_900_000_000_000;
const HOUR_NS: i64 = 3_600_000_000_000;
/// Where all of so many syncs took so long, the shorter ones were left out.
const FEWEST: usize = 3;
const LONG_NS: u64 = 60_000_000_000;

/// What is known of a node.
#[derive(Default)]
struct Node {
    group: u32,
    inputs: Vec<usize>,
    places: Places,
}

/// The nodes of a study. `places`: its syncs.
pub(super) fn of_study(sources: Sources<'_>, study: usize, places: &Places) -> Vec<TimeInSync> {
    let Sources {
        corpus,
        studies,
        inputs,
        table,
        ..
    } = sources;
    let mut nodes: BTreeMap<(Option<usize>, String), Node> = BTreeMap::new();
    for place in places.iter() {
        let at = table.syncs.input_at(place) as usize;
        let Some(input) = inputs.get(at) else {
            continue;
        };
        let name = match (&input.node, &input.section) {
            (Some(node), None) => node.clone(),
            (_, Some(section)) => format!("{}:{section}", input.path),
            (None, None) => input.path.clone(),
        };
        let owner = studies.owners.get(at).copied().flatten();
        let node = nodes.entry((owner, name)).or_default();
        node.group = table.origins[at].group;
        node.places.push(place);
        if node.inputs.last() != Some(&at) && !node.inputs.contains(&at) {
            node.inputs.push(at);
        }
    }
    let one = |((owner, name), node): ((Option<usize>, String), Node)| {
        let open = owner.and_then(|owner| corpus.bundles.get(owner));
        let lines = node.inputs.iter().filter_map(|at| inputs.get(*at)?.span_ns);
        let syncs = || node.places.iter().map(|at| table.syncs.at(at));
        let watched = Watched::of(lines.collect(), syncs(), gaps(open, &name))?;
        let longest = node.places.iter();
        Some(TimeInSync {
            study: table.studies[study].clone(),
            group: table.groups[node.group as usize].clone(),
            censored: censored(open, syncs, watched.silent),
            observed_s: watched.observed_ns as f64 / 1e9,
            syncing_s: watched.syncing_ns as f64 / 1e9,
            share: watched.syncing_ns as f64 / watched.observed_ns as f64,
            worst_hour: watched.worst_hour(),
            syncs: node.places.len(),
            longest: longest.max_by_key(|at| (table.syncs.at(*at).elapsed_ns, usize::MAX - at)),
            node: name,
        })
    };
    nodes.into_iter().filter_map(one).collect()
}

/// Gaps in a node's capture, as its bundle tells.
fn gaps(open: Option<&OpenBundle>, node: &str) -> Vec<(i64, i64)> {
    let captures = open.map_or(&[][..], |open| &open.bundle.manifest.capture);
    let mine = captures.iter().filter(|capture| capture.node == node);
    mine.flat_map(|capture| &capture.gaps)
        .filter_map(|gap| {
            let to = gap.to?;
            Some((gap.from.timestamp_nanos_opt()?, to.timestamp_nanos_opt()?))
        })
        .collect()
}

/// What a node's log covers.
struct Watched {
    /// Spans in which a sync ran, in order, none touching the next.
    syncing: Vec<(i64, i64)>,
    from: i64,
    to: i64,
    observed_ns: i64,
    syncing_ns: i64,
    /// Whether it is silent for longer than kube-proxy ever is.
    silent: bool,
}

impl Watched {
    /// None where nothing tells a time.
    fn of(
        lines: Vec<(i64, i64)>,
        syncs: impl Iterator<Item = Sync>,
        gaps: Vec<(i64, i64)>,
    ) -> Option<Self> {
        let spans = syncs.filter_map(|sync| {
            let ended = sync.outcome != Outcome::Unfinished;
            sync.start_ns.zip(sync.end_ns).filter(|_| ended)
        });
        let syncing = union(spans.collect());
        let (first, last) = (syncing.first()?, syncing.last()?);
        let from = lines.iter().map(|span| span.0).fold(first.0, i64::min);
        let to = lines.iter().map(|span| span.1).fold(last.1, i64::max);
        let mut lost = gaps;
        let silent: Vec<(i64, i64)> = syncing
            .windows(2)
            .map(|pair| (pair[0].1, pair[1].0))
            .filter(|(from, to)| to.saturating_sub(*from) > SILENT_NS)
            .collect();
        lost.extend(&silent);
        // A sync that the log tells of is no gap.
        let lost: i64 = union(lost)
            .iter()
            .map(|(a, b)| b - a - covered(&syncing, *a, *b))
            .sum();
        let syncing_ns = syncing.iter().map(|(a, b)| b - a).sum();
        let observed_ns = to - from - lost;
        (observed_ns > 0).then_some(Self {
            from,
            to,
            observed_ns,
            syncing_ns,
            silent: !silent.is_empty(),
            syncing,
        })
    }

    /// The worst hour begins with a sync or ends with one.
    fn worst_hour(&self) -> Option<f64> {
        let within = |from: &i64| *from >= self.from && from + HOUR_NS <= self.to;
        let mut begins = self.syncing.iter().map(|span| span.0).filter(within);
        let ends = self.syncing.iter().map(|span| span.1 - HOUR_NS);
        // Summed up once: an hour of a busy node holds thousands of syncs, and each begins one.
        let before: Vec<i64> = std::iter::once(0)
            .chain(self.syncing.iter().scan(0, |sum, (from, to)| {
                *sum += to - from;
                Some(*sum)
            }))
            .collect();
        // Moments come in order: each is looked for from where the one before was found.
        let until = |over: &mut usize, moment: i64| {
            let passed = |span: &(i64, i64)| span.1 <= moment;
            while self.syncing.get(*over).is_some_and(passed) {
                *over += 1;
            }
            let begun = self.syncing.get(*over).map_or(0, |span| moment - span.0);
            before.get(*over).map_or(0, |sum| sum + begun.max(0))
        };
        let most = |hours: &mut dyn Iterator<Item = i64>| {
            let (mut first, mut last) = (0, 0);
            hours
                .map(|from| until(&mut last, from + HOUR_NS) - until(&mut first, from))
                .max()
        };
        let most = most(&mut begins).max(most(&mut ends.filter(within)))?;
        Some(most as f64 / HOUR_NS as f64)
    }
}

/// Nanoseconds between two moments that lie in sorted spans.
fn covered(spans: &[(i64, i64)], from: i64, to: i64) -> i64 {
    let first = spans.partition_point(|span| span.1 <= from);
    let inside = spans[first..].iter().take_while(|span| span.0 < to);
    inside.map(|span| span.1.min(to) - span.0.max(from)).sum()
}

/// Spans in order, those that touch made one.
fn union(mut spans: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    spans.sort_unstable();
    for (from, to) in &mut spans {
        *to = (*to).max(*from);
    }
    // In place: there may be millions.
    spans.dedup_by(|next, last| {
        let touches = next.0 <= last.1;
        if touches {
            last.1 = last.1.max(next.1);
        }
        touches
    });
    spans
}

/// Why syncs may be missing: where it is said, and where it is seen.
fn censored<I: Iterator<Item = Sync>>(
    open: Option<&OpenBundle>,
    syncs: impl Fn() -> I,
    silent: bool,
) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(open) = open
        && let bundle::Verdict::Incomplete { reasons: said } = &open.bundle.manifest.verdict
    {
        reasons.extend(said.iter().cloned());
    }
    if silent {
        reasons
            .push("more than an hour without a sync, which kube-proxy never lets pass".to_owned());
    }
    let lengths = || {
        let ended = syncs().filter(|sync| sync.outcome == Outcome::Ok);
        ended.filter_map(|sync| sync.elapsed_ns)
    };
    if lengths().nth(FEWEST - 1).is_some() && lengths().all(|ns| ns >= LONG_NS) {
        reasons.push("every sync in it took over a minute".to_owned());
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_touch_are_one_and_parts_of_them_are_counted() {
        let spans = union(vec![(5, 9), (0, 3), (3, 4), (20, 30), (6, 7)]);
        assert_eq!(spans, [(0, 4), (5, 9), (20, 30)]);
        assert_eq!(covered(&spans, 2, 25), 2 + 4 + 5);
        assert_eq!(covered(&spans, 9, 20), 0);
        assert_eq!(covered(&[], 0, 9), 0);
    }
}
