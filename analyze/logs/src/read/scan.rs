//! Search over whole blocks: only lines that hold one of a few literals are looked at.

use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, Input, MatchKind};
use memchr::{memchr, memchr_iter, memrchr};

use crate::error::Error;
use crate::parse::clock::At;
use crate::parse::kernel::KernelSaid;
use crate::parse::line::{self, Content, Context};
use crate::parse::message::{Fact, Mark, Said};
use crate::reading::{Count, Fault};
use crate::sync::{Backend, Family};

/// What makes a line worth reading. Short enough to be common to all versions and renderings,
/// long enough to be rare.
const LITERALS: [&str; 23] = [
    "yncProxyRules",
    "Syncing nftables rules",
    "Syncing iptables rules",
    "Syncing ipvs ",
    "Syncing proxy rules",
    "Reloading service ",
    "Deleting stale nftables",
    "Unable to delete stale chains",
    "Sync failed",
    "nftables sync failed",
    "Failed to execute iptables-restore",
    "Version info",
    "Version: v",
    "FLAG: --v=",
    "FLAG: --hostname-override=",
    "tables Proxier",
    "ipvs Proxier",
    // The kernel.
    "soft lockup - CPU#",
    "INFO: rcu_",
    "blocked for more than",
    "Linux version ",
    "RIP: 0010:",
    "ainted",
];

/// Further literals: the arm64 program counter, sections of `kubectl cluster-info dump`, CRI
/// lines in pieces.
const MORE: [&str; 4] = [
    "pc : ",
    "==== START logs for container ",
    " stderr P",
    " stdout P",
];

/// Finds relevant lines.
#[derive(Debug, Clone)]
pub(crate) struct Finder(AhoCorasick);

impl Finder {
    pub(crate) fn new() -> Result<Self, Error> {
        AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(LITERALS.iter().chain(&MORE))
            .map(Self)
            .map_err(|error| Error::Internal(error.to_string()))
    }

    pub(crate) fn is_relevant(&self, line: &[u8]) -> bool {
        self.0.is_match(line)
    }

    fn next(&self, block: &[u8], from: usize) -> Option<usize> {
        self.0
            .find(Input::new(block).range(from..))
            .map(|found| found.start())
    }
}

/// A relevant line, read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    /// Line, from 1.
    pub(crate) line: u64,
    pub(crate) at: At,
    /// Place of the input in the reading; set when sections are known.
    pub(crate) input: u32,
    /// Place in [`Scan::origins`], from 1; 0: none.
    pub(crate) origin: u32,
    pub(crate) entry: Entry,
}

/// What a relevant line says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Entry {
    Mark {
        mark: Mark,
        family: Family,
        backend: Backend,
    },
    Fact(Box<Fact>),
    Kernel(Box<KernelSaid>),
    /// A new part of the file begins: a pod of a dump, a heading that names a kernel.
    Section(Box<Section>),
}

/// A part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) name: String,
    pub(crate) kernel: Option<String>,
}

/// What was found in a stretch of lines.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) found: Vec<Found>,
    pub(crate) lines: u64,
    pub(crate) bytes: u64,
    pub(crate) origins: Vec<String>,
    pub(crate) transports: BTreeMap<&'static str, u64>,
    pub(crate) faults: BTreeMap<Fault, Count>,
    /// A line in pieces was met: the file must be read line by line.
    pub(crate) pieces: bool,
    /// First and last time stamp of any line looked at.
    pub(crate) span: Option<(At, At)>,
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
                whole: end < block.len(),
            };
            self.line(&block[start..end], line, context);
            counted = start;
            from = (end + 1).min(block.len());
        }
        self.note_edges(block);
        self.lines = line - 1 + newlines(&block[counted..]);
        self.lines += u64::from(block.last().is_some_and(|byte| *byte != b'\n'));
        self.bytes += block.len() as u64;
    }

    /// Notes the time of a block's first and last line, relevant or not.
    pub(crate) fn note_edges(&mut self, block: &[u8]) {
        let text = block.strip_suffix(b"\n").unwrap_or(block);
        if self.span.is_none() {
            let end = memchr(b'\n', text).unwrap_or(text.len());
            self.note_time(line::time(&text[..end]));
        }
        let start = memrchr(b'\n', text).map_or(0, |at| at + 1);
        self.note_time(line::time(&text[start..]));
    }

    /// Reads one relevant line.
    pub(crate) fn line(&mut self, text: &[u8], number: u64, context: Context) {
        if let Some(section) = dump_section(text) {
            return self.add(number, At::Never, 0, Entry::Section(Box::new(section)));
        }
        let line = line::read(text, context);
        self.note_time(line.at);
        if line.transport == "cri" && is_piece(text) {
            self.pieces = true;
        }
        let entry = match line.content {
            Content::Nothing | Content::Proxy(Said::Nothing) => return,
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
            Content::Kernel(said) => Entry::Kernel(Box::new(said)),
        };
        *self.transports.entry(line.transport).or_default() += 1;
        let origin = line.origin.map_or(0, |origin| self.origin(origin));
        self.add(number, line.at, origin, entry);
    }

    pub(crate) fn add(&mut self, line: u64, at: At, origin: u32, entry: Entry) {
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
            self.span = Some((self.span.map_or(at, |(first, _)| first), at));
        }
    }

    fn origin(&mut self, origin: String) -> u32 {
        let place = self
            .origins
            .iter()
            .position(|known| *known == origin)
            .unwrap_or_else(|| {
                self.origins.push(origin);
                self.origins.len() - 1
            });
        u32::try_from(place + 1).unwrap_or(0)
    }

    /// Appends what was found in the lines that follow.
    pub(crate) fn append(&mut self, mut next: Self) {
        let places: Vec<u32> = std::mem::take(&mut next.origins)
            .into_iter()
            .map(|origin| self.origin(origin))
            .collect();
        for found in &mut next.found {
            found.line += self.lines;
            if let Some(place) = (found.origin as usize).checked_sub(1) {
                found.origin = places.get(place).copied().unwrap_or(0);
            }
        }
        if self.found.is_empty() {
            self.found = next.found;
        } else {
            self.found.append(&mut next.found);
        }
        for (fault, count) in next.faults {
            let first = count.first + self.lines;
            let sum = self
                .faults
                .entry(fault)
                .or_insert(Count { lines: 0, first });
            sum.lines += count.lines;
        }
        for (transport, count) in next.transports {
            *self.transports.entry(transport).or_default() += count;
        }
        for at in next
            .span
            .into_iter()
            .flat_map(|(first, last)| [first, last])
        {
            self.note_time(at);
        }
        self.lines += next.lines;
        self.bytes += next.bytes;
        self.pieces |= next.pieces;
    }
}

fn newlines(block: &[u8]) -> u64 {
    memchr_iter(b'\n', block).count() as u64
}

/// `==== START logs for container kube-proxy of pod kube-system/kube-proxy-x ====`
fn dump_section(line: &[u8]) -> Option<Section> {
    let rest = line.strip_prefix(b"==== START logs for container ")?;
    let name = rest.strip_suffix(b"\r").unwrap_or(rest);
    let name = String::from_utf8_lossy(name.strip_suffix(b" ====").unwrap_or(name)).into_owned();
    Some(Section { name, kernel: None })
}

/// A CRI line whose tag says that more of it follows.
fn is_piece(line: &[u8]) -> bool {
    let head = &line[..line.len().min(80)];
    [&b" stderr P"[..], b" stdout P"].iter().any(|tag| {
        memchr::memmem::find(head, tag)
            .and_then(|at| head.get(at + tag.len()))
            .is_some_and(|next| matches!(next, b' ' | b':'))
    })
}
