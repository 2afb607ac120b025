//! Whether the sides of a comparison differ in more than what they are named for.

use std::collections::{BTreeMap, BTreeSet};

use kube_proxy_logs::Input;

use crate::cli::GroupBy;
use crate::corpus::{Corpus, Studies};

/// A trait of a set-up, with the group-by that makes it the very thing compared.
struct Trait {
    name: &'static str,
    by: Option<GroupBy>,
    of: fn(&Input, Option<&bundle::Node>) -> Option<String>,
}

const TRAITS: [Trait; 6] = [
    Trait {
        name: "kernel",
        by: Some(GroupBy::Kernel),
        of: |input, _| input.kernel.as_ref().map(|(kernel, _)| kernel.clone()),
    },
    Trait {
        name: "kube-proxy version",
        by: Some(GroupBy::KubeProxy),
        of: |input, _| input.version.clone(),
    },
    Trait {
        name: "mode",
        by: Some(GroupBy::Mode),
        of: |input, _| {
            input
                .backend
                .and_then(|backend| backend.name())
                .map(str::to_owned)
        },
    },
    Trait {
        name: "instance type",
        by: Some(GroupBy::Instance),
        of: |_, node| node.and_then(|node| node.instance_type.clone()),
    },
    Trait {
        name: "OS image",
        by: Some(GroupBy::Os),
        of: |_, node| node.and_then(|node| node.os_image.clone()),
    },
    Trait {
        name: "minSyncPeriod",
        by: None,
        of: |_, node| node.and_then(|node| node.kube_proxy.as_ref()?.min_sync_period.clone()),
    },
];

/// What differs between a study's groups beside what they are grouped by, a sentence each.
/// `used`: the inputs that have trials.
#[must_use]
pub fn differences(
    corpus: &Corpus,
    studies: &Studies,
    inputs: &[Input],
    used: &BTreeSet<u32>,
    study: usize,
    by: GroupBy,
) -> Vec<String> {
    TRAITS
        .iter()
        .filter(|one| one.by != Some(by))
        .filter_map(|one| {
            let mut groups: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
            for place in used {
                let at = *place as usize;
                if studies.of_input.get(at) != Some(&study) {
                    continue;
                }
                let input = inputs.get(at)?;
                let owner = corpus.owner(input);
                let node = corpus.node(owner, input.node.as_deref());
                let value = (one.of)(input, node).unwrap_or_else(|| "unknown".to_owned());
                groups
                    .entry(studies.groups.get(at)?)
                    .or_default()
                    .insert(value);
            }
            let distinct: BTreeSet<&BTreeSet<String>> = groups.values().collect();
            (groups.len() > 1 && distinct.len() > 1).then(|| {
                let sides: Vec<String> = groups
                    .iter()
                    .map(|(group, values)| {
                        let values: Vec<&str> = values.iter().map(String::as_str).collect();
                        format!("{group}: {}", values.join(", "))
                    })
                    .collect();
                format!(
                    "The groups differ in {} too ({}).",
                    one.name,
                    sides.join("; ")
                )
            })
        })
        .collect()
}
