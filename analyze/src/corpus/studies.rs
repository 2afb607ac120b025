//! Studies: what may be compared with what.
//!
//! Results from different set-ups must not be mixed silently: each bundle is a study of its own,
//! bundles of one series are one, and so are all loose logs. A series that was recorded with two
//! kube-proxies, or in two modes, each on the same kernels, is one study for each. Only where no
//! study has two groups to compare, or `--group-by bundle` asks for it, are all thrown together.

use std::collections::{BTreeMap, HashMap, HashSet};

use kube_proxy_logs::{Input, Visibility};

use super::Corpus;
use super::conditions::Logs;
use super::seed::{StudySeed, safe};
use crate::plan::GroupBy;

/// The studies of a corpus, and to which of them each input belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct Studies {
    /// The studies.
    pub studies: Vec<StudySeed>,
    /// For each input its study: a place in `studies`.
    pub of_input: Vec<usize>,
    /// For each input its group's name.
    pub groups: Vec<String>,
    /// For each input its bundle: a place in the corpus.
    pub owners: Vec<Option<usize>>,
}

impl Studies {
    /// Sorts inputs into studies and groups.
    #[must_use]
    pub fn of(corpus: &Corpus, inputs: &[Input], by: GroupBy) -> Self {
        let owners = corpus.owners_of(inputs);
        let groups: Vec<String> = inputs
            .iter()
            .zip(&owners)
            .map(|(input, owner)| group(corpus, input, *owner, by))
            .collect();
        let groups = by_file(inputs, groups, by);
        let mut apart = separate(corpus, &owners);
        apart.groups = groups;
        apart.owners = owners;
        if apart.studies.len() > 1 && (by == GroupBy::Bundle || !apart.compares(inputs)) {
            return apart.pooled(corpus).parted(inputs, by);
        }
        apart.parted(inputs, by)
    }

    /// Studies under several conditions, each with everything that is compared, are several.
    fn parted(self, inputs: &[Input], by: GroupBy) -> Self {
        let logs = Logs {
            inputs,
            groups: &self.groups,
            owners: &self.owners,
        };
        let mut taken: HashSet<String> = self.studies.iter().map(|one| one.id.clone()).collect();
        let before = self.studies.len();
        let parts = |study: StudySeed| logs.parted(study, by, &mut taken);
        let studies: Vec<StudySeed> = self.studies.clone().into_iter().flat_map(parts).collect();
        if studies.len() == before {
            return self;
        }
        let mut of_bundle = BTreeMap::new();
        for (at, study) in studies.iter().enumerate() {
            of_bundle.extend(study.bundles.iter().map(|bundle| (*bundle, at)));
        }
        let loose = studies.iter().position(|study| study.bundles.is_empty());
        let of = |owner: &Option<usize>| match owner {
            Some(bundle) => of_bundle.get(bundle).copied().unwrap_or_default(),
            None => loose.unwrap_or_default(),
        };
        Self {
            of_input: self.owners.iter().map(of).collect(),
            studies,
            ..self
        }
    }

    /// Whether any study has two groups.
    fn compares(&self, inputs: &[Input]) -> bool {
        let mut first: Vec<Option<&String>> = vec![None; self.studies.len()];
        let seen = inputs.iter().zip(&self.of_input).zip(&self.groups);
        seen.filter(|((input, _), _)| !input.kernel_log)
            .any(|((_, study), group)| *first[*study].get_or_insert(group) != group)
    }

    fn pooled(self, corpus: &Corpus) -> Self {
        let titles: Vec<&str> = self
            .studies
            .iter()
            .map(|study| study.title.as_str())
            .collect();
        let study = StudySeed {
            id: "all".to_owned(),
            title: match titles.len() {
                0..=4 => titles.join(", "),
                n => format!("{n} set-ups together"),
            },
            bundles: (0..corpus.bundles.len()).collect(),
            pooled: true,
        };
        Self {
            studies: vec![study],
            of_input: vec![0; self.of_input.len()],
            groups: self.groups,
            owners: self.owners,
        }
    }

    /// The inputs of each bundle's nodes, by place.
    #[must_use]
    pub fn by_node(&self, inputs: &[Input]) -> ByNode {
        let mut by: HashMap<(usize, String), Vec<usize>> = HashMap::new();
        for (place, (owner, input)) in self.owners.iter().zip(inputs).enumerate() {
            if let (Some(owner), Some(node)) = (owner, &input.node) {
                by.entry((*owner, node.clone())).or_default().push(place);
            }
        }
        ByNode(by)
    }

    /// For each bundle its study: a place in `studies`.
    #[must_use]
    pub fn of_bundles(&self) -> BTreeMap<usize, usize> {
        let studies = self.studies.iter().enumerate();
        let of = |(at, study): (usize, &StudySeed)| -> Vec<(usize, usize)> {
            study.bundles.iter().map(|bundle| (*bundle, at)).collect()
        };
        studies.flat_map(of).collect()
    }
}

/// Inputs by bundle and node.
#[derive(Debug, Clone, Default)]
pub struct ByNode(HashMap<(usize, String), Vec<usize>>);

impl ByNode {
    /// The inputs of a node of a bundle, by place.
    #[must_use]
    pub fn of(&self, bundle: usize, node: &str) -> &[usize] {
        let found = self.0.get(&(bundle, node.to_owned()));
        found.map_or(&[], Vec::as_slice)
    }
}

fn separate(corpus: &Corpus, owners: &[Option<usize>]) -> Studies {
    let mut studies: Vec<StudySeed> = Vec::new();
    let mut taken = HashSet::new();
    let mut known: HashMap<Name<'_>, usize> = HashMap::new();
    let mut of_bundle = Vec::new();
    for (place, open) in corpus.bundles.iter().enumerate() {
        let series = open.bundle.manifest.series.as_deref();
        let name = series.map_or(Name::Bundle(&open.id), Name::Series);
        let study = *known.entry(name).or_insert_with(|| {
            let title = series.unwrap_or(&open.id);
            studies.push(StudySeed {
                id: safe(title, &mut taken),
                title: title.to_owned(),
                bundles: Vec::new(),
                pooled: false,
            });
            studies.len() - 1
        });
        studies[study].bundles.push(place);
        of_bundle.push(study);
    }
    if owners.iter().any(Option::is_none) {
        let (id, title) = (safe("logs", &mut taken), "logs".to_owned());
        studies.push(StudySeed {
            id,
            title,
            bundles: Vec::new(),
            pooled: false,
        });
    }
    let loose = studies.len().saturating_sub(1);
    let of_input = owners
        .iter()
        .map(|owner| {
            owner
                .and_then(|owner| of_bundle.get(owner).copied())
                .unwrap_or(loose)
        })
        .collect();
    Studies {
        studies,
        of_input,
        groups: Vec::new(),
        owners: Vec::new(),
    }
}

/// What bundles have in common, or one alone. A series and an unrelated bundle's directory may
/// have the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Name<'c> {
    Series(&'c str),
    Bundle(&'c str),
}

/// Logs of unknown kernels are not one kernel's: where there are several, each is a group of its
/// own, by the name of its file.
fn by_file(inputs: &[Input], mut groups: Vec<String>, by: GroupBy) -> Vec<String> {
    if by != GroupBy::Kernel {
        return groups;
    }
    let unknown: Vec<usize> = (0..inputs.len())
        .filter(|at| inputs[*at].kernel.is_none() && inputs[*at].visibility == Visibility::Seen)
        .collect();
    if unknown.len() < 2 {
        return groups;
    }
    let file = |at: usize| inputs[at].path.rsplit('/').next().unwrap_or_default();
    let mut files: HashMap<&str, usize> = HashMap::new();
    for at in &unknown {
        *files.entry(file(*at)).or_default() += 1;
    }
    for at in &unknown {
        let alone = files.get(file(*at)) == Some(&1);
        let name = if alone { file(*at) } else { &inputs[*at].path };
        groups[*at] = match &inputs[*at].section {
            Some(section) => format!("{name}: {section}"),
            None => name.to_owned(),
        };
    }
    groups
}

/// Behind a kernel's name: its second run in each repetition, under a name of its own.
pub const AGAIN: &str = " (again)";

/// The group of an input.
fn group(corpus: &Corpus, input: &Input, owner: Option<usize>, by: GroupBy) -> String {
    let node = corpus.node(owner, input.node.as_deref());
    let again = || {
        let manifest = &corpus.bundles.get(owner?)?.bundle.manifest;
        manifest.repetition.as_ref().filter(|one| one.again)
    };
    let suffix = if again().is_some() { AGAIN } else { "" };
    let kernel = || {
        input
            .kernel
            .as_ref()
            .map(|(name, _)| format!("{name}{suffix}"))
    };
    let name = match by {
        GroupBy::Kernel => kernel(),
        GroupBy::Node => input
            .node
            .clone()
            .or_else(|| input.section.clone())
            .or_else(|| Some(input.path.clone())),
        GroupBy::Mode => input
            .backend
            .and_then(|backend| backend.name())
            .map(str::to_owned),
        GroupBy::KubeProxy => input.version.clone(),
        GroupBy::Instance => node.and_then(|node| node.instance_type.clone()),
        GroupBy::Os => node.and_then(|node| node.os_image.clone()),
        GroupBy::Bundle => match owner.and_then(|owner| corpus.bundles.get(owner)) {
            Some(open) => Some(open.id.clone()),
            None => Some(input.path.clone()),
        },
        GroupBy::Label => match &input.kernel {
            Some((label, kube_proxy_logs::KernelFrom::Label)) => Some(label.clone()),
            _ => None,
        },
    };
    name.unwrap_or_else(|| format!("unknown {}", by.name()))
}
