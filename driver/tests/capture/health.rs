//! What is told while it happens, and what is lost at the end.

use bundle::Bundle;
use driver::health::Health;
use driver::span::Span;

use super::{Run, seconds};
use crate::kubelet::Kubelet;

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
