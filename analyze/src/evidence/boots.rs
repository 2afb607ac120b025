//! When nodes booted anew, as their kernel logs tell: what follows a reboot is another run.

use std::collections::BTreeMap;

use kube_proxy_logs::{Input, KernelEvent};

use crate::corpus::Studies;

/// An emulated guest's uptime and clock do not run alike: a boot may seem to lie so much too early.
const AMISS: i64 = 60_000_000_000;

/// A node, of a bundle or of none.
type Node = (Option<usize>, String);

/// For each node the moments at which it booted again.
#[derive(Debug, Default, PartialEq)]
pub struct Boots(BTreeMap<Node, Vec<i64>>);

impl Boots {
    /// Of all complaints that tell both time and uptime: the node booted between two where the
    /// uptime fell.
    #[must_use]
    pub fn of(events: &[KernelEvent], studies: &Studies, inputs: &[Input]) -> Self {
        let mut told: BTreeMap<Node, Vec<(i64, i64)>> = BTreeMap::new();
        for event in events {
            let at = event.input as usize;
            let node = inputs.get(at).and_then(|input| input.node.clone());
            let uptime = event.uptime_s.map(|seconds| (seconds * 1e9) as i64);
            if let (Some(node), Some(moment)) = (node, event.time_ns.zip(uptime)) {
                let owner = studies.owners.get(at).copied().flatten();
                told.entry((owner, node)).or_default().push(moment);
            }
        }
        let reboots = |(node, moments): (_, Vec<(i64, i64)>)| {
            let boots = boots_in(moments);
            (!boots.is_empty()).then_some((node, boots))
        };
        Self(told.into_iter().filter_map(reboots).collect())
    }

    /// How often a node had booted again at a moment.
    #[must_use]
    pub fn before(&self, bundle: Option<usize>, node: Option<&str>, moment: Option<i64>) -> usize {
        let (Some(node), Some(moment)) = (node, moment) else {
            return 0;
        };
        let boots = self.0.get(&(bundle, node.to_owned()));
        boots.map_or(0, |boots| boots.partition_point(|boot| *boot <= moment))
    }
}

/// The boots between complaints of one node, each of a time and an uptime, in nanoseconds.
fn boots_in(mut moments: Vec<(i64, i64)>) -> Vec<i64> {
    moments.sort_unstable();
    // An uptime that fell, and a boot that lies after the complaint before it. A clock that was set
    // back by more than lies between two complaints looks the same, and parts a run in two.
    let booted = |pair: &[(i64, i64)]| pair[1].0.saturating_sub(pair[1].1);
    let fell = moments
        .windows(2)
        .filter(|pair| pair[1].1 < pair[0].1 && booted(pair) >= pair[0].0.saturating_sub(AMISS));
    fell.map(booted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Boots that are found in complaints of one node, as seconds of time and of uptime.
    fn found(told: &[(i64, i64)]) -> Vec<i64> {
        let second = 1_000_000_000;
        let moments = told.iter().map(|(time, up)| (time * second, up * second));
        boots_in(moments.collect())
            .into_iter()
            .map(|boot| boot / second)
            .collect()
    }

    #[test]
    fn a_reboot_is_an_uptime_that_begins_anew_after_the_complaint_before_it() {
        assert_eq!(found(&[(1_000, 900), (1_100, 1_000)]), [0_i64; 0]);
        assert_eq!(found(&[(1_000, 900), (1_100, 50)]), [1_050]);
        // It may seem a minute too early, and no more.
        assert_eq!(found(&[(1_000, 900), (1_100, 160)]), [940]);
        assert_eq!(found(&[(1_000, 900), (1_100, 161)]), [0_i64; 0]);
        assert_eq!(found(&[]), [0_i64; 0]);
    }
}
