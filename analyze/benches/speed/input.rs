//! The input: what the kubelet keeps of a busy kube-proxy at `--v=4`.

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::{Path, PathBuf};

/// How much of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Syncs; each has three lines that matter.
    pub(crate) syncs: u64,
    /// Files that the same lines are also spread over.
    pub(crate) files: u64,
}

impl Size {
    pub(crate) const FULL: Self = Self {
        syncs: 400_000,
        files: 2_000,
    };
    pub(crate) const QUICK: Self = Self {
        syncs: 20_000,
        files: 100,
    };
    /// Lines of a sync, those that matter and those that do not.
    const LINES: u64 = 50;

    pub(crate) fn lines(self) -> u64 {
        self.syncs * Self::LINES
    }
}

/// Where the input lies.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) folder: PathBuf,
    pub(crate) plain: PathBuf,
    pub(crate) packed: PathBuf,
    pub(crate) many: PathBuf,
    pub(crate) gigabytes: f64,
    pub(crate) packed_gigabytes: f64,
}

/// Writes the plain file, the gzipped one and the many small ones.
pub(crate) fn make(folder: &Path, size: Size) -> Result<Input> {
    let many = folder.join("many");
    std::fs::create_dir_all(&many)?;
    let plain = folder.join("kube-proxy.log");
    let packed = folder.join("packed.log.gz");
    let mut whole = BufWriter::with_capacity(1 << 20, File::create(&plain)?);
    let each = size.syncs / size.files;
    let mut text = Vec::new();
    for file in 0..size.files {
        text.clear();
        for sync in file * each..(file + 1) * each {
            write_sync(&mut text, sync)?;
        }
        whole.write_all(&text)?;
        std::fs::write(many.join(format!("node-{file:04}.log")), &text)?;
    }
    whole.flush()?;
    gzip(&plain, &packed)?;
    let gigabytes =
        |path: &Path| -> Result<f64> { Ok(std::fs::metadata(path)?.len() as f64 / 1e9) };
    Ok(Input {
        gigabytes: gigabytes(&plain)?,
        packed_gigabytes: gigabytes(&packed)?,
        folder: folder.to_path_buf(),
        plain,
        packed,
        many,
    })
}

/// gzip itself packs it, so that the archive is what people have.
fn gzip(plain: &Path, packed: &Path) -> Result<()> {
    let done = std::process::Command::new("gzip")
        .args(["-1", "-c"])
        .arg(plain)
        .stdout(File::create(packed)?)
        .status()?;
    if done.success() {
        Ok(())
    } else {
        Err(std::io::Error::other("gzip failed"))
    }
}

/// One sync of alternating families: it begins each 1.1 s and takes 0.4 to 1 s.
fn write_sync(to: &mut Vec<u8>, number: u64) -> Result<()> {
    let family = if number.is_multiple_of(2) {
        "IPv4"
    } else {
        "IPv6"
    };
    let start = number * 1_100_000;
    let elapsed = 400_000 + number * 7_919 % 600_000;
    let endpoints = 10_000 + number * 104_729 % 230_000;
    line(
        to,
        start + 35,
        &format!(
            "proxier.go:1199] \"Syncing nftables rules\" ipFamily=\"{family}\" fullSync=false"
        ),
    )?;
    for at in 0..Size::LINES - 3 {
        let port = number * 31 + at * 7;
        let body = match at % 4 {
            0 => "config.go:124] \"Calling handler.OnEndpointSliceUpdate\"".to_owned(),
            1 => format!(
                "topology.go:212] \"Ignoring hints\" zone=\"zone-{}\"",
                port % 3
            ),
            2 => format!("endpointslicecache.go:303] \"Setting endpoints\" port=\"n/s{port}\""),
            _ => format!("servicechangetracker.go:212] \"Updated ports\" service=\"n/s{port}\""),
        };
        line(to, start + 100 + at, &body)?;
    }
    let reloading = format!(
        "proxier.go:1840] \"Reloading service nftables data\" ipFamily=\"{family}\" numServices=8001 numEndpoints={endpoints}"
    );
    line(to, start + elapsed / 3, &reloading)?;
    let complete = format!(
        "proxier.go:1193] \"SyncProxyRules complete\" ipFamily=\"{family}\" elapsed=\"{}.{:03}ms\"",
        elapsed / 1_000,
        elapsed % 1_000
    );
    line(to, start + elapsed + 12, &complete)
}

/// A line of the kubelet's at a time in microseconds from 3 March 2025 on.
fn line(to: &mut Vec<u8>, us: u64, body: &str) -> Result<()> {
    let (day, hour) = (3 + us / 86_400_000_000, us / 3_600_000_000 % 24);
    let (minute, second, us) = (us / 60_000_000 % 60, us / 1_000_000 % 60, us % 1_000_000);
    let clock = format!("{hour:02}:{minute:02}:{second:02}.{us:06}");
    writeln!(
        to,
        "2025-03-{day:02}T{clock}123Z stderr F I03{day:02} {clock}       1 {body}"
    )
}
