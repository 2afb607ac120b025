//! What one module of a kernel is built with: the compiler that built the kernel, its headers, its
//! source. All of it is unpacked into a root of its own; nothing is installed on this machine.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::apt::{Apt, run};
use super::kernels;
use crate::error::Error;
use crate::state::{Lock, cache};

/// What `make` calls, besides what the headers need.
const TOOLS: [&str; 8] = [
    "coreutils",
    "dash",
    "findutils",
    "grep",
    "make",
    "mawk",
    "sed",
    "tar",
];
/// In the root: where the source is built.
const BUILD: &str = "build";

/// A root to build in.
#[derive(Debug)]
pub struct Toolchain {
    /// `uname -r` of the kernel.
    release: String,
    /// Where it is unpacked.
    root: PathBuf,
    /// The source as Debian has it.
    source: PathBuf,
    /// The source's package and version.
    pub source_name: String,
    /// One build at a time: they share a directory.
    _lock: Lock,
}

impl Toolchain {
    /// Downloads and unpacks what is needed for a release, unless it is in the cache; `part` of
    /// the source alone.
    ///
    /// # Errors
    /// What `apt` says, as when the archive has no source of that version any more.
    pub async fn of(release: &str, part: &str) -> Result<Self, Error> {
        let package = kernels::unpacked(release).await?;
        let whole = package.cache.join("toolchain");
        std::fs::create_dir_all(&package.cache)
            .map_err(Error::io(&package.cache, "making the directory"))?;
        let lock = Lock::wait(&cache()?.join("toolchain.lock"))?;
        let version = package.version.trim();
        let source_package = format!("linux-source-{}", series(release));
        if !whole.exists() {
            let half = whole.with_extension("part");
            std::fs::remove_dir_all(&half).ok();
            fetch(release, &format!("{source_package}={version}"), &half).await?;
            unpack(&half, &source_package, part).await?;
            std::fs::rename(&half, &whole).map_err(Error::io(&half, "renaming"))?;
        }
        Ok(Self {
            release: release.to_owned(),
            root: whole.join("root"),
            source: whole.join("source").join(&source_package),
            source_name: format!("{source_package} {version}"),
            _lock: lock,
        })
    }

    /// A copy of the source to change, in the place where it is built.
    ///
    /// # Errors
    /// What `cp` says.
    pub async fn fresh_source(&self) -> Result<PathBuf, Error> {
        let tree = self.root.join(BUILD);
        std::fs::remove_dir_all(&tree).ok();
        let mut copy = Command::new("cp");
        copy.arg("-r").arg(&self.source).arg(&tree);
        run(copy, "cp -r").await?;
        Ok(tree)
    }

    /// Builds the module of the directory `part` of that copy, which holds a Kbuild for it, and
    /// returns its bytes without what a debugger needs.
    ///
    /// # Errors
    /// What the compiler says.
    pub async fn module(&self, part: &str, module: &str) -> Result<Vec<u8>, Error> {
        let headers = format!("/usr/src/linux-headers-{}", self.release);
        let script = format!(
            "make -j2 -C {headers} M=/{BUILD}/{part} modules && \
             {{ strip -g /{BUILD}/{part}/{module}.ko || x86_64-linux-gnu-strip -g \
             /{BUILD}/{part}/{module}.ko; }}"
        );
        self.within(&script).await?;
        let built = self.root.join(BUILD).join(part);
        let path = built.join(format!("{module}.ko"));
        std::fs::read(&path).map_err(Error::io(&path, "reading"))
    }

    /// What the compiler says of itself.
    ///
    /// # Errors
    /// What it says if it cannot be run.
    pub async fn compiler(&self) -> Result<String, Error> {
        let said = self
            .within("for gcc in /usr/bin/*gcc-1[0-9]; do $gcc --version; break; done")
            .await?;
        Ok(said.lines().next().unwrap_or_default().to_owned())
    }

    /// Runs a command with the root as its own, in namespaces that end with it.
    async fn within(&self, script: &str) -> Result<String, Error> {
        // Since 6.19 objtool reads its own limits below /proc.
        const ENTER: &str = "mount --rbind /dev \"$1/dev\" && \
            mount --rbind /proc \"$1/proc\" && exec chroot \"$1\" /bin/sh -c \"export PATH=/usr/bin:/bin LC_ALL=C; $2\"";
        let mut command = Command::new("unshare");
        command
            .args(["--map-root-user", "--mount", "sh", "-c", ENTER, "sh"])
            .arg(&self.root)
            .arg(script);
        run(command, &format!("in {}: {script}", self.root.display())).await
    }
}

/// `6.1.0-56-cloud-amd64` is built from linux-source-6.1.
fn series(release: &str) -> String {
    let mut numbers = release.split(['.', '-']);
    let two = [numbers.next(), numbers.next()].map(Option::unwrap_or_default);
    two.join(".")
}

/// The Debian release whose compiler built a kernel, as its name says: `6.12.117+deb13-...`.
fn codename(release: &str) -> &'static str {
    if release.contains("+deb13") {
        "trixie"
    } else {
        "bookworm"
    }
}

/// Of that Debian release alone.
fn preferences(codename: &str) -> String {
    let pin = |name: &str, priority: i32| {
        format!("Package: *\nPin: release n={name}\nPin-Priority: {priority}\n\n")
    };
    let own = [("", 500), ("-security", 500), ("-backports", 400)];
    let own = own.map(|(suite, priority)| pin(&format!("{codename}{suite}"), priority));
    own.concat() + &pin("*", -1)
}

async fn fetch(release: &str, source: &str, half: &Path) -> Result<(), Error> {
    let apt = Apt::fresh().await?;
    let headers = format!("linux-headers-{release}");
    let mut packages = vec![headers.as_str(), source];
    packages.extend(TOOLS);
    apt.gather(&packages, &preferences(codename(release)), half)
        .await
}

/// Unpacks everything but kernels into `root`, and of the source only `part`.
async fn unpack(half: &Path, source: &str, part: &str) -> Result<(), Error> {
    const SCRIPT: &str = r#"
        cd "$1"
        mkdir -p root/usr/bin root/usr/sbin root/usr/lib root/usr/lib64 root/proc root/dev root/tmp source
        # Newer packages have all of these below usr; older ones bring their own.
        for name in bin sbin lib lib64; do ln -s usr/$name root/$name; done
        for package in archives/*.deb; do
            case $package in
                */linux-image-*|*/linux-binary-*|*/linux-modules-*|*/linux-source-*) ;;
                *) dpkg-deb -x "$package" root ;;
            esac
        done
        ln -sf mawk root/usr/bin/awk
        dpkg-deb --fsys-tarfile archives/"$2"_*.deb | tar -xOf - ./usr/src/"$2".tar.xz |
            xz -dc | tar -xf - -C source "$2/$3"
        test -d source/"$2/$3"
        rm -r archives
    "#;
    let mut command = Command::new("sh");
    command
        .args(["-ec", SCRIPT, "sh"])
        .arg(half)
        .args([source, part]);
    run(command, "unpacking what modules are built with")
        .await
        .map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_says_what_it_was_built_with() {
        for (release, of_series, of_debian) in [
            ("6.1.0-56-cloud-amd64", "6.1", "bookworm"),
            ("6.12.117+deb12-cloud-amd64", "6.12", "bookworm"),
            ("7.3.4+deb13-cloud-amd64", "7.3", "trixie"),
        ] {
            assert_eq!(
                (series(release).as_str(), codename(release)),
                (of_series, of_debian)
            );
        }
        let text = preferences("trixie");
        assert!(text.contains("n=trixie-backports\nPin-Priority: 400"));
        assert!(text.trim_end().ends_with("n=*\nPin-Priority: -1"), "{text}");
    }
}
