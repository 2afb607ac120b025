//! A node without a kernel, for clusters of hundreds of nodes: its kube-proxy says a line every two
//! seconds, and none of them tells of a sync, for there is none.

use std::time::Duration;

use chrono::Utc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Container, Output};
use crate::state::Node;

/// Time between two lines.
const PAUSE: Duration = Duration::from_secs(2);
/// Exit code of a process that SIGTERM ended.
const TERMINATED: i32 = 143;
/// Lines that may wait to be written: one is enough for who says one in two seconds.
const WAITING_LINES: usize = 4;

/// A node that is played.
pub(crate) struct Played {
    /// When within the pause it speaks: a thousand nodes do not do so at once.
    offset: Duration,
}

impl Played {
    pub(super) fn new(node: &Node) -> Self {
        let share = u32::from(node.number % 100);
        Self {
            offset: PAUSE * share / 100,
        }
    }

    pub(super) fn start(&self) -> Container {
        let (sender, output) = mpsc::channel(WAITING_LINES);
        let stop = CancellationToken::new();
        tokio::spawn(speak(sender, stop.clone(), self.offset));
        Container { output, stop }
    }
}

/// Says numbered lines until it is stopped.
///
/// ```text
/// I1124 11:36:44.951030       1 played.go:1] "Played by the lab: nothing is synced" line=7
/// ```
async fn speak(sender: mpsc::Sender<Output>, stop: CancellationToken, offset: Duration) {
    let mut number: u64 = 0;
    loop {
        let time = Utc::now().format("%m%d %H:%M:%S%.6f");
        let line = format!(
            "I{time}       1 played.go:1] \"Played by the lab: nothing is synced\" line={number}"
        );
        // Nobody listens when the lab goes down.
        if sender.send(Output::Line(line.into_bytes())).await.is_err() {
            return;
        }
        let pause = if number == 0 { PAUSE + offset } else { PAUSE };
        number += 1;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => break,
        }
    }
    sender.send(Output::Ended(TERMINATED)).await.ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_speaks_until_it_is_stopped_and_never_of_a_sync() {
        let (sender, mut output) = mpsc::channel(WAITING_LINES);
        let stop = CancellationToken::new();
        let speaking = tokio::spawn(speak(sender, stop.clone(), Duration::ZERO));
        let Some(Output::Line(line)) = output.recv().await else {
            panic!("no line");
        };
        let line = String::from_utf8(line).unwrap();
        assert!(line.ends_with("nothing is synced\" line=0"), "{line}");
        assert!(!line.contains("Syncing") && !line.contains("complete"));
        stop.cancel();
        assert!(matches!(
            output.recv().await,
            Some(Output::Ended(TERMINATED))
        ));
        speaking.await.unwrap();
    }
}
