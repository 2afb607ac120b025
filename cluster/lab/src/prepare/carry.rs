//! What is built and fetched as one archive, for a machine without registries.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::build;
use crate::debian;
use crate::error::Error;
use crate::state::{Lock, cache};

/// What of an unpacked kernel is carried: what it was unpacked into, not what was made of it.
const OF_A_KERNEL: [&str; 4] = ["boot", "lib", "usr", "version"];

/// Writes the archive.
///
/// # Errors
/// [`Error::Usage`] if there is nothing to carry; what `tar` says.
pub(super) async fn export(file: &Path) -> Result<(), Error> {
    let cache = cache()?;
    let (programs, kernels) = (build::directories(), debian::carried()?);
    let mut parts: Vec<PathBuf> = programs
        .iter()
        .map(|directory| Path::new("bin").join(directory))
        .collect();
    for release in &kernels {
        let kernel = Path::new("kernels").join(release);
        parts.extend(OF_A_KERNEL.iter().map(|part| kernel.join(part)));
    }
    parts.retain(|part| cache.join(part).exists());
    if parts.is_empty() {
        let problem = "nothing is built or fetched yet: `lab prepare --all` does that";
        return Err(Error::Usage(problem.to_owned()));
    }
    let mut tar = Command::new("tar");
    tar.arg("--create")
        .arg("--auto-compress")
        .arg("--file")
        .arg(file);
    // A program that is just being built is none yet.
    tar.arg("--exclude=*.part").arg("--directory").arg(&cache);
    run(tar.args(&parts), file).await?;
    let size = file.metadata().map_err(Error::io(file, "looking at"))?;
    println!(
        "{} sets of programs and {} kernels in {}: {} MiB",
        programs
            .iter()
            .filter(|set| cache.join("bin").join(set).exists())
            .count(),
        kernels.len(),
        file.display(),
        size.len() >> 20
    );
    println!("`lab prepare --import` on the other machine takes them over; the packages that it");
    println!("needs are named by `lab prepare --list`");
    Ok(())
}

/// Takes over what an archive holds and is not there.
///
/// # Errors
/// [`Error::Usage`] if it is none of a lab; what `tar` says.
pub(super) async fn import(file: &Path) -> Result<(), Error> {
    let cache = cache()?;
    let half = cache.join("import.part");
    let _lock = Lock::wait(&cache.join("build.lock"))?;
    std::fs::remove_dir_all(&half).ok();
    std::fs::create_dir_all(&half).map_err(Error::io(&half, "making the directory"))?;
    let mut tar = Command::new("tar");
    tar.arg("--extract")
        .arg("--no-same-owner")
        .arg("--file")
        .arg(file);
    run(tar.arg("--directory").arg(&half), file).await?;
    let mut taken = 0;
    for kind in ["bin", "kernels"] {
        taken += take_over(&half.join(kind), &cache.join(kind))?;
    }
    std::fs::remove_dir_all(&half).map_err(Error::io(&half, "removing"))?;
    if taken == 0 {
        println!("nothing of it is new here");
    }
    let missing = build::all_missing()?;
    if missing.iter().any(build::Missing::is_needed) {
        return Err(Error::Usage(format!(
            "{}: was made by a lab with other pins than this one: the control plane would be built",
            file.display()
        )));
    }
    println!("kernels here: {}", debian::carried()?.join(", "));
    let without: Vec<String> = missing.iter().map(build::Missing::name).collect();
    if !without.is_empty() {
        println!(
            "not here, and built when first asked for: {}",
            without.join(", ")
        );
    }
    Ok(())
}

/// Moves each program's set and each kernel that is not there yet; of a set what is missing in it.
fn take_over(from: &Path, into: &Path) -> Result<usize, Error> {
    let mut taken = 0;
    for part in entries(from)? {
        let place = into.join(part.file_name().unwrap_or_default());
        if !place.exists() {
            std::fs::create_dir_all(into).map_err(Error::io(into, "making the directory"))?;
            std::fs::rename(&part, &place).map_err(Error::io(&place, "moving"))?;
            taken += 1;
        } else if from.ends_with("bin") {
            for program in entries(&part)? {
                let whole = place.join(program.file_name().unwrap_or_default());
                if !whole.exists() {
                    std::fs::rename(&program, &whole).map_err(Error::io(&whole, "moving"))?;
                    taken += 1;
                }
            }
        }
    }
    Ok(taken)
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io(directory, "listing")(error)),
    };
    Ok(entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect())
}

async fn run(command: &mut Command, file: &Path) -> Result<(), Error> {
    let failed = |status: String, output: String| Error::Command {
        command: format!("tar --file {}", file.display()),
        status,
        output,
    };
    let output = command.kill_on_drop(true).output().await;
    let output = output.map_err(|error| failed("not started".to_owned(), error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(failed(output.status.to_string(), said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_already_stays_and_what_is_missing_comes() {
        let place = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = place.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        for (path, text) in [
            ("from/bin/set/etcd", "theirs"),
            ("from/bin/set/kwok", "theirs"),
            ("from/bin/other/etcd", "theirs"),
            ("into/bin/set/etcd", "ours"),
        ] {
            write(path, text);
        }
        let at = |path: &str| place.path().join(path);
        assert_eq!(take_over(&at("from/bin"), &at("into/bin")).unwrap(), 2);
        for (path, text) in [
            ("into/bin/set/etcd", "ours"),
            ("into/bin/set/kwok", "theirs"),
            ("into/bin/other/etcd", "theirs"),
        ] {
            assert_eq!(std::fs::read_to_string(at(path)).unwrap(), text, "{path}");
        }
        assert_eq!(take_over(&at("nowhere"), &at("into/bin")).unwrap(), 0);
    }
}
