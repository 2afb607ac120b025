//! `analyze history`, from beginning to end.

use std::path::Path;

use super::{Verdict, print, report, tell};
use crate::chart;
use crate::cli::{Changed, HistoryOf, Subject};
use crate::error::Error;
use crate::history::{self, History};
use crate::publish;
use crate::render;
use crate::report::past::PastSeries;
use crate::report::visible::in_cell;
use crate::report::words::counted;

/// Appends what is new, says what changed.
pub(super) fn history(flags: &HistoryOf, quiet: bool) -> Result<Verdict, Error> {
    if let Some(page) = flags.page.as_ref().filter(|page| same(page, &flags.file)) {
        return Err(Error::Option {
            option: "page",
            value: page.display().to_string(),
            problem: "that is the history itself; give another file".to_owned(),
        });
    }
    let known = match flags.paths.is_empty() {
        true => History::read(&flags.file)?,
        false => remember(flags, quiet)?,
    };
    // As it was entered.
    let since = flags.since.as_deref().map(in_cell);
    if let Some(name) = &since {
        let there = known.rows.iter().any(|(_, row)| row.name == *name);
        there.then_some(()).ok_or_else(|| Error::Option {
            option: "since",
            value: name.to_string(),
            problem: format!("no run of that name is in {}", flags.file.display()),
        })?;
    }
    let series = history::series(&known, since.as_deref());
    if let Some(page) = &flags.page {
        write_page(&series, page)?;
    }
    print(|out| match flags.json {
        true => render::history::json(&series, out),
        false => render::history::text(&series, out),
    })?;
    let mut fails = Vec::new();
    for condition in &flags.fail_if {
        fails.extend(judge(condition, &series)?);
    }
    Ok(match fails.is_empty() {
        true => Verdict::Done,
        false => Verdict::Fails(fails),
    })
}

/// Whether two paths lead to one file.
fn same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    one == other || real(one).is_some_and(|one| real(other) == Some(one))
}

/// Appends the runs of the paths to the file.
fn remember(flags: &HistoryOf, quiet: bool) -> Result<History, Error> {
    let report = report(&Subject::of(flags.paths.clone()), quiet)?;
    let rows = history::of_report(&report, flags.name.as_deref().unwrap_or_default());
    if rows.is_empty() {
        let problem = "no bundle with a run that has a trial: loose logs have no load and no \
                       beginning that a history could go by";
        return Err(Error::Changed(problem.to_owned()));
    }
    let found = rows.len();
    let (known, added) = History::append(&flags.file, rows)?;
    if !quiet {
        let there = match found - added {
            0 => String::new(),
            there => format!(", {there} were there before"),
        };
        tell(
            &flags.file,
            &format!("{} added{there}", counted(added as u64, "row")),
        );
    }
    Ok(known)
}

fn write_page(series: &[PastSeries], page: &Path) -> Result<(), Error> {
    let picture = |(at, one): (usize, &PastSeries)| chart::history(one, &format!("h{at}"));
    let pictures = series.iter().enumerate().map(picture);
    let pictures: Vec<String> = pictures.collect::<Result<_, _>>()?;
    let text = render::history::page(series, &pictures)?;
    publish::one(page, text.as_bytes())
}

/// The changes that a condition asks about, a sentence each.
fn judge(condition: &Changed, series: &[PastSeries]) -> Result<Vec<String>, Error> {
    let meant = |one: &&PastSeries| {
        condition
            .figure
            .as_ref()
            .is_none_or(|figure| one.figure == *figure)
            && condition.of.as_ref().is_none_or(|of| one.of == *of)
    };
    let mine: Vec<&PastSeries> = series.iter().filter(meant).collect();
    if mine.is_empty() {
        let names: Vec<String> = series.iter().map(PastSeries::name).collect();
        return Err(Error::Changed(format!(
            "--fail-if {}: no such figure in the history; it has {}",
            condition.text,
            names.join(", ")
        )));
    }
    let each = mine.iter().flat_map(|one| {
        let sentence = move |change| {
            let told = render::history::sentence(one, change);
            format!(
                "--fail-if {}: {}, {}: {told}",
                condition.text,
                one.name(),
                one.load
            )
        };
        one.changes.iter().map(sentence)
    });
    Ok(each.collect())
}
