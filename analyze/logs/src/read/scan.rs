//! Search over whole blocks: only lines that hold one of a few literals are looked at.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher as _;

use foldhash::quality::FixedState;
use memchr::{memchr, memrchr};

use super::cut;
use super::finder::Finder;
use super::founds::{Entry, Found, Founds, Section};
use super::heading;
use super::near::near;
use crate::error::Error;
use crate::metadata::Cluster;
use crate::parse::clock::At;
use crate::parse::line::{self, Content, Context, Line};
use crate::parse::message::{Mark, Said};
use crate::parse::transport::Transports;
use crate::reading::{Count, Fault};
use crate::wrap::around::Origin;

/// Source files that only kube-proxy has: it speaks, whatever it says.
const KUBE_PROXYS_FILES: [&str; 3] = ["proxier.go:", "server_linux.go:", "server_others.go:"];

/// What kube-proxy prints at a verbosity of 2 or more, beside its syncs: `pkg/proxy/config`,
/// `pkg/proxy/runner`, `pkg/util/async`.
const TALKATIVE: [&str; 9] = [
    "sync-runner",
    "bounded_frequency_runner.go:",
    "Network programming",
    "Not syncing ",
    "Calling handler",
    "Setting endpoints for",
    "Skipping topology aware",
    "Stale service",
    "endpointslicecache.go:",
];

/// What was found in a stretch of lines.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) found: Founds,
    pub(crate) lines: u64,
    pub(crate) bytes: u64,
    pub(crate) origins: Vec<Origin>,
    /// Places of those.
    places: HashMap<Origin, u32>,
    /// Lines met again and again.
    met: Met,
    /// Lines that stand there so often that they were dropped unread.
    pub(crate) repeated: u64,
    pub(crate) transports: Transports,
    pub(crate) faults: BTreeMap<Fault, Count>,
    /// Lines of several origins or sections stand in it.
    pub(crate) apart: bool,
    /// A line in pieces was met: the file must be read line by line.
    pub(crate) pieces: bool,
    /// Time stamp of the last line that has one, relevant or not.
    pub(crate) last: Option<At>,
    /// kube-proxy speaks in it.
    pub(crate) speaks: bool,
    /// Lines stand in it that kube-proxy prints at a verbosity of 2 or more.
    pub(crate) talkative: bool,
    /// Nodes and pods that a dump of the cluster lists.
    pub(crate) cluster: Cluster,
    /// A time near the lines' own, from what a console printed above them.
    pub(crate) near: Option<i64>,
    /// Whether it begins inside a file: who speaks is told at the file's beginning, however it is
    /// read.
    pub(crate) inside: bool,
}

impl Scan {
    /// Scans a block of whole lines; only the file's last line may lack its end.
    pub(crate) fn block(&mut self, block: &[u8], finder: &Finder, kube_proxy: bool) {
        let mut counted = 0;
        let mut from = 0;
        let mut line = self.lines + 1;
        while let Some(hit) = finder.next(block, from) {
            let start = memrchr(b'\n', &block[counted..hit]).map_or(counted, |at| counted + at + 1);
            line += newlines(&block[counted..start]);
            let end = memchr(b'\n', &block[hit..]).map_or(block.len(), |at| hit + at);
            let context = Context {
                kube_proxy,
                whole: end < block.len()
                    && !cut::in_a_number(&block[start..end], &block[end + 1..]),
                columns: None,
            };
            self.line(&block[start..end], line, context);
            counted = start;
            from = (end + 1).min(block.len());
        }
        self.note_edge(block);
        self.lines = line - 1 + newlines(&block[counted..]);
        self.lines += u64::from(block.last().is_some_and(|byte| *byte != b'\n'));
        self.bytes += block.len() as u64;
    }

    /// Notes what a block's edges tell: who speaks at its beginning, the time of its last line.
    pub(crate) fn note_edge(&mut self, block: &[u8]) {
        const BEGINNING: usize = 64 * 1024;
        if self.bytes == 0 && !self.inside {
            let begin = &block[..block.len().min(BEGINNING)];
            self.speaks |= KUBE_PROXYS_FILES
                .iter()
                .any(|file| memchr::memmem::find(begin, file.as_bytes()).is_some());
            self.talkative |= TALKATIVE
                .iter()
                .any(|words| memchr::memmem::find(begin, words.as_bytes()).is_some());
            self.near = near(begin);
        }
        let text = block.strip_suffix(b"\n").unwrap_or(block);
        let start = memrchr(b'\n', text).map_or(0, |at| at + 1);
        self.note_time(line::time(&text[start..]));
    }

    /// Adds the headings of a block that was scanned, whose first line is `first`, from 1, and
    /// whose finds begin at the place `since`.
    pub(crate) fn headings(&mut self, block: &[u8], first: u64, since: usize) {
        let before = self.found.len();
        for heading in heading::headings(block, &mut self.cluster) {
            let section = Section {
                name: heading.name,
                kernel: heading.kernel,
                node: heading.node,
            };
            let entry = Entry::Section(Box::new(section));
            self.add(first + heading.line, At::Never, 0, entry);
        }
        if self.found.len() > before {
            self.found.sort_since(since);
        }
    }

    /// Reads one relevant line.
    pub(crate) fn line(&mut self, text: &[u8], number: u64, context: Context<'_>) {
        if let Some(section) = dump_section(text) {
            return self.add(number, At::Never, 0, Entry::Section(Box::new(section)));
        }
        // The same line once more, time and all, says nothing that it did not say before.
        if self.met.often(text) && !matches!(line::time(text), At::Never) {
            self.repeated += 1;
            return;
        }
        let mut told = false;
        line::read(text, context, &mut |line| {
            told |= matches!(line.content, Content::Proxy(Said::Mark { .. }));
            self.take(line, number);
        });
        // A sync is named in words that could not be read: not for want of verbosity.
        self.talkative |= !told && memchr::memmem::find(text, b"yncProxyRules").is_some();
    }

    /// Counts a line that was passed over for its length.
    pub(crate) fn too_long(&mut self) {
        self.lines += 1;
        self.fault(Fault::TooLong, self.lines);
    }

    /// Takes in what a line says.
    fn take(&mut self, line: Line, number: u64) {
        self.note_time(line.at);
        self.pieces |= line.piece;
        let entry = match line.content {
            Content::Proxy(Said::Nothing) => return,
            Content::Proxy(Said::Fault(fault)) => return self.fault(fault, number),
            Content::Proxy(Said::Mark {
                mark,
                family,
                backend,
            }) => {
                if matches!(mark, Mark::Reloading { counts: None }) {
                    self.fault(Fault::NoCounts, number);
                }
                Entry::Mark {
                    mark,
                    family,
                    backend,
                }
            }
            Content::Proxy(Said::Fact(fact)) => Entry::Fact(Box::new(fact)),
            Content::Kernel(said) => Entry::Kernel(said),
        };
        self.transports.count(line.transport);
        let origin = line.origin.map_or(0, |origin| self.origin(origin));
        self.add(number, line.at, origin, entry);
    }

    pub(crate) fn add(&mut self, line: u64, at: At, origin: u32, entry: Entry) {
        self.apart |= origin != 0 || matches!(entry, Entry::Section(_));
        self.found.push(Found {
            line,
            at,
            input: 0,
            origin,
            entry,
        });
    }

    pub(crate) fn fault(&mut self, fault: Fault, line: u64) {
        let count = self.faults.entry(fault).or_insert(Count {
            lines: 0,
            first: line,
        });
        count.lines += 1;
        count.first = count.first.min(line);
    }

    pub(crate) fn note_time(&mut self, at: At) {
        if !matches!(at, At::Never) {
            self.last = Some(at);
        }
    }

    fn origin(&mut self, origin: Origin) -> u32 {
        if let Some(place) = self.places.get(&origin) {
            return *place;
        }
        self.origins.push(origin.clone());
        let place = u32::try_from(self.origins.len()).unwrap_or(0);
        self.places.insert(origin, place);
        place
    }

    /// Appends scans in the order of their lines, up to the first that failed.
    pub(crate) fn append_all(
        &mut self,
        scans: impl IntoIterator<Item = Result<Self, Error>>,
    ) -> Result<(), Error> {
        scans.into_iter().try_for_each(|scan| {
            self.append(scan?);
            Ok(())
        })
    }

    /// Appends what was found in the lines that follow.
    pub(crate) fn append(&mut self, mut next: Self) {
        let places: Vec<u32> = std::mem::take(&mut next.origins)
            .into_iter()
            .map(|origin| self.origin(origin))
            .collect();
        for found in next.found.iter_mut() {
            found.line += self.lines;
            if let Some(place) = (found.origin as usize).checked_sub(1) {
                found.origin = places.get(place).copied().unwrap_or(0);
            }
        }
        self.found.append(next.found);
        for (fault, count) in next.faults {
            let first = count.first + self.lines;
            let sum = self
                .faults
                .entry(fault)
                .or_insert(Count { lines: 0, first });
            sum.lines += count.lines;
        }
        self.repeated += next.repeated;
        self.transports.append(next.transports);
        self.last = next.last.or(self.last);
        self.speaks |= next.speaks;
        self.talkative |= next.talkative;
        self.near = self.near.or(next.near);
        self.cluster.append(next.cluster);
        self.lines += next.lines;
        self.bytes += next.bytes;
        self.pieces |= next.pieces;
        self.apart |= next.apart;
    }
}

/// Hashes of the lines met last, each with how often it was met.
#[derive(Debug, Default)]
struct Met(Vec<(u64, u32)>);

impl Met {
    /// Lines that are remembered.
    const LINES: usize = 256;
    /// A line that was met more often than this is a copy: no two syncs of one log share the
    /// microsecond and the rest, and what may, two families' beginnings, does not so often.
    const OFTEN: u32 = 16;

    /// Whether a line was met often before; counts it.
    fn often(&mut self, line: &[u8]) -> bool {
        let hash = FixedState::default().hash_one(line);
        self.0.resize(Self::LINES, (0, 0));
        let met = &mut self.0[hash as usize % Self::LINES];
        if met.0 != hash {
            *met = (hash, 0);
        }
        met.1 = met.1.saturating_add(1);
        met.1 > Self::OFTEN
    }
}

fn newlines(block: &[u8]) -> u64 {
    bytecount::count(block, b'\n') as u64
}

/// `==== START logs for container kube-proxy of pod kube-system/kube-proxy-x ====`; what stands
/// behind the `END` line is of no pod.
fn dump_section(line: &[u8]) -> Option<Section> {
    if line.starts_with(b"==== END logs for container ") {
        return Some(Section {
            name: String::new(),
            kernel: None,
            node: None,
        });
    }
    let rest = line.strip_prefix(b"==== START logs for container ")?;
    let name = rest.strip_suffix(b"\r").unwrap_or(rest);
    let name = String::from_utf8_lossy(name.strip_suffix(b" ====").unwrap_or(name)).into_owned();
    Some(Section {
        name,
        kernel: None,
        node: None,
    })
}
