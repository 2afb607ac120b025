//! One run at a time in a namespace, and what ends it from outside.

use std::sync::Arc;
use std::time::Duration;

use driver::error::Error;
use driver::load::job::Job;
use driver::load::tenure::{refuse_if_held, take};
use driver::record::Record;
use driver::settings::Settings;
use driver::settings::choices::Choices;
use driver::show::board::Board;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::server::{Fault, Server};

const NAMESPACE: &str = "/api/v1/namespaces/debug";
const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/debug/leases/kube-proxy-bench-run";

fn job(server: &Server) -> Job {
    Job {
        client: server.client(),
        load: Settings::from_choices(Choices::default()).unwrap().load,
        record: Arc::new(Record::nowhere()),
        board: Arc::new(Board::default()),
        shutdown: CancellationToken::new(),
    }
}

fn held_by(holder: &str, second: u32) -> Value {
    json!({
        "metadata": {"name": "kube-proxy-bench-run"},
        "spec": {
            "holderIdentity": holder,
            "acquireTime": "2026-11-24T11:00:00.000000Z",
            "renewTime": format!("2026-11-24T11:05:{second:02}.000000Z"),
        },
    })
}

async fn refused(server: &Server) -> Result<(), Error> {
    refuse_if_held(&server.client(), "debug", &CancellationToken::new()).await
}

#[tokio::test(start_paused = true)]
async fn a_second_run_or_cleanup_is_refused_while_the_first_lives() {
    let server = Server::new();
    // A run of another host, whose clock is its own.
    server.hold(NAMESPACE, json!({"metadata": {"name": "debug"}}));
    server.hold(LEASE, held_by("run x (process 7 on far, pid:[1])", 0));
    let (running, renewed) = (CancellationToken::new(), server.clone());
    let renewal = running.clone().run_until_cancelled_owned(async move {
        for second in 0.. {
            sleep(Duration::from_secs(3)).await;
            renewed.hold(LEASE, held_by("run x (process 7 on far, pid:[1])", second));
        }
    });
    let renewal = tokio::spawn(renewal);
    let job = job(&server);
    let run = take(&job).await.err().unwrap();
    let cleanup = refused(&server).await.unwrap_err();
    for error in [run, cleanup] {
        assert!(matches!(error, Error::Held { .. }));
        let said = error.to_string();
        assert!(said.contains("run x (process 7 on far"), "{said}");
        assert!(said.contains("for 5m"), "{said}");
    }
    // Killed: it is waited for as long as a Lease lasts, and then is no obstacle.
    running.cancel();
    renewal.await.unwrap();
    let began = Instant::now();
    refused(&server).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(15));
    let tenure = take(&job).await.unwrap();
    assert!(!job.shutdown.is_cancelled());
    tenure.release().await;
    assert!(!server.state().objects.contains_key(LEASE));
}

#[tokio::test(start_paused = true)]
async fn a_living_run_renews_through_an_outage() {
    let began = Instant::now();
    let server = Server::new().with_faults(move |_| {
        let away = (10..70).contains(&began.elapsed().as_secs());
        away.then_some(Fault::RequestLost)
    });
    let job = job(&server);
    let tenure = take(&job).await.unwrap();
    sleep(Duration::from_secs(80)).await;
    assert!(!job.shutdown.is_cancelled());
    tenure.judge(Ok(())).unwrap();
    // It is this very process, so it lives.
    let error = refused(&server).await.unwrap_err();
    assert!(matches!(error, Error::Held { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_somebody_deletes_or_takes_ends_the_run_within_five_seconds() {
    let other = "run y (process 8 on far, pid:[1])";
    for (deed, says) in [
        ("namespace", "namespace debug was deleted by somebody"),
        (
            "lease",
            "Lease debug/kube-proxy-bench-run of this run was deleted",
        ),
        ("taken", "namespace debug was taken by run y"),
    ] {
        let server = Server::new();
        let job = job(&server);
        let tenure = take(&job).await.unwrap();
        sleep(Duration::from_secs(60)).await;
        assert!(!job.shutdown.is_cancelled());
        match deed {
            "namespace" => server.state().objects.clear(),
            "lease" => drop(server.state().objects.remove(LEASE)),
            _ => server.hold(LEASE, held_by(other, 0)),
        }
        let told = timeout(Duration::from_secs(5), job.shutdown.cancelled());
        told.await.unwrap();
        let error = tenure.judge::<()>(Err(Error::Interrupted)).unwrap_err();
        assert!(matches!(error, Error::Lost(_)));
        assert!(error.to_string().contains(says), "{error}");
        // What is somebody else's stays.
        tenure.release().await;
        assert_eq!(server.state().objects.contains_key(LEASE), deed == "taken");
    }
}

#[tokio::test(start_paused = true)]
async fn the_runs_own_cleanup_is_no_loss_and_a_process_that_ended_here_is_not_waited_for() {
    let server = Server::new();
    let job = job(&server);
    let tenure = take(&job).await.unwrap();
    tenure.leave();
    server.state().objects.clear();
    sleep(Duration::from_secs(30)).await;
    assert!(!job.shutdown.is_cancelled());
    tenure.release().await;

    let tenure = take(&job).await.unwrap();
    drop(tenure);
    let mut dead = server.state().objects[LEASE].clone();
    let holder = dead["spec"]["holderIdentity"].as_str().unwrap();
    let holder = holder.replace(
        &format!("process {}", std::process::id()),
        "process 4294967295",
    );
    dead["spec"]["holderIdentity"] = holder.into();
    server.hold(LEASE, dead);
    let began = Instant::now();
    refused(&server).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(1));
}
