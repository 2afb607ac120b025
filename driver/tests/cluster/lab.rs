//! A cluster that tests run against: a `lab`, broken as told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::Value;

/// Its only node.
pub const NODE: &str = "node-a";

/// A cluster that may be broken.
pub struct Lab {
    name: String,
    program: PathBuf,
    pub kubeconfig: PathBuf,
    runtime: tokio::runtime::Runtime,
}

/// Whether a lab can be had on this machine, or why not.
pub fn possible() -> Result<(), String> {
    use std::os::unix::fs::MetadataExt as _;
    let owner = std::fs::metadata("/proc/self").map(|process| process.uid());
    if owner.unwrap_or(1) != 0 {
        return Err("not root".to_owned());
    }
    for (tool, question) in [("nft", "--version"), ("go", "version")] {
        let answer = Command::new(tool).arg(question).output();
        if !answer.is_ok_and(|answer| answer.status.success()) {
            return Err(format!("no `{tool}` on this machine"));
        }
    }
    Ok(())
}

/// `$LAB_BIN`, or the program beside the driver, built if it is not there: cargo builds no
/// other package's programs for a test.
fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("LAB_BIN") {
        return path.into();
    }
    let driver = Path::new(env!("CARGO_BIN_EXE_driver"));
    let program = driver.with_file_name("lab");
    if !program.exists() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--package", "lab", "--bin", "lab"]);
        if driver
            .parent()
            .is_some_and(|profile| profile.ends_with("release"))
        {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success(), "building the lab");
    }
    program
}

fn run(program: &Path, name: &str, words: &[&str]) -> String {
    match tried(program, name, words) {
        Ok(out) => out,
        Err(said) => panic!("lab {words:?}: {said}"),
    }
}

/// What `lab` printed, or what it said when it failed.
fn tried(program: &Path, name: &str, words: &[&str]) -> Result<String, String> {
    let mut command = Command::new(program);
    let output = command.args(["--name", name]).args(words).output();
    let output = output.unwrap();
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout).unwrap()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

impl Lab {
    /// Starts one with [`NODE`] and these words more for `up`.
    pub fn start(name: String, words: &[&str]) -> Self {
        let program = program();
        // A run of these tests that was killed leaves one.
        run(&program, &name, &["down"]);
        let node = format!("{NODE}=host");
        run(&program, &name, &[&["up", "--node", &node], words].concat());
        let kubeconfig = run(&program, &name, &["status", "--output", "kubeconfig"]);
        Self {
            name,
            program,
            kubeconfig: kubeconfig.trim().into(),
            runtime: tokio::runtime::Runtime::new().unwrap(),
        }
    }

    /// `lab` with these words.
    pub fn run(&self, words: &[&str]) -> String {
        run(&self.program, &self.name, words)
    }

    /// Kills the API server for a while.
    pub fn outage(&self, time: Duration) {
        self.run(&["api", "stop"]);
        std::thread::sleep(time);
        self.start_api();
    }

    /// Starts the API server; on a machine that does other things too it may take longer than the lab
    /// waits for it, which is a longer outage and nothing else.
    pub fn start_api(&self) {
        let start = ["api", "start"];
        let again = (0..2).any(|_| tried(&self.program, &self.name, &start).is_ok());
        if !again {
            self.run(&start);
        }
    }

    /// A client of the lab's administrator.
    pub fn client(&self) -> kube::Client {
        self.wait(async {
            let file = Kubeconfig::read_from(&self.kubeconfig).unwrap();
            let options = KubeConfigOptions::default();
            let config = kube::Config::from_custom_kubeconfig(file, &options).await;
            kube::Client::try_from(config.unwrap()).unwrap()
        })
    }

    /// Waits for an answer of the cluster.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// The API server's process.
    pub fn api_server(&self) -> u64 {
        let status = self.status();
        let mut processes = status["status"]["processes"].as_array().unwrap().iter();
        let server = processes.find(|process| process["name"] == "kube-apiserver");
        server.unwrap()["pid"].as_u64().unwrap()
    }

    fn status(&self) -> Value {
        serde_json::from_str(&self.run(&["status", "--output", "json"])).unwrap()
    }

    /// The node's own log of the present pod's container after so many restarts.
    pub fn own_log(&self, restart: u32) -> String {
        let status = self.status();
        let mut nodes = status["status"]["nodes"].as_array().unwrap().iter();
        let node = nodes.find(|node| node["name"] == NODE).unwrap();
        let present = PathBuf::from(node["log"].as_str().unwrap());
        whole(&present.with_file_name(format!("{restart}.log")))
    }

    /// The logs of all pods that have run on some of the nodes, each as the log API would write it, by
    /// its node.
    pub fn logs_of(&self, nodes: &[&str]) -> BTreeMap<String, String> {
        let status = self.status();
        let directory = PathBuf::from(status["directory"].as_str().unwrap()).join("nodes");
        let log = |node: &&str| {
            let pods = entries(&directory.join(node).join("pods"));
            let logs = pods.iter().map(|pod| whole(&pod.join("kube-proxy/0.log")));
            ((*node).to_owned(), logs.collect())
        };
        nodes.iter().map(log).collect()
    }

    /// The files of all logs of all pods that have run on the node.
    fn log_files(&self) -> Vec<PathBuf> {
        let status = self.status();
        let directory = PathBuf::from(status["directory"].as_str().unwrap());
        let pods = entries(&directory.join("nodes").join(NODE).join("pods"));
        let logs = pods.iter().map(|pod| pod.join("kube-proxy"));
        logs.flat_map(|logs| entries(&logs)).collect()
    }

    /// Asserts that a captured log is, byte for byte, a part of the node's own.
    pub fn assert_own(&self, restart: u32, captured: &str) {
        let own = self.own_log(restart);
        let first = captured.lines().next().unwrap_or_default();
        let start = own.find(first).unwrap_or_default();
        let end = own.len().min(start + captured.len());
        assert!(!captured.is_empty(), "nothing was captured");
        assert_eq!(
            captured,
            &own[start..end],
            "the captured log is not the node's"
        );
    }
}

/// What a node's logs were, rotation by rotation: a kubelet keeps five files of each, and a capture
/// holds what was in the others too.
#[derive(Default)]
pub struct Archive {
    /// The text of each part by its path, without the ending of a compressed one.
    parts: BTreeMap<String, String>,
}

impl Archive {
    /// Takes in what is there; often enough that no more than four rotations lie between.
    pub fn take_in(&mut self, lab: &Lab) {
        for file in lab.log_files() {
            let name = file.to_str().unwrap().trim_end_matches(".gz").to_owned();
            // What is written at present grows.
            if name.ends_with(".log") || !self.parts.contains_key(&name) {
                self.parts.insert(name, text_of(&file));
            }
        }
    }

    /// The containers that have run, each a pod's UID and a restart.
    pub fn containers(&self) -> Vec<(String, u32)> {
        let mut all: Vec<_> = self.parts.keys().filter_map(|name| whose(name)).collect();
        all.sort();
        all.dedup();
        all
    }

    /// The log of a pod's container after so many restarts, as the log API would write it.
    pub fn log(&self, uid: &str, restart: u32) -> String {
        let wanted = format!("{uid}/kube-proxy/{restart}.log");
        let of_it = |name: &&String| name.contains(&wanted);
        let (present, rotated): (Vec<_>, Vec<_>) = self
            .parts
            .keys()
            .filter(of_it)
            .partition(|name| name.ends_with(".log"));
        // A rotated part's name ends in its time.
        let parts = rotated.into_iter().chain(present);
        as_served(
            &parts
                .map(|name| self.parts[name].as_str())
                .collect::<String>(),
        )
    }
}

/// The pod's UID and the restart in a log's path:
/// `nodes/node-a/pods/kube-system_kube-proxy-x7_UID/kube-proxy/1.log.20261124-113644`.
fn whose(path: &str) -> Option<(String, u32)> {
    let (pod, file) = path.rsplit_once("/kube-proxy/")?;
    let uid = pod.rsplit_once('_')?.1.to_owned();
    Some((uid, file.split('.').next()?.parse().ok()?))
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// A container's log, rotated parts first, as the log API would write it.
///
/// ```text
/// 2026-11-24T11:36:44.951136160Z stderr F I1124 11:36:44.951030   19757 proxier.go:1168] ...
/// ```
fn whole(log: &Path) -> String {
    let name = log.file_name().unwrap().to_str().unwrap();
    let rotated = format!("{name}.");
    let mut parts: Vec<PathBuf> = entries(log.parent().unwrap())
        .into_iter()
        .filter(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.starts_with(&rotated)
        })
        .collect();
    // A rotated part's name ends in its time.
    parts.sort();
    parts.push(log.to_path_buf());
    as_served(&parts.iter().map(|part| text_of(part)).collect::<String>())
}

/// A log's text as the log API writes it.
fn as_served(text: &str) -> String {
    let lines = text.lines();
    lines
        .map(|line| line.replacen(" stderr F ", " ", 1) + "\n")
        .collect()
}

/// A part's text; all but the last two are compressed.
fn text_of(part: &Path) -> String {
    if part.extension().is_none_or(|extension| extension != "gz") {
        return std::fs::read_to_string(part).unwrap();
    }
    let unpacked = Command::new("gzip").args(["-d", "-c"]).arg(part).output();
    String::from_utf8(unpacked.unwrap().stdout).unwrap()
}
