//! Keeping the transactions of a node's kube-proxy: programs before `nft` and `iptables-restore`
//! that write down what they are given, and their way into the bundle.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use bundle::{KeptTransaction, KeptWriter};
use chrono::DateTime;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::error::Error;
use crate::state::{Place, Spec};

const SCRIPT: &str = include_str!("../../guest/keep");
const PROGRAMS: [&str; 3] = ["nft", "iptables-restore", "ip6tables-restore"];
/// Where a node's are until the lab is down.
const DIRECTORY: &str = "transactions";
/// The scripts' own list.
const LIST: &str = "kept";

/// Puts the scripts into the node's directory; returns the PATH with which kube-proxy finds them.
///
/// # Errors
/// [`Error::Io`].
pub(super) fn path_with_scripts(node: &Path) -> Result<std::ffi::OsString, Error> {
    let (bin, kept) = (node.join("bin"), node.join(DIRECTORY));
    for directory in [&bin, &kept] {
        fs::create_dir_all(directory).map_err(Error::io(directory, "making the directory"))?;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places: Vec<PathBuf> = std::env::split_paths(&path)
        .filter(|place| *place != bin)
        .collect();
    let sbin = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    for program in PROGRAMS {
        let mut found = places.iter().chain(&sbin).map(|place| place.join(program));
        let Some(real) = found.find(|path| path.is_file()) else {
            continue;
        };
        let text = SCRIPT
            .replace("PROGRAM", &real.display().to_string())
            .replace("NAME", program)
            .replace("DIRECTORY", &kept.display().to_string());
        let script = bin.join(program);
        fs::write(&script, text).map_err(Error::io(&script, "writing"))?;
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&script, executable).map_err(Error::io(&script, "changing"))?;
    }
    let all = std::iter::once(bin).chain(places);
    std::env::join_paths(all).map_err(|error| Error::Usage(format!("PATH: {error}")))
}

/// Moves what the nodes have kept into the bundle, compressed.
///
/// # Errors
/// [`Error::Io`], [`Error::Bundle`]; what is not yet moved stays where it is.
pub(crate) fn into_bundle(place: &Place, spec: &Spec, bundle: &Path) -> Result<(), Error> {
    for node in &spec.nodes {
        let kept = place.node(&node.name).join(DIRECTORY);
        let list = kept.join(LIST);
        if !list.exists() {
            continue;
        }
        let text = fs::read_to_string(&list).map_err(Error::io(&list, "reading"))?;
        let mut writer = KeptWriter::open(bundle, &node.name)?;
        for line in text.lines() {
            let Some((file, row)) = row(line) else {
                // The lab was ended while it was written.
                eprintln!("{}: not understood: {line}", list.display());
                continue;
            };
            let source = kept.join(file);
            let bytes = fs::read(&source).map_err(Error::io(&source, "reading"))?;
            let row = KeptTransaction {
                bytes: bytes.len() as u64,
                family: family(&row.program, &bytes).to_owned(),
                ..row
            };
            let target = writer.directory().join(&row.file);
            compress(&bytes, &target)?;
            writer.add(&row)?;
        }
    }
    Ok(())
}

/// `FILE PROGRAM STARTED ENDED STATUS`, times in nanoseconds since 1970.
fn row(line: &str) -> Option<(&str, KeptTransaction)> {
    let [file, program, started, ended, status] = line.split(' ').collect::<Vec<_>>()[..] else {
        return None;
    };
    let time = |text: &str| text.parse().ok().map(DateTime::from_timestamp_nanos);
    let ending = if program == "nft" { "nft" } else { "rules" };
    let row = KeptTransaction {
        file: format!("{file}.{ending}.gz"),
        program: program.to_owned(),
        family: String::new(),
        started: time(started)?,
        ended: time(ended)?,
        status: status.parse().ok()?,
        bytes: 0,
    };
    Some((file, row))
}

/// Of which family's sync it is: kube-proxy has one for each.
fn family(program: &str, bytes: &[u8]) -> &'static str {
    let first = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let has = |words: &[u8]| first.windows(words.len()).any(|window| window == words);
    match program {
        "ip6tables-restore" => "ipv6",
        "nft" if has(b" ip6 ") => "ipv6",
        _ => "ipv4",
    }
}

fn compress(bytes: &[u8], target: &Path) -> Result<(), Error> {
    let failed = || Error::io(target, "writing");
    let file = fs::File::create(target).map_err(failed())?;
    let mut packed = GzEncoder::new(file, Compression::default());
    packed.write_all(bytes).map_err(failed())?;
    packed.finish().map(|_| ()).map_err(failed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_list_are_read_and_halves_are_not() {
        let (file, found) = row("17-5 nft 1000 2000 0").unwrap();
        assert_eq!(
            (file, found.file.as_str(), found.status),
            ("17-5", "17-5.nft.gz", 0)
        );
        assert!(found.started < found.ended);
        assert!(row("17-5 nft 1000").is_none());
    }

    #[test]
    fn the_family_is_that_of_the_table() {
        for (program, text, wanted) in [
            ("nft", "add table ip6 kube-proxy", "ipv6"),
            ("nft", "add table ip kube-proxy\nadd table ip6 x", "ipv4"),
            ("ip6tables-restore", "*nat", "ipv6"),
            ("iptables-restore", "*nat", "ipv4"),
        ] {
            assert_eq!(family(program, text.as_bytes()), wanted, "{program} {text}");
        }
    }
}
