//! The results in a README, between their markers.

use std::path::{Path, PathBuf};

use super::made::Target;
use super::way::way_up;
use crate::chart::Picture;
use crate::error::Error;
use crate::render::markdown::{self, Standing};
use crate::report::Report;

const BEGIN: &str = "<!-- results: begin -->";
const END: &str = "<!-- results: end -->";

/// The file that a path leads to, so that a link stays one, and its new text.
pub(super) fn whole(
    report: &Report,
    pictures: &[Picture],
    target: &Target<'_>,
    readme: &Path,
) -> Result<(PathBuf, String), Error> {
    let file = readme.canonicalize().map_err(Error::file(readme))?;
    let text = std::fs::read_to_string(&file).map_err(Error::file(readme))?;
    let place = Standing {
        base: base(readme, target.output),
        logs: way_up(readme.parent().unwrap_or(Path::new(""))),
    };
    let block = markdown::readme(report, pictures, &place)?;
    let whole = between_markers(readme, &text, &block)?;
    Ok((file, whole))
}

fn between_markers(path: &Path, text: &str, block: &str) -> Result<String, Error> {
    let missing = || Error::NoMarkers(path.to_path_buf());
    let (before, rest) = text.split_once(BEGIN).ok_or_else(missing)?;
    let (_, after) = rest.split_once(END).ok_or_else(missing)?;
    Ok(format!("{before}{BEGIN}\n{block}\n{END}{after}"))
}

/// The report's directory as seen from the README, with its `/`.
fn base(readme: &Path, output: &Path) -> String {
    let parent = readme.parent().unwrap_or(Path::new(""));
    let path = output.strip_prefix(parent).unwrap_or(output);
    let path = path.to_string_lossy();
    match path.trim_end_matches('/') {
        "" | "." => String::new(),
        path => format!("{path}/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_reached_from_below_and_from_nowhere_else() {
        assert_eq!(way_up(Path::new("reports")).as_deref(), Some("../"));
        assert_eq!(way_up(Path::new("./a/b/")).as_deref(), Some("../../"));
        assert_eq!(way_up(Path::new("")).as_deref(), Some(""));
        assert_eq!(way_up(Path::new("/tmp/x")), None);
        assert_eq!(way_up(Path::new("../x")), None);
        assert_eq!(
            base(Path::new("README.md"), Path::new("reports/")),
            "reports/"
        );
        assert_eq!(base(Path::new("a/README.md"), Path::new("a/out")), "out/");
    }
}
