//! The driver as a person starts it, and what it left.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use bundle::{Bundle, Verdict};

use crate::lab::Lab;

/// Longest wait for words or an end.
const PATIENCE: Duration = Duration::from_secs(240);

/// `driver` with these words, against the cluster of `kubeconfig`.
pub fn driver(kubeconfig: &Path, words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_driver"));
    command.arg("--kubeconfig").arg(kubeconfig);
    command.args(words.split_whitespace());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
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

/// Runs `driver` to its end.
pub fn run(kubeconfig: &Path, words: &str) -> Done {
    Done::from(driver(kubeconfig, words).output().unwrap())
}

/// A driver under way.
pub struct Running {
    child: Child,
    messages: PathBuf,
}

impl Running {
    /// Starts `driver` with its messages going to a file.
    pub fn start(lab: &Lab, words: &str, messages: &Path) -> Self {
        Self::of(driver(&lab.kubeconfig, words), messages)
    }

    /// The same of a command.
    pub fn of(mut command: Command, messages: &Path) -> Self {
        let file = std::fs::File::create(messages).unwrap();
        let child = command.stdout(Stdio::null()).stderr(file).spawn().unwrap();
        Self {
            child,
            messages: messages.to_owned(),
        }
    }

    /// Waits until it has said `words`.
    pub fn wait_for(&mut self, words: &str) {
        let until = Instant::now() + PATIENCE;
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

    pub fn id(&self) -> u32 {
        self.child.id()
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
        self.signal("-INT");
    }

    /// SIGTERM, once.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Any signal, once.
    pub fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args([signal, &id]).status();
        assert!(status.unwrap().success());
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for the end; returns the exit status and what was said.
    pub fn end(mut self) -> (i32, String) {
        let status = self.child.wait().unwrap();
        (status.code().unwrap(), self.said())
    }
}

/// The captured log of a container instance.
pub fn captured(bundle: &Path, instance: usize) -> String {
    let bundle = Bundle::open(bundle).unwrap();
    let file = &bundle.manifest.capture[instance].file;
    std::fs::read_to_string(bundle.directory.join(file)).unwrap()
}

/// Asserts that a bundle is complete and its logs are the node's own.
pub fn assert_complete(lab: &Lab, path: &Path) {
    let bundle = Bundle::open(path).unwrap();
    assert_eq!(bundle.manifest.verdict, Verdict::Complete);
    assert_eq!(bundle.timeline.faults, []);
    for (instance, entry) in bundle.manifest.capture.iter().enumerate() {
        assert_eq!(entry.gaps, []);
        lab.assert_own(entry.restart.unwrap(), &captured(path, instance));
    }
}
