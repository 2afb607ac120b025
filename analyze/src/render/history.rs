//! What was run by run, and where it changed: as text and as JSON.

use std::io::{self, Write};

use serde::Serialize;

use super::engine::Engine;
use super::html;
use crate::error::Error;
use crate::report::names::Names;
use crate::report::past::{PastChange, PastPoint, PastSeries};
use crate::report::visible::{in_json, visible};
use crate::report::words::{counted, duration};

/// Writes it as JSON.
///
/// # Errors
/// [`Error::Output`].
pub fn json(series: &[PastSeries], out: &mut dyn Write) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(series).map_err(Error::making("JSON"))?;
    writeln!(out, "{}", in_json(&text)).map_err(Error::Output)
}

/// Writes it as text.
///
/// # Errors
/// [`Error::Output`].
pub fn text(series: &[PastSeries], out: &mut dyn Write) -> Result<(), Error> {
    print(series, out).map_err(Error::Output)
}

fn print(series: &[PastSeries], out: &mut dyn Write) -> io::Result<()> {
    if series.is_empty() {
        return writeln!(out, "no run is in this history yet");
    }
    let mut load = None;
    for one in series {
        if load != Some(&one.load) {
            writeln!(out, "{}", visible(&one.load))?;
            load = Some(&one.load);
        }
        writeln!(out, "  {:<20} {}", visible(&one.name()), at_a_glance(one))?;
        for change in &one.changes {
            writeln!(out, "    {}", visible(&sentence(one, change)))?;
        }
    }
    Ok(())
}

/// What the page shows.
#[derive(Serialize)]
struct Page<'p> {
    style: &'p str,
    style_hash: String,
    answer: String,
    series: Vec<Shown<'p>>,
}

/// A series on the page.
#[derive(Serialize)]
struct Shown<'p> {
    name: String,
    load: &'p str,
    glance: String,
    picture: &'p str,
    changes: Vec<String>,
    points: &'p [PastPoint],
}

/// One page; `pictures`: one a series, as SVG.
///
/// # Errors
/// [`Error::Internal`] for a broken template.
pub fn page(series: &[PastSeries], pictures: &[String]) -> Result<String, Error> {
    let shown = series.iter().zip(pictures).map(|(one, picture)| Shown {
        name: one.name(),
        load: &one.load,
        glance: at_a_glance(one),
        picture,
        changes: one
            .changes
            .iter()
            .map(|change| sentence(one, change))
            .collect(),
        points: &one.points,
    });
    let style = html::style();
    let page = Page {
        style_hash: html::sha256_base64(style.as_bytes()),
        answer: answer(series),
        series: shown.collect(),
        style: &style,
    };
    Engine::new(&Names::default())?.render("history.html", &page)
}

/// How many figures changed, and which one did last.
fn answer(series: &[PastSeries]) -> String {
    let last = |one: &&PastSeries| {
        let change = one.changes.last()?;
        Some(one.points.get(change.at)?.time.clone())
    };
    let changed: Vec<&PastSeries> = series
        .iter()
        .filter(|one| !one.changes.is_empty())
        .collect();
    let newest = changed.iter().copied().max_by_key(|one| last(one));
    let told = series.iter().filter(|one| !one.too_few).count();
    match newest.and_then(|one| Some((one, one.changes.last()?))) {
        Some((one, change)) => format!(
            "{} of {} changed; the last to change was {}, {}: {}",
            changed.len(),
            counted(told as u64, "figure"),
            one.name(),
            one.load,
            sentence(one, change)
        ),
        None => format!(
            "No change is told in {} with {} runs or more.",
            counted(told as u64, "figure"),
            crate::report::past::FEWEST_RUNS
        ),
    }
}

/// How many runs, the last figure, and whether it changed.
#[must_use]
pub fn at_a_glance(one: &PastSeries) -> String {
    let last = one.points.last().map_or(0.0, |point| point.seconds);
    let changed = match one.changes.len() {
        _ if one.too_few => "too few to tell a change".to_owned(),
        0 => "no change is told".to_owned(),
        some => counted(some as u64, "change"),
    };
    let runs = counted(one.points.len() as u64, "run");
    format!("{runs}, the last {}: {changed}", duration(last))
}

/// A change in a sentence, with what changed beside it.
#[must_use]
pub fn sentence(of: &PastSeries, change: &PastChange) -> String {
    let first = of.points.get(change.at);
    let (time, run) = first.map_or(("", ""), |point| (&*point.time, &*point.run));
    let beside: Vec<String> = change
        .beside
        .iter()
        .map(|[what, before, after]| {
            format!("{what} {} -> {}", or_unknown(before), or_unknown(after))
        })
        .collect();
    let beside = match beside.is_empty() {
        true => "no other kernel, kube-proxy or image is known of the runs beside it".to_owned(),
        false => format!("with it changed {}", beside.join(", ")),
    };
    format!(
        "{time} (run {run}): {} -> {} ({:+.1} %, p = {}); {beside}",
        duration(change.before_s),
        duration(change.after_s),
        change.change_pct,
        change.p_value,
    )
}

fn or_unknown(text: &str) -> &str {
    match text {
        "" => "unknown",
        known => known,
    }
}
