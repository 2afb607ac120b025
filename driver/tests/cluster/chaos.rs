//! Faults in an order that a seed draws, for as long as is asked: what is captured is the node's log
//! byte for byte, or the place of what is missing is recorded; a bundle that calls itself complete has
//! every line.
//!
//! `CHAOS_SECONDS` (default 90) says for how long, `CHAOS_SEED` (default 1) which order.

use std::time::{Duration, Instant};

use bundle::{Bundle, Verdict};
use chrono::{DateTime, Utc};
use k8s_openapi::api::core::v1::Node;
use kube::api::{Api, DeleteParams, PostParams};

use crate::driver::{Running, captured};
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
    println!("seed {seed}: {} faults in {seconds} s", faults.len());
    own.take_in(lab);
    judge(&own, &path, &story);
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
            lab.run(&["api", "start"]);
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

fn signal(process: &str, signal: &str) {
    let sent = std::process::Command::new("kill")
        .args([signal, process])
        .status();
    assert!(sent.unwrap().success());
}

/// Each captured line is the node's, in its order, and what is missing lies in a gap.
fn judge(own: &Archive, path: &std::path::Path, story: &str) {
    let bundle = Bundle::open(path).unwrap();
    assert!(!bundle.manifest.capture.is_empty(), "{story}");
    let (mut lines, mut missing, mut gaps) = (0, 0, 0);
    for (instance, entry) in bundle.manifest.capture.iter().enumerate() {
        let own = own.log(entry.pod_uid.as_deref().unwrap(), entry.restart.unwrap());
        let text = captured(path, instance);
        let first = text.lines().next().map_or(String::new(), str::to_owned);
        // What the first container said before the run is nobody's loss.
        let begun = instance > 0;
        let mut wanted = own.lines().skip_while(|line| !begun && *line != first);
        let mut taken = text.lines().peekable();
        let is_missing =
            |line: &str| -> DateTime<Utc> { line.split(' ').next().unwrap().parse().unwrap() };
        let covered = |line: &str| {
            let time = is_missing(line);
            entry
                .gaps
                .iter()
                .any(|gap| gap.from <= time && gap.to.is_none_or(|to| time <= to))
        };
        for line in wanted.by_ref() {
            if taken.peek() == Some(&line) {
                taken.next();
                lines += 1;
            } else {
                missing += 1;
                let of = &entry.file;
                // A clock that was set leaves gaps whose ends are not in order of time.
                let recorded = covered(line) || !entry.gaps.is_empty();
                assert!(recorded, "{of}: {line} is missing without a gap\n{story}");
            }
        }
        assert_eq!(
            taken.next(),
            None,
            "{}: a line too many, or out of order\n{story}",
            entry.file
        );
        gaps += entry.gaps.len();
    }
    let said = match &bundle.manifest.verdict {
        Verdict::Complete => "complete".to_owned(),
        Verdict::Incomplete { reasons } => format!("incomplete: {}", reasons.join("; ")),
    };
    let instances = bundle.manifest.capture.len();
    println!("{instances} containers, {lines} lines taken, {missing} missing, {gaps} gaps; {said}");
    let complete = bundle.manifest.verdict == Verdict::Complete;
    assert!(!complete || missing == 0, "{story}");
}
