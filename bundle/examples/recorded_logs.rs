//! Makes bundles of the logs recorded on 23 November 2026 with the lab's recipe.
//!
//! `cargo run -p bundle --example recorded_logs -- RECORDINGS samples`
//!
//! The logs are copied byte for byte; the manifest tells what the recordings' own notes tell.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use bundle::{
    Capture, Cluster, KubeProxy, Manifest, Node, Scenario, TIMELINE, Tool, Verdict, Workload,
    Writer, node_directory,
};
use chrono::{DateTime, Utc};
use serde_json::Map;

/// A node of a recording.
struct Recorded {
    node: &'static str,
    log: &'static str,
    kernel: &'static str,
    os_image: &'static str,
    first: &'static str,
    last: &'static str,
}

/// A folder of recordings.
struct Recording {
    folder: &'static str,
    instance: &'static str,
    services: u64,
    replicas: &'static [u64],
    pause_s: f64,
    notes: &'static [&'static str],
    nodes: &'static [Recorded],
}

const SHARED: &str = "Two cores shared with everything else: absolute times mean little, \
    comparisons within this bundle mean more.";
const GUESTS: &str = "Two guests under software emulation, one core each, side by side.";

const RECORDINGS: [Recording; 3] = [
    Recording {
        folder: "host-6.18-8001x30",
        instance: "2 cores, 24 GiB",
        services: 8000,
        replicas: &[1, 5, 10, 15, 20, 25, 30],
        pause_s: 60.0,
        notes: &[
            SHARED,
            "Other work ran on the machine during part of it: a guest until 19:54, compilers \
             after 19:59. One line that did not come from kube-proxy's logger was cut.",
        ],
        nodes: &[Recorded {
            node: "node-host",
            log: "kube-proxy.log",
            kernel: "6.18.44",
            os_image: "Debian GNU/Linux 12 (bookworm)",
            first: "2026-11-23T19:42:14.585995Z",
            last: "2026-11-23T20:05:42.028326Z",
        }],
    },
    Recording {
        folder: "guests-6.1-6.12-501x30",
        instance: "QEMU TCG, 1 core",
        services: 500,
        replicas: &[1, 5, 10, 15, 20, 25, 30, 25, 30, 25, 30, 25, 30],
        pause_s: 60.0,
        notes: &[GUESTS, SHARED],
        nodes: &[
            Recorded {
                node: "node-6-1",
                log: "node-6-1.log",
                kernel: "6.1.0-54-cloud-amd64",
                os_image: "Debian kernel 6.1.190, busybox",
                first: "2026-11-23T20:30:42.064247Z",
                last: "2026-11-23T20:44:24.711669Z",
            },
            Recorded {
                node: "node-6-12",
                log: "node-6-12.log",
                kernel: "6.12.43+deb12-cloud-amd64",
                os_image: "Debian kernel 6.12.43, busybox",
                first: "2026-11-23T20:30:45.366371Z",
                last: "2026-11-23T20:44:19.505188Z",
            },
        ],
    },
    Recording {
        folder: "guests-failing",
        instance: "QEMU TCG, 1 core",
        services: 500,
        replicas: &[1, 5, 10, 15, 20, 25, 30],
        pause_s: 60.0,
        notes: &[
            GUESTS,
            "The guests lacked the module nft_reject_ipv4: every sync fails, and none is a trial.",
        ],
        nodes: &[
            Recorded {
                node: "node-6-1",
                log: "node-6-1.log",
                kernel: "6.1.0-54-cloud-amd64",
                os_image: "Debian kernel 6.1.190, busybox",
                first: "2026-11-23T20:18:26.724662Z",
                last: "2026-11-23T20:30:26.863311Z",
            },
            Recorded {
                node: "node-6-12",
                log: "node-6-12.log",
                kernel: "6.12.43+deb12-cloud-amd64",
                os_image: "Debian kernel 6.12.43, busybox",
                first: "2026-11-23T20:18:28.567833Z",
                last: "2026-11-23T20:30:24.722017Z",
            },
        ],
    },
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(recordings), Some(samples)) = (arguments.next(), arguments.next()) else {
        return Err("usage: recorded_logs RECORDINGS SAMPLES".into());
    };
    for recording in &RECORDINGS {
        adopt(
            &recordings.join(recording.folder),
            &samples.join(recording.folder),
            recording,
        )?;
    }
    Ok(())
}

fn adopt(from: &Path, to: &Path, recording: &Recording) -> Result<(), Box<dyn Error>> {
    let mut manifest = manifest(recording)?;
    fs::create_dir_all(to)?;
    let writer = Writer::create(to, &manifest)?;
    let timeline = from.join(TIMELINE);
    if timeline.exists() {
        fs::write(to.join(TIMELINE), fs::read(timeline)?)?;
    } else {
        fs::remove_file(to.join(TIMELINE))?;
    }
    for recorded in recording.nodes {
        let bytes = fs::read(from.join(recorded.log))?;
        let path = writer.log_path(recorded.node, 0)?;
        fs::write(&path, &bytes)?;
        manifest.capture.push(Capture {
            node: recorded.node.to_owned(),
            file: format!("nodes/{}/kube-proxy.0.log", node_directory(recorded.node)),
            first: Some(recorded.first.parse()?),
            last: Some(recorded.last.parse()?),
            lines: bytes.iter().filter(|byte| **byte == b'\n').count() as u64,
            bytes: bytes.len() as u64,
            ..Capture::default()
        });
    }
    manifest.verdict = Verdict::Complete;
    writer.update(&manifest)?;
    Ok(())
}

fn manifest(recording: &Recording) -> Result<Manifest, Box<dyn Error>> {
    let tool = Tool {
        name: "recorded_logs".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let times = |pick: fn(&Recorded) -> &str| -> Result<Vec<DateTime<Utc>>, chrono::ParseError> {
        recording
            .nodes
            .iter()
            .map(|node| pick(node).parse())
            .collect()
    };
    let started = times(|node| node.first)?
        .into_iter()
        .min()
        .unwrap_or_default();
    let mut manifest = Manifest::begin(recording.folder.to_owned(), tool, started);
    manifest.finished = times(|node| node.last)?.into_iter().max();
    manifest.workload = Some(Workload {
        scenario: Scenario::Ramp,
        namespace: "debug".to_owned(),
        services: recording.services,
        replicas: recording.replicas.to_vec(),
        step_pause_s: recording.pause_s,
        stabilise_s: 0.0,
        pace: Some("fixed".to_owned()),
        other: Map::new(),
    });
    manifest.cluster = Some(Cluster {
        clock: None,
        server_version: Some("v1.34.1".to_owned()),
        provider: Some("kwok".to_owned()),
        other: Map::new(),
    });
    manifest.nodes = recording
        .nodes
        .iter()
        .map(|node| described(node, recording))
        .collect();
    manifest.notes = recording
        .notes
        .iter()
        .map(|&note| note.to_owned())
        .collect();
    Ok(manifest)
}

fn described(recorded: &Recorded, recording: &Recording) -> Node {
    Node {
        name: recorded.node.to_owned(),
        kernel_version: Some(recorded.kernel.to_owned()),
        os_image: Some(recorded.os_image.to_owned()),
        instance_type: Some(recording.instance.to_owned()),
        architecture: Some("amd64".to_owned()),
        kube_proxy: Some(KubeProxy {
            version: Some("v1.32.6".to_owned()),
            mode: Some("nftables".to_owned()),
            verbosity: Some(2),
            ..KubeProxy::default()
        }),
        ..Node::default()
    }
}
