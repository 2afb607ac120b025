//! apt with a configuration, lists and cache of the lab's own: nothing of this machine's changes.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::process::Command;

use super::sources;
use crate::error::Error;
use crate::state::cache;

/// How old the lists may get.
const FRESH: Duration = Duration::from_secs(24 * 3600);

/// Which suite a package comes from.
const PREFERENCES: &str = "preferences";

/// apt as the lab uses it.
pub(super) struct Apt {
    directory: PathBuf,
    /// The release that this machine is of.
    codename: String,
}

impl Apt {
    /// With lists that are fresh.
    ///
    /// # Errors
    /// What `apt-get update` says.
    pub(super) async fn fresh() -> Result<Self, Error> {
        let directory = cache()?.join("apt");
        for part in ["lists/partial", "archives/partial", "sources"] {
            let part = directory.join(part);
            std::fs::create_dir_all(&part).map_err(Error::io(&part, "making the directory"))?;
        }
        let file = directory.join("sources/lab.sources");
        let archives = sources::archives()?;
        let text = archives.sources;
        let known = std::fs::read_to_string(&file).unwrap_or_default();
        std::fs::write(&file, &text).map_err(Error::io(&file, "writing"))?;
        let preferences = directory.join(PREFERENCES);
        let written = std::fs::write(&preferences, archives.preferences);
        written.map_err(Error::io(&preferences, "writing"))?;
        let apt = Self {
            directory,
            codename: archives.codename,
        };
        let stamp = apt.directory.join("updated");
        if known != text || !is_fresh(&stamp) {
            apt.run("apt-get", &["update", "--quiet"]).await?;
            std::fs::write(&stamp, "").map_err(Error::io(&stamp, "writing"))?;
        }
        Ok(apt)
    }

    /// The release that this machine is of, such as `bookworm`.
    pub(super) fn codename(&self) -> &str {
        &self.codename
    }

    /// Names of packages that begin with `prefix`.
    pub(super) async fn names(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let text = self.run("apt-cache", &["pkgnames", prefix]).await?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Downloads a package into `directory`.
    pub(super) async fn download(&self, package: &str, directory: &Path) -> Result<(), Error> {
        let mut command = self.command("apt-get", &["download", "--quiet", package]);
        command.current_dir(directory);
        run(command, &format!("apt-get download {package}"))
            .await
            .map(|_| ())
    }

    /// Installs packages on this machine, from `release` if given.
    pub(super) async fn install(
        &self,
        packages: &[&str],
        release: Option<&str>,
    ) -> Result<(), Error> {
        let mut words = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
        if let Some(release) = release {
            words.extend(["--target-release", release]);
        }
        words.extend(packages);
        let mut command = self.command("apt-get", &words);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        run(command, &format!("apt-get {}", words.join(" ")))
            .await
            .map(|_| ())
    }

    /// Downloads packages and all that they need, as for a machine on which nothing is installed,
    /// into `directory/archives`.
    pub(super) async fn gather(
        &self,
        packages: &[&str],
        preferences: &str,
        directory: &Path,
    ) -> Result<(), Error> {
        let partial = directory.join("archives/partial");
        std::fs::create_dir_all(&partial).map_err(Error::io(&partial, "making the directory"))?;
        let write = |name: &str, text: &str| {
            let path = directory.join(name);
            std::fs::write(&path, text).map_err(Error::io(&path, "writing"))
        };
        write("status", "")?;
        write(PREFERENCES, preferences)?;
        let mut words = vec!["install", "--yes", "--quiet", "--no-install-recommends"];
        words.push("--download-only");
        words.extend(packages);
        let mut command = self.command("apt-get", &words);
        // What is said last counts.
        for (name, file) in [
            ("Dir::State::status", "status"),
            ("Dir::Etc::preferences", PREFERENCES),
            ("Dir::Cache::archives", "archives"),
        ] {
            let path = directory.join(file);
            command.arg("-o").arg(format!("{name}={}", path.display()));
        }
        command.args(["-o", "Debug::NoLocking=true"]);
        let line = format!("apt-get {}", words.join(" "));
        run(command, &line).await?;
        std::fs::remove_dir_all(&partial).map_err(Error::io(&partial, "removing"))
    }

    async fn run(&self, program: &str, words: &[&str]) -> Result<String, Error> {
        let line = format!("{program} {}", words.join(" "));
        run(self.command(program, words), &line).await
    }

    fn command(&self, program: &str, words: &[&str]) -> Command {
        let option =
            |name: &str, part: &str| format!("{name}={}", self.directory.join(part).display());
        let mut command = Command::new(program);
        for option in [
            option("Dir::State::lists", "lists"),
            option("Dir::Cache::archives", "archives"),
            option("Dir::Etc::sourceparts", "sources"),
            "Dir::Etc::sourcelist=/dev/null".to_owned(),
            option("Dir::Etc::preferences", PREFERENCES),
            "Dir::Cache::pkgcache=".to_owned(),
            "Dir::Cache::srcpkgcache=".to_owned(),
            // Only what is asked for: no descriptions, no pictures.
            "Acquire::Languages=none".to_owned(),
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".to_owned(),
            // The cache is root's.
            "APT::Sandbox::User=root".to_owned(),
        ] {
            command.args(["-o", &option]);
        }
        command.args(words);
        command
    }
}

/// Runs a command to its end and returns what it printed.
pub(super) async fn run(mut command: Command, line: &str) -> Result<String, Error> {
    let failed = |status: String, output: String| Error::Command {
        command: line.to_owned(),
        status,
        output,
    };
    command
        .stdin(std::process::Stdio::null())
        .kill_on_drop(true);
    let output = command.output().await;
    let output = output.map_err(|error| failed("not started".to_owned(), error.to_string()))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(failed(output.status.to_string(), words))
}

fn is_fresh(stamp: &Path) -> bool {
    let written = stamp.metadata().and_then(|metadata| metadata.modified());
    // A clock that was set back makes an age that cannot be; then the lists are fetched again.
    let age = written.map(|time| SystemTime::now().duration_since(time).unwrap_or(FRESH));
    age.is_ok_and(|age| age < FRESH)
}
