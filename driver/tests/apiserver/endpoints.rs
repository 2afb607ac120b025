//! Counting endpoints on a cluster that is slow to list them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use driver::load::endpoints::count;
use driver::settings::owner::Owner;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::server::{Asked, Fault, Server};

/// Pages of ten slices with three endpoints each; the last one names no next page.
const PAGES: usize = 5;

fn page(asked: &Asked) -> Option<serde_json::Value> {
    let token = asked
        .query
        .split('&')
        .find_map(|part| part.strip_prefix("continue="));
    let number: usize = token.map_or(0, |token| token.parse().unwrap());
    let next = if number + 1 < PAGES {
        (number + 1).to_string()
    } else {
        String::new()
    };
    let slice = json!({"endpoints": [{}, {"conditions": {"ready": true}}, {}]});
    Some(json!({"metadata": {"continue": next}, "items": vec![slice; 10]}))
}

async fn counted(server: Server) -> u64 {
    let owner = Owner::new("driver").unwrap();
    let never = CancellationToken::new();
    count(&server.client(), "debug", &owner, &never)
        .await
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn pages_that_take_minutes_together_are_all_waited_for() {
    let slow = Duration::from_secs(40);
    let server = Server::new().with_answers(page).with_delay(slow);
    assert_eq!(counted(server).await, 150);
}

#[tokio::test(start_paused = true)]
async fn a_listing_whose_token_expired_begins_anew() {
    let once = AtomicBool::new(true);
    let server = Server::new().with_answers(page).with_faults(move |asked| {
        let late = asked.query.contains("continue=3") && once.swap(false, Ordering::Relaxed);
        late.then_some(Fault::Refused(
            410,
            "the provided continue parameter is too old",
            0,
        ))
    });
    assert_eq!(counted(server).await, 150);
}
