//! Debian's packages: kernels to boot, and what must be installed.

mod apt;
mod initramfs;
mod kernels;
mod modules;
mod packages;
mod sources;
mod toolchain;

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::progress::Progress;
use crate::state::{Kernel, Lock, cache};

pub(crate) use initramfs::Files;
pub use kernels::list as list_kernels;
pub use packages::prepare;
pub use toolchain::Toolchain;

/// Gets the kernel `wanted` ready to boot with this kube-proxy: downloads and unpacks its package
/// and builds its initramfs, with `more` files in it, as far as they are not in the cache.
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
    let steps = progress.steps("preparing", 3);
    steps.begin(&format!("the list of kernels for {wanted}"));
    let release = kernels::find(wanted).await?;
    steps.done();
    steps.begin(&format!("kernel {release}"));
    let package = kernels::unpacked(&release).await?;
    steps.done();
    steps.begin(&format!("the initramfs of {release}"));
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
    let release = kernels::find(wanted).await?;
    replay_with(kernels::unpacked(&release).await?).await
}

/// The same with a kernel of one's own: its image, and the directory `lib/modules/RELEASE`.
///
/// # Errors
/// [`Error::Usage`] if that is not what the paths are; what a missing program says.
pub async fn own_guest(image: &Path, modules: &Path) -> Result<Kernel, Error> {
    replay_with(kernels::own(image, modules)?).await
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
