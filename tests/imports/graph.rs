//! Circles in a graph.

use std::collections::{BTreeMap, BTreeSet};

/// Sets of places that can all be reached from each other, each set and the list in order.
pub(crate) fn circles(edges: &BTreeSet<(String, String)>) -> Vec<Vec<String>> {
    let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in edges {
        next.entry(from).or_default().push(to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> = next
        .keys()
        .map(|from| (*from, reach(&next, from)))
        .collect();
    let mut found = BTreeSet::new();
    for (from, there) in &reached {
        let back = |to: &&&str| reached.get(**to).is_some_and(|of| of.contains(from));
        let circle: BTreeSet<&str> = there.iter().filter(back).copied().collect();
        if !circle.is_empty() {
            found.insert(circle);
        }
    }
    let names = |circle: BTreeSet<&str>| circle.into_iter().map(str::to_owned).collect();
    found.into_iter().map(names).collect()
}

fn reach<'e>(next: &BTreeMap<&str, Vec<&'e str>>, from: &str) -> BTreeSet<&'e str> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for to in next.get(at).into_iter().flatten() {
            if seen.insert(*to) {
                open.push(to);
            }
        }
    }
    seen
}
