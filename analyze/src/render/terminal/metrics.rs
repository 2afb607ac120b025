//! What metrics tell: the answer, a row a measure, then a row a kube-proxy.

use std::io::{self, Write};

use super::text::{Width, lines, padded, right, wrapped};
use super::{Screen, warnings};
use crate::report::metrics::{Measure, Measured, Metrics, Within};
use crate::report::words::{count, counted, duration, share};

/// Columns of a row's name.
const LABEL: usize = 10;
/// Most kube-proxies that a screen has room for.
const MOST: usize = 20;
/// Columns of an interval of bounds.
const INTERVAL: usize = 19;

/// Prints it.
///
/// # Errors
/// What the writer says.
pub fn print(of: &Metrics, screen: Screen, to: &mut dyn Write) -> io::Result<()> {
    for line in lines(screen.width, &headline(of), "") {
        writeln!(to, "{}", screen.colour.paint("1", &line))?;
    }
    for one in &of.together {
        row(to, screen.width, label(one.measure), &at_a_glance(one))?;
        if let Some(text) = beyond(one) {
            row(to, screen.width, "", &text)?;
        }
    }
    if let Some(one) = of.together.first() {
        row(to, screen.width, "read", &read(one))?;
    }
    each(of, screen, to)?;
    if of.warnings.is_empty() {
        return Ok(());
    }
    warnings(&of.warnings, screen, 6, to)
}

fn row(to: &mut dyn Write, width: Width, label: &str, text: &str) -> io::Result<()> {
    wrapped(to, width, text, &format!("  {}", padded(label, LABEL)))
}

fn label(measure: Measure) -> &'static str {
    match measure {
        Measure::Sync => "syncs",
        Measure::FullSync => "full",
        Measure::PartialSync => "partial",
        Measure::NetworkProgramming => "lag",
        Measure::Failure => "failed",
    }
}

/// Of syncs, or of what else was scraped.
fn headline(of: &Metrics) -> String {
    let Some(one) = of.together.first() else {
        return "no metric of kube-proxy's syncs".to_owned();
    };
    let who = counted(one.kube_proxies as u64, "kube-proxy");
    let who = who.replace("kube-proxys", "kube-proxies");
    let what = noun(one);
    let Some(longest) = one.longest else {
        return match (one.n, one.mean_s) {
            (0, _) => format!("{who}: {what} in this time."),
            (_, Some(mean)) => format!("{who}: {what}, {} each on average.", duration(mean)),
            (_, None) => format!("{who}: {what}; how long they took was not scraped."),
        };
    };
    let mean = one.mean_s.map_or_else(String::new, |mean| {
        format!(", {} each on average", duration(mean))
    });
    format!(
        "{who}: {what}{mean}; the longest took {}.",
        interval(longest)
    )
}

fn noun(one: &Measured) -> String {
    let noun = match one.measure {
        Measure::NetworkProgramming => "change of endpoints",
        _ => "sync",
    };
    match one.n {
        0 => format!("no {noun}"),
        n => counted(n, noun).replace("change of endpointss", "changes of endpoints"),
    }
}

fn at_a_glance(one: &Measured) -> String {
    let failed = match one.failed {
        Some(0) => ", none failed".to_owned(),
        Some(failed) => format!(", {} failed", count(failed)),
        None => String::new(),
    };
    let mut parts = vec![format!("{}{failed}", noun(one))];
    parts.extend(one.mean_s.map(|mean| format!("mean {}", duration(mean))));
    for (name, within) in [
        ("median", one.p50),
        ("90th percentile", one.p90),
        ("99th percentile", one.p99),
        ("longest", one.longest),
    ] {
        parts.extend(within.map(|within| format!("{name} {}", interval(within))));
    }
    parts.join("; ")
}

/// What the histogram cannot tell.
fn beyond(one: &Measured) -> Option<String> {
    let beyond = one.beyond?;
    let which = format!("{} of them", count(beyond.n));
    let mean = beyond.mean_s.map_or_else(String::new, |[least, most]| {
        let mean = match duration(least) == duration(most) {
            true => duration(least),
            false => format!("{} to {}", duration(least), duration(most)),
        };
        format!("; by the sum, {mean} on average")
    });
    Some(format!(
        "{which} ({}) took longer than {} s, where kube-proxy's histogram ends{mean}",
        share(beyond.n as f64 / one.n as f64),
        beyond.bound_s,
    ))
}

/// Bounds as they are: rounded, they would not be bounds.
fn interval(within: Within) -> String {
    match within.up_to_s {
        Some(up_to) => format!("{} to {up_to} s", within.above_s),
        None => format!("over {} s", within.above_s),
    }
}

/// Of which time it is.
fn read(one: &Measured) -> String {
    let window = &one.window;
    let mut text = match (&window.first, &window.last, window.since_start) {
        (_, Some(last), true) => format!("all since kube-proxy began, as scraped at {last}"),
        (_, None, true) => "all since kube-proxy began".to_owned(),
        (Some(first), Some(last), false) => format!("what was added from {first} to {last}"),
        _ => "what was added between the first scrape and the last".to_owned(),
    };
    text += &match window.since_start {
        true => format!(" ({})", window.last_at),
        false => format!(" ({} and {})", window.first_at, window.last_at),
    };
    if window.restarts > 0 {
        text += &format!(
            "; {} between scrapes: what was measured between the last scrape before one and the \
             restart is in none",
            counted(window.restarts as u64, "restart")
        );
    }
    text
}

/// A row a kube-proxy and family, the slowest first.
fn each(of: &Metrics, screen: Screen, to: &mut dyn Write) -> io::Result<()> {
    let Some(first) = of.together.first() else {
        return Ok(());
    };
    let same = of.each.iter().filter(|one| one.measure == first.measure);
    let mut rows: Vec<&Measured> = same.collect();
    if rows.len() < 2 {
        return Ok(());
    }
    let mean = |one: &Measured| one.mean_s.unwrap_or(0.0);
    rows.sort_by(|one, other| mean(other).total_cmp(&mean(one)));
    let names = rows.iter().filter_map(|one| one.kube_proxy.as_deref());
    let names: Vec<&str> = names.collect();
    let shown: Vec<String> = rows
        .iter()
        .take(MOST)
        .map(|one| shown(one, &names))
        .collect();
    let longest = shown.iter().map(|name| name.chars().count()).max();
    let room = screen
        .width
        .columns()
        .saturating_sub(2 + 8 + 9 + 2 * INTERVAL);
    let wide = longest.unwrap_or(0).clamp(10, room.max(10));
    let heading = [label(first.measure), "mean", "median", "longest"];
    writeln!(to, "\n{}", cells(wide, "kube-proxy", heading))?;
    let told = |within: Option<Within>| within.map(interval).unwrap_or_default();
    for (one, name) in rows.iter().zip(&shown) {
        let mean = one.mean_s.map(duration).unwrap_or_default();
        let figures = [&*count(one.n), &*mean, &*told(one.p50), &*told(one.longest)];
        writeln!(to, "{}", cells(wide, name, figures))?;
    }
    let more = rows.len().saturating_sub(MOST);
    match more {
        0 => Ok(()),
        more => writeln!(
            to,
            "  and {} more; --format json has all",
            count(more as u64)
        ),
    }
}

/// A line of the table, the name in so many columns.
fn cells(wide: usize, name: &str, [n, mean, median, longest]: [&str; 4]) -> String {
    let name = padded(name, wide);
    let (n, mean) = (right(n, 8), right(mean, 9));
    let (median, longest) = (right(median, INTERVAL), right(longest, INTERVAL));
    let line = format!("  {name}{n}{mean}{median}{longest}");
    line.trim_end().to_owned()
}

/// A kube-proxy's name, and which of its families it is.
fn shown(one: &Measured, names: &[&str]) -> String {
    let name = told_apart(one.kube_proxy.as_deref().unwrap_or_default(), names);
    let family = one.ip_family.as_deref().map(|family| format!(" {family}"));
    name.to_owned() + &family.unwrap_or_default()
}

/// A path without the folders that all begin with, and without what all end with.
fn told_apart<'n>(name: &'n str, all: &[&str]) -> &'n str {
    let differ = all.iter().any(|other| *other != name);
    let shared = |end: &str| differ && all.iter().all(|other| other.ends_with(end));
    let begun = |head: &str| differ && all.iter().all(|other| other.starts_with(head));
    let mut heads = name.rmatch_indices('/').map(|(at, _)| at + 1);
    let head = heads.find(|at| begun(&name[..*at])).unwrap_or(0);
    let mut ends = name.match_indices('/').map(|(at, _)| at);
    let end = ends
        .find(|at| *at >= head && shared(&name[*at..]))
        .unwrap_or(name.len());
    &name[head..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_as_far_as_they_differ() {
        for (all, shown) in [
            (["s/a/n/m", "s/b/n/m"], ["a", "b"]),
            (["s/a/x", "s/b/y"], ["a/x", "b/y"]),
            (["a.prom", "b.prom"], ["a.prom", "b.prom"]),
            (["s/a", "s/a/m"], ["a", "a/m"]),
            (["s/a", "s/a"], ["s/a", "s/a"]),
        ] {
            assert_eq!(all.map(|name| told_apart(name, &all)), shown, "{all:?}");
        }
    }

    #[test]
    fn bounds_are_shown_as_they_are() {
        let within = |above_s, up_to_s| interval(Within { above_s, up_to_s });
        assert_eq!(within(8.192, Some(16.384)), "8.192 to 16.384 s");
        assert_eq!(within(16.384, None), "over 16.384 s");
        assert_eq!(within(0.0, Some(0.001)), "0 to 0.001 s");
    }
}
