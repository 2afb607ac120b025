//! Inputs of a fleet's size, each made of as many of one thing as is asked for.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::{Path, PathBuf};

/// What there is many of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Bundles of one node and 200 syncs each, of two kernels in turn.
    Bundles,
    /// Bundles of two nodes of a kernel each and 100 syncs a node.
    Pairs,
    /// The same in one series.
    Series,
    /// Nodes of one bundle, 200 syncs each, of two kernels in turn.
    Nodes,
    /// Syncs of one log.
    Syncs,
    /// Nodes of one bundle without a timeline, 40 syncs each, each of a kernel of its own.
    Groups,
    /// Remarks that came with a bundle.
    Notes,
    /// Rows of a bundle's timeline, of which a third are steps of the ramp.
    Timeline,
    /// Logs in a directory, two syncs each.
    Files,
}

/// A log's node, its syncs, and when they begin.
#[derive(Debug, Clone, Copy)]
struct Log {
    node: usize,
    syncs: usize,
    /// Seconds from the first sync of one family to the next.
    every: u64,
}

impl Kind {
    /// Writes an input with `n` of it; gives the path that `analyze` is to read.
    pub(crate) fn make(self, folder: &Path, n: usize) -> Result<PathBuf> {
        let root = folder.join(format!("{self:?}-{n}").to_lowercase());
        if root.exists() {
            return Ok(root);
        }
        std::fs::create_dir_all(&root)?;
        match self {
            Self::Bundles => (0..n).try_for_each(|at| {
                let node = node(at, at % 2);
                Bundle::of(at, 200, vec![node]).write(&root.join(format!("run-{at:05}")))
            })?,
            Self::Pairs | Self::Series => (0..n).try_for_each(|at| {
                let nodes = vec![node(2 * at, 0), node(2 * at + 1, 1)];
                let mut bundle = Bundle::of(at, 100, nodes);
                bundle.series = (self == Self::Series).then_some("fleet");
                bundle.write(&root.join(format!("run-{at:05}")))
            })?,
            Self::Nodes => {
                let nodes = (0..n).map(|at| node(at, at % 2)).collect();
                Bundle::of(0, 200, nodes).write(&root.join("run"))?;
            }
            Self::Groups => {
                let nodes = (0..n).map(|at| (name(at), format!("6.{at}.7"))).collect();
                let mut bundle = Bundle::of(0, 40, nodes);
                bundle.rows = 0;
                bundle.write(&root.join("run"))?;
            }
            Self::Syncs => {
                let mut log = BufWriter::new(File::create(root.join("kube-proxy.log"))?);
                let syncs = Log {
                    node: 0,
                    syncs: n,
                    every: 30,
                };
                syncs.write(&mut log)?;
                log.flush()?;
            }
            Self::Notes => {
                let mut bundle = Bundle::of(0, 200, vec![node(0, 0), node(1, 1)]);
                bundle.notes = n;
                bundle.write(&root.join("run"))?;
            }
            Self::Timeline => {
                let mut bundle = Bundle::of(0, 200, vec![node(0, 0), node(1, 1)]);
                bundle.rows = n;
                bundle.write(&root.join("run"))?;
            }
            Self::Files => (0..n).try_for_each(|at| {
                let folder = root.join(format!("{:03}", at / 1_000));
                std::fs::create_dir_all(&folder)?;
                let mut text = Vec::new();
                Log {
                    node: at,
                    syncs: 2,
                    every: 60,
                }
                .write(&mut text)?;
                std::fs::write(folder.join(format!("node-{at:06}.log")), text)
            })?,
        }
        Ok(root)
    }
}

fn name(at: usize) -> String {
    format!("node-{at:05}")
}

fn node(at: usize, kernel: usize) -> (String, String) {
    (name(at), ["6.1.144", "6.12.46"][kernel].to_owned())
}

/// A bundle to be written.
struct Bundle {
    at: usize,
    /// Syncs of a node, half of them full scale.
    syncs: usize,
    /// Names and kernels.
    nodes: Vec<(String, String)>,
    notes: usize,
    rows: usize,
    series: Option<&'static str>,
}

impl Bundle {
    fn of(at: usize, syncs: usize, nodes: Vec<(String, String)>) -> Self {
        let (notes, rows, series) = (1, 9, None);
        Self {
            at,
            syncs,
            nodes,
            notes,
            rows,
            series,
        }
    }

    fn write(&self, root: &Path) -> Result<()> {
        let (mut nodes, mut capture) = (String::new(), String::new());
        for (at, (name, kernel)) in self.nodes.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            let folder = root.join("nodes").join(name);
            std::fs::create_dir_all(&folder)?;
            let mut text = Vec::new();
            let node = self.at * self.nodes.len() + at;
            Log {
                node,
                syncs: self.syncs,
                every: 60,
            }
            .write(&mut text)?;
            std::fs::write(folder.join("kube-proxy.0.log"), &text)?;
            let proxy = r#""kube_proxy":{"version":"v1.32.6","mode":"nftables","verbosity":2}"#;
            let told = format!(r#"{comma}{{"name":"{name}","kernel_version":"{kernel}",{proxy}}}"#);
            nodes.push_str(&told);
            let file = format!("nodes/{name}/kube-proxy.0.log");
            let (lines, bytes) = (bytes_of(&text, b'\n'), text.len());
            let told = format!(
                r#"{comma}{{"node":"{name}","instance":0,"file":"{file}","lines":{lines},"bytes":{bytes}}}"#
            );
            capture.push_str(&told);
        }
        let notes: Vec<String> = (0..self.notes)
            .map(|at| format!("\"Remark {at}.\""))
            .collect();
        let series = self
            .series
            .map_or(String::new(), |name| format!("\"series\":\"{name}\","));
        let manifest = format!(
            r#"{{"schema_version":"1.0","run_id":"run-{}",{series}"tool":{{"name":"scale","version":"1"}},
"started":"2025-10-15T12:00:00Z","finished":"2025-10-15T16:00:00Z","origin":{{"kind":"recorded"}},
"workload":{{"scenario":"ramp","namespace":"debug","services":100,"replicas":[10,20],"step_pause_s":60.0,"stabilise_s":60.0}},
"nodes":[{nodes}],"capture":[{capture}],"verdict":{{"state":"complete"}},"notes":[{}]}}"#,
            self.at,
            notes.join(",\n")
        );
        std::fs::write(root.join("bundle.json"), manifest)?;
        let mut timeline = BufWriter::new(File::create(root.join("timeline.csv"))?);
        writeln!(timeline, "time_utc,action,detail,requested,achieved")?;
        for row in 0..self.rows {
            let replicas = if (row / 3).is_multiple_of(2) { 20 } else { 10 };
            let time = clock((row as u64) * 14_400_000_000 / (self.rows.max(1) as u64));
            let endpoints = replicas * 100;
            match row % 3 {
                0 => writeln!(
                    timeline,
                    "2025-10-15T{time}Z,scale,replicas={replicas},{replicas},0"
                )?,
                1 => writeln!(
                    timeline,
                    "2025-10-15T{time}Z,endpoints,,{endpoints},{endpoints}"
                )?,
                _ => writeln!(
                    timeline,
                    "2025-10-15T{time}Z,settled,,{endpoints},{endpoints}"
                )?,
            }
        }
        timeline.flush()
    }
}

/// Microseconds after noon as a time of day; it goes round.
fn clock(us: u64) -> String {
    let (hour, minute) = ((12 + us / 3_600_000_000) % 24, us / 60_000_000 % 60);
    format!(
        "{hour:02}:{minute:02}:{:02}.{:06}",
        us / 1_000_000 % 60,
        us % 1_000_000
    )
}

fn bytes_of(text: &[u8], byte: u8) -> usize {
    text.iter().filter(|one| **one == byte).count()
}

impl Log {
    /// Syncs that bring 500, 1,000, 1,500 and 2,000 endpoints, each after one that takes all but
    /// 100 away; they take longer the more they bring, and twice as long on a node of an even
    /// number, give or take. No two nodes log the same line.
    fn write(self, to: &mut impl Write) -> Result<()> {
        let mut text = String::new();
        for sync in 0..self.syncs as u64 {
            text.clear();
            let jitter = (sync * 7_919 + self.node as u64 * 104_729) % 500_000;
            let endpoints = match sync % 8 {
                at if at % 2 == 1 => 500 * at.div_ceil(2),
                _ => 100,
            };
            let took = (200_000 + jitter + 500 * endpoints) * (2 - self.node as u64 % 2);
            let start = sync * self.every * 1_000_000 + self.node as u64 % 1_000_000;
            self.line(&mut text, start + took / 4, format_args!(
                "\"Reloading service nftables data\" ipFamily=\"IPv4\" numServices=100 numEndpoints={endpoints}"
            ));
            self.line(
                &mut text,
                start + took,
                format_args!(
                    "\"SyncProxyRules complete\" ipFamily=\"IPv4\" elapsed=\"{}.{:06}s\"",
                    took / 1_000_000,
                    took % 1_000_000
                ),
            );
            to.write_all(text.as_bytes())?;
        }
        Ok(())
    }

    fn line(self, text: &mut String, us: u64, said: std::fmt::Arguments<'_>) {
        // A year has room for a million syncs every 30 s; the klog header's month goes along.
        let days = (12 * 3_600_000_000 + us) / 86_400_000_000;
        let (month, day) = (1 + days / 28 % 12, 1 + days % 28);
        let (month, day) = if self.every == 60 {
            (10, 15 + days)
        } else {
            (month, day)
        };
        let year = if self.every == 60 {
            2025
        } else {
            2025 + days / 336
        };
        let time = clock(us);
        // Writing to a String cannot fail.
        writeln!(
            text,
            "{year}-{month:02}-{day:02}T{time}100Z I{month:02}{day:02} {time}       1 proxier.go:1168] {said}"
        )
        .unwrap_or_default();
    }
}
