//! What can go wrong, and the command that mends it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Most characters of a message's own words.
const LONGEST: usize = 300;

/// An error of the lab. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Namespaces and the kernel's rules need root.
    #[error(
        "must run as root, for network namespaces and nftables: `sudo env \"PATH=$PATH\" lab ...`"
    )]
    NotRoot,
    /// A program is not installed.
    #[error("`{program}` is not installed: {mend}")]
    Missing {
        /// The program.
        program: String,
        /// The command that installs it.
        mend: String,
    },
    /// A program is too old.
    #[error("`{program}` is version {found}, {needed} or newer is needed: {mend}")]
    TooOld {
        /// The program.
        program: String,
        /// The version that was found.
        found: String,
        /// The oldest one that works, and why.
        needed: String,
        /// The command that installs a newer one.
        mend: String,
    },
    /// Not enough memory for what was asked.
    #[error(
        "{needed_mib} MiB of memory are needed, {available_mib} MiB are available: take fewer \
         guests, or `--guest-memory` below {guest_mib}"
    )]
    TooLittleMemory {
        /// Asked for.
        needed_mib: u64,
        /// `MemAvailable`.
        available_mib: u64,
        /// A guest's memory as asked for.
        guest_mib: u64,
    },
    /// The API server's port is in use.
    #[error(
        "port {port} is taken on 127.0.0.1: `ss -ltnp sport = :{port}` says by whom; leave out \
         --port to have a free one chosen"
    )]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// A second `up`.
    #[error(
        "the lab `{name}` is up already: `lab status` shows it, `lab down` ends it, `--name` \
         makes another one beside it"
    )]
    AlreadyUp {
        /// Its name.
        name: String,
    },
    /// Traces of a lab that was killed.
    #[error("the lab `{name}` was not taken down in order: `lab down` clears away what is left")]
    LeftOver {
        /// Its name.
        name: String,
    },
    /// Another `lab up` or `lab down` is at work.
    #[error("another `lab` is at work on `{name}`: wait until it is done")]
    Busy {
        /// The lab's name.
        name: String,
    },
    /// There is no lab to talk to.
    #[error("the lab `{name}` is not up: `lab up` starts it")]
    NotUp {
        /// Its name.
        name: String,
    },
    /// The lab said no.
    #[error("{0}")]
    Refused(String),
    /// The lab did not come up.
    #[error("{what} did not come up: {problem}")]
    NotReady {
        /// What was waited for.
        what: String,
        /// Why, in one line, and which log has more.
        problem: String,
    },
    /// A program that was run ended badly.
    #[error("`{command}` failed ({status}): {output}")]
    Command {
        /// The command line.
        command: String,
        /// Its exit status.
        status: String,
        /// Its last words.
        output: String,
    },
    /// The API server's answer.
    #[error("{doing}: {problem}")]
    Api {
        /// What was being done.
        doing: String,
        /// The client's words.
        problem: String,
    },
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
    /// A state file that cannot be understood.
    #[error("{}: {problem}: `lab down` removes it", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The system has no randomness, or a name is no name.
    #[error("cannot make certificates: {0}")]
    Certificates(#[from] rcgen::Error),
    /// A flag makes no sense.
    #[error("{0}")]
    Usage(String),
    /// No kernel of the wanted series can be booted.
    #[error("no kernel `{wanted}` to boot: `lab kernels` lists what there is ({found})")]
    NoKernel {
        /// As asked for.
        wanted: String,
        /// The series that were found.
        found: String,
    },
    /// The bundle's reader or writer said no.
    #[error(transparent)]
    Bundle(#[from] bundle::Error),
    /// `driver` ended with this status.
    #[error("driver ended with status {0}; the bundle is kept")]
    Driver(i32),
    /// A condition that was asked for does not hold.
    #[error("{0}")]
    Unmet(String),
    /// Ctrl-C, SIGTERM or SIGHUP.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// 1 where a condition that was asked for does not hold, 2 for bad usage or input.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Driver(status) => ExitCode::from(u8::try_from(*status).unwrap_or(1)),
            Self::NotReady { .. } | Self::Unmet(_) | Self::Refused(_) | Self::Interrupted => {
                ExitCode::from(1)
            }
            _ => ExitCode::from(2),
        }
    }

    /// What was waited for in vain: why, in one line, and where the whole of it stands.
    pub(crate) fn not_ready(what: &str, problem: &str, log: &Path) -> Self {
        let (problem, log) = (one_line(problem), log.display());
        Self::NotReady {
            what: what.to_owned(),
            problem: format!("{problem}; its log: {log}"),
        }
    }

    /// For `map_err`: attaches the path and the deed to an I/O error.
    pub(crate) fn io(
        path: &Path,
        doing: &'static str,
    ) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| Self::Io {
            path,
            doing,
            source,
        }
    }

    /// For `map_err`: attaches the deed to an error of the Kubernetes client.
    pub(crate) fn api(doing: &str) -> impl FnOnce(kube::Error) -> Self + use<> {
        let doing = doing.to_owned();
        move |error| Self::Api {
            doing,
            problem: answer(&error),
        }
    }
}

/// What a server answered, or why it did not, in one line.
pub(crate) fn answer(error: &kube::Error) -> String {
    use std::error::Error as _;
    if let kube::Error::Api(status) = error {
        return format!("{} {}", status.code, unready(&status.message));
    }
    let (mut words, mut source) = (error.to_string(), error.source());
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    one_line(&words)
}

/// Of the forty checks that `/readyz` goes through those that failed; any other text in one line.
///
/// ```text
/// [+]ping ok
/// [-]etcd failed: reason withheld
/// readyz check failed
/// ```
fn unready(text: &str) -> String {
    let failed = text.lines().filter_map(|line| line.strip_prefix("[-]"));
    let names: Vec<&str> = failed
        .map(|line| line.split_once(" failed").map_or(line, |(name, _)| name))
        .collect();
    match names.is_empty() {
        true => one_line(text),
        false => format!("not ready: {}", names.join(", ")),
    }
}

/// The last line of a log, which as a rule is why it ends there.
pub(crate) fn last_line(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let last = text.lines().rfind(|line| !line.trim().is_empty());
    last.unwrap_or("it said nothing").to_owned()
}

/// A text in one line, and no longer than a person reads.
pub(crate) fn one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines.collect::<Vec<_>>().join("; ");
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{} ...", line[..at].trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_not_ready_says_why_in_one_line() {
        let passed: String = (0..30).map(|n| format!("[+]check-{n} ok\n")).collect();
        for (failed, said) in [
            ("[-]etcd failed: reason withheld\n", "500 not ready: etcd"),
            (
                "[-]etcd failed: reason withheld\n[-]poststarthook/rbac failed: reason withheld\n",
                "500 not ready: etcd, poststarthook/rbac",
            ),
            ("[-]shutdown\n", "500 not ready: shutdown"),
        ] {
            let text = format!("{passed}{failed}readyz check failed\n");
            let status = kube::core::Status::failure(&text, "").with_code(500);
            let error = answer(&kube::Error::Api(status.boxed()));
            assert_eq!(error, said);
            let error = Error::not_ready("kube-apiserver", &error, Path::new("/logs/a"));
            let words = "kube-apiserver did not come up";
            assert_eq!(
                error.to_string(),
                format!("{words}: {said}; its log: /logs/a")
            );
        }
    }

    #[test]
    fn a_text_is_cut_where_nobody_reads_on() {
        assert_eq!(one_line("\n a \n\n  b\n"), "a; b");
        for (length, whole) in [(LONGEST, true), (LONGEST + 1, false)] {
            let text = "ä".repeat(length);
            assert_eq!(one_line(&text) == text, whole, "{length}");
            assert_eq!(one_line(&text).ends_with(" ..."), !whole, "{length}");
        }
    }
}
