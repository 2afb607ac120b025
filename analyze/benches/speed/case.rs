//! The cases: what is compared with what.

use std::fs::File;
use std::io::{Result, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::input::{Input, Size};
use crate::measure::{self, Cost};

const ROUNDS: usize = 3;
const MESSAGES: [&str; 5] = [
    "SyncProxyRules complete",
    "Syncing nftables rules",
    "Reloading service nftables data",
    "Deleting stale nftables",
    "Sync failed",
];

/// What there is to measure with.
pub(crate) struct Bench {
    input: Input,
    size: Size,
    python: String,
    ripgrep: bool,
    pandas: bool,
}

impl Bench {
    pub(crate) fn new(input: Input, size: Size) -> Self {
        let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let pandas = Command::new(&python)
            .args(["-c", "import pandas"])
            .stderr(Stdio::null())
            .status();
        Self {
            input,
            size,
            ripgrep: measure::exists("rg", "--version"),
            pandas: pandas.is_ok_and(|status| status.success()),
            python,
        }
    }

    /// Measures all cases and prints a line each.
    pub(crate) fn print(&self, out: &mut dyn Write) -> Result<()> {
        writeln!(
            out,
            "\n{:44} {:>9} {:>9} {:>7}  bar",
            "case", "analyze", "rival", "ratio"
        )?;
        self.against_ripgrep(out)?;
        self.against_pandas(out)?;
        self.against_zcat(out)?;
        self.samples(out)
    }

    fn against_ripgrep(&self, out: &mut dyn Write) -> Result<()> {
        if !self.ripgrep {
            return writeln!(out, "SKIPPED: ripgrep is not installed (rg)");
        }
        let plain = &self.input.plain;
        let costs = measure::in_turns(
            ROUNDS,
            &mut [
                &mut || ripgrep(plain),
                &mut || analyze(plain, "table"),
                &mut || self.to_file(plain, "json"),
                &mut || self.to_file(plain, "csv"),
            ],
        )?;
        let [rg, table, json, csv] = costs.as_slice() else {
            return Ok(());
        };
        row(out, "one file, table : rg -c", *table, *rg, "<= 1.5")?;
        row(out, "one file, json : rg -c", *json, *rg, "<= 3")?;
        row(out, "one file, csv : rg -c", *csv, *rg, "<= 3")?;
        memory(out, "peak private memory, table", *table, self.size)?;
        memory(out, "peak private memory, json", *json, self.size)?;
        let many = &self.input.many;
        let costs = measure::in_turns(
            ROUNDS,
            &mut [&mut || ripgrep(many), &mut || analyze(many, "table")],
        )?;
        let [rg, table] = costs.as_slice() else {
            return Ok(());
        };
        let name = format!("{} files, table : rg -c", self.size.files);
        row(out, &name, *table, *rg, "<= 1.5")?;
        memory(out, "peak private memory, many files", *table, self.size)
    }

    /// ripgrep cuts the fields out, pandas computes the means.
    fn against_pandas(&self, out: &mut dyn Write) -> Result<()> {
        if !self.ripgrep || !self.pandas {
            return writeln!(
                out,
                "SKIPPED: rg or pandas is not installed (PYTHON={})",
                self.python
            );
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/speed/means.py");
        let pipe = || {
            let mut shell = Command::new("sh");
            shell
                .arg("-c")
                .arg(r#"rg -N -o -r '$1,$2,$3,$5,$6' "$1" "$2" | "$3" "$4""#)
                .arg("sh")
                .arg(PATTERN)
                .arg(&self.input.plain)
                .arg(&self.python)
                .arg(&script)
                .stdout(Stdio::null());
            shell
        };
        let costs = measure::in_turns(
            1,
            &mut [&mut || pipe(), &mut || analyze(&self.input.plain, "table")],
        )?;
        let [pandas, table] = costs.as_slice() else {
            return Ok(());
        };
        let times = pandas.seconds / table.seconds;
        writeln!(
            out,
            "{:44} {:>8.2}s {:>8.2}s {times:>6.1}x  >= 20x",
            "rg + regex + pandas : one file, table", table.seconds, pandas.seconds
        )
    }

    fn against_zcat(&self, out: &mut dyn Write) -> Result<()> {
        let packed = &self.input.packed;
        let zcat = || {
            let mut command = Command::new("zcat");
            command.arg(packed).stdout(Stdio::null());
            command
        };
        let costs = measure::in_turns(
            ROUNDS,
            &mut [&mut || zcat(), &mut || analyze(packed, "table")],
        )?;
        let [zcat, table] = costs.as_slice() else {
            return Ok(());
        };
        row(out, ".gz, table : zcat", *table, *zcat, "<= 1.1")?;
        memory(out, "peak private memory, .gz", *table, self.size)
    }

    /// The samples with all that a report has, charts too.
    fn samples(&self, out: &mut dyn Write) -> Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let reports = self.input.folder.join("reports");
        let all = || {
            let mut command = program();
            command
                .arg("samples/")
                .arg("-o")
                .arg(&reports)
                .current_dir(&root);
            command.stdout(Stdio::null());
            command
        };
        let costs = measure::in_turns(ROUNDS, &mut [&mut || all()])?;
        for cost in costs {
            writeln!(
                out,
                "{:44} {:>8.2}s {:>25}",
                "samples/, all files and charts", cost.seconds, "< 0.5 s"
            )?;
        }
        Ok(())
    }

    fn to_file(&self, path: &Path, format: &str) -> Command {
        let mut command = analyze(path, format);
        let to: PathBuf = self.input.folder.join("out");
        if let Ok(file) = File::create(to) {
            command.stdout(file);
        }
        command
    }
}

/// Time, message, family, counts, duration of the lines that matter.
const PATTERN: &str = r#"^(\S+) .*"(SyncProxyRules complete|Syncing nftables rules|Reloading service nftables data)" ipFamily="(IPv[46])"( numServices=\d+ numEndpoints=(\d+))?(?: elapsed="([^"]+)")?.*$"#;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_analyze"))
}

fn analyze(path: &Path, format: &str) -> Command {
    let mut command = program();
    command
        .arg(path)
        .args(["--format", format])
        .stdout(Stdio::null());
    command
}

fn ripgrep(path: &Path) -> Command {
    let mut command = Command::new("rg");
    command.arg("-c");
    for message in MESSAGES {
        command.args(["-e", message]);
    }
    command.arg(path).stdout(Stdio::null());
    command
}

fn row(out: &mut dyn Write, name: &str, mine: Cost, rival: Cost, bar: &str) -> Result<()> {
    let ratio = mine.seconds / rival.seconds;
    writeln!(
        out,
        "{name:44} {:>8.2}s {:>8.2}s {ratio:>7.2}  {bar}",
        mine.seconds, rival.seconds
    )
}

fn memory(out: &mut dyn Write, name: &str, cost: Cost, size: Size) -> Result<()> {
    let events = (size.syncs * 3) as f64;
    writeln!(
        out,
        "{name:44} {:>7.0}MB {:>9.0} bytes an event  < 300 MB",
        cost.megabytes,
        cost.megabytes * 1024.0 * 1024.0 / events
    )
}
