//! What a build changes in the kernel's source: a patch, or an edit that names a place and what
//! to put there.
//!
//! ```toml
//! name = "look-ups"
//! says = "a set is looked up by its id from the end of the transaction"
//! series = ["6.1"]          # kernels that it is for; absent: any
//!
//! [[change]]
//! file = "net/netfilter/nf_tables_api.c"
//! function = "nft_set_lookup_byid"
//! find = "list_for_each_entry("     # spaces and line ends do not matter
//! put = "list_for_each_entry_reverse("
//! ```

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::tokens::{definition, places};
use crate::error::Error;

/// Only this part of the source is unpacked.
pub(super) const PART: &str = "net/netfilter";

/// An edit as it was given.
#[derive(Debug, Clone)]
pub(super) struct Edit {
    pub(super) name: String,
    /// What it does, in a sentence; empty where a patch does not say it.
    pub(super) says: String,
    /// The file's own name.
    pub(super) file: String,
    /// The file's text.
    pub(super) text: String,
    series: Vec<String>,
    change: Change,
}

#[derive(Debug, Clone)]
enum Change {
    Patch(PathBuf),
    Places(Vec<Site>),
}

/// A file of the edit's own form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    name: String,
    says: String,
    #[serde(default)]
    series: Vec<String>,
    change: Vec<Site>,
}

/// A place in the source, and what to put there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Site {
    file: String,
    function: String,
    find: String,
    put: String,
}

impl Edit {
    /// Reads an edit: `.toml`, or else a patch, which is named by its file.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Usage`] with file and line where it is not understood.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(Error::io(path, "reading the edit"))?;
        let wrong = |problem: &str| Error::Usage(format!("{}: {problem}", path.display()));
        let file = path.file_name().unwrap_or_default();
        let file = file.to_string_lossy().into_owned();
        let stem = path.file_stem().unwrap_or_default();
        let edit = if path.extension().is_some_and(|end| end == "toml") {
            let form: Form = toml::from_str(&text).map_err(|e| wrong(&e.to_string()))?;
            if form.change.is_empty() {
                return Err(wrong("changes nothing"));
            }
            Self {
                name: form.name,
                says: form.says,
                file,
                series: form.series,
                change: Change::Places(form.change),
                text,
            }
        } else {
            let path = std::path::absolute(path).map_err(Error::io(path, "finding"))?;
            Self {
                name: stem.to_string_lossy().into_owned(),
                says: String::new(),
                file,
                series: Vec::new(),
                change: Change::Patch(path),
                text,
            }
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if edit.name.is_empty() || !edit.name.chars().all(plain) || edit.name == super::CONTROL {
            return Err(wrong("its name is to be of letters, digits and -_."));
        }
        Ok(edit)
    }

    /// Whether it is for a kernel of this series.
    pub(super) fn is_for(&self, series: &str) -> bool {
        self.series.is_empty() || self.series.iter().any(|known| known == series)
    }

    /// Changes the source below `tree`.
    ///
    /// # Errors
    /// [`Error::Usage`] if a place is not there, or more than once; what `patch` says.
    pub(super) async fn apply(&self, tree: &Path) -> Result<(), Error> {
        match &self.change {
            Change::Patch(patch) => apply_patch(patch, tree).await,
            Change::Places(places) => {
                let mut each = places.iter();
                each.try_for_each(|place| place.apply(&self.name, tree))
            }
        }
    }
}

async fn apply_patch(patch: &Path, tree: &Path) -> Result<(), Error> {
    let mut command = tokio::process::Command::new("patch");
    command
        .args(["--strip=1", "--batch", "--fuzz=3", "--directory"])
        .arg(tree)
        .arg("--input")
        .arg(patch);
    let output = command.output().await;
    let output = output.map_err(Error::io(Path::new("patch"), "running"))?;
    if output.status.success() {
        return Ok(());
    }
    // `patch` says on standard output which hunk it could not apply.
    let words = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Err(Error::Usage(format!(
        "{}: does not apply (only {PART} is there to be changed): {words}",
        patch.display()
    )))
}

impl Site {
    fn apply(&self, edit: &str, tree: &Path) -> Result<(), Error> {
        let wrong = |problem: String| Error::Usage(format!("edit {edit}: {problem}"));
        let path = tree.join(&self.file);
        let outside = !self.file.starts_with(PART) || self.file.contains("..");
        if outside || !path.is_file() {
            let problem = format!("{}: no such file below {PART}", self.file);
            return Err(wrong(problem));
        }
        let text = std::fs::read_to_string(&path).map_err(Error::io(&path, "reading"))?;
        let changed = self.changed(&text).map_err(wrong)?;
        std::fs::write(&path, changed).map_err(Error::io(&path, "writing"))
    }

    /// The text with the place changed; an error says why not.
    fn changed(&self, text: &str) -> Result<String, String> {
        let within = definition(text, &self.function)
            .ok_or_else(|| format!("{} defines no function {}", self.file, self.function))?;
        let found = places(&text[within.clone()], &self.find);
        let [place] = found.as_slice() else {
            return Err(format!(
                "`{}` is found {} times in {} of {}, not once",
                self.find,
                found.len(),
                self.function,
                self.file
            ));
        };
        let (from, to) = (within.start + place.start, within.start + place.end);
        Ok(format!("{}{}{}", &text[..from], self.put, &text[to..]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "static int g(int a);\n\nstatic int g(int a)\n{\n\tf(a);\n\treturn f( a ) ;\n}\n\
                        int h(void)\n{\n\treturn f(a);\n}\n";

    fn place(function: &str, find: &str) -> Site {
        Site {
            file: "net/netfilter/x.c".to_owned(),
            function: function.to_owned(),
            find: find.to_owned(),
            put: "X".to_owned(),
        }
    }

    #[test]
    fn a_place_is_changed_within_its_function_alone() {
        let changed = place("g", "return f(a);").changed(TEXT).unwrap();
        let wanted = TEXT.replace("return f( a ) ;", "X");
        assert_eq!(changed, wanted);
    }

    #[test]
    fn a_place_that_is_not_there_or_twice_is_an_error() {
        for (function, find, words) in [
            ("g", "f(a)", "found 2 times in g"),
            ("h", "f(b)", "found 0 times in h"),
            ("k", "f(a)", "defines no function k"),
        ] {
            let error = place(function, find).changed(TEXT).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn edits_are_read_and_others_refused_with_the_line() {
        let place = tempfile::tempdir().unwrap();
        let read = |name: &str, text: &str| {
            let path = place.path().join(name);
            std::fs::write(&path, text).unwrap();
            Edit::read(&path)
        };
        let whole = "name = \"a\"\nsays = \"b\"\nseries = [\"6.1\"]\n[[change]]\n\
                     file = \"f\"\nfunction = \"g\"\nfind = \"h\"\nput = \"i\"\n";
        let edit = read("a.toml", whole).unwrap();
        assert_eq!((edit.is_for("6.1"), edit.is_for("6.12")), (true, false));
        assert!(read("a.patch", "--- a\n+++ b\n").unwrap().is_for("6.12"));
        for (text, words) in [
            (whole.replace("find", "fnd"), "line 7"),
            (whole.replace("\"a\"", "\"a b\""), "letters"),
            (whole.replace("\"a\"", "\"control\""), "letters"),
            (
                "name = \"a\"\nsays = \"b\"\nchange = []\n".to_owned(),
                "nothing",
            ),
        ] {
            let error = read("b.toml", &text).unwrap_err().to_string();
            assert!(error.contains(words) && error.contains("b.toml"), "{error}");
        }
    }

    #[test]
    fn the_examples_are_edits() {
        for name in ["look-ups", "bind-walk", "set-names"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("edits");
            let edit = Edit::read(&path.join(name).with_extension("toml")).unwrap();
            assert_eq!(edit.name, name);
        }
    }
}
