//! Drivers that follow one cluster at once, each a shard of its nodes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bundle::{Bundle, Shard, Verdict};
use chrono::{DateTime, TimeDelta, Utc};
use k8s_openapi::api::core::v1::{Node, Service};
use kube::api::{Api, DeleteParams, ListParams, PostParams};
use serde_json::json;

use super::figures::{Share, most_memory};
use crate::asked;
use crate::driver::{Running, driver};
use crate::lab::Lab;

/// Nodes whose logs are compared with the nodes' own, byte for byte.
const SAMPLE: usize = 50;
/// Most memory of all drivers together, in KiB.
const MOST: u64 = 300 * 1024;

/// What follows the cluster, and where it writes.
pub struct Fleet<'a> {
    lab: &'a Lab,
    place: &'a Path,
    of: u32,
    seconds: u64,
}

impl Fleet<'_> {
    fn bundle(&self, index: u32) -> PathBuf {
        self.place.join(format!("shard-{index}"))
    }

    fn start(&self, index: u32) -> Running {
        let words = format!(
            "collect --series fleet --for {}s --shard {index}/{} -o {}",
            self.seconds,
            self.of,
            self.bundle(index).display()
        );
        let mut command = driver(&self.lab.kubeconfig, &words);
        // As the Job has it.
        command.env("MALLOC_ARENA_MAX", "1");
        Running::of(command, &self.place.join(format!("said-{index}")))
    }

    /// Waits for all of them; returns the most memory of each in KiB.
    fn end(&self, mut running: Vec<Running>) -> Vec<u64> {
        let mut most = vec![0; running.len()];
        loop {
            let mut over = true;
            for (driver, most) in running.iter_mut().zip(&mut most) {
                let (process, ended) = (driver.id(), driver.has_ended());
                over &= ended;
                *most = most_memory(process).unwrap_or_default().max(*most);
            }
            if over {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        for driver in running {
            let (status, said) = driver.end();
            assert_eq!(status, 0, "{said}");
        }
        most
    }
}

pub fn however_many_follow_each_node_is_ones_and_no_line_is_lost(lab: &Lab) {
    let idle = Share::begin(lab.api_server());
    std::thread::sleep(Duration::from_secs(10));
    println!(
        "nobody follows: API server {:.0} % of a processor",
        idle.percent()
    );
    let counts = asked("FLEET_SHARDS", "1,2".to_owned());
    for of in counts.split(',').map(|count| count.parse().unwrap()) {
        let place = tempfile::tempdir().unwrap();
        let fleet = Fleet {
            lab,
            place: place.path(),
            of,
            seconds: asked("FLEET_SECONDS", 20),
        };
        let share = Share::begin(lab.api_server());
        let began = Instant::now();
        let running: Vec<Running> = (0..of).map(|index| fleet.start(index)).collect();
        make_the_real_node_speak(lab, fleet.seconds);
        let most = fleet.end(running);
        let taken = share.percent();
        let [lines, bytes] = assert_whole(lab, place.path(), of, fleet.seconds);
        let sum: u64 = most.iter().sum();
        let each: Vec<String> = most.iter().map(|kib| (kib / 1024).to_string()).collect();
        println!(
            "{of} shards, {:.0} s: {lines} lines, {bytes} bytes; most memory {} MiB ({}); API server \
             {taken:.0} % of a processor",
            began.elapsed().as_secs_f64(),
            sum / 1024,
            each.join(" + "),
        );
        assert!(sum < MOST, "{sum} KiB of {of} drivers");
    }
}

pub fn who_is_killed_or_told_to_go_goes_on_where_it_was(lab: &Lab) {
    let place = tempfile::tempdir().unwrap();
    let fleet = Fleet {
        lab,
        place: place.path(),
        of: 2,
        seconds: asked("FLEET_SECONDS", 20),
    };
    let mut running: Vec<Running> = (0..2).map(|index| fleet.start(index)).collect();
    for driver in &mut running {
        driver.wait_for("collect: taking logs");
    }
    make_the_real_node_speak(lab, 4);
    let (second, first) = (running.pop().unwrap(), running.pop().unwrap());
    first.kill();
    second.terminate();
    let (status, said) = second.end();
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("the same call goes on with it"), "{said}");
    let half = Bundle::open(&fleet.bundle(1)).unwrap().manifest;
    assert!(matches!(half.verdict, Verdict::Incomplete { .. }));
    std::thread::sleep(Duration::from_secs(3));
    fleet.end((0..2).map(|index| fleet.start(index)).collect());
    assert_whole(lab, place.path(), 2, fleet.seconds);
    for index in 0..2 {
        let manifest = Bundle::open(&fleet.bundle(index)).unwrap().manifest;
        assert!(
            manifest
                .notes
                .iter()
                .any(|note| note.starts_with("Interrupted and gone on with"))
        );
        // Of the time that was asked for, not of that time anew.
        let took = manifest.finished.unwrap() - manifest.started;
        let asked = TimeDelta::seconds(i64::try_from(fleet.seconds).unwrap());
        assert!(took >= asked && took < asked * 2, "{took}");
    }
    // What is complete is left alone, and its end is a good one.
    fleet.end(vec![fleet.start(0)]);
}

/// A kube-proxy that has nothing to do says nothing, and of a node that says nothing the bundle is
/// not complete: a Service gives it something to do.
pub fn make_the_real_node_speak(lab: &Lab, seconds: u64) {
    let services: Api<Service> = Api::namespaced(lab.client(), "default");
    let service = serde_json::from_value(json!({
        "metadata": {"name": "speak"}, "spec": {"ports": [{"port": 80}]}
    }));
    let service: Service = service.unwrap();
    std::thread::sleep(Duration::from_secs(seconds / 2));
    lab.wait(services.create(&PostParams::default(), &service))
        .unwrap();
    std::thread::sleep(Duration::from_secs(2));
    lab.wait(services.delete("speak", &DeleteParams::default()))
        .unwrap();
}

/// Asserts that the shards hold every node once and of each log all of the time that was asked for.
/// Returns how many lines and bytes they hold.
pub fn assert_whole(lab: &Lab, place: &Path, of: u32, seconds: u64) -> [u64; 2] {
    let nodes: Api<Node> = Api::all(lab.client());
    let nodes = lab.wait(nodes.list_metadata(&ListParams::default()));
    let nodes = nodes.unwrap().items.into_iter();
    let nodes: BTreeSet<String> = nodes.filter_map(|node| node.metadata.name).collect();
    let mut held = BTreeMap::new();
    let (mut lines, mut bytes) = (0, 0);
    for index in 0..of {
        let bundle = Bundle::open(&place.join(format!("shard-{index}"))).unwrap();
        let manifest = &bundle.manifest;
        assert_eq!(manifest.verdict, Verdict::Complete, "shard {index}");
        assert_eq!(manifest.shard, Some(Shard { index, of }));
        assert_eq!(manifest.series.as_deref(), Some("fleet"));
        assert_eq!(manifest.schema_version, "1.3");
        for entry in &manifest.capture {
            assert_eq!(entry.gaps, []);
            let twice = held.insert(entry.node.clone(), (index, entry.file.clone()));
            assert_eq!(twice, None, "{} is held twice", entry.node);
            (lines, bytes) = (lines + entry.lines, bytes + entry.bytes);
        }
    }
    assert_eq!(held.keys().cloned().collect::<BTreeSet<_>>(), nodes);
    let every = held.len().div_ceil(SAMPLE);
    let sample: Vec<&str> = held.keys().step_by(every).map(String::as_str).collect();
    let own = lab.logs_of(&sample);
    for node in &sample {
        let (index, file) = &held[*node];
        let bundle = Bundle::open(&place.join(format!("shard-{index}"))).unwrap();
        assert_all_of_the_time(&bundle, seconds, file, &own[*node]);
    }
    println!(
        "{} nodes' logs are the nodes' own, byte for byte",
        sample.len()
    );
    [lines, bytes]
}

/// Asserts that a captured log is a part of the node's own, from when the capture began to when it was
/// to end.
fn assert_all_of_the_time(bundle: &Bundle, seconds: u64, file: &str, own: &str) {
    let captured = std::fs::read_to_string(bundle.directory.join(file)).unwrap();
    let first = captured.lines().next().unwrap_or_default();
    assert!(!first.is_empty(), "{file}: nothing was captured");
    let start = own.find(first).unwrap();
    let end = start + captured.len();
    assert_eq!(Some(captured.as_str()), own.get(start..end), "{file}");
    let time = |line: &str| -> DateTime<Utc> {
        let (stamp, _) = line.split_once(' ').unwrap();
        stamp.parse().unwrap()
    };
    let mut rows = bundle.timeline.rows.iter().map(|(_, row)| row);
    let began = rows
        .find(|row| row.detail.contains("started"))
        .unwrap()
        .time;
    if let Some(before) = own[..start].lines().next_back() {
        assert!(time(before) <= began, "{file}: {before} came after {began}");
    }
    let ended = bundle.manifest.started + TimeDelta::seconds(i64::try_from(seconds).unwrap());
    if let Some(after) = own[end..].lines().next() {
        assert!(time(after) >= ended, "{file}: {after} came before {ended}");
    }
}
