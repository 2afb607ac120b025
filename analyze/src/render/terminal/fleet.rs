//! What a fleet's nodes tell: the answer, a row a group, then the nodes that stand out.

use std::io::{self, Write};

use super::Screen;
use super::text::{lines, padded, right, wrapped};
use crate::report::fleet::{Fleet, FleetGroup, NodeCount};
use crate::report::words::{count, duration, fleet as words};

/// Most groups, and most nodes of a kind, that a screen has room for.
const MOST: usize = 20;
/// Fewest columns of a group's name.
const NAME: usize = 16;
/// Columns of each figure, and of a range of them, which only a wide screen has room for.
const FIGURES: [usize; 4] = [7, 11, 11, 11];
const RANGE: usize = 24;
const WIDE: usize = 110;

/// Prints it.
///
/// # Errors
/// What the writer says.
pub fn print(of: &Fleet, screen: Screen, to: &mut dyn Write) -> io::Result<()> {
    for line in lines(screen.width, &words::answer(of), "") {
        writeln!(to, "{}", screen.colour.paint("1", &line))?;
    }
    if let Some(text) = words::reserve(of) {
        wrapped(to, screen.width, &text, "  ")?;
    }
    groups(of, screen, to)?;
    writeln!(to)?;
    outliers(of, screen, to)?;
    counted(
        "Syncs failed on",
        (of.failing, &of.most_failing),
        screen,
        to,
    )?;
    let complaining = (of.complaining, &*of.most_complaining);
    counted("The kernel complained on", complaining, screen, to)?;
    silent(of, screen, to)
}

fn groups(of: &Fleet, screen: Screen, to: &mut dyn Write) -> io::Result<()> {
    let shown = || of.groups.iter().take(MOST);
    let longest = shown().map(|group| words::label(of, group).chars().count());
    let columns = screen.width.columns();
    let range = if columns < WIDE { 0 } else { RANGE };
    let figures: usize = FIGURES.iter().sum();
    let room = columns.saturating_sub(2 + figures + range).max(NAME);
    let wide = (longest.max().unwrap_or(0).clamp(NAME, room), range);
    let by = format!("by {}", of.by.join(", "));
    let heading = ["nodes", "syncs", "median", "longest"].map(str::to_owned);
    writeln!(to, "\n{}", cells(&by, wide, heading, "medians of nodes"))?;
    for group in shown() {
        writeln!(to, "{}", row(of, group, wide))?;
    }
    rest(of.groups.len() as u64, of.groups.len().min(MOST), to)
}

fn row(of: &Fleet, group: &FleetGroup, wide: (usize, usize)) -> String {
    let all = group.syncs.as_ref();
    let figures = [
        count(group.nodes),
        count(all.map_or(0, |all| all.n)),
        all.map(|all| duration(all.p50_s)).unwrap_or_default(),
        all.map(|all| duration(all.most_s)).unwrap_or_default(),
    ];
    let medians = group.medians.as_ref();
    let range = medians.map(|over| format!("{} to {}", duration(over.p5_s), duration(over.p95_s)));
    cells(
        &words::label(of, group),
        wide,
        figures,
        &range.unwrap_or_default(),
    )
}

/// A line: the name and the range in so many columns.
fn cells(name: &str, (wide, range): (usize, usize), figures: [String; 4], told: &str) -> String {
    let figures = figures.iter().zip(FIGURES);
    let figures: String = figures
        .map(|(figure, width)| right(figure, width))
        .collect();
    let told = if range > 0 {
        right(told, range)
    } else {
        String::new()
    };
    let line = format!("  {}{figures}{told}", padded(name, wide));
    line.trim_end().to_owned()
}

fn outliers(of: &Fleet, screen: Screen, to: &mut dyn Write) -> io::Result<()> {
    wrapped(to, screen.width, &words::outlying(of), "")?;
    for node in of.outliers.iter().take(MOST) {
        let group = of.groups.get(node.group);
        let complaints = match node.complaints {
            0 => String::new(),
            n => format!("; kernel complaints: {}", count(n)),
        };
        let text = format!(
            "{} (run {}; {}): {}{complaints}; {}:{}",
            node.node,
            node.run,
            group
                .map(|group| words::label(of, group))
                .unwrap_or_default(),
            words::far(node),
            node.longest_at.input,
            node.longest_at.line,
        );
        wrapped(to, screen.width, &text, "  ")?;
    }
    rest(of.outlying, of.outliers.len().min(MOST), to)
}

/// Nodes that had something, those with the most first.
fn counted(
    what: &str,
    (total, most): (u64, &[NodeCount]),
    screen: Screen,
    to: &mut dyn Write,
) -> io::Result<()> {
    const SHOWN: usize = 5;
    if total == 0 {
        return Ok(());
    }
    let nodes = if total == 1 { "node" } else { "nodes" };
    wrapped(
        to,
        screen.width,
        &format!("{what} {} {nodes}.", count(total)),
        "",
    )?;
    for node in most.iter().take(SHOWN) {
        let (input, line) = (&node.first.input, node.first.line);
        let times = count(node.count);
        let text = format!(
            "{} (run {}): {times}; the first {input}:{line}",
            node.node, node.run
        );
        wrapped(to, screen.width, &text, "  ")?;
    }
    rest(total, most.len().min(SHOWN), to)
}

fn silent(of: &Fleet, screen: Screen, to: &mut dyn Write) -> io::Result<()> {
    const SHOWN: usize = 5;
    if of.silent == 0 {
        return Ok(());
    }
    let names = of.silent_nodes.iter().take(SHOWN);
    let names: Vec<String> = names
        .map(|[run, node]| format!("{node} (run {run})"))
        .collect();
    let more = match of.silent.saturating_sub(names.len() as u64) {
        0 => String::new(),
        more => format!(", and {} more", count(more)),
    };
    let text = format!(
        "No sync was told of by {}: {}{more}.",
        count(of.silent),
        names.join(", ")
    );
    wrapped(to, screen.width, &text, "")
}

fn rest(total: u64, shown: usize, to: &mut dyn Write) -> io::Result<()> {
    match total.saturating_sub(shown as u64) {
        0 => Ok(()),
        more => writeln!(
            to,
            "  and {} more; --json has them, or their number",
            count(more)
        ),
    }
}
