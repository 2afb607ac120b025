//! A node's kernel messages, kept line by line and served as a kubelet's log query does.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use tokio::process::Command;

use crate::control::NodeStatus;
use crate::error::Error;

/// A guest's kernel messages as they come.
#[derive(Debug)]
pub(crate) struct KernelLog {
    path: PathBuf,
    node: String,
    file: File,
}

impl KernelLog {
    /// Goes on with a node's file, or starts it.
    pub(crate) fn open(path: &Path, node: &str) -> Result<Self, Error> {
        let file = File::options().create(true).append(true).open(path);
        Ok(Self {
            path: path.to_path_buf(),
            node: node.to_owned(),
            file: file.map_err(Error::io(path, "opening"))?,
        })
    }

    /// Writes a line as `journalctl -k -o short-iso-precise` has it, with the time at which it
    /// came; the kernel's own, since boot, stays in it.
    ///
    /// ```text
    /// 2026-11-24T11:36:44.951136+00:00 node-a kernel: [   33.1] watchdog: BUG: soft lockup ...
    /// ```
    pub(crate) fn write(&mut self, line: &[u8]) -> Result<(), Error> {
        let time = Utc::now().format("%Y-%m-%dT%H:%M:%S%.6f+00:00");
        let mut record = format!("{time} {} kernel: ", self.node).into_bytes();
        record.extend_from_slice(line);
        record.push(b'\n');
        let written = self.file.write_all(&record);
        written.map_err(Error::io(&self.path, "writing"))
    }
}

/// Answers `/logs/?query=kernel&sinceTime=TIME`.
///
/// # Errors
/// What cannot be answered, in a sentence.
pub(crate) async fn answer(node: &NodeStatus, query: &str) -> Result<String, String> {
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    if value("query") != Some("kernel") {
        return Err("the lab's kubelets answer query=kernel only".to_owned());
    }
    let since = match value("sinceTime") {
        None => None,
        Some(text) => {
            let text = text
                .replace("%3A", ":")
                .replace("%3a", ":")
                .replace("%2B", "+");
            let time = DateTime::parse_from_rfc3339(&text);
            Some(time.map_err(|error| format!("sinceTime {text}: {error}"))?)
        }
    };
    let text = match &node.kernel_log {
        Some(path) => std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?,
        None => own_messages().await?,
    };
    let text = String::from_utf8_lossy(&text);
    // A line without a time goes on with what the one before it says.
    let mut wanted_now = since.is_none();
    let wanted = |line: &&str| {
        if let (Some(since), Some(time)) = (since, time_of(line)) {
            wanted_now = time >= since;
        }
        wanted_now
    };
    Ok(text
        .lines()
        .filter(wanted)
        .fold(String::new(), |all, line| all + line + "\n"))
}

/// The time at a line's start; `dmesg` writes a comma before the fraction.
fn time_of(line: &str) -> Option<DateTime<chrono::FixedOffset>> {
    let (time, _) = line.split_once(' ')?;
    DateTime::parse_from_rfc3339(&time.replace(',', ".")).ok()
}

/// The messages of this machine's own kernel.
async fn own_messages() -> Result<Vec<u8>, String> {
    let mut dmesg = Command::new("dmesg");
    let output = dmesg.args(["--time-format", "iso"]).output().await;
    let output = output.map_err(|error| format!("dmesg: {error}"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(format!("dmesg: {}", words.trim()));
    }
    Ok(output.stdout)
}
