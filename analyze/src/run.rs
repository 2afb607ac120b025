//! What a call does, from beginning to end.

mod fleet;
mod ingesting;
mod past;
mod scraped;

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use kube_proxy_logs::{Reading, Request};
use transaction::Ledger;

use crate::cli::{Cli, Command, Predict, Subject};
use crate::corpus::{self, Corpus};
use crate::error::Error;
use crate::evidence;
use crate::evidence::predict::{Asked, AskedLoad};
use crate::explain;
use crate::gate::{self, Judged};
use crate::plan::Plan;
use crate::progress::ReadingBar;
use crate::publish::{self, Target};
use crate::render;
use crate::report::Report;
use crate::report::visible::visible;

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
    if let Some(Command::Explain { figure, subject }) = &cli.command {
        let report = report(subject, cli.quiet)?;
        return print(|out| explain::print(&report, figure, out));
    }
    if let Some(Command::Predict(flags)) = &cli.command {
        return predict(flags, cli.quiet);
    }
    if let Some(Command::History(flags)) = &cli.command {
        return past::history(flags, cli.quiet);
    }
    if let Some(Command::Ingest(flags)) = &cli.command {
        return ingesting::ingest(flags, cli.quiet);
    }
    if let Some(Command::Fleet(flags)) = &cli.command {
        return fleet::fleet(flags, screen(), cli.quiet);
    }
    if let Some(Command::Metrics(flags)) = &cli.command {
        return scraped::metrics(flags, screen());
    }
    comment_is_markdown(cli)?;
    let (mut report, corpus) = opened(&cli.subject, cli.quiet)?;
    if matches!(cli.format, None | Some(render::Format::Html)) {
        report.excerpts = evidence::excerpts::of_pages(&report, &corpus);
    }
    let judged = gate::judge(&cli.fail_if, &report);
    let mut fails = match cli.format {
        Some(format) => {
            let manner = render::Manner {
                format,
                compact: cli.compact,
                screen: screen(),
            };
            print(|out| render::print(&report, manner, out))?;
            Vec::new()
        }
        None => publish(cli, &report, &judged)?,
    };
    fails.extend(judge(cli, judged)?);
    // The program ends here: that many small things need not be given back one by one.
    std::mem::forget(report);
    Ok(if fails.is_empty() {
        Verdict::Done
    } else {
        Verdict::Fails(fails)
    })
}

fn predict(flags: &Predict, quiet: bool) -> Result<Verdict, Error> {
    let load = match (&flags.ruleset, flags.services, flags.endpoints) {
        (Some(path), ..) => AskedLoad::Ledger(ledger_of(path, quiet)?),
        (None, Some(services), Some(endpoints)) => AskedLoad::Scale(services, endpoints),
        _ => {
            let problem = "give --services and --endpoints, or --ruleset".to_owned();
            return Err(Error::Unpredictable(problem));
        }
    };
    let asked = Asked {
        kernel: flags.kernel.clone(),
        kube_proxy: flags.kube_proxy.clone(),
        of: load,
    };
    let report = report(&Subject::of(flags.from.clone()), quiet)?;
    let told = evidence::predict::predict(&report, &asked).map_err(Error::Unpredictable)?;
    print(|out| match flags.json {
        true => render::prediction::json(&told, out),
        false => render::prediction::text(&told, out),
    })
}

/// What a file's rules carry, written into empty tables; of a node's rules those of kube-proxy.
fn ledger_of(path: &Path, quiet: bool) -> Result<Ledger, Error> {
    let bytes = match path.as_os_str() == "-" {
        true => {
            let mut bytes = Vec::new();
            let read = io::stdin().lock().read_to_end(&mut bytes);
            read.map(|_| bytes)
        }
        false => std::fs::read(path),
    };
    let bytes = bytes.map_err(Error::file(path))?;
    let wrong = |problem: String| Error::Unpredictable(format!("{}: {problem}", path.display()));
    let unread = |error: transaction::Error| wrong(error.to_string());
    let text = transaction::text(bytes).map_err(unread)?;
    let own = transaction::own(&text, None).map_err(unread)?;
    if transaction::Mode::of(&own.text) == transaction::Mode::Iptables {
        let problem = "rules of iptables; what is predicted is what nftables takes (give what \
                       `nft list table ip kube-proxy` prints)";
        return Err(wrong(problem.to_owned()));
    }
    if !own.left_out.is_empty() && !quiet {
        let words = own.left_out.join(", ");
        // Whoever cannot be told this can do without it.
        writeln!(io::stderr(), "left out: {words}").ok();
    }
    let read = transaction::Tables::default().load(&own.text);
    read.map_err(unread)
}

fn report(subject: &Subject, quiet: bool) -> Result<Report, Error> {
    opened(subject, quiet).map(|(report, _)| report)
}

/// A report, and what it is of: its logs can be read once more.
fn opened(subject: &Subject, quiet: bool) -> Result<(Report, Corpus), Error> {
    let plan = subject.plan()?;
    let mut corpus = corpus::open(&plan)?;
    let reading = read(&plan, &mut corpus, quiet)?;
    let opened = corpus.bundles.len() + corpus.replays.len();
    if reading.syncs.is_empty() && reading.kernel_events.is_empty() && opened == 0 {
        let because = |warning: kube_proxy_logs::Warning| match warning.input {
            Some(input) => format!("{}: {}", visible(&input), visible(&warning.message)),
            None => visible(&warning.message).into_owned(),
        };
        let mut reasons: Vec<String> = reading.warnings.into_iter().map(because).collect();
        reasons.extend(scraped::instead(&corpus.sources));
        return Err(Error::NothingRead(reasons));
    }
    let report = evidence::assemble::report(&plan, &corpus, reading)?;
    Ok((report, corpus))
}

fn read(plan: &Plan, corpus: &mut Corpus, quiet: bool) -> Result<Reading, Error> {
    let bar = ReadingBar::new(quiet);
    let request = Request {
        sources: corpus.sources.clone(),
        year: plan.year,
        kernels: plan.kernels.clone(),
        threads: None,
        max_memory: Some(plan.max_memory),
    };
    let gathered = kube_proxy_logs::gather(&request, &bar);
    bar.finish();
    let gathered = corpus.joined(&plan.paths, gathered?);
    Ok(gathered.reading(&plan.kernels))
}

/// Writes to standard output through one buffer.
fn print(
    write: impl FnOnce(&mut dyn std::io::Write) -> Result<(), Error>,
) -> Result<Verdict, Error> {
    let mut out = std::io::BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    write(&mut out)?;
    out.flush().map_err(Error::Output)?;
    Ok(Verdict::Done)
}

/// The report's files; gives those that are out of date, where that was asked.
fn publish(cli: &Cli, report: &Report, judged: &[Judged]) -> Result<Vec<String>, Error> {
    let beside = cli.junit.is_none() && !judged.is_empty();
    let junit = if beside {
        Some(gate::junit(judged)?)
    } else {
        None
    };
    let target = Target {
        output: &cli.output,
        readme: cli.readme.as_deref(),
        junit: junit.as_deref(),
    };
    if cli.check {
        let stale = publish::check(report, &target)?;
        if !stale.is_empty() {
            let out_of_date = |path: &PathBuf| format!("{}: out of date", path.display());
            return Ok(stale.iter().map(out_of_date).collect());
        }
    } else {
        let published = publish::write(report, &target, &|told| tell(&cli.output, told));
        let published = published.map_err(|error| error.of_report(cli.readme.as_deref()))?;
        for kept in &published.kept {
            tell(
                kept,
                "yours, kept under this name: it stood where the report has a file",
            );
        }
        if let (Some(why), false) = (published.piecemeal, cli.quiet) {
            tell(
                &cli.output,
                &format!("replaced file by file, not as one: {why}"),
            );
        }
    }
    if !cli.quiet {
        let mut out = std::io::stdout().lock();
        render::terminal::print(report, screen(), &mut out).map_err(Error::Output)?;
        if !cli.check {
            let index = cli.output.join("index.html");
            writeln!(out, "\nReport: {}", index.display()).map_err(Error::Output)?;
        }
    }
    if cli.open {
        let index = cli.output.join("index.html");
        opener::open(index).map_err(Error::making("a window for the report"))?;
    }
    Ok(Vec::new())
}

/// A word to the user that is neither a result nor an error.
fn tell(about: &Path, told: &str) {
    eprintln!("analyze: {}: {told}", visible(&about.to_string_lossy()));
}

/// Says what `--fail-if` found; gives the conditions that hold, with their figures.
fn judge(cli: &Cli, judged: Vec<Judged>) -> Result<Vec<String>, Error> {
    if let (Some(path), false) = (&cli.junit, cli.check) {
        publish::one(path, gate::junit(&judged)?.as_bytes())?;
    }
    let (mut hold, mut fine, mut unjudged) = (Vec::new(), Vec::new(), Vec::new());
    for Judged { outcome, .. } in judged {
        match outcome {
            Ok(verdict) if verdict.holds => hold.push(format!("--fail-if: {verdict}")),
            Ok(verdict) => fine.push(verdict),
            Err(error) => unjudged.push(error),
        }
    }
    if cli.format.is_none() && !cli.quiet {
        let mut out = std::io::stdout().lock();
        for verdict in fine {
            writeln!(out, "--fail-if: {verdict}").map_err(Error::Output)?;
        }
    }
    if unjudged.is_empty() {
        Ok(hold)
    } else {
        Err(Error::Conditions { hold, unjudged })
    }
}

/// Colours on a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise, and none in a pipe; as
/// many columns as it has, or as `COLUMNS` says.
fn screen() -> render::terminal::Screen {
    let choice = anstream::AutoStream::choice(&std::io::stdout());
    let told = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let seen = || terminal_size::terminal_size().map(|(columns, _)| usize::from(columns.0));
    render::terminal::Screen {
        colour: render::terminal::Colour(choice != anstream::ColorChoice::Never),
        width: render::terminal::Width::of(told.or_else(seen)),
    }
}

/// `--compact` says something of Markdown only.
fn comment_is_markdown(cli: &Cli) -> Result<(), Error> {
    if cli.compact && cli.format != Some(render::Format::Markdown) {
        return Err(Error::Option {
            option: "compact",
            value: "(short for a comment)".to_owned(),
            problem: "give it with --format markdown".to_owned(),
        });
    }
    Ok(())
}
