//! report.md, the block that a README holds between its markers, and a comment for an issue.

use serde::Serialize;

use super::basis::{self, Basis};
use super::crossed::{self, CrossedView};
use super::engine::Engine;
use super::facts::{self, BundleView};
use super::overview::{self, Overview};
use super::replay::{self, ReplayView};
use super::room::{self, ROWS};
use super::rows::Addresses;
use super::view::{self, StudyView};
use super::way::Way;
use crate::chart::Picture;
use crate::error::Error;
use crate::report::{Report, Study, Warning, words};

/// What a comment on GitHub holds at most, in characters.
const COMMENT: usize = 65_536;
/// Rows of the README's table.
const MOST_ROWS: usize = 8;

/// What a template sees.
#[derive(Serialize)]
struct View<'r> {
    tool: &'r crate::report::Tool,
    headline: Answer<'r>,
    /// What its sentence rests on.
    basis: Basis<'r>,
    selection: &'r crate::report::Selection,
    overview: Vec<Overview<'r>>,
    overview_total: usize,
    studies: Vec<StudyView<'r>>,
    studies_total: usize,
    crossed: Vec<CrossedView<'r>>,
    replays: Vec<ReplayView<'r>>,
    /// The few that a README has room for: those that compare first.
    few: Vec<StudyView<'r>>,
    /// Identity of the headline's study.
    main: Option<&'r str>,
    bundles: Vec<BundleView<'r>>,
    bundles_total: usize,
    warnings: &'r [Warning],
    warnings_total: usize,
    /// Directory of the report as the document sees it, with its `/`; empty beside it.
    base: &'r str,
    /// The way to the logs as the document sees them; absent if it cannot be known.
    logs: Option<&'r str>,
}

/// The headline without all that it rests on.
#[derive(Serialize)]
struct Answer<'r> {
    sentence: &'r str,
    doubts: &'r [String],
}

/// Where a document lies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// The report's directory as the document sees it, with its `/`; empty beside it.
    pub base: String,
    /// What to put before a log's path to reach it from the document; absent if the log cannot
    /// be reached by a relative path.
    pub logs: Option<String>,
}

/// report.md.
///
/// # Errors
/// [`Error::Internal`] for a broken template.
pub fn document(report: &Report, pictures: &[Picture], place: &Standing) -> Result<String, Error> {
    Engine::new(&report.names)?.render("report.md", &view(report, pictures, place))
}

/// The README's block.
///
/// # Errors
/// [`Error::Internal`] for a broken template.
pub fn readme(report: &Report, pictures: &[Picture], place: &Standing) -> Result<String, Error> {
    let text = Engine::new(&report.names)?.render("readme.md", &view(report, pictures, place))?;
    Ok(text.trim().to_owned())
}

/// A comment for an issue: no pictures, and never longer than GitHub takes.
///
/// # Errors
/// [`Error::Internal`] for a broken template.
pub fn compact(report: &Report) -> Result<String, Error> {
    let text = Engine::new(&report.names)?
        .render("compact.md", &view(report, &[], &Standing::default()))?;
    Ok(fitted(text))
}

/// Cuts at the end of a line, and says so.
fn fitted(text: String) -> String {
    const CUT: &str = "\n_Cut here: a comment holds no more. The whole is in report.md._\n";
    if text.chars().count() <= COMMENT {
        return text;
    }
    let kept: String = text.chars().take(COMMENT - CUT.len()).collect();
    let whole_lines = kept.rfind('\n').map_or(kept.as_str(), |end| &kept[..=end]);
    format!("{whole_lines}{CUT}")
}

fn view<'r>(report: &'r Report, pictures: &'r [Picture], place: &'r Standing) -> View<'r> {
    let addresses = Addresses::inside();
    let way = Way {
        root: "",
        addresses: &addresses,
    };
    let main = report.headline.study.as_deref();
    let mut few: Vec<&Study> = report.studies.iter().collect();
    few.sort_by_cached_key(|study| words::lead(report, &study.id).is_none());
    let (overview, overview_total) = overview::rows(report, &way);
    let (studies, studies_total) = room::first(&report.studies, room::STUDIES);
    let (bundles, bundles_total) = room::first(&report.bundles, ROWS);
    let (warnings, warnings_total) = room::first(&report.warnings, ROWS);
    View {
        tool: &report.tool,
        headline: Answer {
            sentence: &report.headline.sentence,
            doubts: room::first(&report.headline.doubts, ROWS).0,
        },
        basis: basis::of_trace(report, &way, &report.headline.from),
        selection: &report.selection,
        overview,
        overview_total,
        replays: replay::all(report, pictures, &way),
        studies: studies
            .iter()
            .map(|study| view::study(report, pictures, &way, study))
            .collect(),
        studies_total,
        crossed: crossed::all(report, &way),
        few: few
            .into_iter()
            .take(MOST_ROWS)
            .map(|study| view::study(report, &[], &way, study))
            .collect(),
        main: main.or_else(|| report.studies.first().map(|study| study.id.as_str())),
        bundles: bundles.iter().map(facts::of).collect(),
        bundles_total,
        warnings,
        warnings_total,
        base: &place.base,
        logs: place.logs.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_cut_at_a_line_and_says_so() {
        assert_eq!(fitted("short\n".to_owned()), "short\n");
        let long = fitted("| a row of a table |\n".repeat(5_000));
        assert!(long.chars().count() <= COMMENT);
        assert!(long.ends_with("report.md._\n") && long.contains("table |\n\n_Cut here"));
    }
}
