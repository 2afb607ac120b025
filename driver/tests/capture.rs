//! What the capture does when logs, connections and containers misbehave: byte for byte the
//! node's log, or a recorded gap. Time is virtual; no cluster is needed.
#![allow(clippy::unwrap_used)] // a test may stop at the first surprise

#[allow(dead_code)] // others begin elsewhere
mod judge;
mod kubelet;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bundle::{Bundle, Gap};
use driver::capture::Capture;
use driver::health::Health;
use driver::record::Record;
use driver::settings::Settings;
use driver::settings::choices::Choices;
use driver::show::board::Board;
use driver::span::Span;
use judge::{Begin, hold};
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

#[tokio::test(start_paused = true)]
async fn who_is_told_to_stop_does_not_wait_for_a_frozen_server() {
    for frozen in [false, true] {
        let place = tempfile::tempdir().unwrap();
        let kubelet = Kubelet::new();
        let run = Run::begin(&kubelet, place.path()).await;
        kubelet.write(50, MS);
        seconds(3).await;
        kubelet.state().frozen = frozen;
        kubelet.stall(frozen);
        run.stop.cancel();
        let began = tokio::time::Instant::now();
        let reasons = run.end().await;
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "{:?}",
            began.elapsed()
        );
        if frozen {
            let said = reasons.join("; ");
            assert!(said.contains("the last lines were not taken"), "{said}");
            assert_eq!(captured(place.path(), 0).lines().count(), 50);
        } else {
            assert_whole(&reasons, &kubelet, place.path());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_output_that_is_removed_is_noticed_within_five_seconds() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("bundle");
    let kubelet = Kubelet::new();
    let run = Run::begin(&kubelet, &path).await;
    kubelet.write(50, MS);
    seconds(30).await;
    assert!(!run.stop.is_cancelled());
    std::fs::remove_dir_all(&path).unwrap();
    let noticed = tokio::time::timeout(Duration::from_secs(5), run.stop.cancelled());
    noticed.await.unwrap();
    let error = run.capture.finish().await.unwrap_err().error.to_string();
    assert!(
        error.contains("was removed while it was written"),
        "{error}"
    );
}

/// With a second place the run goes on, and not a line is missing, whichever of the two is removed.
#[tokio::test(start_paused = true)]
async fn what_is_kept_in_two_places_outlives_the_loss_of_one() {
    for lost in [0, 1] {
        let place = tempfile::tempdir().unwrap();
        let both = [place.path().join("out"), place.path().join("second")];
        let kubelet = Kubelet::new();
        let run = Run::begin_in(&kubelet, &both).await;
        kubelet.write(50, MS);
        seconds(30).await;
        std::fs::remove_dir_all(&both[lost]).unwrap();
        seconds(5).await;
        let record = run.record.clone();
        let said = record.left_behind().unwrap().to_string();
        assert!(said.contains("was removed while it was written"), "{said}");
        for _ in 0..5 {
            kubelet.write(50, MS);
            seconds(10).await;
        }
        assert!(!run.stop.is_cancelled());
        let reasons = run.end().await;
        assert_whole(&reasons, &kubelet, &both[1 - lost]);
    }
}

#[tokio::test(start_paused = true)]
async fn lines_that_share_a_time_stamp_are_all_kept() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        for _ in 0..20 {
            kubelet.write(7, AT_ONCE);
            seconds(1).await;
            kubelet.cut(true);
        }
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

#[tokio::test(start_paused = true)]
async fn clean_ends_of_the_stream_after_long_silences_lose_nothing() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        for _ in 0..5 {
            seconds(960).await;
            kubelet.cut(true);
            kubelet.write(30, MS);
        }
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

#[tokio::test(start_paused = true)]
async fn an_api_server_that_is_away_loses_nothing() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        kubelet.go_down();
        for _ in 0..30 {
            kubelet.write(10, Duration::from_millis(90));
            seconds(1).await;
        }
        kubelet.come_back();
        seconds(30).await;
        kubelet.write(10, MS);
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

#[tokio::test(start_paused = true)]
async fn a_token_that_expires_costs_what_comes_after_and_that_is_said() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(5).await;
        kubelet.state().unauthorized = true;
        kubelet.cut(false);
        kubelet.write(10, MS);
        seconds(120).await;
    })
    .await;
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    assert!(reasons[0].contains("401"), "{reasons:?}");
    let container = kubelet.state().containers[0].clone();
    let text = captured(place.path(), 0);
    assert_eq!(text.lines().count(), 55);
    assert!(container.truth().starts_with(&text));
    let gap = &gaps(place.path(), 0)[0];
    assert_eq!((gap.from, gap.to), (container.lines[54].0, None));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_renewed_in_time_costs_nothing() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(5).await;
        kubelet.state().unauthorized = true;
        kubelet.cut(false);
        kubelet.write(10, MS);
        seconds(60).await;
        kubelet.state().unauthorized = false;
        seconds(30).await;
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

#[tokio::test(start_paused = true)]
async fn a_rotation_under_a_live_follow_is_no_gap() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        for _ in 0..5 {
            seconds(1).await;
            kubelet.rotate();
            kubelet.write(40, MS);
            seconds(20).await;
        }
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

#[tokio::test(start_paused = true)]
async fn an_end_that_was_rotated_away_unseen_is_a_gap() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(5).await;
        kubelet.go_down();
        kubelet.write(10, MS);
        kubelet.rotate();
        seconds(5).await;
        kubelet.come_back();
        seconds(30).await;
    })
    .await;
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    let gap = &gaps(place.path(), 0)[0];
    assert_eq!(gap.from, kubelet.state().containers[0].lines[54].0);
    assert_eq!(gap.to, None);
}

#[tokio::test(start_paused = true)]
async fn lines_rotated_away_during_an_outage_are_a_gap_with_bounds() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(5).await;
        kubelet.go_down();
        kubelet.write(10, MS);
        kubelet.rotate();
        kubelet.write(10, MS);
        kubelet.come_back();
        seconds(60).await;
        kubelet.write(10, MS);
    })
    .await;
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    let container = kubelet.state().containers[0].clone();
    let lost = 55..65;
    let kept = |at: &usize| !lost.contains(at);
    let expected: String = (0..container.lines.len())
        .filter(kept)
        .map(|at| format!("{}\n", container.lines[at].1))
        .collect();
    assert_eq!(captured(place.path(), 0), expected);
    let gaps = gaps(place.path(), 0);
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].from, container.lines[lost.start - 1].0);
    assert_eq!(gaps[0].to, Some(container.lines[lost.end].0));
}

#[tokio::test(start_paused = true)]
async fn a_follow_that_stalls_silently_is_noticed_and_started_again() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        let before = kubelet.state().follows;
        kubelet.stall(true);
        kubelet.write(20, MS);
        seconds(30).await;
        assert!(
            kubelet.state().follows > before,
            "the follow was not started again"
        );
        kubelet.stall(false);
        kubelet.write(20, MS);
        seconds(5).await;
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

#[tokio::test(start_paused = true)]
async fn lines_are_live_while_the_follow_stalls() {
    let place = tempfile::tempdir().unwrap();
    let kubelet = Kubelet::new();
    let run = Run::begin(&kubelet, place.path()).await;
    seconds(3).await;
    kubelet.stall(true);
    kubelet.write(20, MS);
    seconds(20).await;
    assert_eq!(run.board.nodes()["node-a"].lines, 20);
    assert_eq!(run.end().await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_follow_that_stalls_at_a_rotation_is_whole_or_a_gap() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(5).await;
        kubelet.stall(true);
        kubelet.write(10, MS);
        kubelet.rotate();
        kubelet.write(10, MS);
        seconds(60).await;
        kubelet.stall(false);
        kubelet.write(10, MS);
        seconds(5).await;
    })
    .await;
    let container = kubelet.state().containers[0].clone();
    let gaps = gaps(place.path(), 0);
    assert_eq!((reasons.len(), gaps.len()), (1, 1), "{reasons:?}");
    assert_eq!(gaps[0].from, container.lines[54].0);
    assert_eq!(gaps[0].to, Some(container.lines[65].0));
}

#[tokio::test(start_paused = true)]
async fn a_restart_keeps_the_last_words_of_the_old_container() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        // What the follow did not deliver before the end is only in the previous log.
        kubelet.stall(true);
        kubelet.write(10, MS);
        kubelet.restart(true);
        kubelet.write(10, MS);
        seconds(10).await;
        kubelet.stall(false);
        kubelet.write(10, MS);
        seconds(60).await;
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

#[tokio::test(start_paused = true)]
async fn logs_of_two_containers_are_never_mixed_while_the_status_lags() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        kubelet.restart(false);
        kubelet.write(25, MS);
        seconds(8).await;
        kubelet.status_catches_up();
        seconds(60).await;
        kubelet.write(5, MS);
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

/// A kubelet leaves out what is stamped before the time that it is asked for, and the look beside the
/// follow comes every ten seconds: the last words of a container whose node's clock has just been set
/// back are in neither.
#[tokio::test(start_paused = true)]
async fn last_words_after_a_clock_was_set_back_are_kept() {
    for step in [-59, -61, -3160] {
        let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
            seconds(15).await;
            kubelet.cut(true);
            seconds(3).await;
            kubelet.set_clock(step);
            kubelet.write(2, MS);
            kubelet.restart(true);
            kubelet.write(5, MS);
            seconds(60).await;
        })
        .await;
        assert_eq!(reasons, [""; 0], "{step} s");
        assert_whole(&reasons, &kubelet, place.path());
    }
}

/// Whoever reads it first: the follow waits until it can know whose log it is, and looks go on.
#[tokio::test(start_paused = true)]
async fn a_beginning_that_was_rotated_away_unread_is_a_gap() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(1).await;
        kubelet.go_down();
        kubelet.restart(true);
        kubelet.write(20, MS);
        kubelet.set_clock(8);
        kubelet.rotate();
        kubelet.write(5, MS);
        seconds(8).await;
        kubelet.come_back();
        seconds(90).await;
    })
    .await;
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    let own = kubelet.state().containers[1].truth();
    let gaps = gaps(place.path(), 1);
    assert_eq!(gaps.len(), 1);
    let found = hold(&own, &captured(place.path(), 1), &gaps, Begin::Whole).unwrap();
    assert_eq!((found.taken, found.missing), (5, 20));
}

/// A log that grew by more than a reading by position brings, and one that goes on doing so.
#[tokio::test(start_paused = true)]
async fn more_lines_than_the_last_ones_are_caught_up_with() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        for lines in [199, 200, 201, 5_000] {
            kubelet.go_down();
            kubelet.write(lines, MS);
            seconds(8).await;
            kubelet.come_back();
            seconds(30).await;
            for _ in 0..20 {
                kubelet.cut(true);
                kubelet.write(300, MS);
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

/// What a kubelet leaves out, at the capture's own end.
#[tokio::test(start_paused = true)]
async fn the_end_of_a_log_is_read_whatever_the_clock_was_set_to() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(15).await;
        kubelet.cut(true);
        seconds(3).await;
        kubelet.set_clock(-3160);
        kubelet.write(2, MS);
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

/// What is served as the previous log is the successor's, as soon as that one is replaced too: its
/// lines are never taken for the log's own, however late the API server hears of it.
#[tokio::test(start_paused = true)]
async fn a_successors_log_is_never_taken_for_its_predecessors_end() {
    for lag in [0, 5, 11] {
        let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
            seconds(5).await;
            // The last words of the first are never delivered.
            kubelet.stall(true);
            kubelet.write(3, MS);
            kubelet.state().silent = true;
            kubelet.cut(false);
            kubelet.restart(true);
            kubelet.write(10, MS);
            // A request that hangs is given up after half a minute; the next one is answered.
            seconds(28).await;
            kubelet.set_clock(28);
            kubelet.restart(lag == 0);
            kubelet.write(10, MS);
            kubelet.stall(false);
            kubelet.state().silent = false;
            seconds(lag).await;
            kubelet.status_catches_up();
            seconds(120).await;
        })
        .await;
        let containers = kubelet.state().containers.clone();
        let entries = Bundle::open(place.path()).unwrap().manifest.capture;
        assert!(!reasons.is_empty(), "{lag} s: what is lost is said");
        for (instance, entry) in entries.iter().enumerate() {
            let own = &containers[entry.restart.unwrap() as usize];
            let text = captured(place.path(), u32::try_from(instance).unwrap());
            hold(&own.truth(), &text, &entry.gaps, Begin::Whole)
                .unwrap_or_else(|problem| panic!("{lag} s, {}: {problem}", entry.file));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_during_an_outage_is_found_afterwards() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        kubelet.go_down();
        kubelet.write(10, MS);
        kubelet.restart(true);
        kubelet.write(10, MS);
        seconds(30).await;
        kubelet.come_back();
        seconds(60).await;
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

#[tokio::test(start_paused = true)]
async fn a_previous_log_that_is_not_served_is_a_gap() {
    let (reasons, _, place) = capture(async |kubelet: &Kubelet| {
        kubelet.state().previous_is_served = false;
        kubelet.restart(true);
        kubelet.write(10, MS);
        seconds(120).await;
    })
    .await;
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    let gaps = gaps(place.path(), 0);
    assert_eq!(gaps[0].to, None);
    assert!(
        gaps[0].reason.contains("previous terminated container"),
        "{}",
        gaps[0].reason
    );
}

#[tokio::test(start_paused = true)]
async fn two_restarts_between_two_listings_are_said_to_be_lost() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(1).await;
        kubelet.go_down();
        for _ in 0..3 {
            kubelet.restart(true);
            kubelet.write(10, MS);
        }
        kubelet.come_back();
        seconds(90).await;
    })
    .await;
    assert!(
        reasons.iter().any(|r| r.contains("restarts 1 to 1")),
        "{reasons:?}"
    );
    let containers = kubelet.state().containers.clone();
    let last = Bundle::open(place.path()).unwrap().manifest.capture;
    let restarts: Vec<u32> = last.iter().filter_map(|entry| entry.restart).collect();
    assert_eq!(restarts, [0, 2, 3]);
    assert_eq!(captured(place.path(), 1), containers[2].truth());
    assert_eq!(captured(place.path(), 2), containers[3].truth());
}

#[tokio::test(start_paused = true)]
async fn a_replaced_pod_is_a_new_instance() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        seconds(5).await;
        kubelet.restart(true);
        {
            let mut state = kubelet.state();
            state.uid = "uid-1".to_owned();
            state.status_restart = 0;
            // The first container that the server tells of is the new pod's.
            state.containers[0].started = state.containers[1].started;
        }
        kubelet.write(10, MS);
        seconds(30).await;
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

#[tokio::test(start_paused = true)]
async fn a_capture_that_was_killed_is_gone_on_with() {
    let place = tempfile::tempdir().unwrap();
    let kubelet = Kubelet::new();
    let run = Run::begin(&kubelet, place.path()).await;
    kubelet.write(30, MS);
    seconds(15).await;
    // Killed: nothing is finished; a half-written line stays behind.
    drop(run);
    kubelet.cut(false);
    seconds(1).await;
    let log = place.path().join("nodes/node-a/kube-proxy.0.log");
    let mut text = std::fs::read(&log).unwrap();
    text.truncate(text.len() - 10);
    std::fs::write(&log, text).unwrap();

    kubelet.write(30, MS);
    let run = Run::begin(&kubelet, place.path()).await;
    seconds(15).await;
    kubelet.write(30, MS);
    let reasons = run.end().await;
    assert_whole(&reasons, &kubelet, place.path());
    assert_eq!(
        Bundle::open(place.path()).unwrap().manifest.capture.len(),
        1
    );
}

/// A capture that is killed, after which `meanwhile` happens, and which is then gone on with.
async fn killed(meanwhile: impl FnOnce(&Kubelet)) -> (Vec<String>, Kubelet, tempfile::TempDir) {
    let place = tempfile::tempdir().unwrap();
    let kubelet = Kubelet::new();
    let run = Run::begin(&kubelet, place.path()).await;
    kubelet.write(30, MS);
    seconds(15).await;
    drop(run);
    kubelet.cut(false);
    seconds(1).await;
    meanwhile(&kubelet);
    let run = Run::begin(&kubelet, place.path()).await;
    seconds(15).await;
    kubelet.write(30, MS);
    let reasons = run.end().await;
    (reasons, kubelet, place)
}

#[tokio::test(start_paused = true)]
async fn a_container_that_began_while_no_process_was_there_is_taken_from_its_first_line() {
    let (reasons, kubelet, place) = killed(|kubelet| {
        kubelet.write(5, MS);
        kubelet.restart(true);
        kubelet.write(20, MS);
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
    assert_eq!(captured(place.path(), 1).lines().count(), 50);
}

#[tokio::test(start_paused = true)]
async fn of_restarts_while_no_process_was_there_what_is_lost_is_said() {
    let (reasons, kubelet, place) = killed(|kubelet| {
        for _ in 0..3 {
            kubelet.restart(true);
            kubelet.write(20, MS);
        }
    })
    .await;
    let said = reasons.join("; ");
    assert!(said.contains("kube-proxy.0.log"), "{said}");
    assert!(
        said.contains("the logs of restarts 1 to 1 were gone"),
        "{said}"
    );
    assert_eq!(reasons.len(), 2, "{said}");
    // The last two are served, and whole.
    let containers = kubelet.state().containers.clone();
    for (instance, restart) in [(1, 2), (2, 3)] {
        assert_eq!(
            captured(place.path(), instance),
            containers[restart].truth()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_was_replaced_while_no_process_was_there_is_whole_and_the_old_ones_end_a_gap() {
    let (reasons, kubelet, place) = killed(|kubelet| {
        kubelet.restart(false);
        let mut state = kubelet.state();
        state.uid = "uid-1".to_owned();
        state.previous_is_served = false;
        // The new pod's first container: its count begins anew.
        state.containers.remove(0);
        drop(state);
        kubelet.write(20, MS);
    })
    .await;
    let said = reasons.join("; ");
    assert_eq!(reasons.len(), 1, "{said}");
    assert!(
        said.contains("the pod was gone before its log was read"),
        "{said}"
    );
    assert_eq!(
        captured(place.path(), 1),
        kubelet.state().containers[0].truth()
    );
    assert_eq!(captured(place.path(), 0).lines().count(), 30);
}

/// A capture of a kubelet whose clock is `ahead` seconds ahead of ours, as it stands when the run
/// begins: by the lines, not by any clock, the log is taken from there on.
#[tokio::test(start_paused = true)]
async fn whatever_the_clocks_say_the_log_is_taken_from_where_it_stood() {
    for ahead in [0, 90, -90, 3600, -3600, 11, -11] {
        let place = tempfile::tempdir().unwrap();
        let kubelet = Kubelet::new();
        kubelet.set_clock(ahead);
        kubelet.write(300, MS);
        let run = Run::begin(&kubelet, place.path()).await;
        seconds(1).await;
        for _ in 0..20 {
            kubelet.write(7, Duration::from_millis(10));
            seconds(1).await;
            kubelet.cut(ahead % 2 == 0);
        }
        assert_eq!(run.end().await, [""; 0], "{ahead} s ahead");
        let lines = kubelet.state().containers[0].lines[300..].to_vec();
        let after: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
        assert_eq!(captured(place.path(), 0), after, "{ahead} s ahead");
        let manifest = Bundle::open(place.path()).unwrap().manifest;
        assert!(manifest.nodes[0].clock.is_some());
    }
}

/// A kubelet that answers only after the run has begun: what its node said since is taken, what it
/// said before is not, and a reading that begins earlier than the run is no gap.
#[tokio::test(start_paused = true)]
async fn a_kubelet_that_answers_late_has_its_log_taken_from_the_runs_start() {
    for silent in [5, 20, 50] {
        let place = tempfile::tempdir().unwrap();
        let kubelet = Kubelet::new();
        kubelet.set_clock(-40);
        kubelet.write(300, MS);
        kubelet.set_clock(40);
        kubelet.state().silent = true;
        let run = Run::begin(&kubelet, place.path()).await;
        kubelet.write(7, MS);
        seconds(silent).await;
        kubelet.write(7, MS);
        kubelet.state().silent = false;
        seconds(20).await;
        kubelet.write(7, MS);
        seconds(5).await;
        assert_eq!(run.end().await, [""; 0], "silent for {silent} s");
        let lines = kubelet.state().containers[0].lines[300..].to_vec();
        let after: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
        assert_eq!(captured(place.path(), 0), after, "silent for {silent} s");
    }
}

/// A clock that gains or loses 1 %, for an hour of the run: byte for byte, and the manifest tells how
/// far it had come.
#[tokio::test(start_paused = true)]
async fn a_clock_that_drifts_costs_nothing_and_is_told() {
    for percent in [1, -1] {
        let place = tempfile::tempdir().unwrap();
        let kubelet = Kubelet::new();
        kubelet.write(300, MS);
        let run = Run::begin(&kubelet, place.path()).await;
        seconds(1).await;
        for round in 0..360 {
            // Ten seconds of ours are that many of the node's.
            kubelet.set_clock_by(chrono::TimeDelta::milliseconds(10_000 + 100 * percent - 70));
            kubelet.write(7, Duration::from_millis(10));
            seconds(10).await;
            if round % 7 == 0 {
                kubelet.cut(round % 2 == 0);
            }
        }
        assert_eq!(run.end().await, [""; 0], "{percent} %");
        let lines = kubelet.state().containers[0].lines[300..].to_vec();
        let after: String = lines.iter().map(|(_, line)| format!("{line}\n")).collect();
        assert_eq!(captured(place.path(), 0), after, "{percent} %");
    }
}

/// The node's clock is set in mid-run, with the follow cut or not.
#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_in_the_run_costs_nothing() {
    for step in [90, -50, -3600, 3600] {
        for cut in [false, true] {
            let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
                seconds(5).await;
                kubelet.set_clock(step);
                kubelet.write(5, MS);
                if cut {
                    kubelet.cut(true);
                }
                seconds(30).await;
                kubelet.write(5, MS);
                seconds(15).await;
            })
            .await;
            assert_eq!(reasons, [""; 0], "{step} s, cut: {cut}");
            assert_whole(&reasons, &kubelet, place.path());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_log_without_a_line_is_never_complete() {
    let place = tempfile::tempdir().unwrap();
    let kubelet = Kubelet::new();
    kubelet.write(5, MS);
    let run = Run::begin(&kubelet, place.path()).await;
    seconds(30).await;
    let reasons = run.end().await;
    assert_eq!(reasons, ["node-a: not one line of its log was captured"]);
}

/// After an outage the API server knows of the restart and the kubelet still serves, for a while,
/// the predecessor's log, rotated since.
#[tokio::test(start_paused = true)]
async fn a_predecessors_log_is_never_taken_for_the_new_ones() {
    let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
        kubelet.restart(true);
        kubelet.state().serves_old = true;
        kubelet.write(10, MS);
        seconds(20).await;
        kubelet.state().serves_old = false;
        seconds(60).await;
    })
    .await;
    assert_whole(&reasons, &kubelet, place.path());
}

/// A pod that is out of sight for a moment is followed on; one that stays away is gone, and its log
/// with it, without a gap since the follow had come to its end.
#[tokio::test(start_paused = true)]
async fn a_pod_that_is_out_of_sight_for_a_moment_is_not_gone() {
    for (away, gone) in [(3, false), (8, true)] {
        let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
            seconds(5).await;
            kubelet.hide_pod(true);
            seconds(away).await;
            kubelet.hide_pod(false);
            seconds(30).await;
            kubelet.write(10, MS);
            seconds(5).await;
        })
        .await;
        assert_eq!(reasons, [""; 0], "{away} s");
        // Gone and back, it is an instance of its own.
        let files = std::fs::read_dir(place.path().join("nodes/node-a")).unwrap();
        assert_eq!(files.count(), if gone { 2 } else { 1 }, "{away} s");
        if !gone {
            assert_whole(&reasons, &kubelet, place.path());
        }
    }
}

/// What health says of a story: rows of the timeline, and what is lost at the end.
async fn health(story: impl AsyncFnOnce(&Kubelet)) -> (Vec<(String, String)>, Vec<String>) {
    let place = tempfile::tempdir().unwrap();
    let kubelet = Kubelet::new();
    let run = Run::begin(&kubelet, place.path()).await;
    let health = Health::begin(
        (&kubelet.client(), &run.settings.sources),
        &run.record,
        &run.board,
    );
    seconds(20).await;
    story(&kubelet).await;
    let lost = health.finish();
    run.end().await;
    let timeline = Bundle::open(place.path()).unwrap().timeline;
    let rows = timeline
        .rows
        .into_iter()
        .filter_map(|(_, row)| match row.action {
            bundle::Action::Other(action) => Some((action, row.detail)),
            _ => None,
        });
    (rows.collect(), lost)
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_server_is_told_with_its_length_and_a_hiccup_is_not() {
    for (away, told) in [(1, false), (4, true), (25, true), (60, true)] {
        let (rows, lost) = health(async |kubelet: &Kubelet| {
            kubelet.go_down();
            seconds(away).await;
            kubelet.come_back();
            seconds(20).await;
        })
        .await;
        assert_eq!(lost, [""; 0]);
        let actions: Vec<&str> = rows.iter().map(|(action, _)| action.as_str()).collect();
        let expected: &[&str] = if told {
            &["server_away", "server_back"]
        } else {
            &[]
        };
        assert_eq!(actions, expected, "{away} s: {rows:?}");
        if told {
            assert!(rows[0].1.contains("etcd is away"), "{rows:?}");
            let within = |s: u64| {
                rows[1]
                    .1
                    .contains(&format!("away for {}", Span::seconds(s)))
            };
            assert!(within(away) || within(away + 1), "{away} s: {rows:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_frozen_server_is_told_within_five_seconds() {
    let (rows, _) = health(async |kubelet: &Kubelet| {
        kubelet.state().frozen = true;
        seconds(6).await;
    })
    .await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert!(rows[0].1.contains("no answer in 2s"), "{rows:?}");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_leaves_is_told_and_lost_until_it_comes_back() {
    for back in [false, true] {
        let (rows, lost) = health(async |kubelet: &Kubelet| {
            kubelet.state().node_gone = true;
            seconds(10).await;
            if back {
                kubelet.state().node_gone = false;
                seconds(10).await;
            }
        })
        .await;
        let expected: &[&str] = if back {
            &["node_deleted", "node_back"]
        } else {
            &["node_deleted"]
        };
        let actions: Vec<&str> = rows.iter().map(|(action, _)| action.as_str()).collect();
        assert_eq!(actions, expected);
        assert_eq!(lost.len(), usize::from(!back), "{lost:?}");
        if !back {
            assert!(lost[0].starts_with("at 20") && lost[0].contains("node-a left the cluster"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_log_that_cannot_be_read_is_told_and_its_return_too() {
    let (rows, _) = health(async |kubelet: &Kubelet| {
        kubelet.state().unauthorized = true;
        kubelet.cut(false);
        seconds(30).await;
        kubelet.state().unauthorized = false;
        seconds(30).await;
    })
    .await;
    let actions: Vec<&str> = rows.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(actions, ["log_unreadable", "log_readable"], "{rows:?}");
    assert!(
        rows[0].1.contains("the log of node-a: Unauthorized (401)"),
        "{rows:?}"
    );
}

/// Orders of faults that are tried.
const SEEDS: u64 = 40;

/// A thousand faults in any order: whatever is missing lies inside a gap.
#[tokio::test(start_paused = true)]
async fn nothing_is_lost_silently_in_any_order_of_faults() {
    for seed in 0..SEEDS {
        let (reasons, kubelet, place) =
            capture(async |kubelet: &Kubelet| chaos(kubelet, seed).await).await;
        let container = kubelet.state().containers[0].clone();
        let text = captured(place.path(), 0);
        let gaps = gaps(place.path(), 0);
        assert_eq!(reasons.len(), gaps.len());
        let mut lines = text.lines().peekable();
        for (time, line) in &container.lines {
            if lines.peek() == Some(&line.as_str()) {
                lines.next();
                continue;
            }
            let covered = gaps
                .iter()
                .any(|g| g.from <= *time && g.to.is_none_or(|to| *time <= to));
            assert!(
                covered,
                "seed {seed}: {line} is missing outside of {gaps:?}"
            );
        }
        assert_eq!(
            lines.next(),
            None,
            "seed {seed}: a line too many, or out of order"
        );
    }
}

/// The same with containers that are replaced, an API server that hears of it late, and a clock that is
/// set: by place, for times say nothing then.
#[tokio::test(start_paused = true)]
async fn no_log_gets_another_ones_lines_in_any_order_of_faults() {
    let (mut taken, mut missing) = (0, 0);
    let seeds = std::env::var("SEEDS").map_or(5 * SEEDS, |seeds| seeds.parse().unwrap());
    for seed in 0..seeds {
        let mut story = Vec::new();
        let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
            let mut random = Random::of(seed);
            for _ in 0..40 {
                // No rotations: of a log that loses its first lines unread only times could tell.
                let fault = random.below(12);
                story.push(fault);
                match fault {
                    0 => kubelet.cut(true),
                    1 => kubelet.cut(false),
                    2 => kubelet.go_down(),
                    3..=5 => kubelet.come_back(),
                    6 => kubelet.restart(true),
                    7 => kubelet.restart(false),
                    8 => kubelet.status_catches_up(),
                    9 => kubelet.set_clock(random.below(14_400) as i64 - 7_200),
                    10 => kubelet.stall(true),
                    _ => kubelet.stall(false),
                }
                // A container speaks as it starts, now and then by more than is asked for at once.
                let burst = if random.below(10) == 0 { 400 } else { 16 };
                kubelet.write(1 + random.below(burst) as usize, MS);
                // The API server hears of a container within 11 s, and before the next one; what is
                // restarted is let live for a while, as kubelets do.
                let peace = if matches!(fault, 6 | 7) { 25 } else { 6 };
                for pause in [random.below(11), peace + random.below(17)] {
                    seconds(pause).await;
                    kubelet.set_clock(pause as i64);
                    kubelet.status_catches_up();
                }
            }
            kubelet.come_back();
            kubelet.stall(false);
            seconds(90).await;
        })
        .await;
        let containers = kubelet.state().containers.clone();
        let entries = Bundle::open(place.path()).unwrap().manifest.capture;
        for (instance, entry) in entries.iter().enumerate() {
            let own = &containers[entry.restart.unwrap() as usize];
            let text = captured(place.path(), u32::try_from(instance).unwrap());
            let found =
                hold(&own.truth(), &text, &entry.gaps, Begin::Whole).unwrap_or_else(|problem| {
                    let file = &entry.file;
                    panic!("seed {seed}, {file}: {problem}\n{story:?}\n{reasons:?}")
                });
            taken += found.taken;
            missing += found.missing;
        }
    }
    assert!(
        taken > 25 * missing.max(1),
        "{taken} taken, {missing} missing"
    );
}

/// What a rotation took with it is a gap, and what was written after it is taken, whatever the node's
/// clock was set to meanwhile; and if the pod goes before it can be read, that is said.
#[tokio::test(start_paused = true)]
async fn after_a_rotation_lines_are_taken_whatever_the_clock_was_set_to() {
    for (back, gone) in [(0, false), (30, false), (7_200, false), (7_200, true)] {
        let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
            kubelet.write(5, Duration::from_secs(1));
            seconds(20).await;
            kubelet.go_down();
            kubelet.set_clock(-back);
            kubelet.write(14, MS);
            kubelet.rotate();
            kubelet.write(6, MS);
            kubelet.come_back();
            // Less than the time in which it is found out whose log this is.
            seconds(if gone { 8 } else { 90 }).await;
            kubelet.hide_pod(gone);
            kubelet.write(if gone { 0 } else { 3 }, Duration::from_secs(1));
            seconds(60).await;
        })
        .await;
        let case = format!("{back} s back, gone: {gone}; {reasons:?}");
        let entry = &Bundle::open(place.path()).unwrap().manifest.capture[0];
        let own = kubelet.state().containers[0].truth();
        let text = captured(place.path(), 0);
        let found = hold(&own, &text, &entry.gaps, Begin::Whole);
        let found = found.unwrap_or_else(|problem| panic!("{case}: {problem}"));
        assert_eq!(entry.gaps.len(), 1, "{case}");
        assert_eq!(reasons.len(), 1, "{case}");
        let expected = if gone { (60, 20) } else { (69, 14) };
        assert_eq!((found.taken, found.missing), expected, "{case}");
    }
}

/// More lines than the last ones that are asked for, written in an outage and stamped before the last
/// one that was taken: the clock had been ahead and was set back.
#[tokio::test(start_paused = true)]
async fn more_lines_than_the_last_ones_are_caught_up_with_whatever_they_are_stamped() {
    for (back, lines) in [(0, 300), (3_600, 190), (3_600, 300), (3_600, 2_000)] {
        for restarts in [false, true] {
            let (reasons, kubelet, place) = capture(async |kubelet: &Kubelet| {
                kubelet.set_clock(back);
                kubelet.write(5, Duration::from_secs(1));
                seconds(20).await;
                kubelet.go_down();
                kubelet.set_clock(-back);
                kubelet.write(lines, MS);
                if restarts {
                    kubelet.restart(true);
                }
                kubelet.come_back();
                seconds(60).await;
                kubelet.write(3, Duration::from_secs(1));
                seconds(60).await;
            })
            .await;
            let case = format!("{back} s back, {lines} lines, restarts: {restarts}");
            println!("{case}");
            assert_whole(&reasons, &kubelet, place.path());
        }
    }
}

/// xorshift64: any order will do, the same one each time.
struct Random(u64);

impl Random {
    fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

async fn chaos(kubelet: &Kubelet, seed: u64) {
    let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for _ in 0..50 {
        // xorshift64: any order will do, the same one each time.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        match random % 8 {
            0 => kubelet.cut(true),
            1 => kubelet.cut(false),
            2 => kubelet.go_down(),
            3 => kubelet.come_back(),
            4 => kubelet.stall(true),
            5 => kubelet.stall(false),
            6 => kubelet.rotate(),
            _ => {}
        }
        let every = if random & 256 == 0 {
            AT_ONCE
        } else {
            Duration::from_millis(random % 1500)
        };
        kubelet.write((random % 17) as usize, every);
        seconds(random % 23).await;
    }
    kubelet.come_back();
    kubelet.stall(false);
    seconds(60).await;
}

/// A shard takes its nodes' logs; one that has none waits for nodes that may come, unless there is no
/// kube-proxy on any node.
#[tokio::test(start_paused = true)]
async fn a_shard_takes_its_own_and_waits_where_it_has_none() {
    let begin = async |index, absent| {
        let place = tempfile::tempdir().unwrap();
        let kubelet = Kubelet::new();
        kubelet.hide_pod(absent);
        let mut sources = Settings::from_choices(Choices::default()).unwrap().sources;
        sources.shard = Some(bundle::Shard { index, of: 2 });
        let record = Arc::new(Record::begin_in(&[place.path().to_path_buf()]).unwrap());
        let client = kubelet.client();
        let capture = Capture::start(
            &client,
            &sources,
            record.clone(),
            Arc::new(Board::default()),
            CancellationToken::new(),
        );
        let capture = capture.await.map_err(|error| error.to_string())?;
        seconds(20).await;
        kubelet.write(3, Duration::from_secs(1));
        seconds(20).await;
        let reasons = capture.finish().await.unwrap();
        record.finish(&reasons).unwrap();
        let manifest = Bundle::open(place.path()).unwrap().manifest;
        Ok::<_, String>(manifest.capture.iter().map(|one| one.lines).sum::<u64>())
    };
    let mut lines = [
        begin(0, false).await.unwrap(),
        begin(1, false).await.unwrap(),
    ];
    lines.sort_unstable();
    assert_eq!(lines, [0, 3]);
    for index in [0, 1] {
        let said = begin(index, true).await.unwrap_err();
        assert!(said.contains("no running kube-proxy pod"), "{said}");
    }
}
