//! A lab of a test's own: its name, its state, its end.

#![allow(unreachable_pub)] // a module of a test: nothing is reachable

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

/// One lab at a time: each takes what a small machine has.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A lab that goes down with the test, however it ends.
pub struct Lab {
    name: String,
    state: tempfile::TempDir,
    /// Not of one that stands beside another.
    _guard: Option<MutexGuard<'static, ()>>,
}

/// What a test needs besides root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Go, nft.
    Host,
    /// QEMU and Debian's kernels too.
    Guests,
    /// Go, nft, perf.
    SampledHost,
    /// All of it.
    SampledGuests,
}

/// A lab, or a plain reason for going without; in CI there is no going without.
pub fn lab(name: &str, needs: Needs) -> Option<Lab> {
    let guard = machine(needs)?;
    Some(Lab {
        name: format!("t{}-{name}", std::process::id()),
        state: tempfile::tempdir().unwrap(),
        _guard: Some(guard),
    })
}

/// The machine for oneself, or a plain reason for going without.
pub fn machine(needs: Needs) -> Option<MutexGuard<'static, ()>> {
    let guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(reason) = missing(needs) else {
        return Some(guard);
    };
    assert!(std::env::var("CI").is_err(), "no lab to test: {reason}");
    skipped(&reason);
    None
}

fn missing(needs: Needs) -> Option<String> {
    let ok = |program: &str, flag: &str| {
        let ran = Command::new(program).arg(flag).output();
        ran.is_ok_and(|output| output.status.success())
    };
    if !rustix::process::geteuid().is_root() {
        return Some("the lab needs root".to_owned());
    }
    for (program, flag) in [("ip", "-V"), ("go", "version"), ("nft", "--version")] {
        if !ok(program, flag) {
            return Some(format!("`{program}` is not installed"));
        }
    }
    let guests = matches!(needs, Needs::Guests | Needs::SampledGuests);
    if guests && !ok("qemu-system-x86_64", "--version") {
        return Some("QEMU is not installed; `lab prepare` installs it".to_owned());
    }
    let samples = matches!(needs, Needs::SampledHost | Needs::SampledGuests);
    if samples && !ok("perf", "--version") {
        return Some("perf is not installed; `lab prepare` installs it".to_owned());
    }
    None
}

/// Says that a test was skipped, past the harness, which keeps a passing test's words to itself.
pub fn skipped(reason: &str) {
    use std::io::Write as _;
    let words = format!("SKIPPED: {reason}\n");
    std::io::stderr().write_all(words.as_bytes()).unwrap();
}

impl Lab {
    /// `lab` with these words, for this lab.
    pub fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lab"));
        command
            .args(["--name", &self.name])
            .args(words.split_whitespace())
            .env("XDG_STATE_HOME", self.state.path());
        command
    }

    /// Another lab, at the same time.
    pub fn beside(&self, name: &str) -> Self {
        Self {
            name: format!("t{}-{name}", std::process::id()),
            state: tempfile::tempdir().unwrap(),
            _guard: None,
        }
    }

    /// Runs `lab`, which must succeed; returns what it printed.
    pub fn run(&self, words: &str) -> String {
        let output = self.command(words).output().unwrap();
        let (out, err) = texts(&output);
        assert!(output.status.success(), "lab {words}:\n{out}\n{err}");
        out
    }

    /// Runs `lab`, which must refuse with this exit status; returns what it said.
    pub fn refused(&self, words: &str, status: i32) -> String {
        let output = self.command(words).output().unwrap();
        let (out, err) = texts(&output);
        assert_eq!(
            output.status.code(),
            Some(status),
            "lab {words}:\n{out}\n{err}"
        );
        err
    }

    /// `lab status --output json`.
    pub fn status(&self) -> Value {
        serde_json::from_str(&self.run("status --output json")).unwrap()
    }

    /// A node's present kube-proxy log.
    pub fn log(&self, node: usize) -> String {
        let status = self.status();
        let path = status["status"]["nodes"][node]["log"].as_str().unwrap();
        std::fs::read_to_string(path).unwrap()
    }

    /// Asks the API server; must succeed.
    pub fn kube(&self) -> Kube {
        Kube {
            kubeconfig: self.run("status --output kubeconfig").trim().into(),
            runtime: tokio::runtime::Runtime::new().unwrap(),
        }
    }

    /// What is left of the lab: processes with its mark, namespaces, files.
    pub fn traces(&self) -> Vec<String> {
        let mut traces: Vec<String> = lab::marked::processes(&self.name)
            .unwrap()
            .into_iter()
            .map(|process| process.command)
            .collect();
        traces.extend(lab::network::existing(&self.name).unwrap());
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
        let own = mounts.lines().filter(|line| line.contains(&self.name));
        traces.extend(own.map(str::to_owned));
        let directory = self
            .state
            .path()
            .join("kube-proxy-bench/labs")
            .join(&self.name);
        if directory.exists() {
            traces.push(directory.display().to_string());
        }
        traces
    }

    /// Processes with the lab's mark.
    pub fn processes(&self) -> usize {
        lab::marked::processes(&self.name).unwrap().len()
    }

    /// Kills the lab's supervisor, and nothing else.
    pub fn kill_supervisor(&self) {
        let processes = lab::marked::processes(&self.name).unwrap();
        let supervisor = processes
            .iter()
            .find(|process| process.command.ends_with("supervise"))
            .unwrap();
        let killed = Command::new("kill")
            .args(["-9", &supervisor.pid.to_string()])
            .status();
        assert!(killed.unwrap().success());
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // A failed test must leave nothing either; what it had to say it has said.
        self.command("down").output().ok();
    }
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// The cluster, through its kubeconfig.
pub struct Kube {
    kubeconfig: PathBuf,
    runtime: tokio::runtime::Runtime,
}

impl Kube {
    /// A client, and a runtime to use it with.
    pub fn with<T>(&self, work: impl AsyncFnOnce(kube::Client) -> T) -> T {
        self.runtime.block_on(async {
            let file = kube::config::Kubeconfig::read_from(&self.kubeconfig).unwrap();
            let options = kube::config::KubeConfigOptions::default();
            let config = kube::Config::from_custom_kubeconfig(file, &options).await;
            work(kube::Client::try_from(config.unwrap()).unwrap()).await
        })
    }

    /// The text at an API path.
    pub fn get(&self, path: &str) -> Result<String, String> {
        let request = http::Request::get(path).body(Vec::new()).unwrap();
        self.with(async |client| client.request_text(request).await)
            .map_err(|error| error.to_string())
    }

    /// Makes `count` Services in front of a Deployment of `replicas` pods, all in `default`.
    pub fn load(&self, count: usize, replicas: usize) {
        self.with(async |client| {
            let labels = serde_json::json!({"app": "load"});
            let deployment = serde_json::from_value(serde_json::json!({
                "metadata": {"name": "load"},
                "spec": {
                    "replicas": replicas,
                    "selector": {"matchLabels": labels},
                    "template": {
                        "metadata": {"labels": labels},
                        "spec": {
                            "enableServiceLinks": false,
                            "containers": [{"name": "web", "image": "nginx:stable-alpine"}],
                        },
                    },
                },
            }));
            let deployments: kube::Api<k8s_openapi::api::apps::v1::Deployment> =
                kube::Api::default_namespaced(client.clone());
            let now = kube::api::PostParams::default();
            deployments
                .create(&now, &deployment.unwrap())
                .await
                .unwrap();
            let services: kube::Api<k8s_openapi::api::core::v1::Service> =
                kube::Api::default_namespaced(client.clone());
            for number in 0..count {
                let service = serde_json::from_value(serde_json::json!({
                    "metadata": {"name": format!("load-{number}")},
                    "spec": {"selector": labels, "ports": [{"port": 80}]},
                }));
                services.create(&now, &service.unwrap()).await.unwrap();
            }
        });
    }
}

/// Samples of a node's stacks within a program, from a bundle that `lab profile` fills: each line
/// is a time of day, a stack and 1.
pub fn sampled(lab: &Lab, node: &str, program: &str) -> (usize, usize) {
    use std::io::Read as _;
    let bundle = tempfile::tempdir().unwrap();
    // Whatever its manifest says, it is a bundle.
    std::fs::write(bundle.path().join("bundle.json"), "{}").unwrap();
    let from = chrono::Utc::now().timestamp() as f64 - 3600.0;
    lab.run(&format!("profile {}", bundle.path().display()));
    let file = bundle
        .path()
        .join(format!("nodes/{node}/profile.folded.gz"));
    assert!(is_private(&file));
    let mut text = String::new();
    let packed = std::fs::File::open(file).unwrap();
    flate2::read::MultiGzDecoder::new(packed)
        .read_to_string(&mut text)
        .unwrap();
    let mut kernel = 0;
    let mine = text.lines().filter(|line| {
        let [time, stack, "1"] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let time: f64 = time.parse().unwrap();
        assert!(time > from && time < from + 7200.0, "{line}");
        let inside = stack.starts_with(program);
        kernel += usize::from(inside && !stack.ends_with(";[user]"));
        inside
    });
    (mine.count(), kernel)
}

/// Waits until `found` gives something.
pub fn wait_for<T>(what: &str, limit: Duration, mut found: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + limit;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < until, "not within {limit:?}: {what}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Whether a path's file is for root's eyes only.
pub fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o077 == 0
}
