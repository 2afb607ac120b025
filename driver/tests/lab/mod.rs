//! The cluster that the tests of `cluster.rs` run against, as the environment describes it.

#![allow(unreachable_pub)] // a module of a test: nothing is reachable

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kube::config::{KubeConfigOptions, Kubeconfig};

/// One test at a time: they stop the API server under each other otherwise.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A cluster that may be broken.
pub struct Lab {
    pub kubeconfig: PathBuf,
    stop_api: String,
    start_api: String,
    /// The node's own kube-proxy log, in CRI form.
    own_log: PathBuf,
    _guard: MutexGuard<'static, ()>,
}

/// The lab, or a plain reason for going without; in CI there is no going without.
pub fn lab() -> Option<Lab> {
    let variable = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
    let found = || -> Result<Lab, String> {
        Ok(Lab {
            kubeconfig: variable("DRIVER_TEST_KUBECONFIG")?.into(),
            stop_api: variable("DRIVER_TEST_STOP_API")?,
            start_api: variable("DRIVER_TEST_START_API")?,
            own_log: variable("DRIVER_TEST_LOG")?.into(),
            _guard: ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner),
        })
    };
    match found() {
        Ok(lab) => Some(lab),
        Err(reason) => {
            assert!(
                std::env::var("CI").is_err(),
                "no lab to test against: {reason}"
            );
            skipped(&format!("no lab to test against: {reason}"));
            None
        }
    }
}

/// Says that a test was skipped, past the harness, which keeps a passing test's words to itself.
pub fn skipped(reason: &str) {
    use std::io::Write as _;
    let words = format!("SKIPPED: {reason}\n");
    std::io::stderr().write_all(words.as_bytes()).unwrap();
}

impl Lab {
    /// `driver` with these words, against this cluster.
    pub fn driver(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_driver"));
        command
            .arg("--kubeconfig")
            .arg(&self.kubeconfig)
            .args(words.split_whitespace());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run(&self, words: &str) -> Done {
        Done::from(self.driver(words).output().unwrap())
    }

    /// Starts `driver` with its messages going to a file.
    pub fn start(&self, words: &str, messages: &Path) -> Running {
        let file = std::fs::File::create(messages).unwrap();
        let child = self
            .driver(words)
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .unwrap();
        Running {
            child,
            messages: messages.to_owned(),
        }
    }

    /// Kills the API server for a while.
    pub fn outage(&self, time: Duration) {
        shell(&self.stop_api);
        std::thread::sleep(time);
        shell(&self.start_api);
    }

    pub async fn client(&self) -> kube::Client {
        let file = Kubeconfig::read_from(&self.kubeconfig).unwrap();
        let options = KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(file, &options).await;
        kube::Client::try_from(config.unwrap()).unwrap()
    }

    /// The node's own log from `captured`'s first line on, as the log API writes it.
    ///
    /// ```text
    /// 2026-11-24T11:36:44.951136160Z stderr F I1124 11:36:44.951030   19757 proxier.go:1168] ...
    /// ```
    pub fn own_log_like(&self, captured: &str) -> String {
        let first = captured.lines().next().unwrap();
        let text = std::fs::read_to_string(&self.own_log).unwrap();
        let lines = text.lines().map(|line| line.replacen(" stderr F ", " ", 1));
        let mut from_first: String = lines
            .skip_while(|line| line != first)
            .map(|line| line + "\n")
            .collect();
        // kube-proxy goes on after the capture's end.
        from_first.truncate(captured.len());
        from_first
    }
}

fn shell(line: &str) {
    let status = Command::new("sh")
        .args(["-c", line])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{line}: {status}");
}

/// A driver under way.
pub struct Running {
    child: Child,
    messages: PathBuf,
}

impl Running {
    /// Waits until it has said `words`.
    pub fn wait_for(&mut self, words: &str) {
        let until = Instant::now() + Duration::from_secs(180);
        while !self.said().contains(words) {
            assert!(
                Instant::now() < until,
                "never said {words}:\n{}",
                self.said()
            );
            let over = self.child.try_wait().unwrap();
            assert!(
                over.is_none(),
                "ended before it said {words}:\n{}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn said(&self) -> String {
        std::fs::read_to_string(&self.messages).unwrap()
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGINT, once.
    pub fn interrupt(&self) {
        shell(&format!("kill -INT {}", self.child.id()));
    }

    /// Waits for the end; returns the exit status and what was said.
    pub fn end(mut self) -> (i32, String) {
        let status = self.child.wait().unwrap();
        (status.code().unwrap(), self.said())
    }
}

/// A driver that has ended.
#[derive(Debug)]
pub struct Done {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
