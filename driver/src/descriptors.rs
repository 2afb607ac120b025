//! Open files: each log that is followed needs some, and the system's limit is low by default.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::error::Error;

/// Open files that a node takes: the captured log, the connection that it is followed by, one for
/// looks beside it, one for questions about its pod.
const OF_A_NODE: u64 = 4;
/// Open files of everything else.
const OF_THE_REST: u64 = 100;

/// Open files that following `nodes` nodes takes, at most.
#[must_use]
pub(crate) fn needed(nodes: usize) -> u64 {
    u64::try_from(nodes).unwrap_or(u64::MAX) * OF_A_NODE + OF_THE_REST
}

/// Raises the limit of open files as far as is needed for `nodes` nodes and allowed.
///
/// # Errors
/// [`Error::Usage`] with what is needed, if that is not allowed.
pub(crate) fn suffice(nodes: usize) -> Result<(), Error> {
    let needed = needed(nodes);
    match raise(needed) {
        limit if limit >= needed => Ok(()),
        limit => Err(Error::Usage(shortage(nodes, needed, limit))),
    }
}

/// What is said where the limit is too low.
#[must_use]
pub(crate) fn shortage(nodes: usize, needed: u64, limit: u64) -> String {
    format!(
        "following {nodes} nodes takes up to {needed} open files, and this process may have \
         {limit}: raise the limit (`ulimit -n {needed}`, LimitNOFILE={needed}), or choose fewer \
         --nodes"
    )
}

/// Raises the limit to `needed` where it is lower; returns what it is then.
pub(crate) fn raise(needed: u64) -> u64 {
    // No figure: no limit.
    let figure = |limit: Option<u64>| limit.unwrap_or(u64::MAX);
    let now = getrlimit(Resource::Nofile);
    let (soft, hard) = (figure(now.current), figure(now.maximum));
    if soft >= needed {
        return soft;
    }
    let to = |soft: u64, hard: u64| Rlimit {
        current: Some(soft),
        maximum: (hard != u64::MAX).then_some(hard),
    };
    // Above the hard limit root alone may go.
    let wishes = [to(needed, hard.max(needed)), to(hard.min(needed), hard)];
    for wish in wishes {
        if setrlimit(Resource::Nofile, wish).is_ok() {
            break;
        }
    }
    figure(getrlimit(Resource::Nofile).current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_and_what_is_too_much_is_said() {
        let before = getrlimit(Resource::Nofile);
        suffice(10).unwrap();
        assert_eq!(getrlimit(Resource::Nofile), before, "it was enough");
        let hard = before.maximum.unwrap_or(u64::MAX).min(1 << 20);
        let nodes = usize::try_from((hard - OF_THE_REST) / OF_A_NODE).unwrap();
        suffice(nodes).unwrap();
        assert!(getrlimit(Resource::Nofile).current >= Some(needed(nodes)));
        // More than the kernel allows anybody.
        let error = suffice(usize::MAX / 8).unwrap_err().to_string();
        assert!(
            error.contains("ulimit -n") && error.contains("--nodes"),
            "{error}"
        );
    }
}
