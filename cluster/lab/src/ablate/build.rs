//! nf_tables, built from the distribution's own source: unchanged, and with one edit after another.

use std::path::Path;

use bundle::Build;
use sha2::{Digest as _, Sha256};

use super::edit::{Edit, PART};
use crate::debian::Toolchain;
use crate::error::Error;
use crate::progress::Progress;
use crate::replay::Module;

const MODULE: &str = "nf_tables";
/// In the source's own Makefile: from here to there stands what the module is made of.
const OBJECTS: (&str, &str) = ("nf_tables-objs :=", "obj-$(CONFIG_NF_TABLES)");

/// Builds the module unchanged, and again with each edit after those before it.
///
/// # Errors
/// What an edit, the compiler or apt says.
pub(super) async fn all(
    release: &str,
    edits: &[&Edit],
    progress: Progress,
) -> Result<Vec<Module>, Error> {
    let steps = progress.steps("building", edits.len() + 2);
    steps.begin(&format!("what {release} was built with, and its source"));
    let toolchain = Toolchain::of(release, PART).await?;
    let compiler = toolchain.compiler().await?;
    steps.done();
    let mut modules = Vec::new();
    for count in 0..=edits.len() {
        let made = &edits[..count];
        let name = name(made);
        steps.begin(&format!("nf_tables of {release}: {name}"));
        let tree = toolchain.fresh_source().await?;
        for edit in made {
            edit.apply(&tree).await?;
        }
        write_kbuild(&tree.join(PART))?;
        let bytes = toolchain.module(PART, MODULE).await?;
        steps.done();
        let files: Vec<&str> = made.iter().map(|edit| edit.file.as_str()).collect();
        let row = Build {
            build: name,
            kernel_release: release.to_owned(),
            source: toolchain.source_name.clone(),
            compiler: compiler.clone(),
            module_sha256: hex(&Sha256::digest(&bytes)),
            says: made
                .last()
                .map_or_else(String::new, |edit| edit.says.clone()),
            edits: files.join("+"),
        };
        modules.push(Module { row, bytes });
    }
    Ok(modules)
}

/// `control`, or the names of the edits.
fn name(edits: &[&Edit]) -> String {
    if edits.is_empty() {
        return super::CONTROL.to_owned();
    }
    let names: Vec<&str> = edits.iter().map(|edit| edit.name.as_str()).collect();
    names.join("+")
}

/// The one module alone, of the objects that the source's Makefile lists.
fn write_kbuild(directory: &Path) -> Result<(), Error> {
    let makefile = directory.join("Makefile");
    let text = std::fs::read_to_string(&makefile).map_err(Error::io(&makefile, "reading"))?;
    let kbuild = kbuild(&text).ok_or_else(|| {
        let problem = format!("{}: does not say what nf_tables is of", makefile.display());
        Error::Usage(problem)
    })?;
    let path = directory.join("Kbuild");
    std::fs::write(&path, kbuild).map_err(Error::io(&path, "writing"))
}

fn kbuild(makefile: &str) -> Option<String> {
    let from = makefile.find(OBJECTS.0)?;
    let length = makefile[from..].find(OBJECTS.1)?;
    let objects = &makefile[from..from + length];
    Some(format!("obj-m := {MODULE}.o\n{objects}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_modules_objects_are_taken_with_their_conditions() {
        let makefile = "obj-y += a.o\nnf_tables-objs := b.o \\\n  c.o\n\nifdef CONFIG_X\n\
                        nf_tables-objs += d.o\nendif\n\nobj-$(CONFIG_NF_TABLES) += nf_tables.o\n\
                        obj-$(CONFIG_E) += e.o\n";
        let wanted = "obj-m := nf_tables.o\nnf_tables-objs := b.o \\\n  c.o\n\nifdef CONFIG_X\n\
                      nf_tables-objs += d.o\nendif\n\n";
        assert_eq!(kbuild(makefile).as_deref(), Some(wanted));
        assert_eq!(kbuild("obj-y += a.o\n"), None);
    }
}
