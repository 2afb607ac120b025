//! The report's files, the README, and `--check`.
//!
//! A report is made whole beside its directory and then takes the place of the old one in one
//! step; what the directory holds of the user's comes along ([`switch`], [`carry`]). What is the
//! report's own, `digests.txt` tells ([`crate::sums`]).

mod carry;
mod check;
mod file;
mod made;
mod place;
mod readme;
mod stage;
mod switch;
mod way;
mod workplace;

use std::path::PathBuf;

use crate::chart;
use crate::error::Error;
use crate::report::Report;

pub use file::replace as one;
pub use made::Target;

/// What became of a report's files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    /// Files of the user's that stood in the way, under the names that they have now.
    pub kept: Vec<PathBuf>,
    /// Why the report could not be switched as one, where it could not.
    pub piecemeal: Option<String>,
}

/// Writes a report: as one, and nothing of the user's is lost by it.
///
/// # Errors
/// [`Error::File`], [`Error::NoMarkers`], [`Error::Internal`]. The old report is whole then.
pub fn write(
    report: &Report,
    target: &Target<'_>,
    waits: &dyn Fn(&str),
) -> Result<Published, Error> {
    let pictures = chart::all(report)?;
    let readme = match target.readme {
        Some(readme) => Some(readme::whole(report, &pictures, target, readme)?),
        None => None,
    };
    let place = place::Place::of(target.output)?;
    let workplace = workplace::Workplace::enter(&place, waits)?;
    let stage = stage::Stage::new(&workplace, &place)?;
    made::put_all(report, &pictures, target, &stage)?;
    let staged = stage.finish()?;
    let published = switch::switch(&place, &workplace, &staged)?;
    workplace.leave()?;
    if let Some((file, text)) = readme {
        one(&file, text.as_bytes())?;
    }
    Ok(published)
}

/// The files that [`write`] would change. Writes nothing.
///
/// # Errors
/// As [`write`].
pub fn check(report: &Report, target: &Target<'_>) -> Result<Vec<PathBuf>, Error> {
    let pictures = chart::all(report)?;
    let check = check::Check::of(target.output);
    made::put_all(report, &pictures, target, &check)?;
    let mut stale = check.finish();
    if let Some(readme) = target.readme {
        let (file, text) = readme::whole(report, &pictures, target, readme)?;
        let known = std::fs::read(&file).map_err(Error::file(readme))?;
        if known != text.as_bytes() {
            stale.push(readme.to_path_buf());
        }
    }
    Ok(stale)
}
