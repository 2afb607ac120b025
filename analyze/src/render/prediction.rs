//! A prediction, for people and for programs.

use std::io::{self, Write};

use crate::error::Error;
use crate::report::visible::visible;
use crate::report::words::{count, counted, duration};
use crate::report::{Prediction, Upgrade, UpgradeKind};

/// Writes it as JSON.
///
/// # Errors
/// [`Error::Output`].
pub fn json(of: &Prediction, out: &mut dyn Write) -> Result<(), Error> {
    serde_json::to_writer_pretty(&mut *out, of).map_err(|error| Error::Output(error.into()))?;
    writeln!(out).map_err(Error::Output)
}

/// Writes it as text.
///
/// # Errors
/// [`Error::Output`].
pub fn text(of: &Prediction, out: &mut dyn Write) -> Result<(), Error> {
    print(of, out).map_err(Error::Output)
}

fn print(of: &Prediction, out: &mut dyn Write) -> io::Result<()> {
    let load = &of.load;
    let what = match (load.services, load.endpoints_per_service) {
        (Some(services), Some(each)) => format!("{} Services x {each}", count(services)),
        _ => "these rules".to_owned(),
    };
    writeln!(
        out,
        "{what} as {} writes them, on {}:\n  {} billion instructions in the kernel ({} to {})",
        visible(&of.shape),
        visible(&of.kernel),
        number(of.work.billion),
        number(of.work.range[0]),
        number(of.work.range[1])
    )?;
    seconds(of, out)?;
    work(of, out)?;
    upgrades(of, out)?;
    for note in &of.notes {
        writeln!(out, "  - {}", visible(note))?;
    }
    Ok(())
}

/// What it takes in seconds, where syncs of such a load were measured.
fn seconds(of: &Prediction, out: &mut dyn Write) -> io::Result<()> {
    for one in &of.seconds {
        writeln!(
            out,
            "  {} ({} to {}) for a sync that carries all of it, by {} of {} on {} ({})",
            duration(one.seconds),
            duration(one.likely_s[0]),
            duration(one.likely_s[1]),
            counted(one.syncs as u64, "sync"),
            counted(one.runs as u64, "run"),
            visible(&one.group),
            visible(&one.study)
        )?;
    }
    Ok(())
}

/// What it carries, what that costs, and on what this rests.
fn work(of: &Prediction, out: &mut dyn Write) -> io::Result<()> {
    let load = &of.load;
    writeln!(
        out,
        "  carries    {} entries, {} new maps; {} sets in the table",
        count(load.entries as u64),
        count(load.anonymous_maps as u64),
        count(load.table_sets as u64)
    )?;
    let [entry, walk, name] = of.basis.instructions;
    writeln!(
        out,
        "  costs      {entry:.0} instructions an entry, {walk:.1} a map and entry, {name:.0} a map \
         and set: {} grow with the entries, {} with the maps times these",
        number(of.work.linear_billion),
        number(of.work.quadratic_billion)
    )?;
    writeln!(
        out,
        "  rests on   {} of {} to {} entries ({}); this one has {:.1} times the most",
        counted(of.basis.loads as u64, "cold load"),
        count(of.basis.entries[0]),
        count(of.basis.entries[1]),
        visible(&of.basis.bundles.join(", ")),
        load.entries / of.basis.entries[1].max(1) as f64
    )?;
    if let Some(off) = of.basis.check_pct {
        writeln!(
            out,
            "  checked    the largest, from those of half its size and less: off by {off:+.1} %"
        )?;
    }
    Ok(())
}

/// What one change would save, and which pays first.
fn upgrades(of: &Prediction, out: &mut dyn Write) -> io::Result<()> {
    if !of.upgrades.is_empty() {
        writeln!(out, "One change at a time:")?;
    }
    for one in &of.upgrades {
        writeln!(out, "  {}", upgrade(one))?;
    }
    let first: Vec<String> = of
        .first
        .iter()
        .filter_map(|at| of.upgrades.get(*at).map(to))
        .collect();
    match first.as_slice() {
        [] if of.upgrades.is_empty() => {}
        [] => writeln!(out, "None of these can be told apart from what is now.")?,
        [one] => writeln!(out, "What pays first: {one}.")?,
        all => writeln!(
            out,
            "What pays first: one of {}, whose intervals overlap: they cannot be told apart.",
            all.join(", ")
        )?,
    }
    Ok(())
}

fn upgrade(one: &Upgrade) -> String {
    let how = if one.saves_pct >= 0.0 {
        format!("{:.0} % less", one.saves_pct)
    } else {
        format!("{:.0} % more", -one.saves_pct)
    };
    let longest = if one.kind == UpgradeKind::Splitting {
        format!(", the longest {}", number(one.longest_billion))
    } else {
        String::new()
    };
    let range = format!("{} to {}", number(one.range[0]), number(one.range[1]));
    format!(
        "{:<20} {:>8}  ({range})  {how}{longest}",
        to(one),
        number(one.billion)
    )
}

fn to(one: &Upgrade) -> String {
    let to = visible(&one.to);
    match one.kind {
        UpgradeKind::Kernel => format!("kernel {to}"),
        UpgradeKind::KubeProxy => format!("kube-proxy {to}"),
        UpgradeKind::Splitting => to.into_owned(),
    }
}

/// Three digits or so.
fn number(value: f64) -> String {
    match value {
        v if v >= 100.0 => count(v.round() as u64),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}
