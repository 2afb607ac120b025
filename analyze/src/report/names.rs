//! Short names of kernel releases: `6.12.117` tells what `6.12.117+deb13-cloud-amd64` tells.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Report;

/// The short name of each group and kernel of a report whose short name is no other's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Of all groups and kernels that a report names: a short name that two groups of one study
    /// would share is given to neither.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let shared = report
            .studies
            .iter()
            .flat_map(|study| shared(&study.groups));
        let shared: HashSet<&String> = shared.collect();
        let groups = report.studies.iter().flat_map(|study| &study.groups);
        let rows = report.syncs.groups.iter();
        let logs = report.inputs.iter().filter_map(|log| log.kernel.as_ref());
        let nodes = report.bundles.iter().flat_map(|bundle| &bundle.nodes);
        let nodes = nodes.filter_map(|node| node.kernel.as_ref());
        let all = groups.chain(rows).chain(logs).chain(nodes);
        let told = all.filter(|name| short(name) != *name && !shared.contains(name));
        Self(
            told.map(|name| (name.clone(), short(name).to_owned()))
                .collect(),
        )
    }

    /// The short name; the name itself where it has none, or shares it with another.
    #[must_use]
    pub fn short<'n>(&'n self, name: &'n str) -> &'n str {
        self.0.get(name).map_or(name, String::as_str)
    }
}

/// Those of some names whose short name is another's too.
fn shared(names: &[String]) -> Vec<&String> {
    let mut bearers: HashMap<&str, usize> = HashMap::new();
    for name in names {
        *bearers.entry(short(name)).or_default() += 1;
    }
    let alike = |name: &&String| bearers.get(short(name)).is_some_and(|n| *n > 1);
    names.iter().filter(alike).collect()
}

/// What tells a release: its numbers, up to the flavour. A release that ends in `.0` needs the
/// distribution's own number behind it (`6.1.0-56`), a candidate its `-rc3`. A name that is no
/// release is its own.
#[must_use]
pub fn short(name: &str) -> &str {
    let numbers =
        |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut end = 0;
    let mut parts = 0;
    let mut last = "";
    loop {
        let digits = numbers(&name[end..]);
        if digits == 0 {
            return name;
        }
        last = match parts {
            2.. => &name[end..end + digits],
            _ => last,
        };
        end += digits;
        parts += 1;
        if !name[end..].starts_with('.')
            || !name[end + 1..].starts_with(|c: char| c.is_ascii_digit())
        {
            break;
        }
        end += 1;
    }
    let rest = &name[end..];
    if parts < 2 || !rest.is_empty() && !rest.starts_with(['-', '+']) {
        return name;
    }
    let candidate = rest.strip_prefix("-rc").map_or(0, |rest| 3 + numbers(rest));
    let own = rest.strip_prefix('-').map_or(0, |rest| 1 + numbers(rest));
    if candidate > 3 {
        end += candidate;
    } else if last == "0" && own > 1 {
        end += own;
    }
    &name[..end]
}

/// The release series, major and minor: what gives a kernel its colour. None for a name that is
/// no release.
#[must_use]
pub fn series(name: &str) -> Option<(u32, u32)> {
    let mut parts = name.split(|c: char| !c.is_ascii_digit());
    let series = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    name.starts_with(&format!("{}.{}", series.0, series.1))
        .then_some(series)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_told_by_its_numbers() {
        for (name, told) in [
            ("6.12.117+deb13-cloud-amd64", "6.12.117"),
            ("6.1.0-56-cloud-amd64", "6.1.0-56"),
            ("6.18.44-fc-v657", "6.18.44"),
            ("6.1.144", "6.1.144"),
            ("6.12", "6.12"),
            ("6.19.0-rc3+", "6.19.0-rc3"),
            ("5.10.0-amd64", "5.10.0"),
            ("5.14.0-427.13.1.el9_4.x86_64", "5.14.0-427"),
            ("unknown kernel", "unknown kernel"),
            ("6", "6"),
            ("6.1_x", "6.1_x"),
            ("6.1.x", "6.1.x"),
            ("", ""),
            ("node-a", "node-a"),
            ("10.0.0.1:9000", "10.0.0.1:9000"),
        ] {
            assert_eq!(short(name), told, "{name}");
        }
        assert_eq!(series("6.12.117+deb13"), Some((6, 12)));
        assert_eq!(series("6"), None);
        assert_eq!(series("v6.1"), None);
    }

    #[test]
    fn two_names_that_would_be_one_are_shared() {
        let names = ["6.12.43+deb12-cloud-amd64", "6.12.43-other", "6.1.9-x"].map(str::to_owned);
        assert_eq!(shared(&names), [&names[0], &names[1]]);
    }
}
