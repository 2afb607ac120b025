//! From scanned files to a reading: which lines belong together, when they were, what they are.

mod inputs;
mod kernel_log;
mod merge;
mod warnings;
mod years;

use std::collections::HashMap;

use rayon::prelude::*;

use crate::error::Error;
use crate::pair::{self, Paired, Step};
use crate::parse::kernel::KernelSaid;
use crate::parse::message::{Fact, Mark};
use crate::read::file::{self, FileScan};
use crate::read::scan::{Entry, Finder, Found};
use crate::reading::Reading;
use crate::request::{Place, Progress, Request, Source};
use crate::sync::Backend;

use inputs::Part;

/// Reads all sources of a request.
pub(crate) fn read(request: &Request, progress: &dyn Progress) -> Result<Reading, Error> {
    let finder = Finder::new()?;
    progress.total(request.sources.iter().map(size).sum());
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(request.threads.unwrap_or(0))
        .build()
        .map_err(|error| Error::Internal(error.to_string()))?;
    let scans: Vec<Result<FileScan, Error>> = pool.install(|| {
        request
            .sources
            .par_iter()
            .map(|source| file::read(source, &finder, progress))
            .collect()
    });
    let mut gathered = Gathered::default();
    for (source, scan) in request.sources.iter().zip(scans) {
        gathered.add(source, scan?);
    }
    Ok(gathered.finish(request))
}

fn size(source: &Source) -> u64 {
    match &source.place {
        Place::File(path) => std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
        Place::Stdin => 0,
    }
}

/// A log stream: what one process after another wrote, over one or several files.
#[derive(Debug, Default)]
struct Stream {
    found: Vec<Found>,
}

/// Identity of a stream: the file or the rotations it belongs to, the section, the pod.
type StreamKey = (String, u32, u32);

/// What has been read so far.
#[derive(Debug, Default)]
struct Gathered {
    parts: Vec<Part>,
    streams: Vec<Stream>,
    places: HashMap<StreamKey, usize>,
}

impl Gathered {
    /// Sorts a file's lines into its parts and streams.
    fn add(&mut self, source: &Source, file: FileScan) {
        let first_part = self.parts.len();
        let mut parts: HashMap<(u32, u32), u32> = HashMap::new();
        let mut section = 0u32;
        let mut sections = Vec::new();
        let origins = file.scan.origins.clone();
        let mut current: Option<((u32, u32), u32, usize)> = None;
        let mut file = file;
        let found = std::mem::take(&mut file.scan.found);
        let single = !found
            .iter()
            .any(|f| matches!(f.entry, Entry::Section(_)) || f.origin != 0);
        if single {
            return self.add_single(source, &file, found);
        }
        for mut line in found {
            if let Entry::Section(next) = line.entry {
                sections.push(*next);
                section = u32::try_from(sections.len()).unwrap_or(u32::MAX);
                continue;
            }
            let key = (section, line.origin);
            if current.is_none_or(|(known, _, _)| known != key) {
                let part = *parts.entry(key).or_insert_with(|| {
                    let named = (section as usize)
                        .checked_sub(1)
                        .and_then(|at| sections.get(at));
                    let origin = (line.origin as usize)
                        .checked_sub(1)
                        .and_then(|at| origins.get(at));
                    self.parts
                        .push(Part::of(source, &file, named, origin.map(String::as_str)));
                    u32::try_from(self.parts.len() - 1).unwrap_or(u32::MAX)
                });
                let stream = self.stream(source, key);
                current = Some((key, part, stream));
            }
            if let Some((_, part, stream)) = current {
                line.input = part;
                self.parts[part as usize].note(&line);
                self.streams[stream].found.push(line);
            }
        }
        if self.parts.len() == first_part {
            self.parts.push(Part::of(source, &file, None, None));
        }
        self.parts[first_part].take_file(&file);
    }

    /// The common case: nothing but one process's lines. The list moves, nothing is copied.
    fn add_single(&mut self, source: &Source, file: &FileScan, mut found: Vec<Found>) {
        let input = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        let mut part = Part::of(source, file, None, None);
        for line in &mut found {
            line.input = input;
            part.note(line);
        }
        part.take_file(file);
        self.parts.push(part);
        let stream = self.stream(source, (0, 0));
        let stream = &mut self.streams[stream].found;
        if stream.is_empty() {
            *stream = found;
        } else {
            stream.append(&mut found);
        }
    }

    fn stream(&mut self, source: &Source, (section, origin): (u32, u32)) -> usize {
        let name = source
            .hints
            .stream
            .clone()
            .unwrap_or_else(|| format!("\0{}", self.parts.len()));
        let own = source.hints.stream.is_none();
        // Without a stream of its own a part's name is unique by its place.
        let key = (
            name,
            if own { 0 } else { section },
            if own { 0 } else { origin },
        );
        if let Some(place) = self.places.get(&key) {
            return *place;
        }
        self.streams.push(Stream::default());
        self.places.insert(key, self.streams.len() - 1);
        self.streams.len() - 1
    }

    fn finish(mut self, request: &Request) -> Reading {
        let mut reading = Reading::default();
        let mut kernel = Vec::new();
        for stream in std::mem::take(&mut self.streams) {
            let times = years::resolve(&stream.found, &mut self.parts, request);
            let end = times.iter().flatten().copied().max();
            let first = stream.found.first().map(|found| found.input);
            let backend = self.backend(&stream.found);
            let (steps, complaints) = split(stream.found, &times);
            drop(times);
            kernel.extend(complaints);
            let paired = pair::pair(steps, end, backend);
            self.account(first, &paired);
            reading.syncs.extend(paired.syncs);
        }
        merge::sort(&mut reading.syncs);
        let repeated = merge::drop_repeated(&mut reading.syncs);
        kernel_log::assemble(kernel, &mut self.parts, &mut reading);
        inputs::name_kernels(&mut self.parts, request);
        reading.warnings = warnings::of(&self.parts, &reading.syncs, repeated);
        reading.inputs = self.parts.into_iter().map(Part::finish).collect();
        merge::join_kernel_events(&mut reading);
        reading
    }

    /// The mode that a stream's lines or hints name.
    fn backend(&self, found: &[Found]) -> Backend {
        let said = found.iter().find_map(|found| match &found.entry {
            Entry::Mark { backend, .. } if *backend != Backend::Unknown => Some(*backend),
            Entry::Fact(fact) => match **fact {
                Fact::Mode(backend) => Some(backend),
                _ => None,
            },
            _ => None,
        });
        said.or_else(|| self.parts[found.first()?.input as usize].hinted_backend())
            .unwrap_or(Backend::Unknown)
    }

    fn account(&mut self, first: Option<u32>, paired: &Paired) {
        if let Some(part) = first.and_then(|first| self.parts.get_mut(first as usize)) {
            part.lost += paired.lost;
            part.ambiguous += paired.ambiguous;
            part.input.duplicates += paired.duplicates;
        }
    }
}

/// A kernel line with its place and time.
struct KernelLine {
    input: u32,
    line: u64,
    time: Option<i64>,
    said: KernelSaid,
}

/// Separates the steps of syncs from the kernel's lines. A process start stands for the first
/// of the lines that tell of it.
fn split(found: Vec<Found>, times: &[Option<i64>]) -> (Vec<Step>, Vec<KernelLine>) {
    let marks = found
        .iter()
        .filter(|found| matches!(found.entry, Entry::Mark { .. }))
        .count();
    let mut steps = Vec::with_capacity(marks + 16);
    let mut kernel = Vec::new();
    let mut fresh = false;
    for (found, time) in found.into_iter().zip(times) {
        let (input, line, time) = (found.input, found.line, *time);
        match found.entry {
            Entry::Mark {
                mark,
                family,
                backend,
            } => {
                fresh = false;
                steps.push(Step {
                    input,
                    line,
                    time,
                    mark,
                    family,
                    backend,
                });
            }
            Entry::Fact(fact) => {
                if inputs::starts(&fact) && !fresh {
                    fresh = true;
                    let family = crate::sync::Family::Unknown;
                    let backend = Backend::Unknown;
                    steps.push(Step {
                        input,
                        line,
                        time,
                        mark: Mark::Start,
                        family,
                        backend,
                    });
                }
            }
            Entry::Kernel(said) => kernel.push(KernelLine {
                input,
                line,
                time,
                said: *said,
            }),
            Entry::Section(_) => {}
        }
    }
    (steps, kernel)
}
