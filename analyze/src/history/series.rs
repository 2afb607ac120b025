//! Rows as series, and where these changed.

use std::collections::BTreeMap;

use super::file::History;
use super::rows::RunFigure;
use crate::report::past::{FEWEST_RUNS, PastChange, PastPoint, PastSeries};
use crate::stats::change;

const _: () = assert!(FEWEST_RUNS == 2 * change::FEWEST);

/// Of more runs than this the newest count.
const MOST: usize = 500;

/// Load, figure, and what it is of.
type Key<'h> = (&'h str, &'h str, &'h str);
/// A row with its line, and when its run began.
type Timed<'h> = (i64, &'h (u64, RunFigure));

/// The series of a history, in order of their names; of runs of the same time the row that stands
/// first is the older one. `since`: only runs from the first of that name on, whatever series that
/// one is in; a series without such a run is left out.
#[must_use]
pub fn series(history: &History, since: Option<&str>) -> Vec<PastSeries> {
    let mut by_key: BTreeMap<Key<'_>, Vec<Timed<'_>>> = BTreeMap::new();
    let named = history.rows.iter().map(|(_, row)| row);
    let named = named.filter(|row| since.is_some_and(|name| row.name == name));
    let from = named.map(moment).min();
    let counts = |row: &&(u64, RunFigure)| from.is_none_or(|from| moment(&row.1) >= from);
    for row in history.rows.iter().filter(counts) {
        let key = (
            row.1.load.as_str(),
            row.1.figure.as_str(),
            row.1.of.as_str(),
        );
        by_key.entry(key).or_default().push((moment(&row.1), row));
    }
    let one = |((load, figure, of), mut rows): (Key<'_>, Vec<Timed<'_>>)| {
        rows.sort_by_key(|(time, _)| *time);
        rows.drain(..rows.len().saturating_sub(MOST));
        let points: Vec<PastPoint> = rows.iter().map(|(_, row)| point(row)).collect();
        let logs: Vec<f64> = points.iter().map(|point| point.seconds.ln()).collect();
        PastSeries {
            figure: figure.to_owned(),
            of: of.to_owned(),
            load: load.to_owned(),
            changes: changes(&points, &logs),
            too_few: points.len() < FEWEST_RUNS,
            points,
        }
    };
    by_key.into_iter().map(one).collect()
}

/// Nanoseconds since the epoch; the file's reader has read the time before.
fn moment(row: &RunFigure) -> i64 {
    let time = chrono::DateTime::parse_from_rfc3339(&row.time).ok();
    time.and_then(|time| time.timestamp_nanos_opt())
        .unwrap_or(0)
}

fn point((line, row): &(u64, RunFigure)) -> PastPoint {
    PastPoint {
        time: row.time.clone(),
        run: row.run.clone(),
        seconds: row.seconds,
        kernel: row.kernel.clone(),
        kube_proxy: row.kube_proxy.clone(),
        image: row.image.clone(),
        name: row.name.clone(),
        line: *line,
    }
}

/// Changes of the logarithms: a tenth more is the same change at any height.
fn changes(points: &[PastPoint], logs: &[f64]) -> Vec<PastChange> {
    let found = change::changes(logs);
    let places: Vec<usize> = found.iter().map(|change| change.at).collect();
    let mean = |from: usize, to: usize| {
        let part = &logs[from..to];
        (part.iter().sum::<f64>() / part.len() as f64).exp()
    };
    let one = |(place, change): (usize, &change::Change)| {
        let before = place.checked_sub(1).map_or(0, |before| places[before]);
        let after = places.get(place + 1).copied().unwrap_or(logs.len());
        let (before_s, after_s) = (mean(before, change.at), mean(change.at, after));
        PastChange {
            at: change.at,
            before_s,
            after_s,
            change_pct: (after_s - before_s) / before_s * 100.0,
            p_value: change.p_value,
            beside: beside(&points[change.at - 1], &points[change.at]),
        }
    };
    found.iter().enumerate().map(one).collect()
}

/// What the last run before a change and the first one behind it do not share.
fn beside(before: &PastPoint, after: &PastPoint) -> Vec<[String; 3]> {
    let told = [
        ("kernel", &before.kernel, &after.kernel),
        ("kube-proxy", &before.kube_proxy, &after.kube_proxy),
        ("image", &before.image, &after.image),
    ];
    let other = told
        .into_iter()
        .filter(|(_, before, after)| before != after);
    other
        .map(|(what, before, after)| [what.to_owned(), before.clone(), after.clone()])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(rows: impl Iterator<Item = (usize, &'static str, &'static str)>) -> History {
        let row = |(day, of, name): (usize, &str, &str)| RunFigure {
            time: format!("{}-01-{:02}T00:00:00Z", 2000 + day / 28, 1 + day % 28),
            run: format!("run-{day}"),
            load: String::new(),
            figure: "mean".to_owned(),
            of: of.to_owned(),
            seconds: 1.0,
            kernel: String::new(),
            kube_proxy: String::new(),
            image: String::new(),
            name: name.to_owned(),
        };
        History {
            rows: (2..).zip(rows.map(row)).collect(),
        }
    }

    #[test]
    fn of_more_than_five_hundred_runs_the_newest_count() {
        for (runs, first) in [(500, "run-0"), (501, "run-1")] {
            let found = series(&history((0..runs).map(|day| (day, "6.1", ""))), None);
            assert_eq!(found[0].points.len(), 500);
            assert_eq!(found[0].points[0].run, first);
        }
    }

    #[test]
    fn a_baseline_begins_for_all_series_at_once() {
        let rows = [
            (0, "6.1", ""),
            (1, "6.12", ""),
            (2, "6.1", "new"),
            (3, "6.12", ""),
        ];
        let found = series(&history(rows.into_iter()), Some("new"));
        let runs: Vec<&str> = found.iter().map(|one| one.points[0].run.as_str()).collect();
        assert_eq!(runs, ["run-2", "run-3"]);
        let found = series(&history(rows[..3].iter().copied()), Some("new"));
        assert_eq!(found.len(), 1, "6.12 has no run since");
    }
}
