//! How near to the server's own ceiling Services are made: a plain client beside the driver, by
//! turns, on one lab. It sends bodies that were made before, looks at nothing but the status of an
//! answer, and has as many requests under way as gave it the highest rate.
//!
//! `CEILING_SERVICES` (default 300) says how many Services a turn makes; the bar is for 2,000, for
//! fewer it is lower, since a turn of two seconds is mostly its beginning and its end.

use std::time::Instant;

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::Service;
use kube::api::{Api, DeleteParams, ListParams};
use serde_json::json;

use crate::driver::run;
use crate::lab::Lab;

const NAMESPACE: &str = "t-ceiling";
/// Who makes the Services of a turn: A B B A A B B A, so that a machine that slows down slows both.
const TURNS: [bool; 8] = [true, false, false, true, true, false, false, true];
/// Of how many Services on the bar holds.
const FULL: usize = 2000;
const BAR: f64 = 0.9;
const BAR_OF_FEWER: f64 = 0.5;

pub fn services_are_made_as_fast_as_the_server_takes_them(lab: &Lab) {
    let count = std::env::var("CEILING_SERVICES");
    let count = count.map_or(300, |text| text.parse().unwrap());
    let load = format!("-n {NAMESPACE} --owner {NAMESPACE} --replicas 1");
    // Namespace and Deployment are there before either begins.
    assert_eq!(
        run(&lab.kubeconfig, &format!("generate {load} --services 1")).status,
        0
    );
    empty(lab);
    let at_once = [16, 32, 64].map(|at_once| {
        let rate = plain(lab, count / 4, at_once);
        empty(lab);
        println!("plain client, {at_once} at once: {rate:.1} Services/s");
        (rate, at_once)
    });
    let best = at_once.into_iter().max_by(|a, b| a.0.total_cmp(&b.0));
    let (mut ceiling, mut ours) = (Vec::new(), Vec::new());
    for is_plain in TURNS {
        let rate = match is_plain {
            true => plain(lab, count, best.unwrap().1),
            false => driver(lab, &load, count),
        };
        let (name, rates) = match is_plain {
            true => ("plain client", &mut ceiling),
            false => ("driver", &mut ours),
        };
        println!("{name}: {count} Services, {rate:.1}/s");
        rates.push(rate);
        empty(lab);
    }
    let done = run(&lab.kubeconfig, &format!("cleanup {load}"));
    assert_eq!(done.status, 0, "{done:?}");
    let ratio = mean(&ours) / mean(&ceiling);
    println!(
        "driver {:.1}/s, ceiling {:.1}/s: ratio {ratio:.3} at {count} Services",
        mean(&ours),
        mean(&ceiling)
    );
    let bar = if count < FULL { BAR_OF_FEWER } else { BAR };
    assert!(
        ratio >= bar,
        "{ratio:.3} of the server's ceiling, not {bar}"
    );
}

fn mean(rates: &[f64]) -> f64 {
    rates.iter().sum::<f64>() / rates.len() as f64
}

/// Services a second, from the first request to the last answer.
fn plain(lab: &Lab, count: usize, at_once: usize) -> f64 {
    let bodies: Vec<Vec<u8>> = (1..=count)
        .map(|number| {
            let service = json!({
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": format!("nginx-service-{number:05}")},
                "spec": {
                    "type": "ClusterIP",
                    "selector": {"app": "nginx-deployment"},
                    "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
                },
            });
            serde_json::to_vec(&service).unwrap()
        })
        .collect();
    let client = lab.client();
    lab.wait(async {
        let path = format!("/api/v1/namespaces/{NAMESPACE}/services");
        let began = Instant::now();
        let sent = futures::stream::iter(bodies).map(|body| {
            let request = http::Request::post(&path)
                .header(http::header::CONTENT_TYPE, "application/json")
                .body(kube::client::Body::from(body))
                .unwrap();
            let client = client.clone();
            async move {
                let answer = client.send(request).await.unwrap();
                assert_eq!(answer.status(), http::StatusCode::CREATED);
                // The connection is free for the next request when the body has been read.
                answer.into_body().collect_bytes().await.unwrap();
            }
        });
        let mut sent = sent.buffer_unordered(at_once);
        while sent.next().await.is_some() {}
        count as f64 / began.elapsed().as_secs_f64()
    })
}

/// Services a second, as the driver says them.
fn driver(lab: &Lab, load: &str, count: usize) -> f64 {
    let done = run(
        &lab.kubeconfig,
        &format!("generate {load} --services {count}"),
    );
    assert_eq!(done.status, 0, "{done:?}");
    let (before, _) = done.err.split_once(" Services a second").unwrap();
    let rate = before.rsplit(' ').next().unwrap();
    let rate = rate.trim_start_matches(|c: char| !c.is_ascii_digit());
    rate.parse().unwrap()
}

/// Removes all Services and waits until they and their EndpointSlices are gone.
fn empty(lab: &Lab) {
    let services: Api<Service> = Api::namespaced(lab.client(), NAMESPACE);
    let slices: Api<k8s_openapi::api::discovery::v1::EndpointSlice> =
        Api::namespaced(lab.client(), NAMESPACE);
    let all = ListParams::default();
    lab.wait(async {
        services
            .delete_collection(&DeleteParams::default(), &all)
            .await
            .unwrap();
        loop {
            let left = services.list_metadata(&all).await.unwrap().items.len();
            let of_them = slices.list_metadata(&all).await.unwrap().items.len();
            if left + of_them == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
    });
}
