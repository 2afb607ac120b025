//! Build and commit of each group's trials, stacked.

use super::axis::{Axis, Unit};
use super::palette::{self, FAINT, INK, LABEL, MARGIN, SMALL, WIDTH};
use super::sheet::{Drawn, Sheet, Side};
use super::{Caption, Figures, Picture};
use crate::error::Error;
use crate::report::words::{duration, titles};
use crate::report::{Report, Study, TimeSplit, Trace};

const TOP: i32 = 82;
const ROW: i32 = 70;
const MOST_GROUPS: usize = 16;

/// The picture of a study's phases; none if no trial tells them.
pub(super) fn draw(report: &Report, study: &Study) -> Result<Option<Picture>, Error> {
    let of = |group: &String| {
        study
            .of(&report.time_split)
            .find(|s| s.group == *group && s.split_trials > 0)
    };
    let splits: Vec<&TimeSplit> = study
        .groups
        .iter()
        .filter_map(of)
        .take(MOST_GROUPS)
        .collect();
    if splits.is_empty() {
        return Ok(None);
    }
    let title = titles::phases(&splits);
    let caption = Caption {
        study,
        bundle: None,
        kind: "phases",
        title: title.clone(),
        description: splits
            .iter()
            .map(|split| words(split))
            .collect::<Vec<_>>()
            .join(". "),
    };
    let height = TOP + ROW * splits.len() as i32 + 44;
    let picture = caption.draw(height, figures(&splits), |sheet| {
        sheet.heading(&title, "mean time of a trial")?;
        paint(report, study, &splits, sheet)
    })?;
    Ok(Some(picture))
}

/// Mean build and commit, in seconds.
fn means(split: &TimeSplit) -> (f64, f64) {
    let n = split.split_trials as f64;
    (split.build_s / n, split.commit_s / n)
}

fn words(split: &TimeSplit) -> String {
    let (build, commit) = means(split);
    format!(
        "{}: build {}, commit {}, n = {}",
        split.group,
        duration(build),
        duration(commit),
        split.split_trials
    )
}

fn figures(splits: &[&TimeSplit]) -> Figures {
    let mut figures = Figures::new(&["group", "mean build", "mean commit", "n"]);
    for split in splits {
        let (build, commit) = means(split);
        figures.push_from(|| {
            let cells = vec![
                split.group.clone(),
                duration(build),
                duration(commit),
                split.split_trials.to_string(),
            ];
            (cells, Trace::of_syncs(split.split_trial_ids.clone()))
        });
    }
    figures
}

fn paint(report: &Report, study: &Study, splits: &[&TimeSplit], sheet: &mut Sheet<'_>) -> Drawn {
    let longest = splits
        .iter()
        .map(|s| means(s))
        .map(|(b, c)| b + c)
        .fold(0.0, f64::max);
    let axis = Axis::linear(Unit::Seconds, longest, (MARGIN, WIDTH - MARGIN));
    let bottom = TOP + ROW * splits.len() as i32;
    axis.below(sheet, TOP - 6, bottom)?;
    let what = "commit: nft or iptables-restore, whole";
    sheet.text((MARGIN, bottom + 30), what, SMALL, FAINT, Side::Right)?;
    for (line, split) in splits.iter().enumerate() {
        let top = TOP + ROW * line as i32;
        let colour = palette::group(super::place(study, &split.group));
        let (build, commit) = means(split);
        sheet.name((MARGIN, top + 9), report.names.short(&split.group), colour)?;
        let n = format!("n = {}", split.split_trials);
        sheet.text((WIDTH - MARGIN, top + 9), &n, LABEL, INK, Side::Left)?;
        let (from, between, to) = (axis.at(0.0), axis.at(build), axis.at(build + commit));
        let says = |what: &str, seconds| format!("{}: {what} {}", split.group, duration(seconds));
        let build_bar = [(from, top + 22), (between, top + 42)];
        sheet.bar(build_bar, colour, 0.4, says("build", build))?;
        let commit_bar = [(between, top + 22), (to, top + 42)];
        sheet.bar(commit_bar, colour, 1.0, says("commit", commit))?;
        let label = format!("build {}", duration(build));
        sheet.text((MARGIN, top + 55), &label, SMALL, INK, Side::Right)?;
        // Under its own bar, unless the other's words stand there.
        let at = (between.max(MARGIN + 130), top + 55);
        let label = format!("commit {}", duration(commit));
        sheet.text(at, &label, SMALL, INK, Side::Right)?;
    }
    Ok(())
}
