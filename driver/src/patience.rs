//! Which errors of the API server pass by themselves, and waiting for that.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::error::Error;

/// The first pause after an error.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a call may fail with passing errors before it is given up: an API server that is
/// replaced or upgraded is back by then.
const LIMIT: Duration = Duration::from_secs(600);
/// How long 401 and 403 count as passing: a server that has just started has not read its
/// RBAC rules yet.
const WARM_UP: Duration = Duration::from_secs(15);
/// Longest wait for one answer; a request on a connection that died silently must end.
const ANSWER: Duration = Duration::from_secs(60);

/// What an error means for the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Passes by itself; with the server's own wish for the pause.
    Passing(Option<Duration>),
    /// 401.
    Unauthorized,
    /// 403, RBAC.
    Forbidden(String),
    /// 403, a resource quota.
    Quota(String),
    /// The Service range has no address left.
    RangeFull(String),
    /// 404.
    NotFound,
    /// 409, the object exists.
    Exists,
    /// Everything else.
    Final(String),
}

/// Sorts an error of the client.
#[must_use]
pub fn kind(error: &kube::Error) -> Kind {
    match error {
        kube::Error::Api(status) => of_status(status),
        // Credentials that cannot be had (exec plugin, token file) do not mend themselves.
        kube::Error::Auth(error) => Kind::Final(error.to_string()),
        kube::Error::HyperError(_)
        | kube::Error::Service(_)
        | kube::Error::ReadEvents(_)
        // A body cut short by a dying server is no JSON.
        | kube::Error::SerdeError(_) => Kind::Passing(None),
        other => Kind::Final(chain(other)),
    }
}

fn of_status(status: &kube::core::Status) -> Kind {
    let message = status.message.clone();
    let wish = status.details.as_ref().map(|d| d.retry_after_seconds);
    let wish = wish
        .filter(|s| *s > 0)
        .map(|s| Duration::from_secs(s.into()));
    match status.code {
        401 => Kind::Unauthorized,
        403 if message.contains("exceeded quota") => Kind::Quota(message),
        403 if message.contains("being terminated") => Kind::Passing(None),
        403 => Kind::Forbidden(message),
        404 => Kind::NotFound,
        409 if status.reason == "AlreadyExists" => Kind::Exists,
        // An update that met another, or a quota being counted: try again.
        409 => Kind::Passing(None),
        _ if message.contains("range is full") => Kind::RangeFull(message),
        429 | 500..=599 => Kind::Passing(wish),
        _ => Kind::Final(message),
    }
}

/// An error of the client in one line: the server's own words, or all causes.
#[must_use]
pub fn words(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) if !status.message.is_empty() => {
            format!("{} ({})", status.message, status.code)
        }
        kube::Error::Api(status) => format!("{} ({})", status.reason, status.code),
        other => chain(other),
    }
}

/// An error with all its causes, in one line.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

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
        let waited = began.elapsed();
        let pause = match kind {
            Kind::Passing(wish) if waited < LIMIT => backoff.next(wish),
            Kind::Unauthorized | Kind::Forbidden(_) if waited < WARM_UP => backoff.next(None),
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

    #[test]
    fn errors_are_sorted_by_what_helps() {
        for (code, reason, message, passing) in [
            (429, "TooManyRequests", "slow down", true),
            (503, "ServiceUnavailable", "etcd is away", true),
            (500, "InternalError", "etcdserver: request timed out", true),
            (409, "Conflict", "the object has been modified", true),
            (
                403,
                "Forbidden",
                "namespace debug because it is being terminated",
                true,
            ),
            (422, "Invalid", "spec.ports: required", false),
            (
                500,
                "InternalError",
                "Internal error occurred: failed to allocate a serviceIP: range is full",
                false,
            ),
            (
                403,
                "Forbidden",
                "exceeded quota: few, requested: services=1",
                false,
            ),
            (401, "Unauthorized", "Unauthorized", false),
            (404, "NotFound", "not found", false),
        ] {
            let kind = kind(&status(code, reason, message));
            assert_eq!(
                matches!(kind, Kind::Passing(_)),
                passing,
                "{message}: {kind:?}"
            );
        }
        assert_eq!(kind(&status(409, "AlreadyExists", "")), Kind::Exists);
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
