//! How fast `analyze` reads, against what people would use instead. Makes its own input, measures
//! side by side in one run, and prints ratios; fails nothing.
//!
//! ```sh
//! cargo bench -p analyze --bench speed                # 20 million lines, 2.5 GB: needs 6 GB of disk
//! cargo bench -p analyze --bench speed -- --quick     # a twentieth of it
//! ```
//!
//! Rivals: ripgrep counting the lines with the five messages; ripgrep cutting the fields out and
//! pandas computing the same means; `zcat`. Those that are not installed are named and skipped.
//! `PYTHON` names a Python that has pandas. The input lies in `SPEED_DIR`, or the system's
//! directory for temporary files, and is removed at the end unless `--keep` is given.
//!
//! Commands that are compared take turns; the quickest of each one's runs counts, since what
//! else the machine does can only make a run longer. Memory is the most that was seen of the
//! process's own anonymous pages.

mod case;
mod input;
mod measure;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use case::Bench;
use input::Size;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked = |name: &str| arguments.iter().any(|argument| argument == name);
    let size = if asked("--quick") {
        Size::QUICK
    } else {
        Size::FULL
    };
    let base = std::env::var_os("SPEED_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = base.join("kube-proxy-benchmark-speed");
    let result = run(&folder, size);
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

fn run(folder: &std::path::Path, size: Size) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} lines, {} events of {} syncs",
        size.lines(),
        size.syncs * 3,
        size.syncs
    )?;
    let input = input::make(folder, size)?;
    writeln!(
        out,
        "{:.2} GB plain, {:.2} GB gzipped",
        input.gigabytes, input.packed_gigabytes
    )?;
    let bench = Bench::new(input, size);
    bench.print(&mut out)
}
