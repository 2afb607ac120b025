//! A fleet as JSON and as a page.

use std::io::Write;

use serde::Serialize;

use super::engine::Engine;
use super::html;
use crate::error::Error;
use crate::report::LineRef;
use crate::report::fleet::{Durations, Fleet, FleetGroup, NodeCount};
use crate::report::names::Names;
use crate::report::visible::in_json;
use crate::report::words::{count, counted, duration, fleet as words};

/// Writes it as JSON.
///
/// # Errors
/// [`Error::Output`].
pub fn json(of: &Fleet, out: &mut dyn Write) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(of).map_err(Error::making("JSON"))?;
    writeln!(out, "{}", in_json(&text)).map_err(Error::Output)
}

/// What the page shows.
#[derive(Serialize)]
struct Page<'p> {
    style: &'p str,
    style_hash: String,
    answer: String,
    reserve: Option<String>,
    picture: &'p str,
    by: String,
    groups: Vec<Row>,
    sketched: bool,
    outlying: String,
    outliers: Vec<Vec<String>>,
    lists: Vec<Counted>,
    silent: String,
    silent_nodes: &'p [[String; 2]],
}

/// A row of the table of groups.
#[derive(Serialize)]
struct Row {
    name: String,
    cells: Vec<String>,
}

/// Nodes that had something, and how many in all.
#[derive(Serialize)]
struct Counted {
    id: &'static str,
    title: String,
    rows: Vec<[String; 4]>,
}

/// One page with a picture, as SVG.
///
/// # Errors
/// [`Error::Internal`] for a broken template.
pub fn page(of: &Fleet, picture: &str) -> Result<String, Error> {
    let style = html::style();
    let far = of.outliers.iter().map(|node| {
        let group = of.groups.get(node.group);
        vec![
            node.node.clone(),
            node.run.clone(),
            group
                .map(|group| words::name(of, group))
                .unwrap_or_default(),
            words::far(node),
            format!("{:.1}", node.z),
            count(node.syncs),
            place(&node.longest_at),
            count(node.complaints),
        ]
    });
    let sketched =
        |group: &FleetGroup| group.syncs.as_ref().is_some_and(|all| all.within.is_some());
    let page = Page {
        style_hash: html::sha256_base64(style.as_bytes()),
        answer: words::answer(of),
        reserve: words::reserve(of),
        picture,
        by: of.by.join(", "),
        groups: of.groups.iter().map(|group| row(of, group)).collect(),
        sketched: of.groups.iter().any(sketched),
        outlying: words::outlying(of),
        outliers: far.collect(),
        lists: lists(of),
        silent: count(of.silent),
        silent_nodes: &of.silent_nodes,
        style: &style,
    };
    Engine::new(&Names::default())?.render("fleet.html", &page)
}

fn row(of: &Fleet, group: &FleetGroup) -> Row {
    let told = |durations: &Option<Durations>, pick: fn(&Durations) -> f64| {
        durations
            .as_ref()
            .map(|all| duration(pick(all)))
            .unwrap_or_default()
    };
    let spread = |durations: &Option<Durations>| {
        let from = |all: &Durations| format!("{} to {}", duration(all.p5_s), duration(all.p95_s));
        durations.as_ref().map(from).unwrap_or_default()
    };
    Row {
        name: words::name(of, group),
        cells: vec![
            count(group.nodes),
            count(group.syncs.as_ref().map_or(0, |all| all.n)),
            count(group.failed),
            group
                .endpoints
                .map(|most| count(most.round() as u64))
                .unwrap_or_default(),
            told(&group.syncs, |all| all.p50_s),
            told(&group.syncs, |all| all.p99_s),
            told(&group.medians, |all| all.p50_s),
            spread(&group.medians),
            spread(&group.longest),
            group
                .longest_at
                .as_ref()
                .map(|(_, at)| place(at))
                .unwrap_or_default(),
            told(&group.syncs, |all| all.most_s),
        ],
    }
}

/// Nodes that had something bad; no list where none had.
fn lists(of: &Fleet) -> Vec<Counted> {
    let row = |one: &NodeCount| {
        [
            one.node.clone(),
            one.run.clone(),
            place(&one.first),
            count(one.count),
        ]
    };
    let lists = [
        ("failed", "Syncs failed on", of.failing, &of.most_failing),
        (
            "kernel",
            "The kernel complained on",
            of.complaining,
            &of.most_complaining,
        ),
    ];
    let some = lists.into_iter().filter(|(.., total, _)| *total > 0);
    some.map(|(id, what, total, rows)| Counted {
        id,
        title: format!("{what} {}", counted(total, "node")),
        rows: rows.iter().map(row).collect(),
    })
    .collect()
}

fn place(at: &LineRef) -> String {
    format!("{}:{}", at.input, at.line)
}
