//! Everything that `lab up` would install, build or fetch, done ahead; and carried elsewhere.

mod ahead;
mod carry;

use crate::cli::{Global, Prepare};
use crate::debian;
use crate::error::Error;
use crate::progress::Progress;

/// Does what the flags ask.
///
/// # Errors
/// [`Error::NotRoot`]; what `apt`, the compiler or `tar` says.
pub async fn prepare(global: &Global, flags: &Prepare) -> Result<(), Error> {
    if flags.list {
        debian::list_packages();
        return Ok(());
    }
    if let Some(file) = &flags.import {
        return carry::import(file).await;
    }
    if flags.all || flags.export.is_none() {
        debian::install().await?;
    }
    if flags.all {
        ahead::all(&Progress::new(global.quiet)).await?;
    }
    match &flags.export {
        Some(file) => carry::export(file).await,
        None => Ok(()),
    }
}
