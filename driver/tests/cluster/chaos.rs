//! Faults in an order that a seed draws, for as long as is asked: what is captured is the node's log
//! byte for byte, or the place of what is missing is recorded; a bundle that calls itself complete has
//! every line.
//!
//! `CHAOS_SECONDS` (default 90) says for how long, `CHAOS_SEED` (default 1) which order.

use std::path::Path;
use std::time::{Duration, Instant};

use bundle::{Bundle, Verdict};
use k8s_openapi::api::core::v1::Node;
use kube::api::{Api, DeleteParams, PostParams};

use crate::driver::{Running, captured};
use crate::judge::{Begin, Found, hold};
use crate::lab::{Archive, Lab, NODE};

/// xorshift64: any order will do, the same one each time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

pub fn faults_in_any_order_leave_the_log_or_a_gap(lab: &Lab) {
    let number = |name: &str, default: u64| {
        std::env::var(name).map_or(default, |text| text.parse().unwrap())
    };
    let (seconds, seed) = (number("CHAOS_SECONDS", 90), number("CHAOS_SEED", 1));
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("bundle");
    // Containers that were there before keep what they said before.
    lab.run(&["restart", NODE]);
    std::thread::sleep(Duration::from_secs(4));
    let mut earlier = Archive::default();
    earlier.take_in(lab);
    let words = format!("collect -o {}", path.display());
    let mut driver = Running::start(lab, &words, &place.path().join("said"));
    driver.wait_for("collect: taking logs");
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let began = Instant::now();
    let mut faults = Vec::new();
    let mut own = Archive::default();
    while began.elapsed() < Duration::from_secs(seconds) {
        let fault = one(lab, &mut random);
        own.take_in(lab);
        faults.push(format!("{} s: {fault}", began.elapsed().as_secs()));
        std::thread::sleep(Duration::from_secs(2 + random.below(10)));
    }
    lab.run(&["clock", NODE]);
    std::thread::sleep(Duration::from_secs(20));
    driver.interrupt();
    let (_, said) = driver.end();
    let story = format!("seed {seed}\n{}\n{said}", faults.join("\n"));
    println!(
        "seed {seed}: {} faults in {} s",
        faults.len(),
        began.elapsed().as_secs()
    );
    own.take_in(lab);
    judge(&own, &earlier.containers(), &path, &story);
}

/// One fault, and what it was.
fn one(lab: &Lab, random: &mut Random) -> String {
    let wait = |seconds: u64| std::thread::sleep(Duration::from_secs(seconds));
    match random.below(7) {
        0 => {
            let away = 1 + random.below(25);
            lab.outage(Duration::from_secs(away));
            format!("API server killed, back after {away} s")
        }
        1 => {
            let frozen = 1 + random.below(20);
            let server = lab.api_server().to_string();
            signal(&server, "-STOP");
            wait(frozen);
            signal(&server, "-CONT");
            format!("API server frozen for {frozen} s")
        }
        2 => {
            lab.run(&["restart", NODE]);
            "kube-proxy restarted".to_owned()
        }
        3 => {
            lab.run(&["rotate", NODE]);
            "log rotated".to_owned()
        }
        4 => {
            // While nobody can follow: what is rotated away twice is served no more.
            lab.run(&["api", "stop"]);
            lab.run(&["rotate", NODE]);
            wait(random.below(8));
            lab.start_api();
            "log rotated in an outage".to_owned()
        }
        5 => {
            let seconds = random.below(7200).to_string();
            let ahead = if random.below(2) == 0 {
                seconds
            } else {
                format!("-{seconds}")
            };
            lab.run(&["clock", NODE, "--ahead", &ahead]);
            format!("clock set {ahead} s ahead")
        }
        _ => {
            let nodes: Api<Node> = Api::all(lab.client());
            let mut node = lab.wait(nodes.get(NODE)).unwrap();
            lab.wait(nodes.delete(NODE, &DeleteParams::default()))
                .unwrap();
            let gone = 1 + random.below(12);
            wait(gone);
            node.metadata.resource_version = None;
            node.metadata.uid = None;
            let status = node.status.clone();
            lab.wait(nodes.create(&PostParams::default(), &node))
                .unwrap();
            let patch = serde_json::json!({"status": status});
            let patch = kube::api::Patch::Merge(patch);
            let parameters = kube::api::PatchParams::default();
            lab.wait(nodes.patch_status(NODE, &parameters, &patch))
                .unwrap();
            format!("node gone for {gone} s")
        }
    }
}

/// Sends a process a signal.
pub fn signal(process: &str, signal: &str) {
    let sent = std::process::Command::new("kill")
        .args([signal, process])
        .status();
    assert!(sent.unwrap().success());
}

/// Each captured line is the node's, in its order, and what is missing lies where a gap says so.
/// `earlier`: containers that ran before anything was taken.
fn judge(own: &Archive, earlier: &[(String, u32)], path: &Path, story: &str) {
    let bundle = Bundle::open(path).unwrap();
    let entries = &bundle.manifest.capture;
    assert!(!entries.is_empty(), "{story}");
    let (mut all, mut gaps) = (Found::default(), 0);
    for (instance, entry) in entries.iter().enumerate() {
        let own = own.log(entry.pod_uid.as_deref().unwrap(), entry.restart.unwrap());
        let begin = match (instance, entry.other.get("begins_after")) {
            (_, Some(after)) => Begin::After(after.as_str().unwrap().parse().unwrap()),
            // The log of the first container is wanted from where it stood.
            (0, None) => Begin::Taken,
            _ => Begin::Whole,
        };
        match hold(&own, &captured(path, instance), &entry.gaps, begin) {
            Ok(found) => {
                all.taken += found.taken;
                all.missing += found.missing;
            }
            Err(problem) => panic!("{}: {problem}\n{story}", entry.file),
        }
        gaps += entry.gaps.len();
    }
    let reasons = match &bundle.manifest.verdict {
        Verdict::Complete => Vec::new(),
        Verdict::Incomplete { reasons } => reasons.clone(),
    };
    let ran = own.containers();
    let later = ran.iter().filter(|one| !earlier.contains(one));
    let unseen = unseen(later, entries, &reasons);
    assert_eq!(unseen, [], "containers that nobody tells of\n{story}");
    println!(
        "{} containers, {} lines taken, {} missing, {gaps} gaps; missing: {reasons:?}",
        entries.len(),
        all.taken,
        all.missing
    );
    let complete = bundle.manifest.verdict == Verdict::Complete;
    assert!(!complete || all.missing == 0, "{story}");
}

/// Those of some containers, each a pod's UID and a restart, that the bundle neither holds nor names
/// as lost.
fn unseen<'a>(
    ran: impl Iterator<Item = &'a (String, u32)>,
    entries: &[bundle::Capture],
    reasons: &[String],
) -> Vec<(String, u32)> {
    let is_told = |(uid, restart): &(String, u32)| {
        let of_it = |entry: &bundle::Capture| {
            entry.pod_uid.as_deref() == Some(uid) && entry.restart == Some(*restart)
        };
        entries.iter().any(of_it) || reasons.iter().any(|reason| names(reason, *restart))
    };
    ran.filter(|one| !is_told(one)).cloned().collect()
}

/// Whether a reason says that this restart's log was gone.
///
/// ```text
/// node-a kube-proxy-x7: the logs of restarts 2 to 3 were gone before they could be read
/// ```
fn names(reason: &str, restart: u32) -> bool {
    let span = reason.split_once("the logs of restarts ");
    let span = span.and_then(|(_, rest)| rest.split_once(" were gone"));
    let ends = span.and_then(|(span, _)| span.split_once(" to "));
    let ends = ends.map(|(from, to)| (from.parse::<u32>(), to.parse::<u32>()));
    matches!(ends, Some((Ok(from), Ok(to))) if (from..=to).contains(&restart))
}
