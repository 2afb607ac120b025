//! What is known of each input, and where its kernel release is from.

use serde::{Deserialize, Serialize};

use crate::parse::clock::At;
use crate::parse::message::{Fact, Mark};
use crate::read::founds::{Entry, Found, Section};
use crate::read::stream::FileScan;
use crate::reading::Input;
use crate::request::{Hints, Source};
use crate::sync::Backend;
use crate::wrap::around::Origin;

mod kernels;
mod visibility;

pub(super) use kernels::name_kernels;

/// An input under construction. What only its own lines need is not kept in a data set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Part {
    pub(crate) input: Input,
    pub(super) hints: Hints,
    /// Place of its source among those of the request.
    #[serde(skip)]
    pub(crate) source: u32,
    #[serde(skip)]
    pub(super) modified_ns: Option<i64>,
    /// Time stamp of the file's last line that has one.
    #[serde(skip)]
    pub(super) last: Option<At>,
    /// The pod that a section or a prefix names.
    pod: Option<String>,
    pub(super) lost: u64,
    pub(super) ambiguous: u64,
    /// Syncs whose duration other lines contradict, and the first of them.
    pub(super) contradicted: Option<(u64, u64)>,
    /// Lines whose stamp tells no zone.
    pub(super) late: Late,
    /// Lines whose clock is taken to be of another zone than UTC, since their stamps are that far
    /// from it: how many, the first, and how far behind UTC, seconds.
    pub(super) zoned: Option<(u64, u64, i32)>,
    /// Lines of 29 February in a year that has none, and the first of them.
    pub(super) no_such_day: Option<(u64, u64)>,
    pub(super) broken: Option<String>,
    /// Releases that the kernel itself named in it.
    pub(super) releases: Vec<String>,
    /// Lines of the kernel's.
    pub(super) kernel_lines: u64,
    /// kube-proxies whose lines stand one behind the other without a word between them.
    pub(super) unmarked: usize,
    /// Which of them it is, from 2; 0 where it is the first, or the only one.
    pub(crate) process: usize,
    heading: Option<String>,
    completes: u64,
    begins: u64,
    speaks: bool,
    /// Lines of kube-proxy's stand in the file, whatever they say.
    file_speaks: bool,
    /// It says that it gives up.
    exited: u64,
    /// The line before said so.
    #[serde(skip)]
    gone: bool,
    /// Line and words of the first that gave up.
    last_words: Option<(u64, String)>,
    /// Syncs that failed or deleted chains, which lines of the lowest verbosity tell.
    ran: u64,
    /// Lines stand in it that a low verbosity does not print.
    talkative: bool,
    /// The file has other parts: what is counted by file does not tell how much it wrote.
    pub(super) shared: bool,
    /// From its first line to its last, nanoseconds.
    pub(super) lived_ns: i64,
    #[serde(skip)]
    fresh: bool,
}

/// Lines that somebody stamped long after they were logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Late {
    pub(super) lines: u64,
    /// The first of them.
    pub(super) first: u64,
    /// How late the latest stamp is, seconds.
    pub(super) most_s: i32,
}

/// Whether a fact is told as a process starts.
pub(super) fn starts(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Version(_) | Fact::Verbosity(_) | Fact::Node(_) | Fact::AskedMode(_)
    )
}

impl Part {
    /// A part of a file: all of it, a section, or the lines of one pod.
    pub(super) fn of(
        source: &Source,
        file: &FileScan,
        section: Option<&Section>,
        origin: Option<&Origin>,
    ) -> Self {
        let hints = source.hints.clone();
        let host = origin.and_then(|origin| origin.node.clone());
        let origin = origin.map(Origin::name);
        let origin = origin.as_deref();
        let names = [section.map(|section| section.name.as_str()), origin];
        let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let pod = pod(section.map(|section| section.name.as_str()), origin);
        let file_speaks = file.scan.speaks || hints.kube_proxy && file.scan.lines > 0;
        let input = Input {
            path: source.display.clone(),
            section: (!name.is_empty()).then_some(name),
            transport: transport(file),
            node: hints
                .node
                .clone()
                .or(host)
                .or_else(|| section?.node.clone()),
            backend: hints.backend,
            version: hints.version.clone(),
            verbosity: hints.verbosity,
            kernel_log: hints.kernel_log,
            ..Input::default()
        };
        Self {
            pod,
            heading: section.and_then(|section| section.kernel.clone()),
            file_speaks,
            talkative: file.scan.talkative,
            ..Self::of_nothing(input, hints, file.modified_ns)
        }
    }

    /// A part of which no line is noted yet.
    fn of_nothing(input: Input, hints: Hints, modified_ns: Option<i64>) -> Self {
        Self {
            input,
            hints,
            modified_ns,
            ..Self::default()
        }
    }

    /// What is counted by file belongs to its first part.
    pub(super) fn take_file(&mut self, file: &FileScan) {
        self.input.lines = file.scan.lines;
        self.input.bytes = file.scan.bytes;
        self.input.duplicates = file.scan.repeated;
        self.input.malformed = file.scan.faults.clone();
        self.broken.clone_from(&file.broken);
        self.last = file.scan.last;
        self.hints.near_ns = self.hints.near_ns.or(file.scan.near);
    }

    /// Notes what a line tells about the process.
    pub(super) fn note(&mut self, found: &Found) {
        match &found.entry {
            Entry::Mark { mark, backend, .. } => {
                self.speaks = true;
                self.fresh = false;
                self.completes += u64::from(matches!(mark, Mark::Complete { .. }));
                self.begins += u64::from(matches!(
                    mark,
                    Mark::Syncing { .. } | Mark::Reloading { .. }
                ));
                self.ran += u64::from(matches!(mark, Mark::Stale { .. } | Mark::Failed));
                if *backend != Backend::Unknown {
                    self.input.backend = Some(*backend);
                }
            }
            Entry::Fact(fact) => {
                if let Fact::GivesUp(words) = &**fact {
                    // `Error running ProxyServer` and `command failed` are one end.
                    self.exited += u64::from(!self.gone);
                    self.last_words
                        .get_or_insert_with(|| (found.line, words.clone()));
                }
                self.gone = matches!(&**fact, Fact::GivesUp(_));
                // What is told as a process starts is another one's from here on.
                self.fresh &= !self.gone;
                self.learn(fact);
            }
            Entry::Kernel(_) => self.kernel_lines += 1,
            Entry::Section(_) => {}
        }
    }

    /// Notes a line whose stamp tells no zone.
    pub(super) fn note_late(&mut self, late_s: i32, line: u64) {
        if self.late.lines == 0 {
            self.late.first = line;
        }
        self.late.lines += 1;
        if late_s.abs() > self.late.most_s.abs() {
            self.late.most_s = late_s;
        }
    }

    /// Notes a line whose clock is taken to be behind UTC.
    pub(super) fn note_zone(&mut self, behind_s: i32, line: u64) {
        let (lines, _, _) = self.zoned.get_or_insert((0, line, behind_s));
        *lines += 1;
    }

    /// Notes a line of a day that its year does not have.
    pub(super) fn note_no_such_day(&mut self, line: u64) {
        let (lines, _) = self.no_such_day.get_or_insert((0, line));
        *lines += 1;
    }

    /// Another process whose lines stand in the same part: place `at` of several, from 1.
    pub(super) fn of_process(&self, at: usize) -> Self {
        let mut input = self.input.clone();
        input.section = Some(format!("kube-proxy {at}"));
        (input.lines, input.bytes, input.duplicates) = (0, 0, 0);
        input.malformed.clear();
        Self {
            source: self.source,
            process: at,
            last: self.last,
            heading: self.heading.clone(),
            completes: self.completes,
            begins: self.begins,
            speaks: self.speaks,
            file_speaks: self.file_speaks,
            exited: self.exited,
            last_words: self.last_words.clone(),
            ran: self.ran,
            talkative: self.talkative,
            shared: self.shared,
            ..Self::of_nothing(input, self.hints.clone(), self.modified_ns)
        }
    }

    fn learn(&mut self, fact: &Fact) {
        // Other programs of Kubernetes fail with the same words.
        self.speaks |= !matches!(fact, Fact::GivesUp(_));
        if starts(fact) && !self.fresh {
            self.fresh = true;
            self.input.starts += 1;
        }
        match fact {
            // A distribution's own tag says more than the version the log has.
            Fact::Version(version) if self.hints.version.is_none() => {
                self.input.version = Some(version.clone());
            }
            Fact::Mode(backend) => self.input.backend = Some(*backend),
            Fact::Verbosity(level) => self.input.verbosity = Some(*level),
            Fact::Node(name) if self.input.node.is_none() => self.input.node = Some(name.clone()),
            Fact::AskedMode(backend) => {
                self.input.backend.get_or_insert(*backend);
            }
            Fact::Version(_) | Fact::Node(_) | Fact::Speaks | Fact::GivesUp(_) => {}
        }
    }

    pub(super) fn label(&mut self, label: String) {
        self.hints.label = Some(label);
    }

    pub(super) fn hinted_backend(&self) -> Option<Backend> {
        self.hints.backend
    }

    /// The input, with its verdict on what it can show.
    pub(super) fn finish(mut self) -> Input {
        self.input.visibility = self.visibility();
        self.input
    }
}

/// `kube-proxy of pod kube-system/kube-proxy-x`, `kube-proxy-x/kube-proxy`, `kube-proxy-x`: the
/// pod's name.
fn pod(section: Option<&str>, origin: Option<&str>) -> Option<String> {
    let of_section = section.and_then(|name| name.split_once(" of pod ")?.1.rsplit('/').next());
    let of_origin = || {
        let (pod, container) = origin?.split_once('/').unwrap_or((origin?, ""));
        (!container.is_empty() || pod.starts_with("kube-proxy-")).then_some(pod)
    };
    of_section.or_else(of_origin).map(str::to_owned)
}

fn transport(file: &FileScan) -> String {
    let mut names = file.scan.transports.names();
    if names.is_empty() {
        names.push("text");
    }
    names.extend(&file.packing);
    names.join("+")
}
