//! `analyze ingest`.

use std::io::{self, Write as _};

use super::Verdict;
use crate::cli::{IngestOf, Subject};
use crate::corpus;
use crate::dataset::DataSet;
use crate::error::Error;
use crate::ingest;
use crate::progress::ReadingBar;
use crate::report::words::counted;

/// Reads what was given into a data set, and says what was done.
pub(super) fn ingest(flags: &IngestOf, quiet: bool) -> Result<Verdict, Error> {
    let mut subject = Subject::of(flags.paths.clone());
    subject.year = flags.year;
    subject.metadata.clone_from(&flags.metadata);
    subject.max_memory = flags.max_memory;
    let plan = subject.plan()?;
    let corpus = corpus::open(&plan)?;
    let set = DataSet::create(&flags.output)?;
    let bar = ReadingBar::new(quiet);
    let done = ingest::ingest(&plan, &corpus, (&set, flags.shard.0), &bar);
    bar.finish();
    let done = done?;
    if !quiet {
        let mut out = io::stdout().lock();
        writeln!(
            out,
            "{}: {} of {}: {} written, {} as they were; {}",
            set.shown(),
            counted(done.runs, "run"),
            counted(done.logs, "log"),
            counted(done.written, "part"),
            done.kept,
            counted(done.syncs, "sync"),
        )
        .map_err(Error::Output)?;
    }
    Ok(Verdict::Done)
}
