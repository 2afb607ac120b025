//! From scanned files to a reading: which lines belong together, when they were, what they are.

mod boot;
mod during;
mod failing;
mod gathered;
mod inputs;
mod kernel_log;
mod merge;
mod sections;
mod split;
mod warnings;
mod years;
mod zones;

use std::collections::HashMap;

use rayon::prelude::*;

use crate::error::Error;
use crate::metadata::Cluster;
use crate::pair::{self, Paired};
use crate::parse::clock::At;
use crate::parse::message::Fact;
use crate::read::file;
use crate::read::finder::Finder;
use crate::read::founds::Founds;
use crate::read::founds::{Entry, Section};
use crate::read::stream::FileScan;
use crate::request::{Place, Progress, Request, Source};
use crate::sync::{Backend, Sync};
use crate::syncs::Syncs;
use crate::wrap::around::Origin;

pub use gathered::{Gathered, LogState};
use inputs::Part;
use sections::Sections;
use split::steps;
use years::Times;

/// Reads all sources of a request.
pub(crate) fn gather(request: &Request, progress: &dyn Progress) -> Result<Gathered, Error> {
    let finder = Finder::within(request.max_memory.unwrap_or(u64::MAX))?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(request.threads.unwrap_or_else(|| {
            let far = request.sources.iter().filter(|source| is_far(source));
            let cores = std::thread::available_parallelism();
            threads(far.count(), cores.map_or(1, usize::from))
        }))
        .build()
        .map_err(|error| Error::Internal(error.to_string()))?;
    progress.total(pool.install(|| request.sources.par_iter().map(size).sum()));
    let scans: Vec<Result<Vec<(Source, FileScan)>, Error>> = pool.install(|| {
        request
            .sources
            .par_iter()
            .map(|source| file::read(source, &finder, progress))
            .collect()
    });
    let mut gathering = Gathering::default();
    // Where memory ran out, the largest of all logs may have taken it.
    for (place, scans) in (0..).zip(scans) {
        gathering.source = place;
        for (source, scan) in scans? {
            gathering.add(&source, scan);
        }
    }
    Ok(gathering.finish(request))
}

/// Logs of an object store that are read at a time, if there are so many: whoever reads one waits for
/// the store more than he works.
const WAITING: usize = 64;

/// Threads for a request that asks for none: as many as there are processors, but more for logs of an
/// object store.
fn threads(far: usize, cores: usize) -> usize {
    far.min(WAITING).max(cores)
}

fn is_far(source: &Source) -> bool {
    matches!(source.place, Place::Object(_))
}

fn size(source: &Source) -> u64 {
    match &source.place {
        Place::File(path) => std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
        Place::Object(object) => object.0.size(),
        Place::Stdin => 0,
    }
}

/// A log stream: what one process after another wrote, over one or several files.
#[derive(Debug, Default)]
struct Stream {
    found: Founds,
}

/// What has been read so far.
#[derive(Debug, Default)]
struct Gathering {
    /// Place of the source that is being added.
    source: u32,
    parts: Vec<Part>,
    streams: Vec<Stream>,
    /// Streams by name: those that go on from file to file.
    places: HashMap<String, usize>,
    /// Nodes and pods that dumps of the cluster list, by source.
    listed: Vec<(u32, Cluster)>,
}

impl Gathering {
    /// Sorts a file's lines into its parts and streams.
    fn add(&mut self, source: &Source, mut file: FileScan) {
        let listed = std::mem::take(&mut file.scan.cluster);
        if listed != Cluster::default() {
            self.listed.push((self.source, listed));
        }
        let found = std::mem::take(&mut file.scan.found);
        if !file.scan.apart {
            return self.add_single(source, &file, found);
        }
        let first_part = self.parts.len();
        let mut sections = Sections::default();
        // Part and stream by section and origin.
        let mut known: HashMap<(usize, u32), (u32, usize)> = HashMap::new();
        for mut line in found {
            if let Entry::Section(next) = line.entry {
                sections.begin(*next);
                continue;
            }
            let (place, section) = sections.current();
            let (part, stream) = *known
                .entry((place, line.origin))
                .or_insert_with(|| self.open(source, &file, section, line.origin));
            line.input = part;
            self.parts[part as usize].note(&line);
            self.streams[stream].found.push(line);
        }
        if self.parts.len() > first_part + 1 {
            self.parts[first_part..]
                .iter_mut()
                .for_each(|part| part.shared = true);
        }
        if self.parts.len() == first_part {
            self.push(Part::of(source, &file, None, None));
        }
        self.parts[first_part].take_file(&file);
    }

    /// A new part of a file, and the stream that its lines belong to.
    fn open(
        &mut self,
        source: &Source,
        file: &FileScan,
        section: Option<&Section>,
        origin: u32,
    ) -> (u32, usize) {
        let origin = (origin as usize)
            .checked_sub(1)
            .and_then(|at| file.scan.origins.get(at));
        self.push(Part::of(source, file, section, origin));
        let part = u32::try_from(self.parts.len() - 1).unwrap_or(u32::MAX);
        // A section ends with its file.
        let name = source.hints.stream.as_ref().filter(|_| section.is_none());
        let name =
            name.map(|name| format!("{name}\0{}", origin.map(Origin::name).unwrap_or_default()));
        (part, self.stream(name))
    }

    /// The common case: nothing but one process's lines. The list moves, nothing is copied.
    fn add_single(&mut self, source: &Source, file: &FileScan, mut found: Founds) {
        let input = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        let mut part = Part::of(source, file, None, None);
        for line in found.iter_mut() {
            line.input = input;
            part.note(line);
        }
        part.take_file(file);
        self.push(part);
        let name = source.hints.stream.as_ref();
        let stream = self.stream(name.map(|name| format!("{name}\0")));
        self.streams[stream].found.append(found);
    }

    /// A part of the source that is being added.
    fn push(&mut self, mut part: Part) {
        part.source = self.source;
        self.parts.push(part);
    }

    /// The stream of that name, or a new one.
    fn stream(&mut self, name: Option<String>) -> usize {
        let new = self.streams.len();
        let place = match name {
            Some(name) => *self.places.entry(name).or_insert(new),
            None => new,
        };
        if place == new {
            self.streams.push(Stream::default());
        }
        place
    }

    fn finish(mut self, request: &Request) -> Gathered {
        let (mut syncs, mut kernel) = (Syncs::default(), Vec::new());
        for mut stream in std::mem::take(&mut self.streams) {
            let times = years::resolve(&mut stream.found, &mut self.parts, request);
            let end = self.end(&stream.found, &times);
            let first = stream.found.first().map(|found| found.input);
            self.note_life(first, end);
            let backend = self.backend(&stream.found);
            let mut processes = if times.in_order {
                vec![pair::ordered(
                    steps(stream.found, &mut kernel),
                    end,
                    backend,
                )]
            } else {
                pair::unordered(steps(stream.found, &mut kernel).collect(), end, backend)
            }
            .into_iter();
            if let (Some(first), Some(paired)) = (first, processes.next()) {
                self.account(first, &paired);
                syncs.append(paired.syncs);
                for (paired, at) in processes.zip(2..) {
                    syncs.append(self.unmarked(first, paired, at));
                }
            }
        }
        let kernel_events = kernel_log::assemble(kernel, &mut self.parts);
        Gathered {
            parts: self.parts,
            syncs,
            kernel_events,
            listed: self.listed,
        }
    }

    /// The mode that a stream's lines or hints name.
    fn backend(&self, found: &Founds) -> Backend {
        let said = found.iter().find_map(|found| match &found.entry {
            Entry::Mark { backend, .. } if *backend != Backend::Unknown => Some(*backend),
            Entry::Fact(fact) => match **fact {
                Fact::Mode(backend) => Some(backend),
                _ => None,
            },
            _ => None,
        });
        let asked = || {
            found.iter().find_map(|found| match &found.entry {
                Entry::Fact(fact) => match **fact {
                    Fact::AskedMode(backend) => Some(backend),
                    _ => None,
                },
                _ => None,
            })
        };
        said.or_else(asked)
            .or_else(|| self.parts[found.first()?.input as usize].hinted_backend())
            .unwrap_or(Backend::Unknown)
    }

    /// How long the process of a stream is seen.
    fn note_life(&mut self, first: Option<u32>, end: Option<i64>) {
        let part = first.and_then(|first| self.parts.get_mut(first as usize));
        if let Some(part) = part
            && let (Some((start, _)), Some(end)) = (part.input.span_ns, end)
        {
            part.lived_ns = end.saturating_sub(start);
        }
    }

    fn account(&mut self, first: u32, paired: &Paired) {
        if let Some(part) = self.parts.get_mut(first as usize) {
            part.lost += paired.lost;
            part.ambiguous += paired.ambiguous;
            part.contradicted = part.contradicted.or(paired.contradicted);
            part.input.duplicates += paired.duplicates;
        }
    }

    /// The syncs of another process of a part, the `at`th, which becomes a part of its own.
    fn unmarked(&mut self, first: u32, paired: Paired, at: usize) -> Syncs {
        let Some(part) = self.parts.get_mut(first as usize) else {
            return paired.syncs;
        };
        part.unmarked = at;
        let other = part.of_process(at);
        let input = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        self.parts.push(other);
        self.account(input, &paired);
        let of_input = |sync| Sync { input, ..sync };
        paired.syncs.iter().map(of_input).collect()
    }

    /// Time of a stream's last line, relevant or not: up to it an unfinished sync lasted.
    fn end(&self, found: &Founds, times: &Times) -> Option<i64> {
        let last = self.parts.get(found.last()?.input as usize)?.last?;
        let last = match (last, times.latest) {
            (At::Yearless(moment), Some(known)) => Some(moment.near(known)),
            _ => times.zones.resolve(last).map(|resolved| resolved.ns),
        };
        times.latest.max(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_of_a_store_are_waited_for_side_by_side() {
        for (far, cores, expected) in [
            (0, 2, 2),
            (2, 2, 2),
            (3, 2, 3),
            (WAITING, 2, WAITING),
            (WAITING + 1, 2, WAITING),
            (WAITING + 1, 128, 128),
        ] {
            assert_eq!(
                threads(far, cores),
                expected,
                "{far} logs, {cores} processors"
            );
        }
    }
}
