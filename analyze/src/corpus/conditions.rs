//! Studies whose runs were made under several conditions, each with everything that is compared:
//! two kube-proxies, each on the same kernels, are two studies of kernels and none of a mixture.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use kube_proxy_logs::{Input, Visibility};

use super::seed::{StudySeed, safe};
use crate::plan::GroupBy;

/// What a bundle's logs have in common beside what they are grouped by, by its name for people.
type Condition = BTreeMap<&'static str, String>;

/// Logs, and what is known of each.
#[derive(Clone, Copy)]
pub(super) struct Logs<'c> {
    pub(super) inputs: &'c [Input],
    pub(super) groups: &'c [String],
    pub(super) owners: &'c [Option<usize>],
}

impl Logs<'_> {
    /// Parts a study, or leaves it as it is where its conditions are not crossed with what is
    /// compared: where one of them has a single group, nothing could be compared under it.
    pub(super) fn parted(
        self,
        study: StudySeed,
        by: GroupBy,
        taken: &mut HashSet<String>,
    ) -> Vec<StudySeed> {
        let Some(parts) = self.parts(&study, by) else {
            return vec![study];
        };
        let told = tell_apart(parts.keys());
        let one = |(words, bundles): (String, Vec<usize>)| {
            let title = format!("{}, {words}", study.title);
            StudySeed {
                id: safe(&title.replace(", ", "-"), taken),
                title,
                bundles,
                pooled: study.pooled,
            }
        };
        told.into_iter().zip(parts.into_values()).map(one).collect()
    }

    /// The bundles of each condition; none where there is only one, or any is not known.
    fn parts(self, study: &StudySeed, by: GroupBy) -> Option<BTreeMap<Condition, Vec<usize>>> {
        let is_loose = |owner: &Option<usize>| owner.is_none();
        if study.bundles.len() < 2 || study.pooled && self.owners.iter().any(is_loose) {
            return None;
        }
        let mine: BTreeSet<usize> = study.bundles.iter().copied().collect();
        let mut found: BTreeMap<usize, (Condition, BTreeSet<&String>)> = BTreeMap::new();
        for ((input, owner), group) in self.inputs.iter().zip(self.owners).zip(self.groups) {
            let is_log = !input.kernel_log && input.visibility == Visibility::Seen;
            let Some(owner) = owner.filter(|owner| is_log && mine.contains(owner)) else {
                continue;
            };
            let condition = condition(input, by)?;
            let known = found.entry(owner);
            let (of_bundle, groups) = known.or_insert_with(|| (condition.clone(), BTreeSet::new()));
            if *of_bundle != condition {
                return None;
            }
            groups.insert(group);
        }
        // A bundle without a log has none to be parted by.
        if found.len() < mine.len() {
            return None;
        }
        let mut parts: BTreeMap<Condition, Vec<usize>> = BTreeMap::new();
        let mut groups: BTreeMap<Condition, BTreeSet<&String>> = BTreeMap::new();
        for (bundle, (condition, of_bundle)) in found {
            groups
                .entry(condition.clone())
                .or_default()
                .extend(of_bundle);
            parts.entry(condition).or_default().push(bundle);
        }
        let crossed = groups.len() > 1 && groups.values().all(|names| names.len() > 1);
        crossed.then_some(parts)
    }
}

/// None where it is not known whole, or logs are grouped by something else.
fn condition(input: &Input, by: GroupBy) -> Option<Condition> {
    let kernel = || input.kernel.as_ref().map(|(name, _)| name.clone());
    let mode = || input.backend?.name().map(str::to_owned);
    let traits = [
        (GroupBy::Kernel, "kernel", kernel()),
        (GroupBy::KubeProxy, "kube-proxy", input.version.clone()),
        (GroupBy::Mode, "mode", mode()),
    ];
    let is_one = traits.iter().any(|(one, ..)| *one == by);
    let others = traits.into_iter().filter(|(one, ..)| *one != by);
    let known: Option<Condition> = others
        .map(|(_, name, value)| Some((name, value?)))
        .collect();
    known.filter(|_| is_one)
}

/// What tells each condition from the others, in words.
fn tell_apart<'c>(conditions: impl Iterator<Item = &'c Condition> + Clone) -> Vec<String> {
    let differs = |name: &str| {
        let mut values = conditions.clone().map(|one| one.get(name));
        let first = values.next().flatten();
        values.any(|value| value != first)
    };
    let words = |one: &Condition| {
        let named = one.iter().filter(|(name, _)| differs(name));
        let named = named.map(|(name, value)| format!("{name} {value}"));
        named.collect::<Vec<_>>().join(", ")
    };
    conditions.clone().map(words).collect()
}
