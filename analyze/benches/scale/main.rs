//! What a fleet's worth of input costs: time, memory, and what the report weighs. Makes its own
//! input, runs the program on `n` and on a quarter of it, and prints both with their ratio: 4 is
//! linear. Fails nothing.
//!
//! ```sh
//! cargo bench -p analyze --bench scale                     # 5 million syncs and more: needs 4 GB of disk
//! cargo bench -p analyze --bench scale -- --quick          # a twentieth of it
//! cargo bench -p analyze --bench scale -- nodes groups     # those alone
//! ```
//!
//! `ANALYZE` names another program to measure, as one of before a change. The input lies in
//! `SCALE_DIR`, or the system's directory for temporary files, and is removed at the end unless
//! `--keep` is given.

mod input;
mod measure;

use std::io::{Result, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use input::Kind;
use measure::{Cost, Weight, run, weigh};

/// A row of the table: what is many, how many, and what may be asked of a report of it.
struct Row {
    name: &'static str,
    kind: Kind,
    n: usize,
    /// Written with `-o`, or the table alone.
    report: bool,
}

const fn row(name: &'static str, kind: Kind, n: usize, report: bool) -> Row {
    Row {
        name,
        kind,
        n,
        report,
    }
}

const ROWS: [Row; 12] = [
    row("bundles", Kind::Bundles, 1_000, true),
    row("pairs", Kind::Pairs, 1_000, true),
    row("series", Kind::Series, 1_000, true),
    row("nodes", Kind::Nodes, 5_000, true),
    row("syncs", Kind::Syncs, 1_000_000, true),
    row("table", Kind::Syncs, 5_000_000, false),
    row("groups", Kind::Groups, 300, true),
    row("groups-3000", Kind::Groups, 3_000, true),
    row("notes", Kind::Notes, 100_000, true),
    row("timeline", Kind::Timeline, 1_000_000, true),
    row("files", Kind::Files, 100_000, true),
    row("files-table", Kind::Files, 100_000, false),
];

/// A run that takes longer is stopped.
const LIMIT_S: f64 = 180.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = |name: &str| arguments.iter().any(|argument| argument == name);
    let base = std::env::var_os("SCALE_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = base.join("kube-proxy-benchmark-scale");
    let named = |row: &&Row| asked(row.name) || !arguments.iter().any(|one| !one.starts_with("--"));
    let share = if asked("--quick") { 20 } else { 1 };
    let mut out = std::io::stdout().lock();
    let result = ROWS
        .iter()
        .filter(named)
        .try_for_each(|row| measured(row, row.n / share, &folder, &mut out));
    if !asked("--keep")
        && folder.exists()
        && let Err(error) = std::fs::remove_dir_all(&folder)
    {
        eprintln!("{}: {error}", folder.display());
    }
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}

fn program() -> std::ffi::OsString {
    std::env::var_os("ANALYZE")
        .or_else(|| option_env!("CARGO_BIN_EXE_analyze").map(Into::into))
        .unwrap_or_else(|| "analyze".into())
}

fn measured(row: &Row, n: usize, folder: &Path, out: &mut impl Write) -> Result<()> {
    let (quarter, _) = one(row, n / 4, folder)?;
    let (whole, weight) = one(row, n, folder)?;
    let name = row.name;
    write!(
        out,
        "{name:<12} {n:>9}: {:6.2} s, user {:6.2} s ({:.1} times that of a quarter), {:5.0} MB",
        whole.seconds,
        whole.user,
        whole.user / quarter.user.max(0.01),
        whole.megabytes
    )?;
    if row.report {
        write!(
            out,
            "; report {:.1} MB in {} files, results.json {:.1} MB, largest page {:.2} MB ({})",
            weight.report,
            weight.files,
            weight.results,
            weight.page,
            weight.largest.file_name().unwrap_or_default().display()
        )?;
    } else {
        write!(
            out,
            "; {:.0} bytes a sync",
            whole.megabytes * 1e6 / n as f64
        )?;
    }
    match whole.failed {
        Some(why) => writeln!(out, "; {why}"),
        None => writeln!(out),
    }
}

fn one(row: &Row, n: usize, folder: &Path) -> Result<(Cost, Weight)> {
    let input = row.kind.make(folder, n.max(1))?;
    let report = folder.join("report");
    if report.exists() {
        std::fs::remove_dir_all(&report)?;
    }
    let mut command = Command::new(program());
    command.arg(&input).arg("--quiet");
    if row.report {
        command.arg("-o").arg(&report);
    } else {
        command.args(["--format", "table"]);
    }
    let cost = run(&mut command, LIMIT_S)?;
    let weight = if report.exists() {
        weigh(&report)?
    } else {
        Weight::default()
    };
    Ok((cost, weight))
}
