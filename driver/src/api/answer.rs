//! What an API server's errors mean: which pass by themselves, and in whose words to say them.

use std::time::Duration;

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
}
