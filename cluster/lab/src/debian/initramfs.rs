//! A guest's root file system in memory: busybox, nft and iptables with their libraries,
//! kube-proxy, the modules of its kernel.

use std::collections::BTreeSet;
use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use cpio::NewcBuilder;
use tokio::process::Command;

use super::apt::run;
use super::kernels::Package;
use super::modules;
use crate::error::Error;

/// Files of a guest, by their paths.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// The first process of a node.
const NODE: &str = include_str!("../../guest/init");
/// The first process of a guest that loads a transaction.
const REPLAY: &str = include_str!("../../guest/replay");
/// Programs of this machine that a guest gets, with their libraries.
const PROGRAMS: [&str; 2] = ["/usr/sbin/nft", "/usr/sbin/xtables-nft-multi"];
/// What iptables loads for matches and targets.
const EXTENSIONS: &str = "/usr/lib/x86_64-linux-gnu/xtables";
/// The names under which iptables' one program does different things.
const IPTABLES: [&str; 6] = [
    "iptables",
    "iptables-save",
    "iptables-restore",
    "ip6tables",
    "ip6tables-save",
    "ip6tables-restore",
];
/// Raised when other things are put in, so that what the cache holds is not taken for it.
const EDITION: u32 = 2;
const DIRECTORY: u32 = 0o040_755;
const EXECUTABLE: u32 = 0o100_755;
const PLAIN: u32 = 0o100_644;
const LINK: u32 = 0o120_777;

/// Builds the initramfs of a kernel, with a kube-proxy for a node and without one for a replay, and
/// more files if asked for, unless it is in the cache.
///
/// # Errors
/// What a missing program says; those of the file system.
pub(super) async fn build(
    package: &Package,
    kube_proxy: Option<&Path>,
    more: &Files,
) -> Result<PathBuf, Error> {
    let init = if kube_proxy.is_some() { NODE } else { REPLAY };
    let name = format!("initramfs-{:016x}", fingerprint(init, kube_proxy, more));
    let whole = package.cache.join(name);
    if whole.exists() && !package.is_own {
        return Ok(whole);
    }
    let half = whole.with_extension("part");
    let file = File::create(&half).map_err(Error::io(&half, "creating"))?;
    let mut archive = Archive::new(BufWriter::new(file), &half);
    archive.put("init", EXECUTABLE, init.as_bytes())?;
    archive.file("bin/busybox", &busybox()?)?;
    archive.link("sbin/modprobe", "/bin/busybox")?;
    if let Some(kube_proxy) = kube_proxy {
        archive.file("usr/bin/kube-proxy", kube_proxy)?;
    }
    programs(&mut archive).await?;
    for (path, bytes) in more {
        archive.put(path, EXECUTABLE, bytes)?;
    }
    kernel_modules(&mut archive, package).await?;
    archive.finish()?;
    std::fs::rename(&half, &whole).map_err(Error::io(&half, "renaming"))?;
    Ok(whole)
}

/// An archive of files, each of which may be run, for a kernel to unpack after another that it
/// follows.
///
/// # Errors
/// Those of the file system.
pub(super) fn files(path: &Path, files: &[(&str, &[u8])]) -> Result<(), Error> {
    let file = File::create(path).map_err(Error::io(path, "creating"))?;
    let mut archive = Archive::new(BufWriter::new(file), path);
    for (name, bytes) in files {
        archive.put(name, EXECUTABLE, bytes)?;
    }
    archive.finish()
}

/// The libraries of one program.
///
/// # Errors
/// What `ldd` says.
pub(super) async fn libraries(program: &Path) -> Result<Vec<PathBuf>, Error> {
    let found = libraries_of(&[program.to_path_buf()]).await?;
    Ok(found.into_iter().collect())
}

/// Other contents, another name.
fn fingerprint(init: &str, kube_proxy: Option<&Path>, more: &Files) -> u64 {
    let mut hasher = DefaultHasher::new();
    (EDITION, init, kube_proxy).hash(&mut hasher);
    for (path, bytes) in more {
        // A script is short, a program is another one if its length is.
        (path, bytes.len(), bytes.get(..4096)).hash(&mut hasher);
    }
    // Somebody's own may be another one tomorrow.
    let built = kube_proxy.and_then(|path| path.metadata().ok());
    let built = built.map(|metadata| (metadata.len(), metadata.modified().ok()));
    built.hash(&mut hasher);
    let programs = PROGRAMS.iter().map(PathBuf::from).chain(busybox().ok());
    for path in programs {
        let size = path.metadata().map(|metadata| metadata.len()).ok();
        (path, size).hash(&mut hasher);
    }
    hasher.finish()
}

fn busybox() -> Result<PathBuf, Error> {
    let places = ["/bin/busybox", "/usr/bin/busybox"].map(PathBuf::from);
    let found = places.into_iter().find(|path| path.exists());
    found.ok_or_else(|| Error::Missing {
        program: "busybox".to_owned(),
        mend: "`lab prepare` installs it".to_owned(),
    })
}

async fn programs(archive: &mut Archive) -> Result<(), Error> {
    let mut objects: Vec<PathBuf> = PROGRAMS.iter().map(PathBuf::from).collect();
    for name in IPTABLES {
        archive.link(&format!("usr/sbin/{name}"), PROGRAMS[1])?;
    }
    let extensions = std::fs::read_dir(EXTENSIONS);
    let extensions = extensions.map_err(Error::io(Path::new(EXTENSIONS), "listing"))?;
    let extensions = extensions.filter_map(|entry| Some(entry.ok()?.path()));
    objects.extend(extensions.filter(|path| path.extension().is_some_and(|end| end == "so")));
    objects.sort();
    // The extensions' own too: libxt_statistic, which balances between endpoints, needs libm.
    let libraries = libraries_of(&objects).await?;
    for path in objects.iter().chain(&libraries) {
        archive.file(&path.to_string_lossy(), path)?;
    }
    Ok(())
}

/// The libraries that programs and extensions are linked with.
async fn libraries_of(objects: &[PathBuf]) -> Result<BTreeSet<PathBuf>, Error> {
    let mut ldd = Command::new("ldd");
    ldd.args(objects);
    Ok(linked(&run(ldd, "ldd").await?))
}

/// The paths in what `ldd` says:
///
/// ```text
/// /usr/sbin/nft:
///     linux-vdso.so.1 (0x00007f...)
///     libnftables.so.1 => /lib/x86_64-linux-gnu/libnftables.so.1 (0x00007f...)
///     /lib64/ld-linux-x86-64.so.2 (0x00007f...)
/// ```
fn linked(text: &str) -> BTreeSet<PathBuf> {
    let lines = text
        .lines()
        .filter(|line| line.starts_with(char::is_whitespace));
    let words = lines.filter_map(|line| {
        let line = line.split_once("=> ").map_or(line, |(_, path)| path);
        line.split_whitespace().next()
    });
    // The line of a program's own name ends in a colon.
    let paths = words.filter(|word| word.starts_with('/') && !word.ends_with(':'));
    paths.map(PathBuf::from).collect()
}

async fn kernel_modules(archive: &mut Archive, package: &Package) -> Result<(), Error> {
    let chosen = modules::choose(package).await?;
    let root = format!("lib/modules/{}", package.release);
    for file in &chosen.files {
        let bytes = modules::bytes(&chosen.root.join(file)).await?;
        let path = format!("{root}/{}", modules::unpacked(file));
        archive.put(&path, PLAIN, &bytes)?;
    }
    archive.put(
        &format!("{root}/modules.dep"),
        PLAIN,
        chosen.dependencies.as_bytes(),
    )?;
    archive.put(
        &format!("{root}/modules.alias"),
        PLAIN,
        chosen.aliases.as_bytes(),
    )
}

/// A cpio archive as the kernel unpacks it: directories before what is in them.
struct Archive {
    writer: Option<BufWriter<File>>,
    path: PathBuf,
    inode: u32,
    known: BTreeSet<String>,
}

impl Archive {
    fn new(writer: BufWriter<File>, path: &Path) -> Self {
        Self {
            writer: Some(writer),
            path: path.to_path_buf(),
            inode: 0,
            known: BTreeSet::new(),
        }
    }

    /// A file of this machine, links resolved.
    fn file(&mut self, path: &str, source: &Path) -> Result<(), Error> {
        let bytes = std::fs::read(source).map_err(Error::io(source, "reading"))?;
        self.put(path, EXECUTABLE, &bytes)
    }

    fn link(&mut self, path: &str, target: &str) -> Result<(), Error> {
        self.put(path, LINK, target.as_bytes())
    }

    fn put(&mut self, path: &str, mode: u32, bytes: &[u8]) -> Result<(), Error> {
        let path = path.trim_start_matches('/');
        let parents: Vec<&str> = path.match_indices('/').map(|(at, _)| &path[..at]).collect();
        for parent in parents {
            if self.known.insert(parent.to_owned()) {
                self.entry(parent, DIRECTORY, &[])?;
            }
        }
        if self.known.insert(path.to_owned()) {
            self.entry(path, mode, bytes)?;
        }
        Ok(())
    }

    fn entry(&mut self, path: &str, mode: u32, bytes: &[u8]) -> Result<(), Error> {
        let failed = || Error::io(&self.path, "writing");
        let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.inode += 1;
        let builder = NewcBuilder::new(path).ino(self.inode).nlink(1).mode(mode);
        let Some(writer) = self.writer.take() else {
            return Ok(());
        };
        let mut entry = builder.write(writer, size);
        entry.write_all(bytes).map_err(failed())?;
        self.writer = Some(entry.finish().map_err(failed())?);
        Ok(())
    }

    fn finish(mut self) -> Result<(), Error> {
        let Some(writer) = self.writer.take() else {
            return Ok(());
        };
        let failed = || Error::io(&self.path, "writing");
        let mut writer = cpio::newc::trailer(writer).map_err(failed())?;
        writer.flush().map_err(failed())
    }
}

#[cfg(test)]
mod tests {
    use super::linked;

    #[test]
    fn what_ldd_names_is_found_and_its_headings_are_not() {
        let text = "/usr/sbin/nft:\n\tlinux-vdso.so.1 (0x00007ffc)\n\
                    \tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f01)\n\
                    /usr/lib/x86_64-linux-gnu/xtables/libxt_statistic.so:\n\
                    \tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f02)\n\
                    \t/lib64/ld-linux-x86-64.so.2 (0x00007f03)\n\tstatically linked\n";
        let paths: Vec<_> = linked(text).into_iter().collect();
        let wanted = [
            "/lib/x86_64-linux-gnu/libm.so.6",
            "/lib64/ld-linux-x86-64.so.2",
        ];
        assert_eq!(paths, wanted.map(std::path::PathBuf::from));
    }
}
