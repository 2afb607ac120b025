//! Debian's packages: kernels to boot, and what must be installed.

mod apt;
mod initramfs;
mod kernels;
mod modules;
mod packages;
mod sources;

use std::path::Path;

use crate::error::Error;
use crate::progress::Progress;
use crate::state::{Kernel, Lock, cache};

pub use kernels::list as list_kernels;
pub use packages::prepare;

/// Gets the kernel `wanted` ready to boot with this kube-proxy: downloads and unpacks its package
/// and builds its initramfs, as far as they are not in the cache.
///
/// # Errors
/// [`Error::NoKernel`]; what `apt` or a missing program says.
pub async fn guest(wanted: &str, kube_proxy: &Path, progress: &Progress) -> Result<Kernel, Error> {
    let _lock = Lock::wait(&cache()?.join("kernels.lock"))?;
    let steps = progress.steps("preparing", 3);
    steps.begin(&format!("the list of kernels for {wanted}"));
    let release = kernels::find(wanted).await?;
    steps.done();
    steps.begin(&format!("kernel {release}"));
    let package = kernels::unpacked(&release).await?;
    steps.done();
    steps.begin(&format!("the initramfs of {release}"));
    let initramfs = initramfs::build(&package, kube_proxy).await?;
    Ok(Kernel::Guest {
        release: package.release,
        version: package.version,
        image: package.image,
        initramfs,
    })
}
