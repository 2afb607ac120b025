//! How many endpoints full scale is.

use std::collections::BTreeMap;

use kube_proxy_logs::Sync;

use super::net_change::endpoints;
use crate::corpus::Corpus;

/// Endpoints at full scale, log by log: a bundle's own workload; without one the largest count
/// seen in the bundle, or in all loose logs together.
///
/// Each bundle has its own, so that two bundles of different scales can be set side by side; the
/// comparison then warns of their scales.
#[derive(Debug, Default)]
pub struct FullScale {
    /// By input; only those with a sync.
    of_input: BTreeMap<u32, u64>,
    /// Whether some, and whether all, are from a workload.
    from_workload: [bool; 2],
}

impl FullScale {
    /// That of the syncs of one study and family. `owners`: the bundle of each input.
    pub fn of(
        corpus: &Corpus,
        owners: &[Option<usize>],
        syncs: impl Iterator<Item = Sync>,
    ) -> Self {
        // By input; absent of one without syncs.
        let mut largest: Vec<Option<Option<u64>>> = vec![None; owners.len()];
        for sync in syncs {
            if let Some(largest) = largest.get_mut(sync.input as usize) {
                *largest = Some(largest.flatten().max(endpoints(&sync)));
            }
        }
        let mut seen: BTreeMap<Option<usize>, (Vec<u32>, Option<u64>)> = BTreeMap::new();
        for ((owner, most), input) in owners.iter().zip(largest).zip(0..) {
            if let Some(most) = most {
                let (inputs, largest) = seen.entry(*owner).or_default();
                inputs.push(input);
                *largest = (*largest).max(most);
            }
        }
        let mut scale = Self {
            of_input: BTreeMap::new(),
            from_workload: [false, true],
        };
        for (owner, (inputs, largest)) in seen {
            let manifest = owner.and_then(|owner| corpus.bundles.get(owner));
            let workload = manifest
                .and_then(|open| open.bundle.manifest.workload.as_ref()?.target_endpoints());
            scale.from_workload[0] |= workload.is_some();
            scale.from_workload[1] &= workload.is_some();
            if let Some(full) = workload.or(largest) {
                scale
                    .of_input
                    .extend(inputs.into_iter().map(|input| (input, full)));
            }
        }
        scale
    }

    /// Full scale of a log.
    #[must_use]
    pub fn at(&self, input: u32) -> Option<u64> {
        self.of_input.get(&input).copied()
    }

    /// The one full scale of all logs; none if they differ.
    #[must_use]
    pub fn common(&self) -> Option<u64> {
        self.range()
            .filter(|[least, most]| least == most)
            .map(|[full, _]| full)
    }

    /// The smallest and the largest.
    #[must_use]
    pub fn range(&self) -> Option<[u64; 2]> {
        let all = || self.of_input.values().copied();
        Some([all().min()?, all().max()?])
    }

    /// Where it is from, in words.
    #[must_use]
    pub fn from(&self) -> &'static str {
        match self.from_workload {
            [true, true] => "workload",
            [true, false] => "workload or largest seen",
            [false, _] => "largest seen",
        }
    }
}
