//! Groups of nodes: how durations are spread over syncs and over nodes, and which nodes are far
//! from the rest.

use std::collections::BTreeMap;

use super::nodes::{Key, NodeRow};
use crate::report::LineRef;
use crate::report::fleet::{Durations, FleetGroup, NodeFigure, OutlyingNode};
use crate::report::sync_table::family_name;
use crate::stats::outlier::{LIMIT, modified_z};
use crate::stats::spread::Spread;
use crate::stats::summary::median;

/// Fewest nodes of a group of which one can be told to be far from the rest.
const FEWEST_NODES: usize = 8;
/// Fewest syncs of a node whose figures are told apart from others'.
const FEWEST_SYNCS: u64 = 3;
/// How many times the middle, or what part of it, a figure must be: among nodes that hardly
/// differ, a hair would be far.
const APART: f64 = 1.25;

/// The groups so far.
#[derive(Default)]
pub(super) struct Groups(BTreeMap<Key, Collected>);

/// A group so far. Of a node only its figures are kept.
#[derive(Default)]
struct Collected {
    syncs: Spread,
    nodes: Vec<Kept>,
    failed: u64,
    unfinished: u64,
    endpoints: Vec<f64>,
    longest: Option<(u64, String, LineRef)>,
}

/// A node's figures.
struct Kept {
    run: String,
    node: String,
    syncs: u64,
    complaints: u64,
    /// Median and longest in nanoseconds, and where the longest stands; absent if no sync of it
    /// ended well.
    figures: Option<(u64, u64, LineRef)>,
}

impl Groups {
    /// A node's row into its group.
    pub(super) fn take(&mut self, row: NodeRow) {
        let group = self.0.entry(row.key).or_default();
        group.syncs.merge(&row.durations);
        group.failed += row.failed;
        group.unfinished += row.unfinished;
        group
            .endpoints
            .extend(row.endpoints.map(|most| most as f64));
        let middle = row.durations.quantiles_s([0.5]).map(|[s]| nanoseconds(s));
        if let Some((ns, at)) = &row.longest
            && group.longest.as_ref().is_none_or(|(most, ..)| ns > most)
        {
            group.longest = Some((*ns, row.node.clone(), at.clone()));
        }
        let figures = middle.zip(row.longest);
        group.nodes.push(Kept {
            run: row.run,
            node: row.node,
            syncs: row.durations.n(),
            complaints: row.complaints,
            figures: figures.map(|(middle, (longest, at))| (middle, longest, at)),
        });
    }

    /// The groups, that with the most syncs first, and the nodes that are far from the rest of
    /// theirs, the furthest first.
    pub(super) fn finish(self) -> (Vec<FleetGroup>, Vec<OutlyingNode>) {
        let mut groups: Vec<(Key, Collected)> = self.0.into_iter().collect();
        groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.syncs.n()));
        let far = groups.iter().enumerate();
        let mut far: Vec<OutlyingNode> = far.flat_map(|(at, (_, group))| group.far(at)).collect();
        far.sort_by(|a, b| {
            let names = (&a.run, &a.node).cmp(&(&b.run, &b.node));
            b.z.abs().total_cmp(&a.z.abs()).then(names)
        });
        let told = groups.into_iter().map(|(key, group)| group.told(key));
        (told.collect(), far)
    }
}

impl Collected {
    fn told(self, (values, mode, family): Key) -> FleetGroup {
        let over = |pick: fn(&(u64, u64, LineRef)) -> u64| {
            let mut spread = Spread::default();
            for figures in self.nodes.iter().filter_map(|node| node.figures.as_ref()) {
                spread.push(pick(figures));
            }
            durations(&spread)
        };
        FleetGroup {
            values,
            mode: mode.name().map(str::to_owned),
            family: family_name(family).map(str::to_owned),
            nodes: self.nodes.len() as u64,
            failed: self.failed,
            unfinished: self.unfinished,
            endpoints: median(&self.endpoints),
            syncs: durations(&self.syncs),
            medians: over(|(middle, ..)| *middle),
            longest: over(|(_, longest, _)| *longest),
            longest_at: self.longest.map(|(_, node, at)| (node, at)),
        }
    }

    /// Its nodes that are far from the middle, by the logarithms of both figures.
    fn far(&self, group: usize) -> Vec<OutlyingNode> {
        let told = |node: &&Kept| node.figures.is_some() && node.syncs >= FEWEST_SYNCS;
        let nodes: Vec<&Kept> = self.nodes.iter().filter(told).collect();
        if nodes.len() < FEWEST_NODES {
            return Vec::new();
        }
        let by = |figure| far(&nodes, group, figure);
        let mut all = by(NodeFigure::Median);
        // A node is told once, by what is further.
        for other in by(NodeFigure::Longest) {
            let same = |one: &&mut OutlyingNode| (&one.run, &one.node) == (&other.run, &other.node);
            match all.iter_mut().find(same) {
                Some(one) if other.z.abs() > one.z.abs() => *one = other,
                Some(_) => {}
                None => all.push(other),
            }
        }
        all
    }
}

fn far(nodes: &[&Kept], group: usize, figure: NodeFigure) -> Vec<OutlyingNode> {
    let seconds = |node: &&Kept| {
        let ns = node
            .figures
            .as_ref()
            .map_or(0, |(middle, longest, _)| match figure {
                NodeFigure::Median => *middle,
                NodeFigure::Longest => *longest,
            });
        ns as f64 / 1e9
    };
    let all: Vec<f64> = nodes.iter().map(seconds).collect();
    // Below a nanosecond nothing is told; and of nought there is no logarithm.
    let logarithms: Vec<f64> = all.iter().map(|s| s.max(1e-9).ln()).collect();
    let middle = median(&all).filter(|middle| *middle > 0.0);
    let (Some(scores), Some(middle)) = (modified_z(&logarithms), middle) else {
        return Vec::new();
    };
    let each = nodes.iter().zip(scores).zip(&all);
    each.filter_map(|((node, z), seconds)| {
        let times = seconds / middle;
        let apart = times >= APART || times <= 1.0 / APART;
        let (.., at) = node.figures.as_ref()?;
        (z.abs() > LIMIT && apart).then(|| OutlyingNode {
            run: node.run.clone(),
            node: node.node.clone(),
            group,
            figure,
            seconds: *seconds,
            times,
            z,
            syncs: node.syncs,
            complaints: node.complaints,
            longest_at: at.clone(),
        })
    })
    .collect()
}

fn nanoseconds(seconds: f64) -> u64 {
    (seconds * 1e9).round() as u64
}

fn durations(of: &Spread) -> Option<Durations> {
    let [least_s, most_s] = of.ends_s()?;
    let at = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
    let [p5_s, p25_s, p50_s, p75_s, p95_s, p99_s] = of.quantiles_s(at)?;
    Some(Durations {
        n: of.n(),
        mean_s: of.mean_s()?,
        least_s,
        p5_s,
        p25_s,
        p50_s,
        p75_s,
        p95_s,
        p99_s,
        most_s,
        within: of.within(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube_proxy_logs::{Backend, Family};

    /// A group of nodes whose syncs all take so many milliseconds.
    fn outliers(nodes: &[(u64, u64)]) -> Vec<OutlyingNode> {
        let mut groups = Groups::default();
        for (number, (ms, syncs)) in nodes.iter().enumerate() {
            let ns = ms * 1_000_000;
            let mut durations = Spread::default();
            (0..*syncs).for_each(|_| durations.push(ns));
            let at = LineRef {
                input: format!("{number}.log"),
                line: 1,
            };
            groups.take(NodeRow {
                run: "run".to_owned(),
                node: format!("node-{number}"),
                key: (vec![None], Backend::Nftables, Family::Ipv4),
                durations,
                longest: Some((ns, at)),
                failed: 0,
                unfinished: 0,
                endpoints: None,
                complaints: 0,
            });
        }
        groups.finish().1
    }

    /// So many nodes about 1 s, and one that differs.
    fn with(others: u64, one: (u64, u64)) -> Vec<OutlyingNode> {
        let mut nodes: Vec<(u64, u64)> = (0..others).map(|n| (996 + n, 3)).collect();
        nodes.push(one);
        outliers(&nodes)
    }

    /// Both sides of each number that decides: nodes of a group, syncs of a node, how far apart.
    #[test]
    fn who_stands_out() {
        assert_eq!(with(7, (3_000, 3)).len(), 1);
        assert!(with(6, (3_000, 3)).is_empty(), "seven nodes are too few");
        assert!(with(8, (3_000, 2)).is_empty(), "two syncs are too few");
        assert_eq!(with(8, (1_251, 3)).len(), 1);
        assert!(with(8, (1_245, 3)).is_empty(), "not a quarter more");
        let faster = with(8, (798, 3));
        assert!(faster.len() == 1 && faster[0].z < 0.0 && faster[0].times < 0.8);
        assert!(with(8, (806, 3)).is_empty(), "not a fifth less");
        // Nodes that scatter by more than that hide it.
        let scattered: Vec<(u64, u64)> = (1..=9).map(|n| (n * 300, 3)).collect();
        assert!(outliers(&scattered).is_empty());
        assert!(outliers(&[]).is_empty());
    }

    /// Where all but one are alike nothing tells how far is far.
    #[test]
    fn equal_nodes_have_no_outlier() {
        let mut nodes = vec![(1_000, 3); 9];
        nodes.push((3_000, 3));
        assert!(outliers(&nodes).is_empty());
    }
}
