//! Logs and bundles into a data set, part by part: each part is read, written and forgotten, so
//! that memory holds one for each processor however much there is.

mod list;
mod reasons;

use std::collections::HashMap;
use std::sync::Mutex;

use kube_proxy_logs::{Gathered, Place, Progress, Request, Source};
use rayon::prelude::*;

use crate::corpus::Corpus;
use crate::dataset::{self, DataSet, KeptLines, Kind, Made, Part, ReadFile, Tables};
use crate::error::Error;
use crate::frame::Table;
use crate::plan::Plan;
use crate::store::UNDER_WAY;

use list::{Share, beside};

/// Which share of the work is done: one of several, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which.
    pub index: u32,
    /// Of how many: at most [`dataset::PARTS`].
    pub of: u32,
}

impl Shard {
    fn has(self, bin: u32) -> bool {
        dataset::has(self.index, self.of, bin)
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    /// Runs that were given.
    pub runs: u64,
    /// Parts that were written.
    pub written: u64,
    /// Parts that were there as they are.
    pub kept: u64,
    /// Logs of this share.
    pub logs: u64,
    /// Their bytes on disk.
    pub bytes: u64,
    /// Their syncs.
    pub syncs: u64,
}

/// Adds what a corpus holds to a data set, or this shard's share of it. What is there as it would
/// be made is left alone; a part is seen whole or not at all.
///
/// # Errors
/// [`Error::DataSet`] for a run of another path under the same name, or something that cannot be
/// ingested; what reading and writing may fail with.
pub fn ingest(
    plan: &Plan,
    corpus: &Corpus,
    (set, shard): (&DataSet, Shard),
    progress: &dyn Progress,
) -> Result<Done, Error> {
    if let Some(one) = corpus.ingested.first() {
        return Err(set.wrong("", &format!("{} is in a data set already", one.path())));
    }
    let shares = list::shares(plan, corpus)?;
    let mut done = Done::default();
    let todo = |share: &Share| share.bytes(shard);
    progress.total(shares.iter().map(todo).sum());
    for share in &shares {
        done.runs += 1;
        set.say_run(&share.run)?;
        if shard.has(dataset::bin(&share.run.id)) {
            put_beside(set, corpus, share)?;
        }
        parts(plan, share, (set, shard), (progress, &mut done))?;
    }
    Ok(done)
}

/// What a run has beside its logs, and the steps of the driver.
fn put_beside(set: &DataSet, corpus: &Corpus, share: &Share) -> Result<(), Error> {
    if !share.run.files {
        return Ok(());
    }
    let packed = dataset::pack(&beside(corpus, share)?);
    let packed = packed.map_err(|error| set.wrong(&share.run.files_key(), &error.to_string()))?;
    let steps = match share.run.kind {
        Kind::Bundle => share.bundle.and_then(|at| corpus.bundles.get(at)),
        Kind::Replay | Kind::Logs => None,
    };
    let steps = steps.map(|open| dataset::steps(&open.bundle.timeline));
    set.put_files(&share.run, packed, steps.as_ref())
}

/// The parts of a run that are this shard's.
fn parts(
    plan: &Plan,
    share: &Share,
    (set, shard): (&DataSet, Shard),
    (progress, done): (&dyn Progress, &mut Done),
) -> Result<(), Error> {
    let bins: Vec<(u32, &Vec<u32>)> = share
        .bins
        .iter()
        .filter(|(bin, _)| shard.has(**bin))
        .map(|(bin, places)| (*bin, places))
        .collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let bytes = bins.iter().map(|(_, places)| share.bytes_of(places));
    let far = set.is_far() || share.sources.iter().any(is_far);
    let side_by_side = side_by_side(bins.len(), bytes.max().unwrap_or(0), (cores, far));
    let threads = (side_by_side > 1).then_some(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(side_by_side)
        .build()
        .map_err(Error::making("threads"))?;
    let all = Mutex::new(Vec::new());
    let of = PartOf {
        plan,
        share,
        set,
        threads,
        progress: &Read(progress),
    };
    let one = |(bin, places): &(u32, &Vec<u32>)| -> Result<(), Error> {
        let told = of.part(*bin, places)?;
        // Nobody panics while holding it.
        all.lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push(told);
        Ok(())
    };
    pool.install(|| bins.par_iter().try_for_each(one))?;
    let all = all
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut kept = Vec::new();
    for (tables, told) in all {
        kept.push(tables);
        done.written += told.written;
        done.kept += told.kept;
        done.logs += told.logs;
        done.bytes += told.bytes;
        done.syncs += told.syncs;
    }
    set.sweep(&share.run, |bin| shard.has(bin), &kept)
}

/// Bytes of a part's logs up to which parts are made side by side.
const SIDE_BY_SIDE: u64 = 256 << 20;

/// How many parts are made at a time. Many small ones go side by side, each on one processor; few
/// or large ones one by one, each on all: what is read of a part is in memory until it is written.
/// Where an object store is read or written, which answers late, there are more of them than
/// processors, as far as they take no more memory than that.
fn side_by_side(parts: usize, largest: u64, (cores, far): (usize, bool)) -> usize {
    match parts >= 2 * cores && largest <= SIDE_BY_SIDE {
        true if far => {
            let most = SIDE_BY_SIDE / largest.max(1);
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            most.clamp(cores, UNDER_WAY.max(cores))
        }
        true => cores,
        false => 1,
    }
}

fn is_far(source: &Source) -> bool {
    matches!(source.place, Place::Object(_))
}

/// What a part is made with.
struct PartOf<'a> {
    plan: &'a Plan,
    share: &'a Share,
    set: &'a DataSet,
    threads: Option<usize>,
    progress: &'a Read<'a>,
}

impl PartOf<'_> {
    /// Reads and writes a part, unless it is there.
    fn part(&self, bin: u32, places: &[u32]) -> Result<(Tables, Done), Error> {
        let run = &self.share.run;
        let sources: Vec<&Source> = places
            .iter()
            .filter_map(|place| self.share.sources.get(*place as usize))
            .collect();
        let files = sources.iter().zip(places);
        let files: Vec<ReadFile> = files
            .map(|(source, place)| list::file(source, *place))
            .collect();
        let told = Done {
            logs: files.len() as u64,
            bytes: files.iter().map(|file| file.bytes).sum(),
            ..Done::default()
        };
        let made = Made::now(self.plan.year, files);
        if let Some(part) = self
            .set
            .part(&run.id, bin)?
            .filter(|part| part.made == made)
        {
            self.progress.advance(told.bytes);
            let syncs = part.syncs;
            return Ok((
                part.tables,
                Done {
                    kept: 1,
                    syncs,
                    ..told
                },
            ));
        }
        let (mut read, mut lines) = (Vec::new(), KeptLines::new());
        for group in in_groups(&made.of, &sources) {
            let (mut gathered, kept) = self.gather(group.iter().map(|at| sources[*at]))?;
            let place = |at: u32| group.get(at as usize).and_then(|at| places.get(*at));
            gathered.place(|at| place(at).copied().unwrap_or(at));
            read.push(gathered);
            lines.extend(kept);
        }
        let gathered = Gathered::joined(read);
        let syncs = gathered.syncs().len() as u64;
        let tables = self.write((&run.id, bin), &gathered, &lines, made)?;
        Ok((
            tables,
            Done {
                written: 1,
                syncs,
                ..told
            },
        ))
    }

    /// Reads some logs, and the lines in which reasons of failures stand.
    fn gather<'s>(
        &self,
        sources: impl Iterator<Item = &'s Source>,
    ) -> Result<(Gathered, KeptLines), Error> {
        let request = Request {
            sources: sources.cloned().collect(),
            year: self.plan.year,
            threads: self.threads,
            max_memory: Some(self.plan.max_memory),
            ..Request::default()
        };
        let gathered = kube_proxy_logs::gather(&request, self.progress)?;
        let lines = reasons::of(&gathered, &request.sources)?;
        Ok((gathered, lines))
    }

    fn write(
        &self,
        of: (&str, u32),
        read: &Gathered,
        lines: &KeptLines,
        made: Made,
    ) -> Result<Tables, Error> {
        let logs = read.named(&self.share.run.kernels);
        let lists = read
            .lists()?
            .into_iter()
            .map(|list| (list.source, list.json));
        let part = |tables| Part {
            made,
            syncs: read.syncs().len() as u64,
            tables,
            lists: lists.collect(),
        };
        let tables = [
            Table::parquet_of(dataset::syncs(read, &logs))?,
            dataset::kernel_events(read, &logs).parquet()?,
            dataset::logs(read, &logs)?.parquet()?,
            dataset::lines(lines).parquet()?,
        ];
        self.set.put_part(of, tables, part)
    }
}

/// Bytes of logs that are read before the next are: what is found in them is kept until then.
const AT_ONCE: u64 = 32 << 20;

/// Places of logs that are read together: files of one stream always, and no more than are needed.
fn in_groups(files: &[ReadFile], sources: &[&Source]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut of_stream: HashMap<&str, usize> = HashMap::new();
    let mut bytes = u64::MAX;
    for (at, (file, source)) in files.iter().zip(sources).enumerate() {
        let stream = source.hints.stream.as_deref();
        if let Some(group) = stream.and_then(|stream| of_stream.get(stream)) {
            groups[*group].push(at);
            continue;
        }
        if bytes >= AT_ONCE {
            groups.push(Vec::new());
            bytes = 0;
        }
        bytes += file.bytes;
        let group = groups.len() - 1;
        groups[group].push(at);
        of_stream.extend(stream.map(|stream| (stream, group)));
    }
    groups
}

/// Hears of bytes alone: how many there are is told once for all parts.
struct Read<'p>(&'p dyn Progress);

impl Progress for Read<'_> {
    fn total(&self, _bytes: u64) {}

    fn advance(&self, bytes: u64) {
        self.0.advance(bytes);
    }
}

#[cfg(test)]
mod tests {
    use kube_proxy_logs::Hints;

    use super::*;

    /// Both sides of two parts a processor, and of what a part may weigh.
    #[test]
    fn many_small_parts_go_side_by_side() {
        for (parts, largest, expected) in [
            (8, SIDE_BY_SIDE, 4),
            (8, SIDE_BY_SIDE + 1, 1),
            (7, 0, 1),
            (0, 0, 1),
        ] {
            let found = side_by_side(parts, largest, (4, false));
            assert_eq!(found, expected, "{parts} parts of {largest} bytes");
        }
        // Far away: as many as are asked for at a time, while all together are no larger.
        for (parts, largest, expected) in [
            (8, 0, UNDER_WAY),
            (8, SIDE_BY_SIDE / UNDER_WAY as u64, UNDER_WAY),
            (8, SIDE_BY_SIDE / UNDER_WAY as u64 + 1, UNDER_WAY - 1),
            (8, SIDE_BY_SIDE / 4, 4),
            (8, SIDE_BY_SIDE, 4),
            (8, SIDE_BY_SIDE + 1, 1),
            (7, 0, 1),
        ] {
            let found = side_by_side(parts, largest, (4, true));
            assert_eq!(
                found, expected,
                "{parts} parts of {largest} bytes, far away"
            );
        }
    }

    #[test]
    fn rotations_are_read_together_and_others_as_memory_allows() {
        let file = |bytes| ReadFile {
            path: String::new(),
            place: 0,
            bytes,
            modified_ns: None,
        };
        let source = |stream: Option<&str>| {
            let stream = stream.map(str::to_owned);
            Source::file("x").with(Hints {
                stream,
                ..Hints::default()
            })
        };
        let sources = [Some("a"), None, Some("a"), None, Some("b"), Some("a")].map(source);
        let sources: Vec<&Source> = sources.iter().collect();
        // Both sides of the bound.
        let files = |bytes: u64| -> Vec<ReadFile> { (0..6).map(|_| file(bytes)).collect() };
        let groups = |bytes| in_groups(&files(bytes), &sources);
        assert_eq!(groups(AT_ONCE), [vec![0, 2, 5], vec![1], vec![3], vec![4]]);
        assert_eq!(groups(AT_ONCE - 1), [vec![0, 1, 2, 5], vec![3, 4]]);
        assert_eq!(groups(0), [vec![0, 1, 2, 3, 4, 5]]);
        assert!(in_groups(&[], &[]).is_empty());
    }
}
