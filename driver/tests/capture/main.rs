//! What the capture does when logs, connections and containers misbehave: byte for byte the
//! node's log, or a recorded gap. Time is virtual; no cluster is needed.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise

#[path = "../judge/mod.rs"]
mod judge;
#[path = "../kubelet/mod.rs"]
mod kubelet;

mod any_order;
mod clocks;
mod following;
mod health;
mod judgement;
mod outages;
mod output;
mod restarts;
mod resumed;
mod rotations;
mod shards;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bundle::{Bundle, Gap};
use driver::capture::Capture;
use driver::record::Record;
use driver::settings::Settings;
use driver::settings::choices::Choices;
use driver::show::board::Board;
use kubelet::Kubelet;
use tokio_util::sync::CancellationToken;

/// A millisecond: lines share their second, as kube-proxy's do.
const MS: Duration = Duration::from_millis(1);
/// No time at all: lines share their time stamp.
const AT_ONCE: Duration = Duration::ZERO;

struct Run {
    stop: CancellationToken,
    record: Arc<Record>,
    capture: Capture,
    board: Arc<Board>,
    settings: Settings,
}

impl Run {
    async fn begin(kubelet: &Kubelet, path: &Path) -> Self {
        Self::begin_in(kubelet, &[path.to_path_buf()]).await
    }

    async fn begin_in(kubelet: &Kubelet, directories: &[PathBuf]) -> Self {
        let settings = Settings::from_choices(Choices::default()).unwrap();
        let record = Arc::new(Record::begin_in(directories).unwrap());
        let nodes = vec![bundle::Node {
            name: "node-a".to_owned(),
            ..bundle::Node::default()
        }];
        record.edit(|manifest| manifest.nodes = nodes).unwrap();
        let board = Arc::new(Board::default());
        let stop = CancellationToken::new();
        let capture = Capture::start(
            &kubelet.client(),
            &settings.sources,
            record.clone(),
            board.clone(),
            stop.clone(),
        )
        .await
        .unwrap();
        Self {
            stop,
            record,
            capture,
            board,
            settings,
        }
    }

    /// Ends the capture; returns what it says is missing.
    async fn end(self) -> Vec<String> {
        let reasons = self.capture.finish().await.unwrap();
        self.record.finish(&reasons).unwrap();
        reasons
    }
}

async fn seconds(n: u64) {
    tokio::time::sleep(Duration::from_secs(n)).await;
}

fn captured(path: &Path, instance: u32) -> String {
    let name = format!("nodes/node-a/kube-proxy.{instance}.log");
    std::fs::read_to_string(path.join(name)).unwrap()
}

fn gaps(path: &Path, instance: usize) -> Vec<Gap> {
    Bundle::open(path).unwrap().manifest.capture[instance]
        .gaps
        .clone()
}

/// Runs `story` against a fresh kubelet and capture; returns what is said to be missing and the
/// bundle's place.
async fn capture(story: impl AsyncFnOnce(&Kubelet)) -> (Vec<String>, Kubelet, tempfile::TempDir) {
    let place = tempfile::tempdir().unwrap();
    let kubelet = Kubelet::new();
    // Nothing is there yet: the whole log is wanted.
    let run = Run::begin(&kubelet, place.path()).await;
    kubelet.write(5, MS);
    seconds(3).await;
    kubelet.write(50, MS);
    story(&kubelet).await;
    let reasons = run.end().await;
    (reasons, kubelet, place)
}

fn assert_whole(reasons: &[String], kubelet: &Kubelet, place: &Path) {
    assert_eq!(reasons, [""; 0]);
    for (instance, container) in kubelet.state().containers.iter().enumerate() {
        let instance = u32::try_from(instance).unwrap();
        assert_eq!(
            captured(place, instance),
            container.truth(),
            "instance {instance}"
        );
    }
}
