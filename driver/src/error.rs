//! What can go wrong, said so that it can be mended.

use std::path::PathBuf;
use std::process::ExitCode;

/// An error of the driver. Each message names the file, object or server, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No usable kubeconfig and no in-cluster credentials.
    #[error("no way to the cluster: {0}; give --kubeconfig or --context, or run inside a cluster")]
    NoCluster(String),
    /// The server does not answer.
    #[error(
        "{server}: not reachable: {problem}; is the address of this kubeconfig context right, \
         and the cluster up?"
    )]
    Unreachable {
        /// The server's address.
        server: String,
        /// The last attempt's error.
        problem: String,
    },
    /// The server does not know who is asking.
    #[error(
        "{doing}: the server rejects the credentials (401): the token may have expired; renew it \
         and start again, nothing is lost"
    )]
    Unauthorized {
        /// What was being done.
        doing: String,
    },
    /// The server does not allow it.
    #[error("{doing}: {message}; `driver check` lists every verb that is needed")]
    Forbidden {
        /// What was being done.
        doing: String,
        /// The server's words.
        message: String,
    },
    /// A resource quota of the namespace is used up.
    #[error("{doing}: {message}; raise the quota, or choose another --namespace")]
    Quota {
        /// What was being done.
        doing: String,
        /// The server's words.
        message: String,
    },
    /// No ClusterIP is left.
    #[error(
        "{doing}: {message}; add a ServiceCIDR or ask for fewer --services; `driver cleanup` \
         removes what was made"
    )]
    RangeFull {
        /// What was being done.
        doing: String,
        /// The server's words.
        message: String,
    },
    /// Any other answer of the server, or no answer for too long.
    #[error("{doing}: {problem}")]
    Api {
        /// What was being done.
        doing: String,
        /// The last attempt's error.
        problem: String,
    },
    /// An object of the wanted name exists and is somebody else's.
    #[error(
        "{kind} {namespace}/{name} exists and does not carry the label {label}; choose another \
         --namespace or --owner, or remove it"
    )]
    Foreign {
        /// `Service`, `Deployment`.
        kind: &'static str,
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
        /// The label that it lacks.
        label: String,
    },
    /// Another run has the namespace.
    #[error(
        "namespace {namespace} is held by {holder} for {age}: that run lives; wait for its end, \
         or choose another --namespace"
    )]
    Held {
        /// The namespace.
        namespace: String,
        /// The run, its process and host.
        holder: String,
        /// Since it took the namespace.
        age: crate::span::Span,
    },
    /// The load is the run's no more: deleted, or taken by somebody.
    #[error("{0}")]
    Lost(String),
    /// No kube-proxy pod to read a log from.
    #[error("{0}")]
    NoKubeProxy(String),
    /// A flag or a field of the workload file makes no sense.
    #[error("{0}")]
    Usage(String),
    /// The workload file cannot be read.
    #[error("{}: {problem}", path.display())]
    WorkloadFile {
        /// The file.
        path: PathBuf,
        /// What the reader said, with the line.
        problem: String,
    },
    /// The bundle cannot be written or read.
    #[error(transparent)]
    Bundle(#[from] bundle::Error),
    /// The file system said no.
    #[error("{}: {doing}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// The operating system's own words.
        source: std::io::Error,
    },
    /// A captured log can no longer be written, as when the disk is full.
    #[error(
        "{problem}; the capture stopped there, what was written before is kept; free space and \
         run again with the same --output"
    )]
    CaptureStopped {
        /// File, deed and the operating system's own words.
        problem: String,
    },
    /// Somebody removed the output while it was written.
    #[error(
        "{}: was removed while it was written: what was captured is lost, and the run stopped",
        .0.display()
    )]
    OutputRemoved(PathBuf),
    /// A directory that the bundle was kept in was left behind; another one has all of it.
    #[error("{losses}; the whole bundle is in {}", kept.display())]
    KeptElsewhere {
        /// When and why, one sentence a directory.
        losses: String,
        /// Where it is.
        kept: PathBuf,
    },
    /// `check` found what would make a run fail.
    #[error("{0} check(s) failed")]
    CheckFailed(usize),
    /// The run ended and the bundle says that something is missing.
    #[error("the bundle is incomplete: {}", first_few(.0))]
    Incomplete(Vec<String>),
    /// A limit of time was reached.
    #[error("{doing}: not done within {limit}")]
    TooLong {
        /// What was waited for.
        doing: String,
        /// The limit.
        limit: crate::span::Span,
    },
    /// Ctrl-C or SIGTERM.
    #[error("interrupted")]
    Interrupted,
    /// SIGTERM before a capture's time was over.
    #[error("told to stop after {done} of {whole}: the same call goes on with it")]
    CutShort {
        /// Since the bundle was begun.
        done: crate::span::Span,
        /// As long as was asked for.
        whole: crate::span::Span,
    },
}

impl Error {
    /// 1 where a condition that was asked for does not hold, 2 for bad usage or input.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoCluster(_)
            | Self::Unreachable { .. }
            | Self::Unauthorized { .. }
            | Self::Foreign { .. }
            | Self::NoKubeProxy(_)
            | Self::Usage(_)
            | Self::WorkloadFile { .. }
            | Self::Bundle(_)
            | Self::Io { .. } => ExitCode::from(2),
            _ => ExitCode::from(1),
        }
    }

    /// For `map_err`: attaches the path and the deed to an I/O error.
    pub(crate) fn io(
        path: &std::path::Path,
        doing: &'static str,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io {
            path,
            doing,
            source,
        }
    }
}

/// Sentences in one line; of many the first few, for `bundle.json` has them all.
fn first_few(reasons: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = reasons.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    match reasons.len().saturating_sub(SHOWN) {
        0 => shown.join("; "),
        more => format!("{}; and {more} more, in bundle.json", shown.join("; ")),
    }
}
