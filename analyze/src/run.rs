//! What a call does, from beginning to end.

use std::io::Write as _;

use kube_proxy_logs::{Reading, Request};

use crate::cli::{Cli, Plan};
use crate::corpus::{self, Corpus};
use crate::error::Error;
use crate::evidence;
use crate::progress::ReadingBar;
use crate::publish;
use crate::render;
use crate::report::Report;

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All that was asked for is done.
    Done,
    /// A condition that was asked for does not hold; why, a sentence each.
    Fails(Vec<String>),
}

/// Reads, computes, writes.
///
/// # Errors
/// [`Error`]: bad usage or input; the message names the file and, where there is one, the line.
pub fn run(cli: &Cli) -> Result<Verdict, Error> {
    let plan = Plan::of(cli)?;
    let corpus = corpus::open(&plan)?;
    let reading = read(&plan, &corpus, cli.quiet)?;
    let report = evidence::assemble::report(&plan, &corpus, reading)?;
    match cli.format {
        Some(format) => {
            let stdout = std::io::stdout().lock();
            let mut out = std::io::BufWriter::with_capacity(1 << 20, stdout);
            render::print(&report, format, &mut out)?;
            out.flush().map_err(Error::Output)?;
            Ok(Verdict::Done)
        }
        None => publish(cli, &report),
    }
}

fn read(plan: &Plan, corpus: &Corpus, quiet: bool) -> Result<Reading, Error> {
    let bar = ReadingBar::new(quiet);
    let request = Request {
        sources: corpus.sources.clone(),
        year: plan.year,
        kernels: plan.kernels.clone(),
        threads: None,
    };
    let reading = kube_proxy_logs::read(&request, &bar);
    bar.finish();
    Ok(reading?)
}

fn publish(cli: &Cli, report: &Report) -> Result<Verdict, Error> {
    let stale = publish::files(report, &cli.output, cli.readme.as_deref(), cli.check)?;
    if cli.check && !stale.is_empty() {
        let out_of_date = |path: &std::path::PathBuf| format!("{}: out of date", path.display());
        return Ok(Verdict::Fails(stale.iter().map(out_of_date).collect()));
    }
    if !cli.quiet {
        let mut out = std::io::stdout().lock();
        render::terminal::print(report, &mut out).map_err(Error::Output)?;
        if !cli.check {
            let index = cli.output.join("index.html");
            writeln!(out, "\nReport: {}", index.display()).map_err(Error::Output)?;
        }
    }
    Ok(Verdict::Done)
}
