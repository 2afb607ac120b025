//! Waiting for what passes by itself: servers that are away, busy, or have just started.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::answer::{Kind, kind, words};
use crate::error::Error;

/// The first pause after an error.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a call may fail with passing errors before it is given up: an API server that is
/// replaced or upgraded is back by then.
const LIMIT: Duration = Duration::from_secs(600);
/// How long 401, 403 and a full Service range count as passing: a server that has just started
/// has not read its RBAC rules and its ServiceCIDRs yet.
const WARM_UP: Duration = Duration::from_secs(15);
/// Longest wait for one answer; a request on a connection that died silently must end.
const ANSWER: Duration = Duration::from_secs(60);

/// Growing pauses, from 0.2 s to 5 s.
#[derive(Debug)]
pub struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(FIRST_PAUSE)
    }
}

impl Backoff {
    /// The next pause: the server's wish, or twice the last.
    pub fn next(&mut self, wish: Option<Duration>) -> Duration {
        let pause = wish.unwrap_or(self.0).min(LONGEST_PAUSE * 6);
        self.0 = (self.0 * 2).min(LONGEST_PAUSE);
        pause
    }
}

/// Repeats `call` until it succeeds, fails for good, or 10 minutes have gone by.
///
/// `doing` says in an error what was being done.
///
/// # Errors
/// The error that does not pass, [`Error::Interrupted`] if `shutdown` is told first.
pub async fn patiently<T, F, Fut>(
    doing: &str,
    shutdown: &CancellationToken,
    call: F,
) -> Result<T, Error>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<T, kube::Error>>,
{
    let mut backoff = Backoff::default();
    let began = Instant::now();
    // Since when the server answers, but with what a server that has just started may say.
    let mut doubted: Option<Instant> = None;
    loop {
        let attempt = tokio::select! {
            answer = tokio::time::timeout(ANSWER, call()) => answer,
            () = shutdown.cancelled() => return Err(Error::Interrupted),
        };
        let (kind, words) = match attempt {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => (kind(&error), words(&error)),
            Err(_) => (Kind::Passing(None), format!("no answer in {ANSWER:?}")),
        };
        let may_warm_up = matches!(
            kind,
            Kind::Unauthorized | Kind::Forbidden(_) | Kind::RangeFull(_)
        );
        if !may_warm_up {
            doubted = None;
        }
        let pause = match kind {
            Kind::Passing(wish) if began.elapsed() < LIMIT => backoff.next(wish),
            _ if may_warm_up && doubted.get_or_insert_with(Instant::now).elapsed() < WARM_UP => {
                backoff.next(None)
            }
            kind => return Err(give_up(doing, kind, words)),
        };
        tracing::debug!(doing, problem = words, "trying again in {pause:?}");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shutdown.cancelled() => return Err(Error::Interrupted),
        }
    }
}

/// The driver's error for one of the server's.
#[must_use]
pub fn give_up(doing: &str, kind: Kind, words: String) -> Error {
    let doing = doing.to_owned();
    match kind {
        Kind::Unauthorized => Error::Unauthorized { doing },
        Kind::Forbidden(message) => Error::Forbidden { doing, message },
        Kind::Quota(message) => Error::Quota { doing, message },
        Kind::RangeFull(message) => Error::RangeFull { doing, message },
        Kind::Passing(_) => Error::Api {
            doing,
            problem: format!("given up after {}: {words}", crate::span::Span(LIMIT)),
        },
        Kind::NotFound | Kind::Exists | Kind::Final(_) => Error::Api {
            doing,
            problem: words,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: u16, reason: &str, message: &str) -> kube::Error {
        let mut status = kube::core::Status::failure(message, reason);
        status.code = code;
        kube::Error::Api(Box::new(status))
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_comes_back_is_waited_for() {
        let attempts = std::cell::Cell::new(0);
        let shutdown = CancellationToken::new();
        let answer = patiently("asking", &shutdown, || {
            attempts.set(attempts.get() + 1);
            let n = attempts.get();
            async move {
                if n < 8 {
                    Err(status(503, "", "away"))
                } else {
                    Ok(n)
                }
            }
        });
        assert_eq!(answer.await.unwrap(), 8);
    }

    /// What a server of 1.34 says in its first second, after an outage that was longer than that.
    #[tokio::test(start_paused = true)]
    async fn a_server_that_has_just_started_may_be_wrong() {
        let began = Instant::now();
        let never = CancellationToken::new();
        let answer = patiently("making Service x", &never, || async {
            match began.elapsed().as_secs() {
                0..30 => Err(status(503, "", "away")),
                30..35 => Err(status(403, "Forbidden", "RBAC: clusterrole not found")),
                35..40 => Err(status(500, "InternalError", "range is full")),
                _ => Ok(()),
            }
        });
        answer.await.unwrap();
        let full = patiently("making Service x", &never, || async {
            Err::<(), _>(status(500, "InternalError", "range is full"))
        });
        assert!(matches!(full.await, Err(Error::RangeFull { .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_pass_is_said_at_once() {
        let error = patiently("making Service x", &CancellationToken::new(), || async {
            Err::<(), _>(status(403, "Forbidden", "exceeded quota: few"))
        })
        .await
        .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("making Service x: exceeded quota: few")
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_interrupt_ends_the_waiting() {
        let shutdown = CancellationToken::new();
        shutdown.cancel();
        let error = patiently("asking", &shutdown, || async {
            Err::<(), _>(status(503, "", "away"))
        })
        .await
        .unwrap_err();
        assert!(matches!(error, Error::Interrupted));
    }
}
