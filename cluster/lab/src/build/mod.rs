//! Builds the control plane from Go modules that are pinned here, once, into the cache.

mod module;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use crate::error::Error;
use crate::progress::Progress;
use crate::state::{KubeProxyVersion, Lock, cache};
use module::{MODULES, Module, Program};

/// Builds what a lab with this kube-proxy needs and is not in the cache; returns the directory.
///
/// # Errors
/// [`Error::Command`] with the compiler's last words.
pub async fn programs(version: KubeProxyVersion, progress: &Progress) -> Result<PathBuf, Error> {
    let cache = cache()?;
    let directory = cache.join("bin").join(module::fingerprint());
    let _lock = Lock::wait(&cache.join("build.lock"))?;
    std::fs::create_dir_all(&directory).map_err(Error::io(&directory, "making the directory"))?;
    let needed = |program: &&Program| !program.is_kube_proxy() || program.name == version.program();
    let all = MODULES
        .iter()
        .flat_map(|module| module.programs.iter().map(move |program| (module, program)));
    let missing: Vec<_> = all
        .filter(|(_, program)| needed(program) && !directory.join(program.name).exists())
        .collect();
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
