//! What is put into a bundle after it was finished.

use std::path::Path;

use crate::error::Error;
use crate::manifest::Manifest;
use crate::repetition::Repetition;
use crate::{reader, writer};

/// The schema version that brought repetitions: an optional field, which an older reader ignores.
const SCHEMA: &str = "1.2";

impl Manifest {
    /// Reads the manifest of a bundle and no more.
    ///
    /// # Errors
    /// Those of [`crate::Bundle::open`] that concern the manifest.
    pub fn read(directory: &Path) -> Result<Self, Error> {
        reader::read_manifest(directory)
    }

    /// Puts into a finished bundle which repetition it is, by an atomic rename; does nothing if it
    /// says so already.
    ///
    /// # Errors
    /// Those of [`Self::read`]; [`Error::Io`].
    pub fn say_repetition(directory: &Path, repetition: &Repetition) -> Result<(), Error> {
        let mut manifest = Self::read(directory)?;
        if manifest.repetition.as_ref() == Some(repetition) {
            return Ok(());
        }
        manifest.repetition = Some(repetition.clone());
        // What holds more than this already says so.
        if manifest.shard.is_none() {
            SCHEMA.clone_into(&mut manifest.schema_version);
        }
        writer::write_manifest(directory, &manifest)
    }
}
