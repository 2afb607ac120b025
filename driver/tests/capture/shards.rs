//! A shard takes its own nodes.

use std::sync::Arc;
use std::time::Duration;

use bundle::Bundle;
use driver::capture::Capture;
use driver::record::Record;
use driver::settings::Settings;
use driver::settings::choices::Choices;
use driver::show::board::Board;
use tokio_util::sync::CancellationToken;

use super::seconds;
use crate::kubelet::Kubelet;

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
