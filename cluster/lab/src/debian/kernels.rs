//! The kernels that Debian has for virtual machines, by series.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::apt::{Apt, run};
use crate::error::Error;
use crate::state::cache;

/// Package names are `linux-image-RELEASE`, and RELEASE is what `uname -r` says.
const PACKAGE: &str = "linux-image-";
/// Since 6.19 the image and the modules are in packages of their own.
const PARTS: [&str; 2] = ["linux-binary-", "linux-modules-"];
/// The flavour without drivers for real hardware.
const FLAVOUR: &str = "-cloud-amd64";
/// The name of whichever is newest.
const NEWEST: &str = "newest";

/// An unpacked kernel.
#[derive(Debug)]
pub(super) struct Package {
    /// `uname -r`.
    pub(super) release: String,
    /// The package's version; of one's own its release.
    pub(super) version: String,
    /// The bootable image.
    pub(super) image: PathBuf,
    /// What the package was unpacked into.
    pub(super) directory: PathBuf,
    /// Where what is made of it may be kept.
    pub(super) cache: PathBuf,
    /// Somebody's own, which may be another tomorrow under the same name.
    pub(super) is_own: bool,
}

/// Prints what can be booted.
///
/// # Errors
/// What `apt` says.
pub async fn list() -> Result<(), Error> {
    let cache = directory()?;
    println!(
        "{:<8} this machine's own: {}",
        "host",
        crate::preflight::kernel_release()
    );
    let releases = releases().await?;
    for name in series_of(&releases) {
        let of_series = |release: &&String| name_of_series(release).as_ref() == Some(&name);
        let mut members = releases.iter().rev().filter(of_series);
        if let Some(latest) = members.next() {
            let unpacked = cache.join(latest).join("version").exists();
            let here = if unpacked { " (unpacked)" } else { "" };
            println!("{name:<8} {latest}{here}");
        }
        let earlier: Vec<&str> = members.map(|release| short(release)).collect();
        if !earlier.is_empty() {
            println!("{:<8} also {}", "", earlier.join(" "));
        }
    }
    println!("{NEWEST:<8} whichever of these is newest");
    Ok(())
}

/// The series that there are, oldest first.
pub(super) async fn series() -> Result<Vec<String>, Error> {
    Ok(series_of(&releases().await?))
}

/// The release that `wanted` means: a series, a release with or without its flavour, `newest`.
pub(super) async fn find(wanted: &str) -> Result<String, Error> {
    // What is unpacked and named in full needs no list.
    if directory()?.join(wanted).join("version").exists() {
        return Ok(wanted.to_owned());
    }
    let releases = releases().await?;
    choose(&releases, wanted).ok_or_else(|| Error::NoKernel {
        wanted: wanted.to_owned(),
        found: series_of(&releases).join(", "),
    })
}

fn choose(releases: &[String], wanted: &str) -> Option<String> {
    let is_meant = |release: &&String| {
        wanted == NEWEST
            || wanted == release.as_str()
            || wanted == short(release)
            || name_of_series(release).is_some_and(|series| wanted == series)
    };
    releases.iter().rfind(is_meant).cloned()
}

/// Downloads and unpacks a kernel, unless that has been done.
pub(super) async fn unpacked(release: &str) -> Result<Package, Error> {
    let whole = directory()?.join(release);
    let stamp = whole.join("version");
    if !stamp.exists() || image_in(&whole, release).is_none() {
        let half = whole.with_extension("part");
        std::fs::remove_dir_all(&half).ok();
        std::fs::create_dir_all(&half).map_err(Error::io(&half, "making the directory"))?;
        let version = fetch(release, &half).await?;
        let written = std::fs::write(half.join("version"), version.trim());
        written.map_err(Error::io(&half, "writing the version into"))?;
        std::fs::remove_dir_all(&whole).ok();
        std::fs::rename(&half, &whole).map_err(Error::io(&half, "renaming"))?;
    }
    let version = std::fs::read_to_string(&stamp).map_err(Error::io(&stamp, "reading"))?;
    let image = image_in(&whole, release).ok_or_else(|| Error::State {
        path: whole.clone(),
        problem: "its packages hold no bootable image".to_owned(),
    })?;
    Ok(Package {
        release: release.to_owned(),
        version,
        image,
        cache: whole.clone(),
        directory: whole,
        is_own: false,
    })
}

/// Downloads and unpacks all packages of a release; returns the first one's version.
async fn fetch(release: &str, into: &Path) -> Result<String, Error> {
    let apt = Apt::fresh().await?;
    let mut version = String::new();
    for prefix in [PACKAGE].into_iter().chain(PARTS) {
        let package = format!("{prefix}{release}");
        if prefix != PACKAGE && !apt.names(&package).await?.contains(&package) {
            continue;
        }
        apt.download(&package, into).await?;
        let archive = only_archive(into)?;
        if version.is_empty() {
            let mut field = Command::new("dpkg-deb");
            field.arg("-f").arg(&archive).arg("Version");
            version = run(field, "dpkg-deb -f").await?;
        }
        let mut unpack = Command::new("dpkg-deb");
        unpack.arg("-x").arg(&archive).arg(into);
        run(unpack, "dpkg-deb -x").await?;
        std::fs::remove_file(&archive).map_err(Error::io(&archive, "removing"))?;
    }
    Ok(version)
}

/// In `/boot`, or among the modules.
fn image_in(directory: &Path, release: &str) -> Option<PathBuf> {
    let places = [
        format!("boot/vmlinuz-{release}"),
        format!("usr/lib/modules/{release}/vmlinuz"),
    ];
    let mut places = places.iter().map(|place| directory.join(place));
    places.find(|place| place.exists())
}

pub(super) fn directory() -> Result<PathBuf, Error> {
    Ok(cache()?.join("kernels"))
}

fn only_archive(directory: &Path) -> Result<PathBuf, Error> {
    let listed = std::fs::read_dir(directory).map_err(Error::io(directory, "listing"))?;
    let mut paths = listed.filter_map(|entry| Some(entry.ok()?.path()));
    let found = paths.find(|path| path.extension().is_some_and(|e| e == "deb"));
    found.ok_or_else(|| Error::State {
        path: directory.to_path_buf(),
        problem: "apt-get download left no package".to_owned(),
    })
}

/// All releases that can be booted, oldest first: those of the archives, or, where these cannot be
/// asked, those that are unpacked.
async fn releases() -> Result<Vec<String>, Error> {
    let here = carried()?;
    match in_archives().await {
        Ok(releases) if !releases.is_empty() => Ok(releases),
        _ if !here.is_empty() => {
            eprintln!("the archives cannot be asked for kernels: these are the unpacked ones");
            Ok(here)
        }
        asked => asked,
    }
}

/// The releases that are unpacked, oldest first.
///
/// # Errors
/// Those of the file system.
pub(super) fn carried() -> Result<Vec<String>, Error> {
    let directory = directory()?;
    let entries = match std::fs::read_dir(&directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io(&directory, "listing")(error)),
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut releases: Vec<String> = names
        .filter(|name| directory.join(name).join("version").exists())
        .collect();
    releases.sort_by_key(|release| numbers(release));
    Ok(releases)
}

async fn in_archives() -> Result<Vec<String>, Error> {
    let apt = Apt::fresh().await?;
    let names = apt.names(PACKAGE).await?;
    let mut parts = Vec::new();
    for part in PARTS {
        parts.push(apt.names(part).await?);
    }
    Ok(whole(&names, &parts))
}

/// The archive keeps images longer than the modules that belong to them: where the parts are in
/// packages of their own, a release needs all of them.
fn whole(names: &[String], parts: &[Vec<String>]) -> Vec<String> {
    let has = |release: &str, (part, of_part): (&str, &Vec<String>)| {
        let name = format!("{part}{release}");
        of_part.contains(&name)
    };
    let is_whole = |release: &&str| {
        let mut found = PARTS.into_iter().zip(parts).map(|part| has(release, part));
        let first = found.next();
        found.all(|other| Some(other) == first)
    };
    let mut releases: Vec<String> = names
        .iter()
        .filter_map(|name| name.strip_prefix(PACKAGE))
        .filter(is_whole)
        // A name without a third number stands for whichever release is the latest.
        .filter(|release| release.ends_with(FLAVOUR) && numbers(short(release)).len() > 2)
        .map(str::to_owned)
        .collect();
    releases.sort_by_key(|release| numbers(release));
    releases
}

fn series_of(releases: &[String]) -> Vec<String> {
    let names = releases
        .iter()
        .filter_map(|release| name_of_series(release));
    let mut names: Vec<String> = names.collect();
    names.dedup();
    names
}

/// `6.1.0-56-cloud-amd64` is of the series 6.1.
fn name_of_series(release: &str) -> Option<String> {
    match numbers(release).as_slice() {
        [major, minor, _, ..] => Some(format!("{major}.{minor}")),
        _ => None,
    }
}

fn short(release: &str) -> &str {
    release.strip_suffix(FLAVOUR).unwrap_or(release)
}

/// The numbers in a release: `6.12.107+deb12-cloud-amd64` has 6, 12, 107, 12 and 64.
fn numbers(release: &str) -> Vec<u64> {
    let parts = release.split(|c: char| !c.is_ascii_digit());
    parts.filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_whose_modules_have_gone_is_not_offered() {
        let all = |prefix: &str, releases: &[&str]| -> Vec<String> {
            let names = releases.iter().map(|r| format!("{prefix}{r}-cloud-amd64"));
            names.collect()
        };
        let names = all(PACKAGE, &["6.1.0-56", "6.19.14", "7.3.4"]);
        let parts = [
            all(PARTS[0], &["6.19.14", "7.3.4"]),
            all(PARTS[1], &["7.3.4"]),
        ];
        let wanted = ["6.1.0-56-cloud-amd64", "7.3.4-cloud-amd64"];
        assert_eq!(whole(&names, &parts), wanted);
    }

    #[test]
    fn a_series_means_its_latest_release() {
        let mut releases: Vec<String> = [
            "6.12.117+deb12-cloud-amd64",
            "6.1.0-9-cloud-amd64",
            "6.1.0-56-cloud-amd64",
            "6.16.12+deb13-cloud-amd64",
            "6.12.95+deb12-cloud-amd64",
        ]
        .map(str::to_owned)
        .into();
        releases.sort_by_key(|release| numbers(release));
        for (wanted, release) in [
            ("6.1", Some("6.1.0-56-cloud-amd64")),
            ("6.12", Some("6.12.117+deb12-cloud-amd64")),
            ("6.12.95+deb12", Some("6.12.95+deb12-cloud-amd64")),
            ("6.1.0-9-cloud-amd64", Some("6.1.0-9-cloud-amd64")),
            ("newest", Some("6.16.12+deb13-cloud-amd64")),
            ("5.10", None),
            ("6", None),
        ] {
            assert_eq!(choose(&releases, wanted).as_deref(), release, "{wanted}");
        }
        assert_eq!(series_of(&releases), ["6.1", "6.12", "6.16"]);
    }
}
