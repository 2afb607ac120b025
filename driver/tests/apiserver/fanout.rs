//! The fan-out: bounded, patient, idempotent, and only what is missing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bundle::{Action, Bundle};
use driver::error::Error;
use driver::load::fanout::generate;
use driver::load::job::Job;
use driver::record::Record;
use driver::settings::Settings;
use driver::settings::choices::Choices;
use driver::show::board::Board;
use http::Method;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::server::{Asked, Fault, Server};

const SERVICES: &str = "/api/v1/namespaces/debug/services";

fn job(server: &Server, record: Record, choices: Choices) -> Job {
    Job {
        client: server.client(),
        load: Settings::from_choices(choices).unwrap().load,
        record: Arc::new(record),
        board: Arc::new(Board::default()),
        shutdown: CancellationToken::new(),
    }
}

fn services(number: u64) -> Choices {
    Choices {
        services: Some(number),
        ..Choices::default()
    }
}

fn is_creation(asked: &Asked) -> bool {
    asked.method == Method::POST && asked.path == SERVICES
}

/// A fault for creations, by their number.
fn on_creation(
    fault: impl Fn(usize) -> Option<Fault> + Send + Sync + 'static,
) -> impl Fn(&Asked) -> Option<Fault> + Send + Sync {
    let creations = AtomicUsize::new(0);
    move |asked| {
        is_creation(asked)
            .then(|| fault(creations.fetch_add(1, Ordering::Relaxed)))
            .flatten()
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_or_lost_is_made_once_all_the_same() {
    let server = Server::new().with_faults(on_creation(|number| match number % 7 {
        1 => Some(Fault::Refused(429, "too many requests", 1)),
        2 => Some(Fault::Refused(500, "etcdserver: request timed out", 0)),
        3 => Some(Fault::RequestLost),
        4 => Some(Fault::AnswerLost),
        _ => None,
    }));
    let place = tempfile::tempdir().unwrap();
    let record = Record::begin(&place.path().join("b")).unwrap();
    let job = job(&server, record, services(300));
    let made = generate(&job).await.unwrap();
    assert_eq!((made.existed, made.created), (0, 300));
    assert_eq!(server.count(SERVICES), 300);
    let timeline = Bundle::open(&place.path().join("b")).unwrap().timeline;
    let batches: Vec<_> = timeline.rows.iter().map(|(_, row)| row).collect();
    assert_eq!(batches.len(), 3);
    for batch in batches {
        assert_eq!((&batch.action, batch.requested), (&Action::Generate, None));
        assert!(batch.achieved.is_some_and(|rate| rate > 0.0));
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_is_missing_is_made() {
    let server = Server::new();
    let first = job(&server, Record::nowhere(), services(40));
    generate(&first).await.unwrap();
    for number in [3, 17, 40] {
        let path = format!("{SERVICES}/nginx-service-{number:05}");
        server.state().objects.remove(&path).unwrap();
    }
    server.state().asked.clear();
    let again = generate(&job(&server, Record::nowhere(), services(40))).await;
    let again = again.unwrap();
    assert_eq!((again.existed, again.created), (37, 3));
    let state = server.state();
    let made = state
        .asked
        .iter()
        .filter(|asked| asked.method == Method::POST);
    let names: Vec<_> = made.map(|a| a.body["metadata"]["name"].clone()).collect();
    assert_eq!(
        names,
        [
            "nginx-service-00003",
            "nginx-service-00017",
            "nginx-service-00040"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_range_or_quota_that_runs_full_ends_the_fan_out_and_keeps_what_is_made() {
    const FULL: &str = "Internal error occurred: failed to allocate a serviceIP: range is full";
    const QUOTA: &str = "services \"x\" is forbidden: exceeded quota: few";
    for (code, words) in [(500, FULL), (403, QUOTA)] {
        let full = move |number| (number >= 20).then_some(Fault::Refused(code, words, 0));
        let server = Server::new().with_faults(on_creation(full));
        let error = generate(&job(&server, Record::nowhere(), services(40)))
            .await
            .unwrap_err();
        let named = matches!(error, Error::RangeFull { .. } | Error::Quota { .. });
        assert!(named && error.to_string().contains(words), "{error}");
        assert_eq!(server.count(SERVICES), 20);
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_objects_of_the_same_name_are_left_alone() {
    for path in [
        format!("{SERVICES}/nginx-service-00007"),
        "/apis/apps/v1/namespaces/debug/deployments/nginx-deployment".to_owned(),
    ] {
        let server = Server::new();
        let name = path.rsplit('/').next().unwrap();
        server.hold(
            &path,
            json!({"metadata": {"name": name, "namespace": "debug"}}),
        );
        let error = generate(&job(&server, Record::nowhere(), services(10)))
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Foreign { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
        let made = server
            .state()
            .asked
            .iter()
            .filter(|a| is_creation(a))
            .count();
        assert_eq!(made, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn as_many_requests_are_under_way_as_asked_and_no_more() {
    for concurrency in [1, 16] {
        let server = Server::new();
        let choices = Choices {
            concurrency: Some(concurrency),
            ..services(200)
        };
        generate(&job(&server, Record::nowhere(), choices))
            .await
            .unwrap();
        assert_eq!(server.state().most_at_once, concurrency);
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_limit_that_was_asked_for_slows_the_fan_out() {
    let took = async |qps: Option<f64>| {
        let server = Server::new();
        let choices = Choices {
            qps,
            ..services(100)
        };
        let began = tokio::time::Instant::now();
        generate(&job(&server, Record::nowhere(), choices))
            .await
            .unwrap();
        began.elapsed().as_secs_f64()
    };
    let (free, limited) = (took(None).await, took(Some(10.0)).await);
    // 100 Services, 16 at once, 5 ms each; and the 100th of ten a second comes after 9.9 s.
    assert!(free < 0.1, "{free}");
    assert!((9.9..10.5).contains(&limited), "{limited}");
}
