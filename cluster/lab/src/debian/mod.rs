//! Debian's packages: kernels to boot, and what must be installed.

mod apt;
mod initramfs;
mod kernels;
mod modules;
mod own;
mod packages;
mod sources;
mod toolchain;

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::progress::Progress;
use crate::state::{Kernel, Lock, cache};

pub(crate) use initramfs::Files;
pub use kernels::list as list_kernels;
pub use packages::{install, list as list_packages};
pub use toolchain::Toolchain;

/// Gets the kernel `wanted` ready to boot with this kube-proxy: downloads and unpacks its package
/// and builds its initramfs, with `more` files in it, as far as they are not in the cache. One's own
/// is `IMAGE` or `IMAGE:MODULES`.
///
/// # Errors
/// [`Error::NoKernel`]; what `apt` or a missing program says.
pub(crate) async fn guest(
    wanted: &str,
    kube_proxy: &Path,
    more: &Files,
    progress: &Progress,
) -> Result<Kernel, Error> {
    let _lock = Lock::wait(&cache()?.join("kernels.lock"))?;
    let steps = progress.steps("preparing", 2);
    steps.begin(&format!("kernel {wanted}"));
    let package = found(wanted).await?;
    steps.done();
    steps.begin(&format!("the initramfs of {}", package.release));
    let initramfs = initramfs::build(&package, Some(kube_proxy), more).await?;
    Ok(Kernel::Guest {
        release: package.release,
        version: package.version,
        image: package.image,
        initramfs,
    })
}

/// Gets the kernel `wanted` ready to load transactions: like [`guest`], without a kube-proxy.
///
/// # Errors
/// [`Error::NoKernel`]; what `apt` or a missing program says.
pub async fn replay_guest(wanted: &str) -> Result<Kernel, Error> {
    let _lock = Lock::wait(&cache()?.join("kernels.lock"))?;
    replay_with(found(wanted).await?).await
}

/// A kernel of the archives, by series or release, or one's own, by its image's path.
async fn found(wanted: &str) -> Result<kernels::Package, Error> {
    if own::is_path(wanted) {
        return own::named(wanted);
    }
    let release = kernels::find(wanted).await?;
    kernels::unpacked(&release).await
}

/// Downloads and unpacks the latest kernel of a series, unless that has been done.
///
/// # Errors
/// [`Error::NoKernel`]; what `apt` says.
pub async fn fetch(series: &str) -> Result<(), Error> {
    let _lock = Lock::wait(&cache()?.join("kernels.lock"))?;
    found(series).await.map(|_| ())
}

/// The series whose latest kernel is not unpacked.
///
/// # Errors
/// What `apt` says.
pub async fn missing() -> Result<Vec<String>, Error> {
    let here = kernels::carried()?;
    let mut missing = Vec::new();
    for name in kernels::series().await? {
        let latest = kernels::find(&name).await?;
        if !here.contains(&latest) {
            missing.push(name);
        }
    }
    Ok(missing)
}

/// The kernels that are unpacked, by release.
///
/// # Errors
/// Those of the file system.
pub fn carried() -> Result<Vec<String>, Error> {
    kernels::carried()
}

/// The same with a kernel of one's own: its image, and the directory `lib/modules/RELEASE`.
///
/// # Errors
/// [`Error::Usage`] if that is not what the paths are; what a missing program says.
pub async fn own_guest(image: &Path, modules: &Path) -> Result<Kernel, Error> {
    replay_with(own::package(image, modules)?).await
}

async fn replay_with(package: kernels::Package) -> Result<Kernel, Error> {
    let initramfs = initramfs::build(&package, None, &Files::new()).await?;
    Ok(Kernel::Guest {
        release: package.release,
        version: package.version,
        image: package.image,
        initramfs,
    })
}

/// The series that can be booted, oldest first.
///
/// # Errors
/// What `apt` says.
pub async fn series() -> Result<Vec<String>, Error> {
    kernels::series().await
}

/// The libraries that a program of this machine is linked with.
///
/// # Errors
/// What `ldd` says.
pub(crate) async fn libraries(program: &Path) -> Result<Vec<PathBuf>, Error> {
    initramfs::libraries(program).await
}

/// Writes an archive of files, each of which may be run.
///
/// # Errors
/// Those of the file system.
pub(crate) fn archive(path: &Path, files: &[(&str, &[u8])]) -> Result<(), Error> {
    initramfs::files(path, files)
}
