//! Builds the control plane from Go modules that are pinned here, once, into the cache.

mod module;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::error::Error;
use crate::progress::Progress;
use crate::state::{KubeProxy, Kubernetes, Lock, WantedKubeProxy, cache};
use module::{CONTROL_PLANE, CONTROL_PLANES, Module, Program, VERSIONS};

pub use module::{KUBE_PROXIES, KUBERNETES};

/// A program, and the set that it is built with.
#[derive(Debug)]
pub struct Missing {
    fingerprint: String,
    module: &'static Module,
    program: &'static Program,
}

impl Missing {
    /// Its name, and its version where that is not part of it.
    #[must_use]
    pub fn name(&self) -> String {
        let name = self.program.name;
        match self.program.tag() {
            Some(tag) if !self.is_kube_proxy() => format!("{name} {tag}"),
            _ => name.to_owned(),
        }
    }

    /// Seconds that building it takes on two processors that are free, roughly.
    #[must_use]
    pub fn expected_s(&self) -> f64 {
        self.program.expected_s()
    }

    /// Whether no lab comes up without it.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        !self.is_kube_proxy() && self.fingerprint == module::fingerprint(&CONTROL_PLANE)
    }

    fn is_kube_proxy(&self) -> bool {
        self.program.is_kube_proxy()
    }

    /// Builds it.
    ///
    /// # Errors
    /// [`Error::Command`] with the compiler's last words.
    pub async fn build(&self) -> Result<(), Error> {
        let needed = vec![(self.module, self.program)];
        missing(&self.fingerprint, needed, &Progress::new(true))
            .await
            .map(|_| ())
    }
}

/// Every program that is pinned and not in the cache.
///
/// # Errors
/// [`Error::Usage`] if there is no cache.
pub fn all_missing() -> Result<Vec<Missing>, Error> {
    let directory = cache()?.join("bin");
    let mut all = Vec::new();
    for modules in sets() {
        let fingerprint = module::fingerprint(modules);
        let is_there = |program: &Program| directory.join(&fingerprint).join(program.name).exists();
        let absent = programs_of(modules).filter(|(_, program)| !is_there(program));
        all.extend(absent.map(|(module, program)| Missing {
            fingerprint: fingerprint.clone(),
            module,
            program,
        }));
    }
    Ok(all)
}

/// The directories of all sets of programs, below `bin` in the cache.
#[must_use]
pub fn directories() -> Vec<String> {
    sets().map(module::fingerprint).collect()
}

/// What is built together: the control plane with the two kube-proxies that came with it before
/// there were others, and each further version by itself.
fn sets() -> impl Iterator<Item = &'static [Module]> {
    let first = [CONTROL_PLANE.as_slice()].into_iter();
    let more = VERSIONS.iter().chain(&CONTROL_PLANES);
    first.chain(more.map(std::slice::from_ref))
}

fn programs_of(
    modules: &'static [Module],
) -> impl Iterator<Item = (&'static Module, &'static Program)> {
    let programs = |module: &'static Module| module.programs.iter().map(move |p| (module, p));
    modules.iter().flat_map(programs)
}

/// Builds etcd and kwok, unless they are in the cache; returns their directory.
///
/// # Errors
/// [`Error::Command`] with the compiler's last words.
pub async fn programs(progress: &Progress) -> Result<PathBuf, Error> {
    let needed = programs_of(&CONTROL_PLANE);
    let needed = needed.filter(|(_, program)| !program.is_kubernetes());
    missing(
        &module::fingerprint(&CONTROL_PLANE),
        needed.collect(),
        progress,
    )
    .await
}

/// Builds the control plane of a version that is pinned, unless it is in the cache.
///
/// # Errors
/// [`Error::Command`] with the compiler's last words.
pub async fn kubernetes(version: &str, progress: &Progress) -> Result<Kubernetes, Error> {
    let tag = format!("v{version}");
    for modules in sets() {
        let needed: Vec<_> = programs_of(modules)
            .filter(|(_, program)| program.is_kubernetes() && !program.is_kube_proxy())
            .filter(|(_, program)| program.tag() == Some(&tag))
            .collect();
        if !needed.is_empty() {
            let programs = missing(&module::fingerprint(modules), needed, progress).await?;
            return Ok(Kubernetes { tag, programs });
        }
    }
    Err(Error::Usage(format!("no module has Kubernetes {version}")))
}

/// The kube-proxy that is wanted, built if it is pinned and not in the cache.
///
/// # Errors
/// [`Error::Command`] with the compiler's last words, or those of a binary that does not say its
/// version.
pub async fn kube_proxy(wanted: &WantedKubeProxy, progress: &Progress) -> Result<KubeProxy, Error> {
    let version = match wanted {
        WantedKubeProxy::Pinned(version) => version,
        WantedKubeProxy::Own(path) => return own(path).await,
    };
    let name = format!("kube-proxy-{version}");
    for modules in sets() {
        let needed: Vec<_> = programs_of(modules)
            .filter(|(_, program)| program.name == name)
            .collect();
        if !needed.is_empty() {
            let directory = missing(&module::fingerprint(modules), needed, progress).await?;
            return Ok(KubeProxy {
                tag: format!("v{version}"),
                program: directory.join(name),
            });
        }
    }
    Err(Error::Usage(format!("no module has {name}")))
}

/// Somebody's own binary: its absolute path, and what it says of its version.
async fn own(path: &Path) -> Result<KubeProxy, Error> {
    let program = path.canonicalize().map_err(Error::io(path, "opening"))?;
    let command = format!("{} --version", program.display());
    let failed = |status: String, output: String| Error::Command {
        command: command.clone(),
        status,
        output,
    };
    let output = Command::new(&program).arg("--version").output().await;
    let output = output.map_err(|error| failed("not started".to_owned(), error.to_string()))?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    // `Kubernetes v1.37.2`
    match said.strip_prefix("Kubernetes ") {
        Some(tag) if output.status.success() => Ok(KubeProxy {
            tag: tag.to_owned(),
            program,
        }),
        _ => Err(failed(
            output.status.to_string(),
            format!("no version in `{said}`"),
        )),
    }
}

/// Builds those that are not in the cache; returns their directory.
async fn missing(
    fingerprint: &str,
    needed: Vec<(&'static Module, &'static Program)>,
    progress: &Progress,
) -> Result<PathBuf, Error> {
    let cache = cache()?;
    let directory = cache.join("bin").join(fingerprint);
    let absent = || {
        let all = needed.iter().copied();
        all.filter(|(_, program)| !directory.join(program.name).exists())
            .collect::<Vec<_>>()
    };
    // What is there is whole: a lab need not wait for programs that it does not use.
    if absent().is_empty() {
        return Ok(directory);
    }
    let _lock = Lock::wait(&cache.join("build.lock"))?;
    std::fs::create_dir_all(&directory).map_err(Error::io(&directory, "making the directory"))?;
    let missing = absent();
    if missing.is_empty() {
        return Ok(directory);
    }
    crate::preflight::go()?;
    let steps = progress.steps("building", missing.len());
    for (module, program) in missing {
        steps.begin(program.name);
        let sources = unpack(&cache, module)?;
        build(&sources, program, &directory).await?;
        steps.done();
    }
    Ok(directory)
}

/// Writes the module's files where `go build` can read them.
fn unpack(cache: &Path, module: &Module) -> Result<PathBuf, Error> {
    let directory = cache.join("go").join(module.name);
    std::fs::create_dir_all(&directory).map_err(Error::io(&directory, "making the directory"))?;
    for (name, text) in [
        ("go.mod", module.requirements),
        ("go.sum", module.checksums),
    ] {
        let path = directory.join(name);
        std::fs::write(&path, text).map_err(Error::io(&path, "writing"))?;
    }
    Ok(directory)
}

async fn build(sources: &Path, program: &Program, into: &Path) -> Result<(), Error> {
    // Built beside its place: a program that is there is whole.
    let half = into.join(format!("{}.part", program.name));
    let mut command = Command::new("go");
    command
        .args(["build", "-ldflags", &program.linker_flags()])
        .arg("-o")
        .arg(&half)
        .arg(program.package)
        .current_dir(sources)
        .env("GOFLAGS", "-mod=readonly -buildvcs=false -trimpath")
        // What is built must not depend on a workspace around it, nor on a C compiler.
        .env("GOWORK", "off")
        .env("CGO_ENABLED", "0")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let failed = |status: String, output: String| Error::Command {
        command: format!("go build {}", program.package),
        status,
        output,
    };
    let output = command
        .output()
        .await
        .map_err(|error| failed("not started".to_owned(), error.to_string()))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let last: Vec<&str> = words.lines().rev().take(15).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        return Err(failed(output.status.to_string(), last.join("\n")));
    }
    let whole = into.join(program.name);
    std::fs::rename(&half, &whole).map_err(Error::io(&half, "renaming"))
}
