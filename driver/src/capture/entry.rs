//! The manifest's entries about what is captured.

use std::collections::BTreeMap;
use std::sync::Arc;

use bundle::{Capture, Manifest};
use chrono::{DateTime, SecondsFormat, Utc};

use super::instance::{Identity, Instance};
use crate::error::Error;
use crate::record::Record;

/// Marks an entry whose container ended within the run and whose log is taken.
const ENDED: &str = "ended";
/// Time stamp of the last line that was there before the log was wanted.
const AFTER: &str = "begins_after";
/// The pod's name.
const POD: &str = "pod";

/// An entry as an instance begins.
pub(super) fn new(identity: &Identity, number: u32) -> Capture {
    let mut entry = Capture {
        node: identity.node.clone(),
        instance: number,
        pod_uid: Some(identity.uid.clone()),
        restart: Some(identity.restart),
        file: format!(
            "{}/{}/{}",
            bundle::NODES,
            bundle::node_directory(&identity.node),
            bundle::kube_proxy_log_name(number)
        ),
        ..Capture::default()
    };
    entry
        .other
        .insert(POD.to_owned(), identity.pod.clone().into());
    entry
}

/// The pod's name in an entry.
pub(super) fn pod(entry: &Capture) -> &str {
    entry
        .other
        .get(POD)
        .and_then(|pod| pod.as_str())
        .unwrap_or_default()
}

/// Whether an entry's container ended within the run and its log is taken.
pub(super) fn has_ended(entry: &Capture) -> bool {
    entry.other.contains_key(ENDED)
}

/// Notes after which line of the log the capture begins; on disk with the next flush.
pub(super) fn note_start(record: &Record, instance: &Instance, after: Option<DateTime<Utc>>) {
    let Some(after) = after else { return };
    record.amend(|manifest| {
        if let Some(entry) = entry_of(manifest, instance) {
            let after = after.to_rfc3339_opts(SecondsFormat::Nanos, true);
            entry.other.insert(AFTER.to_owned(), after.into());
        }
    });
}

/// After which time stamp of its own an entry's log is wanted, if an earlier process has noted it.
pub(super) fn begins_after(entry: &Capture) -> Option<DateTime<Utc>> {
    entry.other.get(AFTER)?.as_str()?.parse().ok()
}

/// Marks an instance's entry as done, so that a run that is gone on with leaves it alone.
pub(super) fn note_end(record: &Record, instance: &Instance) -> Result<(), Error> {
    record.edit(|manifest| {
        if let Some(entry) = entry_of(manifest, instance) {
            instance.log().describe(entry);
            entry.other.insert(ENDED.to_owned(), true.into());
        }
    })
}

/// Puts counts and gaps of all instances into the manifest; returns what is missing.
pub(super) fn note_all(record: &Record, all: &[Arc<Instance>]) -> Result<Vec<String>, Error> {
    let mut reasons = Vec::new();
    record.edit(|manifest| {
        for instance in all {
            if let Some(entry) = entry_of(manifest, instance) {
                instance.log().describe(entry);
                reasons.extend(missing(entry));
            }
            note_clock(manifest, instance);
        }
        reasons.extend(silent(manifest));
    })?;
    Ok(reasons)
}

/// Nodes of which not a single line was taken: such a bundle is never whole, whatever was read.
fn silent(manifest: &Manifest) -> Vec<String> {
    let mut lines: BTreeMap<&str, u64> = BTreeMap::new();
    for entry in &manifest.capture {
        *lines.entry(&entry.node).or_default() += entry.lines;
    }
    let silent = lines.into_iter().filter(|(_, lines)| *lines == 0);
    silent
        .map(|(node, _)| format!("{node}: not one line of its log was captured"))
        .collect()
}

/// How far the node's clock is ahead of ours; a later instance knows better.
fn note_clock(manifest: &mut Manifest, instance: &Instance) {
    let name = &instance.identity.node;
    let node = manifest.nodes.iter_mut().find(|node| node.name == *name);
    if let (Some(node), Some(clock)) = (node, instance.log().clock()) {
        node.clock = Some(clock);
    }
}

fn entry_of<'a>(manifest: &'a mut Manifest, instance: &Instance) -> Option<&'a mut Capture> {
    let node = &instance.identity.node;
    let mut entries = manifest.capture.iter_mut();
    entries.find(|entry| entry.node == *node && entry.instance == instance.number)
}

/// What is missing of one instance's log, one sentence a gap.
pub(super) fn missing(entry: &Capture) -> Vec<String> {
    let time = |t: DateTime<Utc>| t.to_rfc3339_opts(SecondsFormat::Millis, true);
    let gaps = entry.gaps.iter().map(|gap| {
        let to = gap.to.map_or_else(|| "its end".to_owned(), time);
        let (file, from, reason) = (&entry.file, time(gap.from), &gap.reason);
        format!("{file}: from {from} to {to}: {reason}")
    });
    gaps.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bundle::{Bundle, Gap, Verdict};

    /// The size of a large cluster, of which a kubelet in 33 is dead.
    #[test]
    fn of_a_thousand_nodes_each_silent_one_is_named_in_the_verdict() {
        let place = tempfile::tempdir().unwrap();
        let record = Record::begin(place.path()).unwrap();
        let name = |number: u32| format!("node-{number:04}");
        let is_dead = |number: u32| number % 33 == 1 && number < 990;
        for number in 0..1000 {
            let places = record.log_places(&name(number), 0).unwrap().unwrap();
            std::fs::write(&places.paths()[0].1, "").unwrap();
        }
        record.amend(|manifest| {
            for number in 0..1000 {
                let identity = Identity {
                    node: name(number),
                    pod: format!("kube-proxy-{number}"),
                    uid: format!("uid-{number}"),
                    restart: 0,
                    container_id: None,
                    started: None,
                    before_started: None,
                };
                let mut entry = new(&identity, 0);
                entry.lines = if is_dead(number) { 0 } else { 100 };
                manifest.capture.push(entry);
            }
            manifest.capture[500].gaps.push(Gap {
                from: DateTime::UNIX_EPOCH,
                to: None,
                reason: "rotated".to_owned(),
            });
        });
        let reasons = record.look(|manifest| {
            let gaps = manifest.capture.iter().flat_map(missing);
            gaps.chain(silent(manifest)).collect::<Vec<_>>()
        });
        record.finish(&reasons.unwrap()).unwrap();
        let bundle = Bundle::open(place.path()).unwrap();
        assert_eq!(bundle.manifest.capture.len(), 1000);
        let Verdict::Incomplete { reasons } = bundle.manifest.verdict else {
            unreachable!("it is not complete");
        };
        assert!(reasons[0].starts_with("nodes/node-0500/kube-proxy.0.log: from "));
        let named: Vec<String> = (0..1000).filter(|n| is_dead(*n)).map(name).collect();
        assert_eq!((named.len(), reasons.len()), (30, 31));
        for (reason, node) in reasons[1..].iter().zip(&named) {
            assert_eq!(
                *reason,
                format!("{node}: not one line of its log was captured")
            );
        }
    }
}
