//! Whether the sides of a comparison differ in more than what they are named for.

use std::borrow::Cow;
use std::collections::BTreeSet;

use kube_proxy_logs::Input;

use crate::corpus::{Corpus, OpenBundle, Studies};
use crate::plan::GroupBy;
use crate::report::words::{counted, duration};
use crate::report::{Comparison, SyncTable};

use super::family_lock::FamilyLock;

/// Where a trial is from.
#[derive(Clone, Copy)]
struct Origin<'a> {
    input: &'a Input,
    bundle: Option<&'a OpenBundle>,
    node: Option<&'a bundle::Node>,
}

/// A trait of a set-up, with the group-by that makes it the very thing compared.
struct Trait {
    name: &'static str,
    by: Option<GroupBy>,
    of: for<'a> fn(Origin<'a>) -> Option<Cow<'a, str>>,
}

const TRAITS: [Trait; 11] = [
    Trait {
        name: "kernel",
        by: Some(GroupBy::Kernel),
        of: |from| Some(Cow::from(&from.input.kernel.as_ref()?.0)),
    },
    Trait {
        name: "kube-proxy version",
        by: Some(GroupBy::KubeProxy),
        of: |from| Some(Cow::from(from.input.version.as_ref()?)),
    },
    Trait {
        name: "mode",
        by: Some(GroupBy::Mode),
        of: |from| Some(Cow::from(from.input.backend?.name()?)),
    },
    Trait {
        name: "instance type",
        by: Some(GroupBy::Instance),
        of: |from| Some(Cow::from(from.node?.instance_type.as_ref()?)),
    },
    Trait {
        name: "OS image",
        by: Some(GroupBy::Os),
        of: |from| Some(Cow::from(from.node?.os_image.as_ref()?)),
    },
    Trait {
        name: "architecture",
        by: None,
        of: |from| Some(Cow::from(from.node?.architecture.as_ref()?)),
    },
    Trait {
        name: "minSyncPeriod",
        by: None,
        of: |from| {
            let proxy = from.node?.kube_proxy.as_ref()?;
            Some(Cow::from(proxy.min_sync_period.as_ref()?))
        },
    },
    Trait {
        name: "scenario",
        by: None,
        of: |from| {
            let workload = from.bundle?.bundle.manifest.workload.as_ref()?;
            Some(Cow::from(scenario(workload.scenario)))
        },
    },
    Trait {
        name: "number of Services",
        by: None,
        of: |from| {
            let workload = from.bundle?.bundle.manifest.workload.as_ref()?;
            Some(Cow::from(workload.services.to_string()))
        },
    },
    Trait {
        name: "pace of the ramp",
        by: None,
        of: |from| {
            let workload = from.bundle?.bundle.manifest.workload.as_ref()?;
            Some(Cow::from(workload.pace.as_ref()?))
        },
    },
    Trait {
        name: "API server version",
        by: None,
        of: |from| {
            let cluster = from.bundle?.bundle.manifest.cluster.as_ref()?;
            Some(Cow::from(cluster.server_version.as_ref()?))
        },
    },
];

/// A trait that nothing tells.
const UNKNOWN: &str = "unknown";
/// Traits that change a sync's time by as much as what is compared.
const MIXED: [&str; 3] = ["kernel", "kube-proxy version", "mode"];

/// What a comparison is judged by.
#[derive(Clone, Copy)]
pub struct Provenance<'a> {
    /// The bundles.
    pub corpus: &'a Corpus,
    /// Which of them are compared.
    pub studies: &'a Studies,
    /// The logs.
    pub inputs: &'a [Input],
    /// Every sync.
    pub table: &'a SyncTable,
    /// What makes a group.
    pub by: GroupBy,
    /// Which syncs the other family held up.
    pub lock: &'a FamilyLock,
}

impl<'a> Provenance<'a> {
    /// In what else than its groups' names a comparison's sides differ, a sentence each without
    /// a full stop. A trait that is known on one side only is one; and what both sides mix.
    #[must_use]
    pub fn differences(self, comparison: &Comparison) -> Vec<String> {
        let sides = comparison
            .trials
            .each_ref()
            .map(|trials| self.origins(trials));
        let others = TRAITS.iter().filter(|one| one.by != Some(self.by));
        let each = others.filter_map(|one| {
            let [a, b] = sides.each_ref().map(|side| values(one, side));
            match a == b {
                true => mixed(one, comparison, &a),
                false => Some(format!(
                    "the sides differ in {} too ({}: {}; {}: {})",
                    one.name,
                    comparison.baseline,
                    a.join(", "),
                    comparison.candidate,
                    b.join(", ")
                )),
            }
        });
        each.collect()
    }

    /// What else stands against a comparison's trials: captures that are not whole, and another
    /// family that held the kernel's lock.
    #[must_use]
    pub fn faults(self, comparison: &Comparison) -> Vec<String> {
        let mut faults = BTreeSet::new();
        for origin in comparison
            .trials
            .iter()
            .flat_map(|trials| self.origins(trials))
        {
            if let Some(open) = origin.bundle
                && let bundle::Verdict::Incomplete { reasons } = &open.bundle.manifest.verdict
            {
                faults.insert(format!(
                    "the capture of {} is incomplete: {}",
                    open.id,
                    reasons.join("; ")
                ));
            }
        }
        let mut faults: Vec<String> = faults.into_iter().collect();
        let names = [&comparison.baseline, &comparison.candidate];
        for (trials, name) in comparison.trials.iter().zip(names) {
            let held: Vec<u64> = trials
                .iter()
                .filter_map(|place| self.lock.held_up.get(place).copied())
                .collect();
            if let Some(longest) = held.iter().max() {
                faults.push(format!(
                    "{} of {name} ran while the other IP family held the kernel's lock, for up to \
                     {}",
                    counted(held.len() as u64, "trial"),
                    duration(*longest as f64 / 1e9)
                ));
            }
        }
        faults
    }

    fn origins(self, trials: &[usize]) -> Vec<Origin<'a>> {
        let used: BTreeSet<u32> = trials
            .iter()
            .filter_map(|place| self.table.syncs.get(*place))
            .map(|sync| sync.input)
            .collect();
        used.into_iter()
            .filter_map(|at| {
                let input = self.inputs.get(at as usize)?;
                let owner = self.studies.owners.get(at as usize).copied().flatten();
                Some(Origin {
                    input,
                    bundle: owner.and_then(|owner| self.corpus.bundles.get(owner)),
                    node: self.corpus.node(owner, input.node.as_deref()),
                })
            })
            .collect()
    }
}

/// What both sides hold several values of, where that changes a sync's time.
fn mixed(of: &Trait, comparison: &Comparison, values: &[Cow<'_, str>]) -> Option<String> {
    let known = values.iter().filter(|value| **value != UNKNOWN).count();
    (known > 1 && MIXED.contains(&of.name)).then(|| {
        format!(
            "the runs of {} and of {} differ in {} among themselves ({}): what that changes \
             counts as scatter",
            comparison.baseline,
            comparison.candidate,
            of.name,
            values.join(", ")
        )
    })
}

/// A side's values of a trait in order, each once, `unknown` among them where it is not known.
fn values<'a>(of: &Trait, side: &[Origin<'a>]) -> Vec<Cow<'a, str>> {
    let value = |origin: &Origin<'a>| (of.of)(*origin).unwrap_or(Cow::from(UNKNOWN));
    let mut values: Vec<Cow<'a, str>> = side.iter().map(value).collect();
    values.sort_unstable();
    values.dedup();
    values
}

fn scenario(scenario: bundle::Scenario) -> &'static str {
    match scenario {
        bundle::Scenario::Ramp => "ramp",
        bundle::Scenario::Churn => "churn",
        bundle::Scenario::ColdStart => "cold-start",
    }
}
