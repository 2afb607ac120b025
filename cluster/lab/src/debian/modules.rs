//! Which of a kernel's modules a guest needs: everything of netfilter, the network card, and what
//! those need in turn.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::apt::run;
use super::kernels::Package;
use crate::error::Error;

/// Modules outside of netfilter.
const NAMED: [&str; 3] = ["virtio_net", "virtio_pci", "dummy"];

/// The modules of a kernel that go into its initramfs.
#[derive(Debug)]
pub(super) struct Modules {
    /// `lib/modules/RELEASE` of the unpacked package.
    pub(super) root: PathBuf,
    /// Paths below that, as packed there: `kernel/net/netfilter/nf_tables.ko.xz`.
    pub(super) files: BTreeSet<String>,
    /// `modules.dep` for these, with names as unpacked.
    pub(super) dependencies: String,
    /// `modules.alias` for these.
    pub(super) aliases: String,
}

/// Chooses the modules of a kernel.
///
/// # Errors
/// What `depmod` says; those of reading what it wrote.
pub(super) async fn choose(package: &Package) -> Result<Modules, Error> {
    let merged = package.directory.join("usr/lib/modules");
    // Newer packages keep them below /usr, where `depmod -b` is told so.
    let base = if merged.exists() {
        package.directory.join("usr")
    } else {
        package.directory.clone()
    };
    let root = base.join("lib/modules").join(&package.release);
    if !root.join("modules.dep").exists() {
        let mut depmod = Command::new("depmod");
        depmod.arg("-b").arg(&base).arg(&package.release);
        run(depmod, "depmod").await?;
    }
    let read = |name: &str| {
        let path = root.join(name);
        std::fs::read_to_string(&path).map_err(Error::io(&path, "reading"))
    };
    let (dependencies, aliases) = (read("modules.dep")?, read("modules.alias")?);
    let known = parse(&dependencies);
    let files = with_dependencies(&known);
    let names: BTreeSet<String> = files.iter().map(|file| name_of(file)).collect();
    Ok(Modules {
        dependencies: filtered_dependencies(&known, &files),
        aliases: filtered_aliases(&aliases, &names),
        root,
        files,
    })
}

/// `kernel/net/netfilter/nft_ct.ko.xz: kernel/net/netfilter/nf_tables.ko.xz ...`
fn parse(text: &str) -> BTreeMap<&str, Vec<&str>> {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    lines
        .map(|(module, needs)| (module, needs.split_whitespace().collect()))
        .collect()
}

fn with_dependencies(known: &BTreeMap<&str, Vec<&str>>) -> BTreeSet<String> {
    let wanted = |path: &str| {
        let netfilter = path.contains("/netfilter/") && !path.contains("/ipvs/");
        netfilter || NAMED.contains(&name_of(path).as_str())
    };
    let mut files = BTreeSet::new();
    // `modules.dep` lists everything that a module needs, not only the first step.
    for (module, needs) in known.iter().filter(|(module, _)| wanted(module)) {
        files.insert((*module).to_owned());
        files.extend(needs.iter().map(|need| (*need).to_owned()));
    }
    files
}

fn filtered_dependencies(known: &BTreeMap<&str, Vec<&str>>, files: &BTreeSet<String>) -> String {
    let mut text = String::new();
    for (module, needs) in known.iter().filter(|(module, _)| files.contains(**module)) {
        text += unpacked(module);
        text.push(':');
        for need in needs {
            text.push(' ');
            text += unpacked(need);
        }
        text.push('\n');
    }
    text
}

/// `alias nft-chain-2-nat nft_chain_nat`
fn filtered_aliases(aliases: &str, names: &BTreeSet<String>) -> String {
    let kept = aliases.lines().filter(|line| {
        let module = line.rsplit(' ').next().unwrap_or_default();
        names.contains(&module.replace('-', "_"))
    });
    kept.fold(String::new(), |all, line| all + line + "\n")
}

/// The module's file without its compression.
pub(super) fn unpacked(path: &str) -> &str {
    let without = path
        .strip_suffix(".xz")
        .or_else(|| path.strip_suffix(".zst"));
    without.unwrap_or(path)
}

fn name_of(path: &str) -> String {
    let file = Path::new(unpacked(path)).file_stem().unwrap_or_default();
    file.to_string_lossy().replace('-', "_")
}

/// A module's bytes, unpacked.
///
/// # Errors
/// What `xz` or `zstd` says.
pub(super) async fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let program = match path.extension().and_then(|extension| extension.to_str()) {
        Some("xz") => "xz",
        Some("zst") => "zstd",
        _ => return std::fs::read(path).map_err(Error::io(path, "reading")),
    };
    let output = Command::new(program)
        .args(["-d", "-c"])
        .arg(path)
        .output()
        .await;
    let failed = |status: String, output: String| Error::Command {
        command: format!("{program} -d -c {}", path.display()),
        status,
        output,
    };
    let output = output.map_err(|error| failed("not started".to_owned(), error.to_string()))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(failed(output.status.to_string(), words));
    }
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEP: &str = "kernel/net/netfilter/nf_tables.ko.xz: kernel/lib/libcrc32c.ko.xz\n\
        kernel/net/netfilter/ipvs/ip_vs.ko.xz: kernel/lib/libcrc32c.ko.xz\n\
        kernel/net/netfilter/xt_set.ko.xz:\n\
        kernel/lib/libcrc32c.ko.xz:\n\
        kernel/drivers/net/virtio_net.ko.xz: kernel/net/core/failover.ko.xz\n\
        kernel/net/core/failover.ko.xz:\n\
        kernel/drivers/gpu/bochs.ko.xz:\n";

    #[test]
    fn netfilter_and_the_network_card_go_in_with_what_they_need() {
        let known = parse(DEP);
        let files = with_dependencies(&known);
        let names: Vec<String> = files.iter().map(|file| name_of(file)).collect();
        let wanted = ["virtio_net", "libcrc32c", "failover", "nf_tables", "xt_set"];
        assert_eq!(names, wanted);
        let text = filtered_dependencies(&known, &files);
        let line = "kernel/net/netfilter/nf_tables.ko: kernel/lib/libcrc32c.ko\n";
        assert!(text.contains(line), "{text}");
        let aliases = "# comment\nalias nft-set nf_tables\nalias fs-ext4 ext4\n";
        let names = names.into_iter().collect();
        assert_eq!(
            filtered_aliases(aliases, &names),
            "alias nft-set nf_tables\n"
        );
    }
}
