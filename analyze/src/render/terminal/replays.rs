//! Replays: of several bundles a row each, of one alone its table.

use std::io::{self, Write};

use super::Screen;
use super::text::{fitted, padded, right, wrapped};
use crate::render::replay::{self, ReplayView};
use crate::render::rows::Addresses;
use crate::render::way::Way;
use crate::report::Report;
use crate::report::words::replays::brief;

/// Columns of a figure.
const FIGURE: usize = 11;
/// Columns of a load.
const LOAD: usize = 34;

/// Prints them; `whole` with their tables.
pub(super) fn print(
    report: &Report,
    whole: bool,
    screen: Screen,
    to: &mut dyn Write,
) -> io::Result<()> {
    let addresses = Addresses::inside();
    let way = Way {
        root: "",
        addresses: &addresses,
    };
    for view in replay::all(report, &[], &way) {
        if whole {
            table(&view, screen, to)?;
            for line in view.replay.findings.iter().chain(&view.replay.notes) {
                wrapped(to, screen.width, line, "  - ")?;
            }
        } else if let Some(brief) = brief(view.replay) {
            let row = format!("{}: {brief}", view.replay.title);
            writeln!(to, "{}", fitted(&row, screen.width.columns()))?;
        }
    }
    Ok(())
}

/// A row a load, a column a kernel: as many kernels in a block as fit.
fn table(view: &ReplayView<'_>, screen: Screen, to: &mut dyn Write) -> io::Result<()> {
    let block = ((screen.width.columns() - LOAD) / (FIGURE + 1)).max(1);
    for (first, kernels) in view.kernels.chunks(block).enumerate() {
        let names: Vec<String> = kernels.iter().map(|name| right(name, FIGURE)).collect();
        let head = format!("{} {}", padded("in the kernel", LOAD), names.join(" "));
        writeln!(to, "\n{}", screen.colour.paint("2", &head))?;
        for row in &view.rows {
            let cells = row.cells.iter().skip(first * block).take(block);
            let cells: Vec<String> = cells
                .map(|cell| match cell {
                    Some(one) if one.exact => right(&format!("{:.3}", one.kernel_s), FIGURE),
                    Some(one) => right(&format!("{:.3} s", one.kernel_s), FIGURE),
                    None => right("-", FIGURE),
                })
                .collect();
            let shape = row.of.shape.trim_start_matches("kube-proxy-");
            let pieces = match row.pieces {
                0 | 1 => String::new(),
                n => format!(" /{n}"),
            };
            let mode = if row.of.mode == "nftables" {
                "nft"
            } else {
                "ipt"
            };
            let load = format!(
                "{mode} {shape} {}{pieces}",
                row.load.replace(" Services", "")
            );
            writeln!(to, "{} {}", padded(&load, LOAD), cells.join(" "))?;
        }
    }
    writeln!(
        to,
        "(billions of instructions, exact; with s: seconds by the wall clock)"
    )
}
