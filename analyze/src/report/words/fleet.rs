//! A fleet in sentences.

use super::{count, counted, duration};
use crate::report::fleet::{Fleet, FleetGroup, NodeFigure, OutlyingNode};

/// Loads of groups that differ by more than this share are told of.
const LOADS_APART: f64 = 0.1;

/// What a group is called.
#[must_use]
pub fn name(of: &Fleet, group: &FleetGroup) -> String {
    let values = of.by.iter().zip(&group.values);
    let value = |(by, value): (&String, &Option<String>)| match value {
        Some(value) => value.clone(),
        None => format!("unknown {by}"),
    };
    let mut parts: Vec<String> = values.map(value).collect();
    let told = [&group.mode, &group.family].into_iter().flatten().cloned();
    parts.extend(told);
    parts.join(", ")
}

/// The same without what all groups have in common, for where there is little room; its whole
/// name if there is nothing else.
#[must_use]
pub fn label(of: &Fleet, group: &FleetGroup) -> String {
    let parts = |group: &FleetGroup| -> Vec<String> {
        let whole = name(of, group);
        whole.split(", ").map(str::to_owned).collect()
    };
    let all: Vec<Vec<String>> = of.groups.iter().map(parts).collect();
    let shared = |part: &String| all.iter().all(|parts| parts.contains(part));
    let own: Vec<String> = parts(group)
        .into_iter()
        .filter(|part| !shared(part))
        .collect();
    match own.is_empty() {
        true => name(of, group),
        false => own.join(", "),
    }
}

/// The answer.
#[must_use]
pub fn answer(of: &Fleet) -> String {
    let who = format!(
        "{} of {}, {}",
        counted(of.nodes, "node"),
        counted(of.runs, "run"),
        counted(of.syncs, "sync")
    );
    let middle = |group: &FleetGroup| {
        let medians = group.medians.as_ref()?;
        let middle = duration(medians.p50_s);
        Some(format!("{middle} ({})", label(of, group)))
    };
    let told: Vec<String> = of.groups.iter().filter_map(middle).take(2).collect();
    let more = of.groups.len().saturating_sub(told.len());
    let more = match more {
        0 => String::new(),
        more => format!("; {} more", counted(more as u64, "group")),
    };
    match told.is_empty() {
        true => format!("{who}: none of them ended well."),
        false => format!(
            "{who}. Median sync of the middle node: {}{more}.",
            told.join(", ")
        ),
    }
}

/// What the figures do not say.
#[must_use]
pub fn reserve(of: &Fleet) -> Option<String> {
    let loads: Vec<Option<f64>> = of.groups.iter().map(|group| group.endpoints).collect();
    if loads.len() < 2 {
        return None;
    }
    let known: Option<Vec<f64>> = loads.into_iter().collect();
    let Some(known) = known else {
        let why = "The load of some groups is not known: what their durations differ by may be it.";
        return Some(why.to_owned());
    };
    let (least, most) = known
        .iter()
        .fold((f64::INFINITY, 0.0_f64), |(least, most), load| {
            (least.min(*load), most.max(*load))
        });
    (most > least * (1.0 + LOADS_APART)).then(|| {
        format!(
            "Groups had {} to {} endpoints: what their durations differ by may be that.",
            count(least.round() as u64),
            count(most.round() as u64)
        )
    })
}

/// How the nodes stand out that do.
#[must_use]
pub fn outlying(of: &Fleet) -> String {
    match of.outlying {
        0 => "No node stands out from its group.".to_owned(),
        1 => "1 node is far from the middle of its group.".to_owned(),
        n => format!(
            "{} are far from the middle of their group.",
            counted(n, "node")
        ),
    }
}

/// One of them: its figure, and how far that is.
#[must_use]
pub fn far(node: &OutlyingNode) -> String {
    let figure = match node.figure {
        NodeFigure::Median => "median",
        NodeFigure::Longest => "longest",
    };
    format!(
        "{figure} {}, {:.2} x the middle",
        duration(node.seconds),
        node.times
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(kernel: Option<&str>, endpoints: Option<f64>) -> FleetGroup {
        FleetGroup {
            values: vec![kernel.map(str::to_owned)],
            mode: Some("nftables".to_owned()),
            family: None,
            nodes: 3,
            failed: 0,
            unfinished: 0,
            endpoints,
            syncs: None,
            medians: None,
            longest: None,
            longest_at: None,
        }
    }

    fn fleet(groups: Vec<FleetGroup>) -> Fleet {
        Fleet {
            schema: 1,
            sets: Vec::new(),
            runs: 1,
            logs: 3,
            nodes: 3,
            syncs: 0,
            by: vec!["kernel".to_owned()],
            groups,
            outlying: 0,
            outliers: Vec::new(),
            failing: 0,
            most_failing: Vec::new(),
            complaining: 0,
            most_complaining: Vec::new(),
            silent: 0,
            silent_nodes: Vec::new(),
        }
    }

    #[test]
    fn names_say_what_is_not_known() {
        let of = fleet(vec![group(None, None)]);
        assert_eq!(name(&of, &of.groups[0]), "unknown kernel, nftables");
    }

    #[test]
    fn labels_leave_out_what_all_have() {
        let of = fleet(vec![group(Some("6.1"), None), group(Some("6.12"), None)]);
        assert_eq!(label(&of, &of.groups[1]), "6.12");
        let alone = fleet(vec![group(Some("6.1"), None)]);
        assert_eq!(label(&alone, &alone.groups[0]), "6.1, nftables");
    }

    /// Both sides of a tenth.
    #[test]
    fn loads_that_differ_are_told_of() {
        let of = |loads: &[Option<f64>]| {
            reserve(&fleet(
                loads.iter().map(|load| group(Some("6.1"), *load)).collect(),
            ))
        };
        assert_eq!(of(&[Some(1_000.0)]), None);
        assert_eq!(of(&[Some(1_000.0), Some(1_100.0)]), None);
        assert!(
            of(&[Some(1_000.0), Some(1_101.0)])
                .unwrap()
                .contains("1,000 to 1,101")
        );
        assert!(of(&[Some(1_000.0), None]).unwrap().contains("not known"));
        assert_eq!(of(&[None]), None);
    }
}
