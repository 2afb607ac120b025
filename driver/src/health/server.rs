//! Does the API server answer?

use std::time::Duration;

use chrono::{DateTime, Utc};
use kube::Client;
use tokio::time::Instant;

use super::Teller;
use crate::api::answer::{Kind, kind, words};
use crate::span::Span;
use crate::span::moment;

/// Time between two questions.
const PAUSE: Duration = Duration::from_secs(1);
/// Longest wait for an answer.
const ANSWER: Duration = Duration::from_secs(2);
/// Questions without an answer, one after the other, that make an outage.
const UNANSWERED: u32 = 2;

/// A time in which the server does not answer.
struct Away {
    at: DateTime<Utc>,
    since: Instant,
    unanswered: u32,
}

/// Asks for ever.
pub(super) async fn watch(client: Client, teller: Teller) {
    let mut away: Option<Away> = None;
    loop {
        let (at, since) = (Utc::now(), Instant::now());
        match ask(&client).await {
            Ok(()) => {
                if let Some(ended) = away.take()
                    && ended.unanswered >= UNANSWERED
                {
                    over(&teller, &ended);
                }
            }
            Err(problem) => {
                let away = away.get_or_insert(Away {
                    at,
                    since,
                    unanswered: 0,
                });
                away.unanswered += 1;
                if away.unanswered == UNANSWERED {
                    teller.board.server_leaves(away.since);
                    let since = moment(away.at);
                    let text = format!("the API server does not answer since {since}: {problem}");
                    teller.tell("server_away", &text, None);
                }
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn over(teller: &Teller, ended: &Away) {
    teller.board.server_returns();
    let (time, since) = (ended.since.elapsed(), moment(ended.at));
    let text = format!(
        "the API server answers again: it was away for {}, since {since}",
        Span(Duration::from_secs(time.as_secs()))
    );
    teller.tell("server_back", &text, Some(time.as_secs_f64()));
}

/// Whether it is ready; a server that does not say so but answers is.
async fn ask(client: &Client) -> Result<(), String> {
    let request = http::Request::get("/readyz").body(Vec::new());
    let request = request.map_err(|error| error.to_string())?;
    match tokio::time::timeout(ANSWER, client.request_text(request)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => match kind(&error) {
            Kind::Passing(wish) if wish.is_none() => Err(words(&error)),
            _ => Ok(()),
        },
        Err(_) => Err(format!("no answer in {ANSWER:?}")),
    }
}
